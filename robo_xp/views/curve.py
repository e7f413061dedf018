"""Curves, their levels, and what a curve makes of the members."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, UnsetType

from robo_xp.views.member import LevelMove
from robo_xp.views.shape import XP, Count, Id, Level, Names, Seq, View


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
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        return plain_curve(found)


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
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        figures = {"members": found.count, "highest": found.highest, "median": found.median}
        curve = plain_curve(found.curve)
        return {"source": UNSET, **curve, **effect_of(found.effect, names), **figures}


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


def plain_curve(curve: Any) -> dict[str, Any]:
    """What settings say of a curve, as fields of a view."""
    spec = curve.spec()
    params = spec.get("params", UNSET)
    return {"type": spec["type"], "params": params, "max_level": curve.max_level}


def effect_of(effect: Any, names: Names) -> dict[str, Any]:
    """How many levels a curve moved, and the first of them, as fields of a view."""
    sample = [LevelMove.of(one, names) for one in effect.sample]
    return {"changed": effect.changed, "up": effect.up, "down": effect.down, "sample": sample}
