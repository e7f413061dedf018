"""Counting messages inside a transaction: the path that every message takes, so it is kept short.

A message is counted whatever the rules say; only an award changes XP and starts the cooldown.
"""

from __future__ import annotations

from dataclasses import replace

from robo_xp.model import DUPLICATE, Award, Awarded, MemberXP, Message, Refusal
from robo_xp.model.events import AWARD, XpChanged, level_event
from robo_xp.model.ids import check_snowflake
from robo_xp.rules.award import award_for
from robo_xp.usecases.core import Core, Scope
from robo_xp.usecases.members.changes import NEW_MEMBER, USERS
from robo_xp.vault import Transaction

ROLL_LOW, ROLL_HIGH = 15, 25
CLOCK_SKEW_MS = 60_000


def count_message(
    core: Core,
    scope: Scope,
    transaction: Transaction,
    message: Message,
    *,
    user_id: str,
    message_id: str | None,
) -> tuple[MemberXP, Award] | Refusal:
    """The member as it was and its award, or why there is none; the message is counted.

    A message whose id is not above the last counted one of the member changes nothing. Raises
    InvalidId.
    """
    record = transaction.get(USERS, user_id)
    if record is None:
        record = NEW_MEMBER
        check_snowflake(user_id, "member id")
    counted = {**NEW_MEMBER, **record}
    if message_id is not None:
        if int(check_snowflake(message_id, "message id")) <= int(counted.get("lastMessageId", 0)):
            return Refusal(DUPLICATE, f"message {message_id} was counted before")
        counted["lastMessageId"] = message_id
    member = MemberXP.from_record(user_id, counted)
    if member.last_awarded_at > transaction.ts + CLOCK_SKEW_MS:
        # a mistake of some clock or file, which bars nobody
        member = replace(member, last_awarded_at=0)
    rules = core.rules(scope)
    base = core.chance.integer(ROLL_LOW, ROLL_HIGH)
    award = award_for(member, message, rules.settings, rules.curve, base)
    counted["messages"] = member.messages + 1
    transaction.put(USERS, user_id, counted)
    if isinstance(award, Refusal):
        return award
    counted["xp"] = award.new_xp
    counted["level"] = award.new_level
    counted["lastAwardedAt"] = message.at
    counted["xpMessages"] = member.xp_messages + 1
    _tell(transaction, member, award, message.channel_id)
    return member, award


def _tell(transaction: Transaction, member: MemberXP, award: Award, channel_id: str) -> None:
    """Tell of an award: the level first, then the XP."""
    user_id, old, new = member.user_id, member.level, award.new_level
    if new != old:
        transaction.event(level_event(user_id, old, new, award.new_xp, channel_id))
    transaction.event(XpChanged(user_id, member.xp, award.new_xp, award.xp, AWARD, "message"))


def awarded(scope: Scope, member: MemberXP, award: Award, seq: int | None) -> Awarded:
    """What callers get to know of an award in batch ``seq``."""
    return Awarded(
        scope.guild_id,
        scope.store_id,
        member.user_id,
        award.base,
        award.multiplier_permille / 1000,
        award.xp,
        member.xp,
        award.new_xp,
        member.level,
        award.new_level,
        seq,
    )
