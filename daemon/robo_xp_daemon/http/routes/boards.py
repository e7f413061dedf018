"""Routes about the board and the figures of a store."""

from __future__ import annotations

from robo_xp.errors import MemberNotFound, StoreNotFound
from robo_xp.usecases.settings.multipliers import BY_ID
from robo_xp.views.board import Board, BoardEntry, Pagination
from robo_xp.views.member import Place
from robo_xp.views.store import BoardVisibility, Stats, StoreConfig
from robo_xp_daemon.http.route import VAULT_ERRORS, Ask, Route
from robo_xp_daemon.http.routes.members import names_of
from robo_xp_daemon.http.routes.paging import Pages
from robo_xp_daemon.http.routes.shapes import InStore


def page(ask: Ask) -> Board:
    """A page of the board."""
    query: Pages = ask.query
    found = ask.robo.leaderboard.page(
        ask.guild_id, offset=query.start, limit=query.limit, store=query.store
    )
    names = names_of(ask, found.entries)
    return Board(
        [BoardEntry.of(entry, names) for entry in found.entries],
        Pagination.at(found.total, found.offset, found.limit),
    )


def rank(ask: Ask) -> Place:
    """One member's place."""
    found = ask.robo.leaderboard.standing(ask.guild_id, ask.user_id, store=ask.query.store)
    return Place.of(found, names_of(ask, [found.member]))


def stats(ask: Ask) -> Stats:
    """Everything about a store in one answer."""
    store = ask.query.store
    found = ask.robo.stores.stats(ask.guild_id, store=store)
    settings = ask.robo.config.get(ask.guild_id, store=store)
    times = ask.robo.multipliers.get(ask.guild_id, store=store)
    return Stats.of(
        found,
        names_of(ask, [found.top] if found.top else []),
        config=StoreConfig(
            cooldown_seconds=settings["cooldownSeconds"],
            xp_rate=settings["xpRate"],
            rewards_count=len(settings["roleRewards"]),
            multipliers_count=sum(len(times[kind]) for kind in BY_ID)
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
        data=Place,
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
