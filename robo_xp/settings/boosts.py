"""Boosts as settings: what one is made of, and what it is for the rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from robo_xp.errors import Fault, InvalidValue
from robo_xp.model import short_text
from robo_xp.rules.boost import DAYS, HIGHEST, MULTIPLY, Boost, Boosts, Weekly, ids_of
from robo_xp.rules.checks import exact
from robo_xp.rules.wall_time import check_zone, minute_of
from robo_xp.settings.kinds import Choice, Decimal, IdsOf, Kind, Parts, Text, Whole

FACTOR: Final = Decimal(0, 10)
NAME: Final = Text(50)
STACKS: Final = Choice(
    {
        HIGHEST: ("The highest", "Only the highest of several boosts counts"),
        MULTIPLY: ("All", "Several boosts multiply each other"),
    }
)
_LATEST: Final = 253_402_300_799_000
_INSTANT: Final = Whole(0, _LATEST)


class _Clock(Kind):
    """A time of day."""

    def faults(self, where: str, value: object) -> list[Fault]:
        """A fault unless it is a time of day such as 18:30."""
        return _parse_faults(where, minute_of, value)


class Zone(Kind):
    """The IANA name of a time zone."""

    type = "time zone"
    example = "Europe/Berlin"

    def faults(self, where: str, value: object) -> list[Fault]:
        """A fault unless this machine knows the zone."""
        return _parse_faults(where, check_zone, value)


class _Days(Kind):
    """Days of the week."""

    def faults(self, where: str, value: object) -> list[Fault]:
        """A fault unless it is a list of days."""
        if isinstance(value, list | tuple) and value and all(day in DAYS for day in value):
            return []
        return [Fault(where, f"must be a list of {', '.join(DAYS)}, not {short_text(value)}")]


class _WeeklyParts(Parts):
    """A window on some days of the week."""

    parts: ClassVar = {"days": _Days(), "from": _Clock(), "to": _Clock(), "tz": Zone()}
    needed: ClassVar = ("days", "from", "to", "tz")


class BoostDescription(Parts):
    """One boost: its factor, its time, where it counts and for whom."""

    type = "boost"
    example = {"factor": 2, "from": 1_777_654_800_000, "until": 1_777_827_600_000}
    parts: ClassVar = {
        "name": NAME,
        "factor": FACTOR,
        "from": _INSTANT,
        "until": _INSTANT,
        "weekly": _WeeklyParts(),
        "channels": IdsOf("channel"),
        "roles": IdsOf("role"),
    }
    needed: ClassVar = ("factor", "from")

    def faults(self, where: str, value: object) -> list[Fault]:
        """The faults of its parts, and an end that is not after the beginning."""
        if faults := super().faults(where, value):
            return faults
        assert isinstance(value, Mapping)
        if value.get("until", _LATEST + 1) > value["from"]:
            return []
        return [Fault(f"{where}.until", "must be after from")]


def boosts_of(given: Mapping[str, Any], stack: str) -> Boosts:
    """The boosts of a right document, for the rules."""
    return Boosts(tuple([boost_of(id_, given[id_]) for id_ in ids_of(given)]), stack)


def boost_of(id_: str, given: Mapping[str, Any]) -> Boost:
    """One boost of a right document."""
    weekly = given.get("weekly")
    return Boost(
        id=id_,
        name=given.get("name", ""),
        factor=exact(given["factor"]),
        begins_at=given["from"],
        ends_at=given.get("until"),
        weekly=None if weekly is None else _weekly(weekly),
        channel_ids=frozenset(given.get("channels", ())),
        role_ids=frozenset(given.get("roles", ())),
    )


def _weekly(given: Mapping[str, Any]) -> Weekly:
    days = frozenset(DAYS.index(day) for day in given["days"])
    return Weekly(days, minute_of(given["from"]), minute_of(given["to"]), given["tz"])


def _parse_faults(where: str, parse: Any, value: object) -> list[Fault]:
    """A fault with what the parser says of the value, which must be text."""
    if not isinstance(value, str):
        return [Fault(where, f"must be text, not {short_text(value)}")]
    try:
        parse(value)
    except InvalidValue as error:
        return [Fault(where, error.message)]
    return []
