"""Boosts and periods: each command of the table in three ways."""

from __future__ import annotations

from typing import Any, Final

from tests.daemon.ways.place import Place, Row

_BOOSTS: Final = "/api/xp/boosts/{guild}"
_FROM, _UNTIL = "2035-01-06T00:00Z", "2035-01-08T00:00Z"


def boosts(place: Place) -> Any:
    """What boosts there are, and how each stands."""
    found = place.robo.boosts.list(place.id)
    return [(one.document, one.state) for one in found]


def a_boost(place: Place) -> None:
    """A boost runs until 2035."""
    place.terminal("boost", "add", "2", "--name", "Gala", "--from", "2026-01-01", "--until", _FROM)


def the_boost(place: Place) -> str:
    """The id of the only boost."""
    [found] = place.robo.boosts.list(place.id)
    return found.id


def records(place: Place) -> Any:
    """The members' records: XP, level, whether hidden."""
    return sorted((r.user_id, r.xp, r.level, r.hidden) for r in place.robo.xp.records(place.id))


def periods(place: Place) -> Any:
    """The periods that run or are closed, and what all members have."""
    found = place.robo.periods.list(place.id)
    return [(p.kind, p.begins_at, p.closed, [(t.user_id, t.xp) for t in p.top]) for p in found], (
        records(place)
    )


def a_month_of_messages(place: Place) -> None:
    """Bob and eve wrote in three weeks; the first of a week gets 100 XP."""
    place.robo.config.set(place.id, {"periods": {"prizes": [{"kind": "week", "xp": 100}]}})
    for name, days in (("bob", 21), ("bob", 21), ("eve", 21), ("eve", 14), ("bob", 0)):
        place.wrote(name, days)


def a_closed_month(place: Place) -> None:
    """The same, and what is over is closed."""
    a_month_of_messages(place)
    place.robo.periods.close(place.id)


def tops(found: Any) -> list[str]:
    """What a list of periods says of the first of each."""
    return [f"{one['top'][0]['userId']}> {one['top'][0]['xp']} XP" for one in found if one["top"]]


def within(key: str) -> Any:
    """The part of an answer over HTTP that a terminal prints alone."""
    return lambda found: found[key] if isinstance(found, dict) and key in found else found


TIME_ROWS = (
    Row(
        command="boost add",
        slash=lambda p: p.slash(
            "boost add",
            factor=2.0,
            name="Gala",
            begin=_FROM,
            until=_UNTIL,
            weekly="sat 18:00-22:00",
            tz="Europe/Berlin",
            channel="{room}",
            role="{bronze}",
        ),
        terminal=lambda p: p.terminal(
            "boost",
            "add",
            "2",
            "--name",
            "Gala",
            "--from",
            _FROM,
            "--until",
            _UNTIL,
            "--weekly",
            "sat 18:00-22:00",
            "--tz",
            "Europe/Berlin",
            "--channel",
            "{room}",
            "--role",
            "{bronze}",
        ),
        http=lambda p: p.http(
            "POST",
            _BOOSTS,
            {
                "factor": 2,
                "name": "Gala",
                "from": _FROM,
                "until": _UNTIL,
                "weekly": "sat 18:00-22:00",
                "tz": "Europe/Berlin",
                "channels": ["{room}"],
                "roles": ["{bronze}"],
            },
        ),
        state=boosts,
        says=lambda found: [f"{found['factor']:g}×"],
    ),
    Row(
        command="boost list",
        prepare=a_boost,
        slash=lambda p: p.slash("boost list", who="bob"),
        terminal=lambda p: p.terminal("boost", "list", "--all"),
        http=lambda p: p.http("GET", f"{_BOOSTS}?which=all"),
        state=boosts,
        numbers=within("boosts"),
        says=lambda found: [f"**{one['factor']:g}×** {one['name']} until" for one in found],
        changes=False,
    ),
    Row(
        command="boost end",
        prepare=a_boost,
        slash=lambda p: p.slash("boost end", id=the_boost(p)),
        terminal=lambda p: p.terminal("boost", "end", the_boost(p)),
        http=lambda p: p.http("DELETE", _BOOSTS, {"id": the_boost(p)}),
        state=lambda p: [one.state for one in p.robo.boosts.list(p.id)],
        says=lambda _: ["is over"],
    ),
    Row(
        command="boost preview",
        prepare=a_boost,
        slash=lambda p: p.slash("boost preview", who="bob", days=14),
        terminal=lambda p: p.terminal("boost", "preview", "--days", "14"),
        http=lambda p: p.http("GET", f"{_BOOSTS}/preview?days=14"),
        state=boosts,
        # they begin now, which is another millisecond for each
        numbers=lambda found: [(one["factor"], one["names"]) for one in within("stretches")(found)],
        says=lambda found: [f"**{factor:g}×** <t:" for factor, _ in found],
        changes=False,
    ),
    Row(
        command="leaderboard --period week",
        prepare=a_month_of_messages,
        slash=lambda p: p.slash("leaderboard", period="week"),
        terminal=lambda p: p.terminal("leaderboard", "--period", "week"),
        http=lambda p: p.http("GET", "/api/xp/period-board/{guild}?kind=week"),
        state=periods,
        says=lambda found: [
            f"1st <@{one['userId']}> · level {one['level']} ({one['xp']} XP)"
            for one in found["entries"]
        ],
        changes=False,
    ),
    Row(
        command="period list [KIND]",
        prepare=a_month_of_messages,
        slash=lambda p: p.slash("period list", kind="week"),
        terminal=lambda p: p.terminal("period", "list", "week"),
        http=lambda p: p.http("GET", "/api/xp/periods/{guild}?kind=week"),
        state=periods,
        numbers=within("periods"),
        says=tops,
        changes=False,
    ),
    Row(
        command="period show KIND --at -3",
        prepare=a_closed_month,
        slash=lambda p: p.slash("period show", kind="week", at="-3"),
        terminal=lambda p: p.terminal("period", "show", "week", "--at", "-3"),
        http=lambda p: p.http("GET", "/api/xp/period-board/{guild}?kind=week&back=3"),
        state=periods,
        numbers=lambda found: [
            (one["userId"], one["xp"]) for one in found.get("top", found.get("entries"))
        ],
        says=lambda found: [f"{user_id}> {xp} XP" for user_id, xp in found],
        changes=False,
    ),
    Row(
        command="period close --dry-run",
        prepare=a_month_of_messages,
        slash=lambda p: p.slash("period close", dry_run=True),
        terminal=lambda p: p.terminal("period", "close", "--dry-run"),
        http=lambda p: p.http("POST", "/api/xp/periods/{guild}", {"dryRun": True}),
        state=periods,
        numbers=within("periods"),
        says=tops,
        changes=False,
    ),
    Row(
        command="period close",
        prepare=a_month_of_messages,
        slash=lambda p: p.slash("period close"),
        terminal=lambda p: p.terminal("period", "close"),
        http=lambda p: p.http("POST", "/api/xp/periods/{guild}", {}),
        state=periods,
        numbers=within("periods"),
        says=tops,
    ),
)
