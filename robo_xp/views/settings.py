"""A guild as a file: what it would change, and what it changed."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from robo_xp.views.shape import Count, Id, Names, Seq, View


class Difference(View, frozen=True):
    """A setting that a file would change; null where it has no own value."""

    key: str
    old: Any
    new: Any

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        values = {"old": found.old, "new": found.new}
        return {key: None if value is UNSET else value for key, value in values.items()}


class MovedLevels(View, frozen=True):
    """How many stored levels a change of the curve moved."""

    changed: Count
    up: Count
    down: Count


class AppliedFile(View, frozen=True):
    """What a file changed, in batch ``seq`` of the store and ``giveawaysSeq`` of the giveaways."""

    guild_id: Id
    store_id: str
    changes: list[Difference]
    levels: MovedLevels
    seq: Seq | None
    giveaways_seq: Seq | None
    dry_run: bool

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        return {"changes": [Difference.of(one) for one in found.differences]}
