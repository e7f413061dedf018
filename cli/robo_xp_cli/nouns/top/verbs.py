"""``robo-xp top``: a live view of a guild; one snapshot where nobody looks at a terminal."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

from robo_xp.errors import DaemonUnreachable, InvalidValue, VaultUnavailable
from robo_xp.model.outbox import ANNOUNCEMENT, GIVEAWAY, ROLES
from robo_xp.text import count_text, lasting, thousands
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import option
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.nouns.shared import refusals
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run
from robo_xp_cli.run.progress import leave_terminal
from robo_xp_cli.show import streams
from robo_xp_cli.show.results import Column, One, Result, Rows
from robo_xp_cli.show.words import quoted, visible_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from robo_xp.usecases.activity import Activity, Glance
    from robo_xp_cli.nouns.top.screen import View

app = noun("", "A live view")

_FEW = 10
_ASK_SECONDS = 2.0
_LONGEST_MS = 86_400_000
_COLUMNS = ("userId", "name", "gained", "levels", "xp", "level", "rank")
_FOR_PEOPLE = (
    Column("name"),
    Column("userId"),
    Column("gained", "gained", "number"),
    Column("xp", "XP", "number"),
    Column("level", kind="number"),
    Column("rank", kind="number"),
)


def _interval(text: str) -> float:
    """Seconds from 0.1 to 3600."""
    seconds = float(values.number(text))
    if not 0.1 <= seconds <= 3600:
        raise InvalidValue(f"{visible_text(text)} is not from 0.1 to 3600 seconds")
    return seconds


def _window(text: str) -> int:
    """A length of time up to a day, in milliseconds."""
    from robo_xp.rules.giveaway.duration import span_ms

    found = span_ms(text)
    if found > _LONGEST_MS:
        raise InvalidValue(f"{quoted(text)} is longer than a day")
    return found


@app.verb(
    "top",
    examples=("robo-xp top", "robo-xp top --window 1h", "robo-xp top --once --json"),
)
def top(
    run: Run,
    interval: Annotated[
        float,
        option("--interval", help="Seconds between two looks", metavar="SECONDS", parse=_interval),
    ] = 1.0,
    window: Annotated[
        int | None,
        option("--window", help="How far to look back, else 10m", metavar="TIME", parse=_window),
    ] = None,
    limit: Annotated[
        int | None,
        option("--limit", help="How many members", metavar="N", parse=values.whole(1, 1000)),
    ] = None,
    once: Annotated[bool, option("--once", help="One snapshot instead of the live view")] = False,
) -> Result:
    """Watch a guild: members who rise, awards and XP a minute, giveaways that end soon.

    It shows what is committed to the vault, whoever commits it. ``q`` or Ctrl-C ends it. Without
    a terminal, or with ``--once``, it shows one snapshot.
    """
    from robo_xp.usecases.activity import Activity

    run.check_spelled()
    activity = Activity(run.robo(), run.guild_id, store=run.store_id, window_ms=window or 600_000)
    if once or not _is_live(run):
        return _snapshot(run, activity, limit or _FEW)
    from robo_xp_cli.nouns.top import screen as top_screen

    leave_terminal()
    daemon = _Remembered(lambda: _daemon(run))
    top_screen.watch(
        lambda rows: _view(run, activity.look(min(rows, limit or rows)), daemon.now()),
        interval=interval,
        color=run.color,
    )
    return None


def _is_live(run: Run) -> bool:
    """Whether there is a terminal that can be drawn on, for somebody who wants to see it."""
    is_able = run.environ.get("TERM", "dumb") not in ("", "dumb", "unknown")
    return run.for_people and not run.fields and is_able and streams.is_terminal(sys.stdin)


class _Remembered:
    """The daemon's state, asked for now and then only: it has other work."""

    def __init__(self, ask: Callable[[], dict[str, Any]]) -> None:
        self._ask = ask
        self._next_at = 0.0
        self._last: dict[str, Any] = {}

    def now(self) -> dict[str, Any]:
        """What it was when it was last asked."""
        if time.monotonic() >= self._next_at:
            self._last = self._ask()
            self._next_at = time.monotonic() + _ASK_SECONDS
        return self._last


def _view(run: Run, glance: Glance, daemon: Mapping[str, Any]) -> View:
    from robo_xp_cli.nouns.top.screen import View

    return View(
        glance=glance,
        guild_id=run.guild_id,
        store_id=run.store_id,
        names=people.names_of(run),
        daemon=daemon,
    )


def _snapshot(run: Run, activity: Activity, limit: int) -> Result:
    from robo_xp.views.daemon import Glance as GlanceView

    glance, names = activity.look(limit), people.names_of(run)
    daemon = _daemon(run)
    shown = GlanceView.of(
        glance,
        names,
        guild_id=run.guild_id,
        store_id=run.store_id,
        window_seconds=glance.window_ms // 1000,
        daemon=daemon,
    )
    data = shown.as_json()
    columns = _FOR_PEOPLE if run.for_people else _COLUMNS
    table = Rows(columns, data["rising"], empty="nobody gained XP in this time")
    notes = refusals.notes_of(run, refusals.refusals_of(run, ROLES, ANNOUNCEMENT, GIVEAWAY))
    return One(data, human=_pairs(glance, daemon), table=table, notes=notes)


def _pairs(glance: Glance, daemon: Mapping[str, Any]) -> list[tuple[str, Any]]:

    soon = [
        (f"ends in {lasting((one.giveaway.ends_at - glance.at) / 1000)}", one.giveaway.prize)
        for one in glance.giveaways[:3]
    ]
    return [
        ("daemon", daemon["state"]),
        ("last minute", f"{count_text(glance.awards_per_minute, 'award')},"
         f" {thousands(glance.xp_per_minute)} XP"),
        (f"last {lasting(glance.window_ms / 1000)}", f"{count_text(glance.awards, 'award')},"
         f" {count_text(glance.members, 'member')}, {count_text(glance.level_ups, 'level-up')}"),
        *soon,
    ]  # fmt: skip


def _daemon(run: Run) -> dict[str, Any]:
    """What can quickly be said of the daemon: ``state``, and where it answers more of it."""
    from robo_xp_cli.daemon_link import client as daemon_client
    from robo_xp_cli.daemon_link import process as daemon_process

    try:
        holder = daemon_process.there(run.data_dir, run.guild_id)
    except VaultUnavailable:
        return {"running": None, "state": "unknown"}
    if holder is None:
        return {"running": False, "state": "not running"}
    found: dict[str, Any] = {"running": True, "state": "running"}
    if not os.access(holder.socket, os.R_OK | os.W_OK):
        return found
    try:
        told = daemon_client.ask(holder.socket, daemon_client.STATUS, timeout=0.5)
    except DaemonUnreachable:
        return {**found, "state": "no answer"}
    kept = ("state", "guilds", "latencySeconds", "effectsLeft")
    return {**found, **{key: told[key] for key in kept if key in told}}
