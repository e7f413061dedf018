"""Settings: how they hold, what they mean, what a change did; a guild as a file likewise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from robo_xp.views.shape import Count, Id, Names, Seq, View


class Setting(View, frozen=True):
    """A setting as it holds, and the layer that it comes from."""

    key: str
    value: Any
    source: str


class Meaning(View, frozen=True):
    """All that there is to know of one setting, of a group of them, or of one value in a map."""

    key: str
    type: str
    unit: str
    min: int | None
    max: int | None
    choices: Sequence[str]
    default: Any
    value: Any
    set_by: str
    help: str

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        field, kind = found.field, found.kind
        own = {"set_by": found.source}
        if field is None or kind is None:
            nothing = {"unit": "", "min": None, "max": None, "choices": (), "default": None}
            return {**own, **nothing, "type": "group"}
        is_value_of_map = kind is not field.kind
        default = field.fallback if field.default is None else field.default
        return own | {
            "type": kind.type,
            "unit": field.unit,
            "min": kind.low,
            "max": kind.high,
            "choices": kind.choices,
            "default": None if is_value_of_map else default,
            "help": field.help,
        }


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


class ConfigChanged(View, frozen=True, kw_only=True):
    """What a change of settings did to those of a guild, or of all."""

    guild_id: Id | None
    store_id: str | UnsetType = UNSET
    changed: Sequence[str]
    config: Mapping[str, Any]
    levels: MovedLevels
    seq: Seq | None
    dry_run: bool


class RulesChanged(View, frozen=True, kw_only=True):
    """What a change of rewards, multipliers or zones did; of the values those that it is about."""

    guild_id: Id
    store_id: str
    changed: Sequence[str]
    rewards: Sequence[Mapping[str, Any]] | UnsetType = UNSET
    rewards_mode: str | UnsetType = UNSET
    remove_reward_on_xp_loss: bool | UnsetType = UNSET
    multipliers: Mapping[str, Any] | UnsetType = UNSET
    no_xp_role_ids: Sequence[str] | UnsetType = UNSET
    no_xp_channel_ids: Sequence[str] | UnsetType = UNSET
    seq: Seq | None
    dry_run: bool


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
