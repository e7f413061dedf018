"""Who earns XP in a voice channel, and how much a time there comes to.

Whoever is eligible by himself needs enough others in the channel who are; so a channel has either
enough of them, and all earn, or none does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from robo_xp.model import NO_XP_CHANNEL, NO_XP_ROLE, MemberXP, Message
from robo_xp.rules.award import xp_for, zone_refusal
from robo_xp.rules.levels.shape import Curve
from robo_xp.rules.levels.total import capped_total
from robo_xp.rules.multiplier import multiplier_for
from robo_xp.rules.terms import Settings

BOT, AFK, DEAF, MUTED, LISTENER, ALONE = "bot", "afk", "deaf", "muted", "listener", "alone"
UNKNOWN = "unknown"
VOICE_REFUSALS: Final = (
    BOT, UNKNOWN, AFK, NO_XP_CHANNEL, NO_XP_ROLE, DEAF, LISTENER, MUTED, ALONE,
)  # fmt: skip
"""Every reason why somebody in a voice channel earns nothing, in the order they are asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupant:
    """Somebody in a voice channel; ``deaf`` and ``muted`` by itself or by the server.

    ``is_listening`` on a stage without speaking; ``is_known`` once bot and roles are known.
    """

    user_id: str
    role_ids: tuple[str, ...] = ()
    is_bot: bool = False
    is_known: bool = True
    deaf: bool = False
    muted: bool = False
    is_listening: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceRoom:
    """A voice channel or stage with all who are in it."""

    channel_id: str
    category_id: str | None = None
    is_afk: bool = False
    is_stage: bool = False
    occupants: tuple[Occupant, ...] = ()


@dataclass(frozen=True, slots=True)
class VoiceTime:
    """Whole seconds that a member was eligible; ``message`` has its place, roles and instant."""

    user_id: str
    message: Message
    seconds: int


@dataclass(frozen=True, slots=True)
class VoiceAward:
    """What a time in voice comes to: XP, the totals after it, and what is counted.

    ``minutes`` are those that earned, ``day_minutes`` all that earned on that guild-day.
    """

    xp: int
    multiplier_permille: int
    base: int
    new_xp: int
    new_level: int
    minutes: int
    day_minutes: int


def refusals_in(room: VoiceRoom, settings: Settings) -> dict[str, str | None]:
    """Why each of the room earns nothing now; None for those who earn."""
    found = {one.user_id: _refusal_of(one, room, settings) for one in room.occupants}
    able = sum(refusal is None for refusal in found.values())
    if able - 1 < settings.voice.min_others:
        return {user_id: refusal or ALONE for user_id, refusal in found.items()}
    return found


def _refusal_of(one: Occupant, room: VoiceRoom, settings: Settings) -> str | None:
    """Why somebody earns nothing, whoever else is there."""
    if not one.is_known:
        return UNKNOWN
    if one.is_bot:
        return BOT
    if room.is_afk:
        return AFK
    place = Message(room.channel_id, None, room.category_id, one.role_ids)
    if (refusal := zone_refusal(place, settings)) is not None:
        return refusal.rule
    if one.deaf:
        return DEAF
    if room.is_stage and one.is_listening:
        # who listens cannot speak, so whether he is muted says nothing
        return None if settings.voice.stage_listeners else LISTENER
    return MUTED if one.muted and not settings.voice.allow_muted else None


def voice_award(
    member: MemberXP, spent: VoiceTime, settings: Settings, curve: Curve, day_minutes: int
) -> VoiceAward:
    """What a time in voice earns: XP for each minute that became full with it.

    ``day_minutes`` are those of this guild-day that earned before.
    """
    minutes = (member.voice_seconds + spent.seconds) // 60 - member.voice_seconds // 60
    most = settings.voice.max_minutes_per_day
    if most is not None:
        minutes = min(minutes, max(most - day_minutes, 0))
    base = settings.voice.xp_per_minute
    permille = multiplier_for(settings.multipliers, member.user_id, spent.message)
    amount = minutes * xp_for(base, settings.rate_num, settings.rate_den, permille)
    total = capped_total(member.xp, amount, curve.cap)
    level = curve.level_for(total, member.level) if total != member.xp else member.level
    return VoiceAward(
        total - member.xp, permille, base, total, level, minutes, day_minutes + minutes
    )
