"""What settings look like in JSON. The core checks them; these types describe them.

A patch is the same with every part optional, and null to take a part back to the layer below.
"""

from __future__ import annotations

import types
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import UNSET, Meta, UnsetType

from robo_xp_daemon.http.routes.shapes import SNOWFLAKE, Document, Id, Shape

Ids = Annotated[list[Id], Meta(max_length=1000)]
_Key = Annotated[str, Meta(pattern=SNOWFLAKE)]
Factor = Annotated[float, Meta(ge=0, le=10, description="at most three decimals")]
Factors = dict[_Key, Factor]
Whole = Annotated[int, Meta(ge=0)]
Rate = Annotated[float, Meta(gt=0, le=10, description="at most three decimals")]
RewardLevel = Annotated[int, Meta(ge=1, le=1000)]


class Reward(Shape, frozen=True, forbid_unknown_fields=True):
    """A role that a level earns."""

    level: RewardLevel
    role_id: Id


class Visibility(Shape, frozen=True):
    """Whether members see the whole board."""

    public: bool | UnsetType = UNSET


class Announcements(Shape, frozen=True):
    """Where new levels are told, and how."""

    mode: Literal["off", "same", "channel", "dm"] | UnsetType = UNSET
    channel_id: Id | UnsetType = UNSET
    template: Annotated[str, Meta(min_length=1, max_length=500)] | UnsetType = UNSET


class Multipliers(Shape, frozen=True):
    """Factors of awards: for everybody, by role, by member."""

    server: Factor | UnsetType = UNSET
    role: Factors | UnsetType = UNSET
    user: Factors | UnsetType = UNSET


class Theme(Shape, frozen=True):
    """How cards look."""

    embed_color: Annotated[int, Meta(ge=0, le=0xFFFFFF)] | UnsetType = UNSET
    background_url: Annotated[str, Meta(max_length=2048)] | UnsetType = UNSET


class Labels(Shape, frozen=True):
    """What XP is called."""

    xp_display_name: Annotated[str, Meta(min_length=1, max_length=20)] | UnsetType = UNSET


class Settings(Shape, frozen=True):
    """Settings of a store, or the defaults for all; ``levels`` describes a curve."""

    cooldown_seconds: Annotated[int, Meta(ge=0, le=3600)] | UnsetType = UNSET
    xp_rate: Rate | UnsetType = UNSET
    no_xp_role_ids: Ids | UnsetType = UNSET
    no_xp_channel_ids: Ids | UnsetType = UNSET
    role_rewards: Annotated[list[Reward], Meta(max_length=1000)] | UnsetType = UNSET
    rewards_mode: Literal["stack", "replace"] | UnsetType = UNSET
    remove_reward_on_xp_loss: bool | UnsetType = UNSET
    leaderboard: Visibility | UnsetType = UNSET
    announcements: Announcements | UnsetType = UNSET
    multipliers: Multipliers | UnsetType = UNSET
    theme: Theme | UnsetType = UNSET
    labels: Labels | UnsetType = UNSET
    levels: Document | UnsetType = UNSET


class GiveawayDefaults(Shape, frozen=True):
    """What a giveaway gets where its start says nothing."""

    winners: Annotated[int, Meta(ge=1, le=100)] | UnsetType = UNSET
    duration: str | UnsetType = UNSET
    button_label: Annotated[str, Meta(min_length=1, max_length=80)] | UnsetType = UNSET
    dm_winners: bool | UnsetType = UNSET


class GiveawayLimits(Shape, frozen=True):
    """How much a giveaway may have."""

    max_winners: Annotated[int, Meta(ge=1, le=100)] | UnsetType = UNSET
    max_duration_days: Annotated[int, Meta(ge=1, le=365)] | UnsetType = UNSET


class GiveawayRestrictions(Shape, frozen=True):
    """Who may enter any giveaway."""

    allow_role_ids: Ids | UnsetType = UNSET
    deny_role_ids: Ids | UnsetType = UNSET
    min_account_age_days: Annotated[int, Meta(ge=0, le=36_500)] | UnsetType = UNSET


class GiveawaySettings(Shape, frozen=True):
    """Settings of a guild's giveaways; ``bonusEntries`` are by role."""

    defaults: GiveawayDefaults | UnsetType = UNSET
    limits: GiveawayLimits | UnsetType = UNSET
    restrictions: GiveawayRestrictions | UnsetType = UNSET
    bonus_entries: dict[_Key, Annotated[int, Meta(ge=1, le=100)]] | UnsetType = UNSET
    host_role_ids: Ids | UnsetType = UNSET
    recheck_at_draw: bool | UnsetType = UNSET


@cache
def _patch_of(kind: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """The same shape for a request: null is allowed everywhere, unknown parts nowhere."""
    fields = [
        (field.name, Union[_nullable(field.type), UnsetType], UNSET)  # noqa: UP007 - made at run time
        for field in msgspec.structs.fields(kind)
    ]
    made = msgspec.defstruct(
        f"{kind.__name__}Patch", fields, rename="camel", frozen=True, forbid_unknown_fields=True
    )
    made.__doc__ = f"{kind.__doc__} Null takes a part back to the layer below."
    return made


def _nullable(kind: Any) -> Any:
    """The type of a part of a patch: its own, or null."""
    parts = [part for part in get_args(kind) if part is not UnsetType]
    if get_origin(kind) not in (Union, types.UnionType):
        parts = [kind]
    return Union[(*map(_inner, parts), None)]


def _inner(kind: Any) -> Any:
    """A group as its patch, a map with null for its values, all else as it is."""
    if isinstance(kind, type) and issubclass(kind, Shape):
        return _patch_of(kind)
    if get_origin(kind) is dict and get_args(kind)[0] is not str:
        key, value = get_args(kind)
        return dict.__class_getitem__((key, Union[value, None]))  # noqa: UP007 - made at run time
    return kind


SettingsPatch: Any = _patch_of(Settings)
GiveawaySettingsPatch: Any = _patch_of(GiveawaySettings)
MultipliersPatch: Any = _patch_of(Multipliers)
