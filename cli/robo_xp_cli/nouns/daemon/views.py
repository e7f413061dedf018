"""How a running daemon looks, for people and for scripts."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from robo_xp import __version__
from robo_xp.machine.daemon_lock import Holder
from robo_xp.text import lasting, thousands
from robo_xp_cli.show.words import human_time

CONNECTED = "connected"


def status_data(data_dir: str, holder: Holder, told: Mapping[str, Any]) -> dict[str, Any]:
    """What the lock says of a daemon, and above it what the daemon says of itself."""
    return {
        "running": True,
        "state": "unknown",
        "pid": holder.pid,
        "shards": holder.shards or None,
        "version": holder.version,
        "startedAt": holder.started_at,
        "dataDir": data_dir,
        "socket": holder.socket or None,
        **told,
        "cliVersion": __version__,
    }


def together(daemons: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The status of all daemons as one object: ``daemons`` has each.

    Beside it stands what the one of the lowest shards says, and its state is theirs unless another
    one is not connected.
    """
    found = {**daemons[0], "daemons": list(daemons)}
    ill = [one for one in daemons if one.get("healthy") is False or one["state"] != CONNECTED]
    if len(daemons) > 1 and ill:
        found |= {key: ill[0][key] for key in ("state", "healthy", "causes") if key in ill[0]}
    for key in ("guilds", "messages", "backlog", "effectsLeft"):
        if all(key in one for one in daemons):
            found[key] = sum(one[key] for one in daemons)
    return found


def version_notes(data: Mapping[str, Any]) -> list[str]:
    """What to say when the two programs are not of one version."""
    theirs = data.get("version")
    if not theirs or theirs == __version__:
        return []
    return [f"the daemon is version {theirs}, robo-xp is {__version__}: restart the daemon"]


def status_pairs(data: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The status for people; what is not known is left out."""
    return [(label, value) for label, value in _status_pairs(data) if value not in (None, "")]


def state_words(data: Mapping[str, Any]) -> str:
    """The state in words; one that is not healthy says so."""
    state = str(data["state"])
    is_ill = data.get("healthy") is False and state != "starting"
    causes = "; ".join(data.get("causes", ())) or "Discord does not answer"
    return f"{state}, but {causes}" if is_ill else state


def _status_pairs(data: Mapping[str, Any]) -> list[tuple[str, Any]]:
    started = data.get("startedAt") or 0
    latency = data.get("latencySeconds")
    up = lasting(time.time() - started / 1000) if started else ""
    return [
        ("shards", data.get("shards")),
        ("state", state_words(data)),
        ("process", str(data["pid"]) if data["pid"] else ""),
        ("version", data.get("version")),
        ("running", f"{up}, since {human_time(started)}" if up else ""),
        ("guilds", data.get("guilds")),
        ("latency", None if latency is None else f"{latency * 1000:.0f} ms"),
        ("messages", data.get("messages")),
        ("waiting", _waiting(data)),
        ("folder", data["dataDir"]),
        ("configuration", data.get("config")),
        ("socket", data.get("socket")),
        ("REST", ", ".join(data.get("listen", ()))),
    ]


def _waiting(data: Mapping[str, Any]) -> str | None:
    """What is still to be done."""
    if "effectsLeft" not in data:
        return None
    parts = [
        f"{thousands(count)} {what}"
        for count, what in (
            (data["effectsLeft"], "changes for Discord"),
            (data.get("backlog", 0), "messages for the disk"),
        )
        if count
    ]
    return ", ".join(parts) or "nothing"
