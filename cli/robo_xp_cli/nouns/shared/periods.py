"""Periods as they are typed: ``-1`` for the one before, a date, or an instant; and time zones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

from robo_xp_cli.framework.options import option
from robo_xp_cli.run import parse_values as values

if TYPE_CHECKING:
    from robo_xp.usecases.periods.use import When

KINDS = ("day", "week", "month")

Tz: TypeAlias = Annotated[
    str | None,
    option("--tz", help="Time zone of 'sat 18:00', else periods.timezone", metavar="ZONE"),
]


def at_of(at: When | int | None) -> When:
    """The period of an option: as it was named, or of an instant; the present one without any."""
    from robo_xp.usecases.periods.use import NOW, When

    return When(at=at) if isinstance(at, int) else at or NOW


def period_when(text: str) -> When | values.WallTime | int:
    """The period, or the instant in it, that a text names. Raises InvalidValue."""
    from robo_xp.usecases.periods.use import when_of

    return when_of(text) or values.when(text)
