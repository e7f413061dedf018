"""What one message earns: an award, or the first rule that refuses it."""

from __future__ import annotations

from robo_xp.model import (
    AT_CAP,
    COOLDOWN,
    NO_XP_CHANNEL,
    NO_XP_ROLE,
    ZERO,
    Award,
    MemberXP,
    Message,
    Refusal,
)
from robo_xp.rules.levels.shape import Curve
from robo_xp.rules.levels.total import capped_total
from robo_xp.rules.multiplier import multiplier_for
from robo_xp.rules.terms import Settings


def award_for(
    member: MemberXP, message: Message, settings: Settings, curve: Curve, base: int
) -> Award | Refusal:
    """The award of a message, ``base`` being the XP rolled for it, or why there is none."""
    refusal = zone_refusal(message, settings) or _of_cooldown(member, message, settings)
    if refusal is not None:
        return refusal
    permille = multiplier_for(settings.multipliers, member.user_id, message)
    amount = xp_for(base, settings.rate_num, settings.rate_den, permille)
    if amount <= 0:
        return Refusal(ZERO, f"{base} XP at this rate and multiplier come to less than 1")
    total = capped_total(member.xp, amount, curve.cap)
    if total == member.xp:
        return Refusal(AT_CAP, "nobody can have more XP on this curve")
    return Award(total - member.xp, permille, base, total, curve.level_for(total, member.level))


def xp_for(base: int, rate_num: int, rate_den: int, permille: int) -> int:
    """The XP of an award, base times rate times multiplier, rounded down exactly."""
    return base * rate_num * permille // (rate_den * 1000)


def zone_refusal(message: Message, settings: Settings) -> Refusal | None:
    """Why nothing is earned in these places, or with these roles; None where it is."""
    if settings.no_xp_channel_ids and (refusal := _of_channel(message, settings)) is not None:
        return refusal
    return _of_role(message, settings) if settings.no_xp_role_ids else None


def refusals_of(
    member: MemberXP, message: Message, settings: Settings
) -> tuple[tuple[str, str, Refusal | None], ...]:
    """Each rule in the order they are asked: its reason, its setting, and its refusal if any."""
    return (
        (NO_XP_CHANNEL, "noXpChannelIds", _of_channel(message, settings)),
        (NO_XP_ROLE, "noXpRoleIds", _of_role(message, settings)),
        (COOLDOWN, "cooldownSeconds", _of_cooldown(member, message, settings)),
    )


def _of_channel(message: Message, settings: Settings) -> Refusal | None:
    for channel_id in message.places:
        if channel_id in settings.no_xp_channel_ids:
            return Refusal(NO_XP_CHANNEL, f"channel or category {channel_id} gives no XP")
    return None


def _of_role(message: Message, settings: Settings) -> Refusal | None:
    for role_id in message.role_ids:
        if role_id in settings.no_xp_role_ids:
            return Refusal(NO_XP_ROLE, f"members with role {role_id} get no XP")
    return None


def _of_cooldown(member: MemberXP, message: Message, settings: Settings) -> Refusal | None:
    last = member.last_awarded_at
    if last:
        left = last + settings.cooldown_ms - message.at
        if left > 0:
            return Refusal(COOLDOWN, f"the cooldown lasts {left} ms more", left)
    return None
