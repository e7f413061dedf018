"""The terms of a guild that the rules go by: exact numbers, sets instead of lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from robo_xp.model import RoleReward
from robo_xp.rules.decay import Decay
from robo_xp.rules.multiplier import Multipliers
from robo_xp.rules.period import Periods


@dataclass(frozen=True, slots=True)
class Announcements:
    """Where new levels are announced, and with which words."""

    mode: str
    channel_id: str | None
    template: str


@dataclass(frozen=True, slots=True)
class Voice:
    """What time in voice channels earns, and when; ``max_minutes_per_day`` None for no limit."""

    xp_per_minute: int = 0
    min_others: int = 1
    allow_muted: bool = False
    stage_listeners: bool = False
    max_minutes_per_day: int | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The effective settings of one guild in one store.

    ``rate`` equals ``rate_num / rate_den``, kept apart for the path of every message.
    ``rewards`` names each role once and is sorted by level; ``levels`` is the description of
    the curve, None for the default one. ``values`` is the complete document, for what is used as
    it was set.
    """

    cooldown_ms: int
    rate: Fraction
    rate_num: int
    rate_den: int
    no_xp_role_ids: frozenset[str]
    no_xp_channel_ids: frozenset[str]
    rewards: tuple[RoleReward, ...]
    rewards_mode: str
    remove_on_loss: bool
    leaderboard_public: bool
    multipliers: Multipliers
    levels: Mapping[str, Any] | None
    xp_display_name: str
    embed_color: int
    announcements: Announcements
    voice: Voice
    periods: Periods
    decay: Decay
    values: Mapping[str, Any]
