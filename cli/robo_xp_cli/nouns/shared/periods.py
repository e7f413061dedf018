"""Periods as they are typed: ``-1`` for the one before, a date, or an instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robo_xp_cli.run import parse_values as values

if TYPE_CHECKING:
    from robo_xp.usecases.periods.use import When

KINDS = ("day", "week", "month")


def period_when(text: str) -> When:
    """The period that a text names. Raises InvalidValue."""
    from robo_xp.usecases.periods.use import When, when_of

    return when_of(text) or When(at=values.when(text))
