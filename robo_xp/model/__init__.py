"""Plain values that the whole core speaks in: XP, members, results; and their checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from robo_xp.errors import InvalidAmount

MAX_XP: Final = 2**53 - 1
"""The most XP a member can have: every JSON reader holds whole numbers exactly up to here."""


def check_xp(value: int, what: str = "amount", *, low: int = 0) -> int:
    """The XP unchanged; InvalidAmount unless it is a whole number from ``low`` to MAX_XP."""
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= MAX_XP:
        return value
    raise InvalidAmount(f"{what} must be a whole number from {low} to {MAX_XP}, not {shown(value)}")


def shown(value: object) -> str:
    """The value as short text for a message, safe to print on a terminal."""
    if isinstance(value, str):
        return ascii(value if len(value) <= 60 else value[:57] + "...")
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple | set | frozenset):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and value.bit_length() > 128:
        # Python refuses to write out integers of thousands of digits
        return "a far larger number" if value > 0 else "a far smaller number"
    return ascii(value)[:60]


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


NO_XP_CHANNEL: Final = "no_xp_channel"
NO_XP_ROLE: Final = "no_xp_role"
COOLDOWN: Final = "cooldown"
ZERO: Final = "zero"
AT_CAP: Final = "at_cap"
DUPLICATE: Final = "duplicate"
REFUSAL_RULES: Final = frozenset({NO_XP_CHANNEL, NO_XP_ROLE, COOLDOWN, ZERO, AT_CAP, DUPLICATE})
"""Every name that ``Refusal.rule`` can have."""


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
