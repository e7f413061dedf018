"""Members and what becomes of them: messages, awards, changes, rewards, places on a board."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


class MemberXP(msgspec.Struct, frozen=True, gc=False):
    """What one store keeps about one member; ``last_awarded_at`` is epoch ms, 0 for never.

    A hidden one stands on no board. ``voice_seconds`` is the time in voice channels in which the
    member could earn.
    """

    user_id: str
    xp: int = 0
    level: int = 0
    last_awarded_at: int = 0
    messages: int = 0
    xp_messages: int = 0
    hidden: bool = False
    voice_seconds: int = 0

    @classmethod
    def from_record(cls, user_id: str, record: Mapping[str, Any]) -> MemberXP:
        """The member that a stored record describes; absent fields are 0, others are ignored."""
        get = record.get
        return cls(
            user_id,
            get("xp", 0),
            get("level", 0),
            get("lastAwardedAt", 0),
            get("messages", 0),
            get("xpMessages", 0),
            bool(get("hidden")),
            get("voiceSeconds", 0),
        )


class Message(msgspec.Struct, frozen=True, gc=False):
    """What the award rule needs of a message; ``at`` is epoch ms.

    For a post in a thread ``parent_id`` is the thread's channel and ``category_id`` the category
    of that channel; for other channels ``parent_id`` may be absent.
    """

    channel_id: str
    parent_id: str | None = None
    category_id: str | None = None
    role_ids: tuple[str, ...] = ()
    at: int = 0

    @property
    def places(self) -> tuple[str | None, ...]:
        """Where it stands, from the narrowest on: channel or thread, its channel, the category."""
        return self.channel_id, self.parent_id, self.category_id


class Post(msgspec.Struct, frozen=True, gc=False):
    """One of many messages to award at once; with ``message_id`` it is never counted twice."""

    user_id: str
    message: Message
    message_id: str | None = None


class Award(msgspec.Struct, frozen=True, gc=False):
    """The decision that a message earns ``xp``: how it came about, and the totals after it."""

    xp: int
    multiplier_permille: int
    base: int
    new_xp: int
    new_level: int


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """The decision that a message earns nothing, and which rule said so.

    ``retry_after_ms`` is how long the cooldown still lasts; 0 for the other rules.
    """

    rule: str
    detail: str
    retry_after_ms: int = 0


class XPChange(msgspec.Struct, frozen=True, gc=False):
    """What an add, remove or set did to one member; ``seq`` is None for a dry run."""

    guild_id: str
    store_id: str
    user_id: str
    old_xp: int
    new_xp: int
    old_level: int
    new_level: int
    seq: int | None
    capped: bool = False
    dry_run: bool = False

    @property
    def delta(self) -> int:
        """The XP really gained, or lost if negative."""
        return self.new_xp - self.old_xp

    @property
    def leveled_up(self) -> bool:
        """Whether the level rose."""
        return self.new_level > self.old_level

    @property
    def leveled_down(self) -> bool:
        """Whether the level fell."""
        return self.new_level < self.old_level


class Recalculated(msgspec.Struct, frozen=True, gc=False):
    """What comparing a stored level with the curve found; ``reconciled`` if it had to change."""

    guild_id: str
    store_id: str
    user_id: str
    old_level: int
    new_level: int
    total_xp: int
    reconciled: bool
    seq: int | None
    dry_run: bool = False


class Awarded(msgspec.Struct, frozen=True, gc=False):
    """An award after its commit; ``multiplier`` is the product that applied, 1.0 for none.

    ``before_at`` is when the award before it was (epoch ms), 0 for never.
    """

    guild_id: str
    store_id: str
    user_id: str
    base: int
    multiplier: float
    xp: int
    old_xp: int
    new_xp: int
    old_level: int
    new_level: int
    seq: int | None
    before_at: int = 0

    @property
    def leveled_up(self) -> bool:
        """Whether the level rose."""
        return self.new_level > self.old_level


class RoleReward(msgspec.Struct, frozen=True, gc=False):
    """A role that a level earns.

    It is given only while it lets nobody manage the guild, unless ``dangerous`` says that it may.
    """

    level: int
    role_id: str
    dangerous: bool = False


class RewardPlan(msgspec.Struct, frozen=True, gc=False):
    """The roles that a member has yet to get and to lose, each in the order of their levels."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class BoardEntry(msgspec.Struct, frozen=True, gc=False):
    """One line of the board; ``rank`` counts from 1 and ties do not share it."""

    rank: int
    user_id: str
    xp: int
    level: int


class BoardPage(msgspec.Struct, frozen=True, gc=False):
    """A cut of the board: the entries from ``offset`` on, of ``total`` ranked members."""

    entries: tuple[BoardEntry, ...]
    total: int
    offset: int
    limit: int


class Rank(msgspec.Struct, frozen=True, gc=False):
    """A member's place, counted from 1, among ``total`` ranked members."""

    rank: int
    total: int


class Progress(msgspec.Struct, frozen=True, gc=False):
    """Where a total lies: the level, XP inside it, XP to the next one, and 0.0 to 100.0 percent.

    At the highest level ``to_next`` is 0 and ``percentage`` 100.
    """

    level: int
    in_level: int
    to_next: int
    percentage: float
