"""What a member and a change of XP look like for people."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from robo_xp.text import ago, lasting, percent, thousands
from robo_xp_cli.show import streams
from robo_xp_cli.show.words import human_time

if TYPE_CHECKING:
    from robo_xp.views.member import Change, Member, Progress, Recalculation, Standing
    from robo_xp_cli.run.context import Run
    from robo_xp_cli.show.results import Pairs


def name_of(run: Run, user_id: str) -> Mapping[str, str]:
    """The member's name by id, where it is known: for results that show one member."""
    name = run.robo().names.name(run.guild_id, user_id)
    return {} if name is None else {user_id: name}


def undo_words(run: Run, seq: int) -> str:
    """The command that takes a change of this store back."""
    store = "" if run.store_id == "default" else f" --store {run.store_id}"
    return f"robo-xp undo {seq}{store}"


def change_pairs(change: Change) -> Pairs:
    """A change of XP for people."""
    xp = f"{thousands(change.old_xp)} {arrow()} {thousands(change.new_xp)}"
    return [
        ("member", who(change)),
        ("XP", f"{xp} ({change.delta:+,})"),
        ("level", level_move(change.old_level, change.new_level)),
    ]


def standing_pairs(member: Standing) -> Pairs:
    """A member with rank and progress for people."""
    at = member.progress
    counted = f"{thousands(member.messages)}, {thousands(member.xp_messages)} earned XP"
    return [
        ("member", who(member)),
        ("level", f"{member.level}  {bar(at.percentage, 24)}  {percent(at.percentage)}"),
        ("XP", thousands(member.xp)),
        *_next_level(at),
        ("rank", _rank(member)),
        ("messages", counted if member.messages else "none"),
        *([("voice", lasting(member.voice_seconds))] if member.voice_seconds else []),
        ("last award", _when(member.last_awarded_at)),
    ]


def who(member: Member | Change | Recalculation) -> str:
    """The member that a result is about, as people are told of it."""
    return member_name(member.user_id, {member.user_id: member.name} if member.name else {})


def member_name(user_id: str, names: Mapping[str, str]) -> str:
    """The member as people are told of it: the name, where it is known, and always the id."""
    name = names.get(user_id)
    return user_id if name is None else f"{name} ({user_id})"


def level_move(old: int, new: int) -> str:
    """A level before and after a change, or the one it stayed at."""
    return f"{old} {arrow()} {new}" if old != new else f"{new}"


def arrow() -> str:
    """What stands between before and after."""
    return "\N{RIGHTWARDS ARROW}" if streams.is_utf8() else "->"


def bar(percentage: float, width: int) -> str:
    """How much of a level is done, as a bar of that many characters."""
    full, empty = ("\N{FULL BLOCK}", "\N{LIGHT SHADE}") if streams.is_utf8() else ("#", ".")
    done = int(percentage * width / 100)
    return full * done + empty * (width - done)


def _next_level(at: Progress) -> Pairs:
    if not at.to_next:
        return [("next level", "none, this is the highest")]
    span = at.in_level + at.to_next
    inside = f"{thousands(at.in_level)} of {thousands(span)} done"
    return [("next level", f"{thousands(at.to_next)} XP to go, {inside}")]


def _rank(standing: Standing) -> str:
    if standing.rank is None:
        why = "while hidden" if standing.hidden else "without XP"
        return f"none {why}, of {thousands(standing.total)}"
    return f"{thousands(standing.rank)} of {thousands(standing.total)}"


def _when(epoch_ms: int) -> str:
    if not epoch_ms:
        return "never"
    return f"{ago(epoch_ms, time.time_ns() // 1_000_000)} ({human_time(epoch_ms)})"
