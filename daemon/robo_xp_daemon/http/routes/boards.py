"""Routes about the board and the figures of a store."""

from __future__ import annotations

from robo_xp.errors import MemberNotFound, StoreNotFound
from robo_xp.model import BoardEntry
from robo_xp_daemon.http.route import VAULT_ERRORS, Ask, Route
from robo_xp_daemon.http.routes.members import Member
from robo_xp_daemon.http.routes.paging import Pages, Pagination
from robo_xp_daemon.http.routes.shapes import XP, Count, EpochMs, Id, InStore, Level, Shape

_TOP = 100


class Place(Shape, frozen=True):
    """One line of the board."""

    rank: Count
    user_id: Id
    name: str | None
    xp: XP
    level: Level

    @classmethod
    def of(cls, ask: Ask, entry: BoardEntry) -> Place:
        """The line with the name that is known."""
        name = ask.robo.names.name(ask.guild_id, entry.user_id)
        return cls(entry.rank, entry.user_id, name, entry.xp, entry.level)


class Board(Shape, frozen=True):
    """A cut of the board."""

    entries: list[Place]
    pagination: Pagination


class RankView(Shape, frozen=True):
    """Where a member stands among those with XP; rank and percentile are null without any."""

    rank: Count | None
    total: Count
    percentile: float | None
    is_top_hundred: bool
    user: Member


class StoreUsers(Shape, frozen=True):
    """Members of a store: ``tracked`` have a record, ``ranked`` have XP."""

    tracked: Count
    ranked: Count
    top_user: Member | None


class StoreXP(Shape, frozen=True):
    """XP of a store; average and median speak of members with XP."""

    total: Count
    average: float
    median: float
    last_awarded_at: EpochMs


class StoreConfig(Shape, frozen=True):
    """The settings that a dashboard shows."""

    cooldown_seconds: Count
    xp_rate: float
    rewards_count: Count
    multipliers_count: Count


class BoardVisibility(Shape, frozen=True):
    """Whether members see the whole board on Discord."""

    public: bool


class Stats(Shape, frozen=True):
    """The figures of one store."""

    users: StoreUsers
    xp: StoreXP
    messages: Count
    levels: dict[str, Count]
    config: StoreConfig
    leaderboard: BoardVisibility


def page(ask: Ask) -> Board:
    """A page of the board."""
    query: Pages = ask.query
    found = ask.robo.leaderboard.page(
        ask.guild_id, offset=query.start, limit=query.limit, store=query.store
    )
    return Board(
        [Place.of(ask, entry) for entry in found.entries],
        Pagination.of(found.total, found.offset, found.limit),
    )


def rank(ask: Ask) -> RankView:
    """One member's place."""
    found = ask.robo.leaderboard.standing(ask.guild_id, ask.user_id, store=ask.query.store)
    return RankView(
        rank=found.rank,
        total=found.total,
        percentile=found.percentile,
        is_top_hundred=found.rank is not None and found.rank <= _TOP,
        user=Member.of(ask, found.member),
    )


def stats(ask: Ask) -> Stats:
    """Everything about a store in one answer."""
    store = ask.query.store
    found = ask.robo.stores.stats(ask.guild_id, store=store)
    settings = ask.robo.config.get(ask.guild_id, store=store)
    times = ask.robo.multipliers.get(ask.guild_id, store=store)
    row = found.row
    return Stats(
        users=StoreUsers(
            row.members, row.ranked, None if found.top is None else Member.of(ask, found.top)
        ),
        xp=StoreXP(row.total_xp, found.average_xp, found.median_xp, found.last_awarded_at),
        messages=row.messages,
        levels={str(level): count for level, count in found.levels},
        config=StoreConfig(
            cooldown_seconds=settings["cooldownSeconds"],
            xp_rate=settings["xpRate"],
            rewards_count=len(settings["roleRewards"]),
            multipliers_count=len(times["role"])
            + len(times["user"])
            + (times["server"] is not None),
        ),
        leaderboard=BoardVisibility(settings["leaderboard"]["public"]),
    )


ROUTES = (
    Route(
        name="getLeaderboard",
        method="GET",
        path="/api/xp/leaderboard/{guild}",
        summary="A page of the board",
        call=page,
        data=Board,
        query=Pages,
    ),
    Route(
        name="getRank",
        method="GET",
        path="/api/xp/leaderboard/{guild}/{user}",
        summary="One member's place on the board",
        call=rank,
        data=RankView,
        query=InStore,
        errors=(MemberNotFound, *VAULT_ERRORS),
    ),
    Route(
        name="getStats",
        method="GET",
        path="/api/xp/stats/{guild}",
        summary="The figures of a store",
        call=stats,
        data=Stats,
        query=InStore,
        errors=(StoreNotFound, *VAULT_ERRORS),
    ),
)
