"""What a member, a change of XP and a place on the board look like, for people and for scripts."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from robo_xp.text import ago, thousands
from robo_xp_cli.show import streams
from robo_xp_cli.show.words import human_time

if TYPE_CHECKING:
    from robo_xp.model import MemberXP, Progress, Recalculated, XPChange
    from robo_xp.usecases.members.board import Standing
    from robo_xp_cli.run.context import Run
    from robo_xp_cli.show.results import Pairs


def member_data(member: MemberXP, names: Mapping[str, str]) -> dict[str, Any]:
    """A member for scripts; ``lastAwardedAt`` is 0 for never."""
    return {
        **who(member.user_id, names),
        "xp": member.xp,
        "level": member.level,
        "messages": member.messages,
        "xpMessages": member.xp_messages,
        "lastAwardedAt": member.last_awarded_at,
    }


def who(user_id: str, names: Mapping[str, str]) -> dict[str, Any]:
    """The id, and the name where it is known."""
    name = names.get(user_id)
    return {"userId": user_id} if name is None else {"userId": user_id, "name": name}


def name_of(run: Run, user_id: str) -> Mapping[str, str]:
    """The member's name by id, where it is known: for results that show one member."""
    name = run.robo().names.name(run.guild_id, user_id)
    return {} if name is None else {user_id: name}


def undo_words(run: Run, seq: int) -> str:
    """The command that takes a change of this store back."""
    store = "" if run.store_id == "default" else f" --store {run.store_id}"
    return f"robo-xp undo {seq}{store}"


def change_data(change: XPChange, names: Mapping[str, str]) -> dict[str, Any]:
    """A change of XP for scripts."""
    return {
        "guildId": change.guild_id,
        "storeId": change.store_id,
        **who(change.user_id, names),
        "oldXp": change.old_xp,
        "newXp": change.new_xp,
        "delta": change.delta,
        "oldLevel": change.old_level,
        "newLevel": change.new_level,
        "leveledUp": change.leveled_up,
        "leveledDown": change.leveled_down,
        "capped": change.capped,
        "seq": change.seq,
        "dryRun": change.dry_run,
    }


def change_pairs(change: XPChange, names: Mapping[str, str]) -> Pairs:
    """A change of XP for people."""
    xp = f"{thousands(change.old_xp)} {arrow()} {thousands(change.new_xp)}"
    return [
        ("member", called(change.user_id, names)),
        ("XP", f"{xp} ({change.delta:+,})"),
        ("level", moved(change.old_level, change.new_level)),
    ]


def recalc_data(found: Recalculated) -> dict[str, Any]:
    """What comparing one member's level with the curve found, for scripts."""
    return {
        "userId": found.user_id,
        "oldLevel": found.old_level,
        "newLevel": found.new_level,
        "totalXp": found.total_xp,
        "reconciled": found.reconciled,
    }


def standing_data(standing: Standing, names: Mapping[str, str]) -> dict[str, Any]:
    """A member with rank and progress for scripts."""
    at = standing.progress
    return {
        **member_data(standing.member, names),
        "rank": standing.rank,
        "total": standing.total,
        "progress": {
            "level": at.level,
            "inLevel": at.in_level,
            "toNext": at.to_next,
            "percentage": percentage(at),
        },
    }


def standing_pairs(standing: Standing, names: Mapping[str, str]) -> Pairs:
    """A member with rank and progress for people."""
    member, at = standing.member, standing.progress
    counted = f"{thousands(member.messages)}, {thousands(member.xp_messages)} earned XP"
    return [
        ("member", called(member.user_id, names)),
        ("level", f"{member.level}  {bar(at, 24)}  {percentage(at)} %"),
        ("XP", thousands(member.xp)),
        *_next_level(at),
        ("rank", _rank(standing)),
        ("messages", counted if member.messages else "none"),
        ("last award", _when(member.last_awarded_at)),
    ]


def called(user_id: str, names: Mapping[str, str]) -> str:
    """The member as people are told of it: the name, where it is known, and always the id."""
    name = names.get(user_id)
    return user_id if name is None else f"{name} ({user_id})"


def moved(old: int, new: int) -> str:
    """A level before and after a change, or the one it stayed at."""
    return f"{old} {arrow()} {new}" if old != new else f"{new}"


def arrow() -> str:
    """What stands between before and after."""
    return "\N{RIGHTWARDS ARROW}" if streams.is_utf8() else "->"


def percentage(at: Progress) -> float:
    """The percentage to one decimal place; 100.0 only where there is no next level."""
    rounded = round(at.percentage, 1)
    return min(rounded, 99.9) if at.to_next else rounded


def bar(at: Progress, width: int) -> str:
    """How much of the level is done, as a bar of that many characters."""
    full, empty = ("\N{FULL BLOCK}", "\N{LIGHT SHADE}") if streams.is_utf8() else ("#", ".")
    done = int(at.percentage * width / 100)
    return full * done + empty * (width - done)


def _next_level(at: Progress) -> Pairs:
    if not at.to_next:
        return [("next level", "none, this is the highest")]
    span = at.in_level + at.to_next
    inside = f"{thousands(at.in_level)} of {thousands(span)} done"
    return [("next level", f"{thousands(at.to_next)} XP to go, {inside}")]


def _rank(standing: Standing) -> str:
    if standing.rank is None:
        return f"none without XP, of {thousands(standing.total)}"
    return f"{thousands(standing.rank)} of {thousands(standing.total)}"


def _when(epoch_ms: int) -> str:
    if not epoch_ms:
        return "never"
    return f"{ago(epoch_ms, time.time_ns() // 1_000_000)} ({human_time(epoch_ms)})"
