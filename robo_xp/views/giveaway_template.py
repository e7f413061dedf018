"""Templates of giveaways: rows of a list, and what changes come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, UnsetType, structs

from robo_xp.views.giveaway import Bonuses, BonusMode
from robo_xp.views.shape import Count, Id, Names, Seq, View


class Template(View, frozen=True, kw_only=True):
    """A template, and what giveaways of it are started with; what it does not say is left out."""

    name: str
    prize: str | UnsetType = UNSET
    channel_id: Id | UnsetType = UNSET
    duration: str | UnsetType = UNSET
    winners: Count | UnsetType = UNSET
    allow_role_ids: Sequence[Id] | UnsetType = UNSET
    deny_role_ids: Sequence[Id] | UnsetType = UNSET
    min_account_age_days: Count | UnsetType = UNSET
    requirements: dict[str, Any] | UnsetType = UNSET
    bypass_role_ids: Sequence[Id] | UnsetType = UNSET
    bonus_entries: Bonuses | UnsetType = UNSET
    bonus_mode: BonusMode | UnsetType = UNSET
    drop: bool | UnsetType = UNSET
    claim: str | UnsetType = UNSET
    claim_rounds: Count | UnsetType = UNSET
    last_chance: str | UnsetType = UNSET
    ping_role_id: Id | UnsetType = UNSET
    image_url: str | UnsetType = UNSET
    colour: Count | UnsetType = UNSET
    entries_public: bool | UnsetType = UNSET

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        return {one.name: found.get(one.encode_name, UNSET) for one in structs.fields(cls)}


class TemplateChanged(Template, frozen=True, kw_only=True):
    """A template after it was saved or removed."""

    seq: Seq | None
    dry_run: bool
