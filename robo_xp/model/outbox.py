"""What Discord has yet to be told of members, and what it refused, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

ROLES: Final = "roles"
ANNOUNCEMENT: Final = "announcement"
GIVEAWAY: Final = "giveaway"
"""What can be refused."""

MANY: Final = 25
"""A batch of an operator that lifts more members than this is a clean-up, not an event."""

EXAMPLES: Final = 10
"""So many members are named where a refusal is about more."""


@dataclass(frozen=True, slots=True)
class NewLevel:
    """A rise that is to be announced, told at ``at`` (epoch ms) by the batch ``seq``.

    ``summary`` is the number of the summary that it was put into, 0 for none.
    """

    user_id: str
    level: int
    old_level: int
    total_xp: int
    at: int
    seq: int
    channel_id: str | None = None
    summary: int = 0

    def then(self, later: NewLevel) -> NewLevel:
        """Both rises as one, which is the later one, from where the first began."""
        return replace(later, old_level=self.old_level, summary=0)


@dataclass(frozen=True, slots=True)
class ClosedBoard:
    """A day, week or month (``kind``) that the batch ``seq`` closed at ``at``; all in epoch ms.

    ``top`` are the first of its ``members``, each with its XP.
    """

    seq: int
    at: int
    kind: str
    begins_at: int
    ends_at: int
    members: int
    top: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class BoostEdge:
    """A boost that began, or ended, ``at`` (epoch ms); ``until`` is when a begun one ends, if ever.

    ``factor`` is as people write it.
    """

    boost_id: str
    at: int
    is_beginning: bool
    name: str
    factor: str
    until: int | None

    @property
    def seq(self) -> int:
        """A number that nothing else to tell has."""
        return int(self.boost_id) * 10**14 + self.at


News = ClosedBoard | BoostEdge
"""What the channel for announcements is told that is about no single member."""


@dataclass(frozen=True, slots=True)
class RolesDue:
    """A member whose roles are to be looked at, since its level ``rose`` or ``fell``.

    ``at`` (epoch ms) is when that was first asked for, and ``asks`` how often. ``crowd`` is the
    number of the crowd that it waits in, empty for one that waits alone.
    """

    user_id: str
    rose: bool
    fell: bool
    at: int
    asks: int = 1
    crowd: str = ""

    def then(self, later: RolesDue) -> RolesDue:
        """Both as one, as old as the first."""
        rose, fell = self.rose or later.rose, self.fell or later.fell
        return replace(self, rose=rose, fell=fell, asks=self.asks + later.asks)


@dataclass(frozen=True, slots=True)
class NotDone:
    """Why something is not done at Discord: a kind or Discord's code, what is so, what mends it.

    ``ids`` are those that it is about, by ``role_id``, ``channel_id`` and so on.
    """

    code: str
    what: str
    mend: str
    ids: Mapping[str, str]

    def document(self, since: int, tried_at: int) -> dict[str, Any]:
        """As it stands in a record."""
        return {
            "code": self.code,
            "what": self.what,
            "mend": self.mend,
            "ids": dict(self.ids),
            "since": since,
            "triedAt": tried_at,
        }


@dataclass(frozen=True, slots=True)
class RefusedByDiscord:
    """Something that Discord refuses until somebody mends it; it is tried again by itself.

    ``kind`` is ``roles``, ``announcement`` or ``giveaway``. ``what`` says what is not done,
    ``mend`` what helps. ``members`` are affected, of whom ``user_ids`` are the first.
    """

    guild_id: str
    kind: str
    code: str
    what: str
    mend: str
    since: int
    tried_at: int
    members: int = 0
    user_ids: tuple[str, ...] = ()
    store_id: str | None = None
    role_id: str | None = None
    channel_id: str | None = None
    giveaway_id: str | None = None

    def with_one_more(self, other: RefusedByDiscord) -> RefusedByDiscord:
        """Both, which are the same but for their members, as one."""
        return replace(
            self,
            since=min(self.since, other.since),
            tried_at=max(self.tried_at, other.tried_at),
            members=self.members + other.members,
            user_ids=(*self.user_ids, *other.user_ids)[:EXAMPLES],
        )

    @property
    def key(self) -> str:
        """What stands for its cause in a record."""
        shown = (self.kind, self.code, self.store_id, self.role_id, self.channel_id,
                 self.giveaway_id)  # fmt: skip
        return " ".join(str(one or "-") for one in shown)

    @property
    def cause(self) -> tuple[object, ...]:
        """What is the same for all members that it is about."""
        return (self.guild_id, self.kind, self.code, self.what, self.mend, self.store_id,
                self.role_id, self.channel_id, self.giveaway_id)  # fmt: skip
