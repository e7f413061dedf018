"""Counting messages and time in voice inside a transaction. Every message takes this path, so it is
kept short.

A message is counted whatever the rules say; only an award changes XP and starts the cooldown.
"""

from __future__ import annotations

from msgspec.structs import replace

from robo_xp.model import DUPLICATE, MAX_XP, Award, Awarded, MemberXP, Post, Refusal
from robo_xp.model.events import AWARD, XpChanged, level_event
from robo_xp.model.ids import check_snowflake
from robo_xp.rules.award import award_for
from robo_xp.rules.period import MESSAGE, NO_DAY, VOICE, Periods, utc_day
from robo_xp.rules.voice import VoiceAward, VoiceTime, voice_award
from robo_xp.usecases.core import Core, GuildRules, Scope
from robo_xp.usecases.members.changes import NEW_MEMBER, USERS
from robo_xp.usecases.members.sums import count_gain, count_nothing, forget_sums
from robo_xp.vault import Record, Transaction

ROLL_LOW, ROLL_HIGH = 15, 25
CLOCK_SKEW_MS = 60_000
_Source = tuple[str, str, int]
"""What an award is for, the channel in which a new level is told, and its instant (epoch ms)."""

COOLDOWN_FROM = "cooldownFrom"
"""In a record whose last award was for no message: when the last one for a message was."""


def count_message(
    core: Core, rules: GuildRules, transaction: Transaction, post: Post
) -> tuple[MemberXP, Award] | Refusal:
    """The member as it was and its award, or why there is none; the message is counted.

    A message whose id is not above the last counted one of the member changes nothing. Raises
    InvalidId.
    """
    user_id, message, message_id = post.user_id, post.message, post.message_id
    record = transaction.get(USERS, user_id)
    if record is None:
        record = NEW_MEMBER
        check_snowflake(user_id, "member id")
        forget_sums(transaction, user_id)
    counted = dict(record)
    if message_id is not None:
        if int(check_snowflake(message_id, "message id")) <= int(counted.get("lastMessageId", 0)):
            return Refusal(DUPLICATE, f"message {message_id} was counted before")
        counted["lastMessageId"] = message_id
    member = MemberXP.from_record(user_id, counted)
    if COOLDOWN_FROM in counted:
        member = as_of_messages(member, counted)
    if member.last_awarded_at > transaction.ts + CLOCK_SKEW_MS:
        # a mistake of some clock or file, which bars nobody
        member = replace(member, last_awarded_at=0)
    base = core.chance.integer(ROLL_LOW, ROLL_HIGH)
    award = award_for(member, message, rules.settings, rules.curve, base)
    counted["messages"] = member.messages + 1
    if isinstance(award, Refusal):
        transaction.put(USERS, user_id, {**NEW_MEMBER, **counted})
        return award
    counted["xp"] = award.new_xp
    counted["level"] = award.new_level
    counted["lastAwardedAt"] = message.at
    counted["xpMessages"] = member.xp_messages + 1
    counted.pop(COOLDOWN_FROM, None)
    transaction.put(USERS, user_id, counted)
    source = (MESSAGE, message.channel_id, message.at)
    _tell(transaction, rules.settings.periods, member, award, source)
    return member, award


def as_of_messages(member: MemberXP, record: Record) -> MemberXP:
    """The member, with the time from which the cooldown counts: other awards start none."""
    return replace(member, last_awarded_at=record.get(COOLDOWN_FROM, member.last_awarded_at))


def count_voice(
    rules: GuildRules, transaction: Transaction, spent: VoiceTime
) -> tuple[MemberXP, VoiceAward]:
    """The member as it was and what its time in voice earned; the time is counted.

    Raises InvalidId.
    """
    user_id, at = check_snowflake(spent.user_id, "member id"), spent.message.at
    record = transaction.get(USERS, user_id)
    if record is None:
        record = NEW_MEMBER
        forget_sums(transaction, user_id)
    counted = {**NEW_MEMBER, **record}
    member = MemberXP.from_record(user_id, counted)
    day = rules.settings.periods.calendar.day_of(at)
    before = counted.get("voiceMinutes", 0) if counted.get("voiceDay") == day else 0
    award = voice_award(member, spent, rules.settings, rules.curve, before)
    counted["voiceSeconds"] = min(member.voice_seconds + spent.seconds, MAX_XP)
    if rules.settings.voice.max_minutes_per_day is not None and award.minutes:
        counted |= {"voiceDay": day, "voiceMinutes": award.day_minutes}
    if award.xp:
        counted.setdefault(COOLDOWN_FROM, member.last_awarded_at)
        counted |= {"xp": award.new_xp, "level": award.new_level, "lastAwardedAt": at}
        channel_id = rules.settings.announcements.channel_id or spent.message.channel_id
        source = (VOICE, channel_id, at)
        _tell(transaction, rules.settings.periods, member, award, source)
    transaction.put(USERS, user_id, counted)
    return member, award


def _tell(
    transaction: Transaction,
    periods: Periods,
    member: MemberXP,
    award: Award | VoiceAward,
    source: _Source,
) -> None:
    """Count an award into its periods and tell of it: the level first, then the XP."""
    user_id, old, new = member.user_id, member.level, award.new_level
    reason, channel_id, at = source
    day: int | None = NO_DAY
    if reason in periods.counted:
        day = periods.calendar.day_of(at)
        count_gain(transaction, periods.calendar, user_id, day, (member.xp, award.new_xp))
        if day == utc_day(transaction.ts):
            day = None
    else:
        count_nothing(transaction, user_id, award.xp)
    if new != old:
        transaction.event(level_event(user_id, old, new, award.new_xp, channel_id))
    transaction.event(
        XpChanged(user_id, member.xp, award.new_xp, award.xp, AWARD, reason, False, day)
    )


def award_result(
    scope: Scope, found: tuple[MemberXP, Award | VoiceAward], seq: int | None
) -> Awarded:
    """What callers get to know of a member's award in batch ``seq``."""
    member, award = found
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
        member.last_awarded_at,
    )
