"""Curves, their levels, and what a curve makes of the members."""

from __future__ import annotations

from typing import Any, Self

from msgspec import UNSET, UnsetType

from robo_xp.views.member import LevelMove
from robo_xp.views.shape import NOBODY, XP, Count, Id, Level, Names, Seq, View


class LevelCost(View, frozen=True):
    """One level: the XP it costs after the level before, and in total."""

    level: Level
    cost: XP
    total: XP


class Curve(View, frozen=True, kw_only=True):
    """A curve as settings describe it; ``maxLevel`` is null where none is set."""

    type: str
    params: dict[str, Any] | UnsetType = UNSET
    max_level: Level | None

    @classmethod
    def of(cls, found: Any, names: Names = NOBODY, **more: Any) -> Self:
        """The curve with what is said beside it."""
        spec = found.spec()
        own = {"type": spec["type"], "params": spec.get("params", UNSET)}
        return super().of(found, names, **own, **more)


class CurveInForce(Curve, frozen=True, kw_only=True):
    """The curve that holds, who set it, and its first levels."""

    source: str
    levels: list[LevelCost]


class CurvePoints(Curve, frozen=True, kw_only=True):
    """A curve with the levels that are drawn."""

    points: list[LevelCost]


class Outlook(Curve, frozen=True, kw_only=True):
    """What a curve makes of the members of today, and the first of those who would move."""

    changed: Count
    up: Count
    down: Count
    sample: list[LevelMove]
    members: Count
    highest: Level | None
    median: Level | None
    source: str | UnsetType = UNSET

    @classmethod
    def of(cls, found: Any, names: Names = NOBODY, **more: Any) -> Self:
        """The curve of an outlook with its figures."""
        own = effect_of(found.effect, names)
        figures = {"members": found.count, "highest": found.highest, "median": found.median}
        return super().of(found.curve, names, **{"source": UNSET, **own, **figures, **more})


class CurveChanged(Curve, frozen=True, kw_only=True):
    """A curve that was set or taken back, and what that did to the members."""

    guild_id: Id | None
    store_id: str | UnsetType = UNSET
    source: str
    changed: Count
    up: Count
    down: Count
    sample: list[LevelMove]
    seq: Seq | None
    dry_run: bool


def effect_of(effect: Any, names: Names) -> dict[str, Any]:
    """How many levels a curve moved, and the first of them, as fields of a view."""
    sample = [LevelMove.of(one, names) for one in effect.sample]
    return {"changed": effect.changed, "up": effect.up, "down": effect.down, "sample": sample}
