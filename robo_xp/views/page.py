"""What the public pages of a guild show."""

from __future__ import annotations

from typing import Any

from robo_xp.views.board import BoardEntry
from robo_xp.views.curve import LevelCost
from robo_xp.views.member import Day, Progress
from robo_xp.views.shape import XP, Count, Id, Level, Name, Names, View


class Reward(View, frozen=True):
    """A role that a level earns; ``name`` is null where it was never seen."""

    level: Level
    role_id: Id
    name: str | None


class FinishedGiveaway(View, frozen=True):
    """A giveaway that has a proof."""

    id: str
    prize: str
    winners: Count
    entries: Count


class GuildPage(View, frozen=True):
    """What all pages of a store of a guild say; ``stores`` are all that it shows.

    ``least`` to ``most`` is what a message earns.
    """

    guild_id: Id
    store_id: str
    stores: list[str]
    title: str
    unit: str
    total: Count
    least: XP
    most: XP
    cooldown_seconds: Count
    rewards: list[Reward]
    levels: list[LevelCost]
    giveaways: list[FinishedGiveaway]


class BoardDays(View, frozen=True):
    """The period of a board: ``day``, ``week`` or ``month``, its first and its last day."""

    kind: str
    first: str
    last: str

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        return {"first": found.first.isoformat(), "last": found.last.isoformat()}


class BoardPage(View, frozen=True):
    """A page of a board, counted from 1, of ``pages``; with ``days`` XP are what those brought."""

    entries: list[BoardEntry]
    number: Count
    pages: Count
    days: BoardDays | None


class MemberPage(View, frozen=True, kw_only=True):
    """Where a member stands, and what each of the last days brought, oldest first."""

    user_id: Id
    name: Name | None
    rank: Count
    xp: XP
    messages: Count
    progress: Progress
    days: list[Day]

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        standing = found.standing
        return {
            "user_id": standing.member.user_id,
            "name": names.get(standing.member.user_id),
            "rank": standing.rank,
            "xp": standing.member.xp,
            "messages": standing.member.messages,
            "progress": Progress.of(standing.progress),
            "days": [Day(day.isoformat(), xp) for day, xp in found.days],
        }


class NamedMember(View, frozen=True):
    """A member by name, or by its id where no name was seen."""

    user_id: Id
    name: str


class NamesPage(View, frozen=True):
    """The members whose names begin alike."""

    prefix: str
    key: str
    members: list[NamedMember]


class Published(View, frozen=True):
    """How many guilds have pages, and what became of the files."""

    guilds: Count
    written: Count
    removed: Count
    unchanged: Count
