"""Periods as they are typed: ``-1`` for the one before, a date, or an instant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from robo_xp.errors import InvalidValue
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.show.words import shown

if TYPE_CHECKING:
    from robo_xp.usecases.periods.use import When

KINDS = ("day", "week", "month")


def period_when(text: str) -> When:
    """The period that a text names. Raises InvalidValue."""
    from datetime import date

    from robo_xp.usecases.periods.use import When

    if re.fullmatch(r"-[0-9]{1,4}|0", text):
        return When(back=-int(text))
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            return When(day=date.fromisoformat(text).toordinal())
        except ValueError:
            raise InvalidValue(f"'{shown(text)}' is not in the calendar") from None
    return When(at=values.when(text))
