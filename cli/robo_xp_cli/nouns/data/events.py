"""The event stream: past events, and new ones as they come."""

from __future__ import annotations

import select
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from typing import TYPE_CHECKING, Annotated

from robo_xp.errors import InvalidValue, WrongUsage
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import option
from robo_xp_cli.nouns.data.history import Giveaways, Global, namespace_of
from robo_xp_cli.nouns.giveaway import events as giveaway_events
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run
from robo_xp_cli.show import streams
from robo_xp_cli.show.results import Record, Result, Stream
from robo_xp_cli.show.words import human_time

if TYPE_CHECKING:
    from robo_xp.usecases.events import Wanted

app = noun("", "The event stream")

_MANY = 1_000_000_000


@app.verb(
    "events",
    examples=(
        "robo-xp events --since 2h --type levelUp",
        "robo-xp events --follow | jq .userId",
        "robo-xp events --all-guilds --all-stores --follow",
    ),
)
def events(
    run: Run,
    follow: Annotated[bool, option("--follow", "-f", help="Go on with new ones")] = False,
    types: Annotated[
        list[str] | None,
        option("--type", help="Only of this type; may be repeated", metavar="T"),
    ] = None,
    user: Annotated[
        str | None,
        option(
            "--user",
            help="Only of this member",
            metavar="USER",
            parse=values.user,
            completes="member",
        ),
    ] = None,
    since: Annotated[
        int,
        option(
            "--since",
            help="Only from then on: 2h, 2026-05-01, 'sat 18:00'",
            metavar="WHEN",
            parse=values.when,
        ),
    ] = 0,
    limit: Annotated[
        int | None,
        option(
            "--limit",
            help="Only the last N past ones",
            metavar="N",
            parse=values.whole(0, _MANY),
        ),
    ] = None,
    all_stores: Annotated[bool, option("--all-stores", help="Of every store of the guild")] = False,
    all_guilds: Annotated[bool, option("--all-guilds", help="Of every guild")] = False,
    giveaways: Giveaways = False,
    globally: Global = False,
) -> Result:
    """Show the event stream, one JSON object on each line (readable lines on a terminal).

    With ``--follow`` new events are shown as they come, whoever causes them, after those that
    ``--since`` or ``--limit`` ask for. With ``--all-stores`` or ``--all-guilds`` those of stores
    and guilds that begin meanwhile come too.
    """
    from robo_xp.usecases.events import Wanted

    if globally and (all_stores or all_guilds):
        raise WrongUsage("--global has neither guilds nor stores")
    if giveaways and all_stores:
        raise WrongUsage("--giveaways has no stores")
    if all_stores or all_guilds:
        place = _pattern(run, giveaways, all_stores=all_stores, all_guilds=all_guilds)
    else:
        place = namespace_of(run, giveaways, globally)
    kinds = frozenset(_known_types(types or []))
    wanted = Wanted(kinds, user, since)
    is_new_only = follow and not since and limit is None
    past = 0 if is_new_only else limit
    rows = _stream(run, place, wanted, past=past, follow=follow)
    names = people.names_of(run) if run.for_people and not (globally or all_guilds) else {}
    columns = ("seq", "ts", "type", "userId", "oldXp", "newXp", "oldLevel", "newLevel", "by")
    if not (giveaways and run.for_people) or all_guilds:
        return Stream(rows, columns, human=lambda event: _event_line(event, _details(event), names))
    prizes = giveaway_events.Prizes(run)

    def line(event: Record) -> str:
        return _event_line(event, giveaway_events.event_text(event, prizes, names), names)

    return Stream(rows, columns, human=line)


def _known_types(types: Sequence[str]) -> Iterator[str]:
    """The types; an error that names the nearest for one that no event has."""
    from robo_xp.usecases.events import type_named

    for name in types:
        try:
            type_named(name)
        except InvalidValue as error:
            raise WrongUsage(f"--type: {error.message}") from None
        yield name


def _pattern(run: Run, giveaways: bool, *, all_stores: bool, all_guilds: bool) -> str:
    """The namespaces that are meant, with a star for what may be anything."""
    guild = "*" if all_guilds else run.guild_id
    if giveaways:
        return f"giveaways/{guild}"
    return f"xp/{'*' if all_stores else run.store_id}/{guild}"


def _stream(
    run: Run, place: str, wanted: Wanted, *, past: int | None, follow: bool
) -> Iterator[Record]:
    """The past events, the last ``past`` of them (None for all), then new ones as they come."""
    stream, vault = run.robo().events, run.robo().vault
    names = stream.namespaces(place) if "*" in place else [place]
    seen = {name: vault.namespace(name).read().seq for name in names} if follow else {}
    if past is None:
        found = [stream.past(name, wanted=wanted) for name in names]
    else:
        found = [iter(stream.last(name, past, wanted=wanted) if past else ()) for name in names]
    known = merge(*found, key=_order)
    told = (e for e in known if e["seq"] <= seen.get(e["namespace"], e["seq"]))
    yield from told if past is None else deque(told, maxlen=past)
    if follow:
        cursor = {**seen, place: 0} if "*" in place else seen
        yield from wanted.of(stream.follow(cursor, stop=_WhileRead()))


def _order(event: Record) -> tuple[int, str, int]:
    return event["ts"], event["namespace"], event["seq"]


class _WhileRead(threading.Event):
    """Never set; waiting ends in ``ReaderGone`` when nobody reads stdout any more."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait so many seconds."""
        watch = select.poll()
        watch.register(sys.stdout.fileno(), 0)
        if watch.poll(None if timeout is None else timeout * 1000):
            raise streams.ReaderGone
        return False


def _event_line(event: Record, details: str, names: Mapping[str, str]) -> str:
    """The event, with what it means in words, as a line for people."""
    user_id = event.get("userId")
    who = f"{names.get(user_id, user_id)}: " if isinstance(user_id, str) else ""
    reason = event.get("reason")
    why = f" ({reason})" if reason and reason != "message" else ""
    what = f"{who}{details}{why}"
    return f"{human_time(event['ts'])} #{event['seq']} {what} by {event['by']}"


def _details(record: Record) -> str:
    from robo_xp.model import events
    from robo_xp.model.event_reading import event_of

    match event := event_of(record):
        case events.XpChanged():
            return f"{event.delta:+,} XP, now {event.new_xp:,}"
        case events.LevelMoved():
            return f"level {event.old_level} -> {event.new_level}"
        case events.ValueChanged():
            old, new = map(giveaway_events.value, (event.old, event.new))
            return f"{event.key}: {old} -> {new}"
        case events.MemberDeleted():
            return f"deleted with {event.record['xp']:,} XP"
        case events.MemberRestored():
            return f"brought back with {event.xp:,} XP"
        case events.CountersChanged() if "messages" in event.new:
            return f"messages {event.old['messages']:,} -> {event.new['messages']:,}"
    return event.type
