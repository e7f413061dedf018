"""Periods as settings: the day that a week begins on, what counts, and what the first ones get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from robo_xp.errors import Fault
from robo_xp.model import MAX_XP
from robo_xp.rules import checks as check
from robo_xp.rules.boost import DAYS
from robo_xp.rules.period import COUNTABLE, DAY, MONTH, WEEK, Prize
from robo_xp.settings.kinds import EXAMPLE_ID, Choice, Flag, IdOf, Kind, Parts, Whole

_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEK_DAYS: Final = Choice(
    {day: (name, f"Weeks begin on {name}") for day, name in zip(DAYS, _NAMES, strict=True)}
)
_KINDS: Final = Choice(
    {
        DAY: ("Day", "Each day"),
        WEEK: ("Week", "Each week"),
        MONTH: ("Month", "Each month"),
    }
)


class CountedWords(Kind):
    """A list of what counts, each word once."""

    type = "list of words"
    low, high, unit = 0, len(COUNTABLE), "entries"
    choices = COUNTABLE
    example = COUNTABLE

    def faults(self, where: str, value: object) -> list[Fault]:
        """A fault for each word that is none of them, or that comes twice."""
        if faults := check.list_faults(where, value):
            return faults
        assert isinstance(value, list | tuple)
        for index, word in enumerate(value):
            faults += check.choice_faults(f"{where}[{index}]", word, COUNTABLE)
            if word in value[:index]:
                faults.append(Fault(f"{where}[{index}]", f"{word} is listed twice"))
        return faults


class _PrizeParts(Parts):
    """What the first ones of a period get: a role, XP, or an announcement alone."""

    type = "prize"
    example = {"kind": MONTH, "first": 1, "roleId": EXAMPLE_ID}
    parts: ClassVar[dict[str, Kind]] = {
        "kind": _KINDS,
        "first": Whole(1, 100),
        "roleId": IdOf("role"),
        "xp": Whole(1, MAX_XP),
        "dangerous": Flag(),
    }
    needed = ("kind",)


class PrizeList(Kind):
    """A list of ``{kind, first, roleId, xp, dangerous}``; only the kind of period must be there."""

    type = "list of prizes"
    low, high, unit = 0, 25, "entries"
    entry = _PrizeParts()
    example = (entry.example,)

    def faults(self, where: str, value: object) -> list[Fault]:
        """The faults of the list, of each prize, and roles that two prizes give."""
        if faults := check.list_faults(where, value):
            return faults
        assert isinstance(value, list | tuple)
        if len(value) > self.high:
            return [Fault(where, f"can have at most {self.high} entries, not {len(value)}")]
        for index, prize in enumerate(value):
            faults += self.entry.faults(f"{where}[{index}]", prize)
        roles = [one.get("roleId") for one in value if isinstance(one, Mapping)]
        for index, role_id in enumerate(roles):
            if role_id is not None and role_id in roles[:index]:
                faults.append(Fault(f"{where}[{index}].roleId", "another prize gives that role"))
        return faults


def prize_of(given: Mapping[str, Any]) -> Prize:
    """A prize of a right document."""
    return Prize(given["kind"], given.get("first", 1), given.get("roleId"), given.get("xp", 0))
