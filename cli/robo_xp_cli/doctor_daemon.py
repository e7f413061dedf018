"""What ``doctor`` looks at about the daemon: its token, itself, what waits for it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from robo_xp import settings_file
from robo_xp.errors import InvalidValue, NotConfigured, RoboXPError
from robo_xp.presence import Holder, daemon_of
from robo_xp.token_place import NO_TOKEN, TokenPlace, check_place, token_place
from robo_xp_cli import daemon_views
from robo_xp_cli.context import Run
from robo_xp_cli.doctor_finding import Finding, failed, of_error, ok, skipped, warning
from robo_xp_cli.doctor_machine import credential_of_unit
from robo_xp_cli.text import counted

_CONNECTED = "connected"
_LOG = "see the daemon's log: journalctl -u robo-xpd"


def token(run: Run) -> Finding:
    """Where the daemon would find the bot's token, and who may read that; never what it says."""
    named = ""
    if run.config_error is None and run.settings.path is not None:
        try:
            named = settings_file.load_daemon(run.settings.path)[1].token_file
        except RoboXPError:
            return skipped("token", "the configuration is wrong")
    place = token_place(run.environ, named)
    if place is None:
        if (credential := credential_of_unit(run.environ)) is not None:
            return _of_unit(credential)
        if daemon_of(run.data_dir) is not None:
            return ok("token", "the running daemon has one")
        return warning("token", "there is none, so no daemon can start", NO_TOKEN)
    try:
        check_place(place)
    except RoboXPError as error:
        return of_error("token", error)
    return _usable(place)


def daemon(run: Run) -> Finding:
    """Whether a daemon works on the data folder, and how it is."""
    from robo_xp_cli import daemon_client

    holder = daemon_of(run.data_dir)
    if holder is None:
        return warning(
            "daemon",
            "none runs: no message is counted, and Discord is told nothing",
            "start it: systemctl start robo-xpd, or robo-xpd",
        )
    try:
        told = dict(daemon_client.ask(holder.socket, daemon_client.STATUS))
    except RoboXPError as error:
        return _silent(holder, error)
    data = daemon_views.status_data(run.data_dir, holder, told)
    return _state(data)


def waiting_effects(run: Run) -> Finding:
    """What waits for a daemon while none runs."""
    if not run.data_dir.is_dir():
        return skipped("waiting", "there is no vault yet")
    if daemon_of(run.data_dir) is not None:
        return ok("waiting", "the daemon is there to carry changes to Discord")
    from robo_xp.commands.waiting import waiting

    try:
        found = waiting(run.robo(to_mend=True))
    except RoboXPError:
        return skipped("waiting", "the vault cannot be read")
    parts = [
        *([counted(found.batches, "change") + " of XP"] if found.batches else []),
        *([counted(found.effects, "message") + " of giveaways"] if found.effects else []),
    ]
    if parts:
        return warning(
            "waiting",
            f"{' and '.join(parts)}: not told to Discord",
            "the daemon does it at its start",
        )
    return ok("waiting", "nothing" if found.was_followed else "nothing; no daemon ever ran here")


def _of_unit(path: Path) -> Finding:
    """The file of which systemd makes the daemon's credential; only root has to read it."""
    try:
        check_place(TokenPlace(str(path), path, is_private=True))
    except InvalidValue as error:
        return warning("token", error.message, error.advice)
    except RoboXPError as error:
        return of_error("token", error)
    return ok("token", f"{path}, which systemd hands to the daemon")


def _usable(place: TokenPlace) -> Finding:
    """What can be said of a place that may hold a token."""
    if place.path is None:
        return ok("token", f"in the variable {place.name}")
    path = Path(place.path)
    try:
        found = path.stat()
    except OSError as error:
        return failed("token", f"{path}: {error.strerror}", NO_TOKEN, NotConfigured.exit_code)
    told = f"{path}, mode {stat.S_IMODE(found.st_mode):04o}"
    if not found.st_size:
        return failed("token", f"{told}, is empty", NO_TOKEN, NotConfigured.exit_code)
    if not os.access(path, os.R_OK):
        return warning("token", f"{told}, is not for this account", "the daemon's account needs it")
    return ok("token", told)


def _silent(holder: Holder, error: RoboXPError) -> Finding:
    told = f"process {holder.pid}, version {holder.version or 'unknown'}"
    if holder.socket and not os.access(holder.socket, os.W_OK) and os.path.exists(holder.socket):
        return warning(
            "daemon",
            f"{told}; its socket is not for this account",
            f"join the group of {holder.socket}",
        )
    return warning("daemon", f"{told}; {error.message}", "see the daemon's log")


def _state(data: dict[str, Any]) -> Finding:
    """What the daemon says of itself."""
    parts = [f"{daemon_views.state_words(data)}, process {data['pid']}, version {data['version']}"]
    if data.get("guilds") is not None:
        parts.append(counted(data["guilds"], "guild"))
    if data.get("latencySeconds") is not None:
        parts.append(f"{data['latencySeconds'] * 1000:.0f} ms")
    told = ", ".join(parts)
    if data.get("healthy") is False and data["state"] != "starting":
        return failed("daemon", told, _LOG)
    if data["state"] != _CONNECTED:
        return warning("daemon", told, _LOG)
    if notes := daemon_views.version_notes(data):
        return warning("daemon", notes[0], "systemctl restart robo-xpd")
    return ok("daemon", told)
