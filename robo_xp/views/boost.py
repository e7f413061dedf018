"""Boosts: as they were set, as a change left them, and when they run."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Self

import msgspec

from robo_xp.rules.boost import Stretch
from robo_xp.usecases.settings.boosts import BoostChanged, ListedBoost
from robo_xp.views.shape import EpochMs, Id, Seq, View


class WeeklyWindow(View, frozen=True):
    """Days and times of the week by the clock of a time zone; ``to`` may lie on the next day."""

    days: list[str]
    begin: str = msgspec.field(name="from")
    to: str
    tz: str


class BoostView(View, frozen=True):
    """One boost; without ``until`` it has no end, without ``channels`` it counts everywhere."""

    id: Id
    name: str
    factor: float
    begins_at: EpochMs = msgspec.field(name="from")
    until: EpochMs | None
    weekly: WeeklyWindow | None
    tz: str | None
    channels: list[Id]
    roles: list[Id]


class BoostRow(BoostView, frozen=True):
    """A boost and its state now."""

    state: str

    @classmethod
    def of_listed(cls, found: ListedBoost) -> Self:
        """The row of a boost."""
        return cls(**_parts(found.id, found.document), state=found.state)


class BoostAdded(BoostView, frozen=True):
    """A new boost."""

    seq: Seq | None
    dry_run: bool

    @classmethod
    def of_change(cls, found: BoostChanged) -> Self:
        """What adding it answers."""
        changed = found.changed
        return cls(**_parts(found.id, found.document), seq=changed.seq, dry_run=changed.dry_run)


class BoostEnded(View, frozen=True):
    """A boost that was ended or forgotten."""

    id: Id
    seq: Seq | None
    dry_run: bool


class BoostStretch(View, frozen=True):
    """A time in which the same boosts run; the factor where all of them count."""

    begins_at: EpochMs = msgspec.field(name="from")
    until: EpochMs
    factor: float
    names: list[str]

    @classmethod
    def of_stretch(cls, found: Stretch) -> Self:
        """The row of a time; a boost without a name is called by its id."""
        names = [boost.name or boost.id for boost in found.boosts]
        return cls(found.begins_at, found.ends_at, _number(found.factor), names)


def _number(factor: Fraction) -> float:
    """The factor as it would be typed: 2, not 2.0."""
    return factor.numerator if factor.denominator == 1 else float(factor)


def _parts(id_: str, given: Mapping[str, Any]) -> dict[str, Any]:
    weekly = given.get("weekly")
    window = None
    if weekly is not None:
        window = WeeklyWindow(weekly["days"], weekly["from"], weekly["to"], weekly["tz"])
    return {
        "id": id_,
        "name": given.get("name", ""),
        "factor": given["factor"],
        "begins_at": given["from"],
        "until": given.get("until"),
        "weekly": window,
        "tz": None if weekly is None else weekly["tz"],
        "channels": given.get("channels", []),
        "roles": given.get("roles", []),
    }
