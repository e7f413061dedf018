"""Routes about days, weeks and months: their boards, closing them, and the decay of a day."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from robo_xp.errors import Fault, InvalidRequest, InvalidValue, PeriodNotFound, Refused
from robo_xp.rules.period import KINDS
from robo_xp.usecases.periods.use import Cut, When
from robo_xp.views.board import BoardCut
from robo_xp.views.period import DecayDone, PeriodClosing, PeriodSpan, PeriodView
from robo_xp.views.shape import EpochMs
from robo_xp_daemon.awards.exempt import decay_now
from robo_xp_daemon.http.route import VAULT_ERRORS, Ask, Route
from robo_xp_daemon.http.routes.members import names_of
from robo_xp_daemon.http.routes.paging import Limit, Offset
from robo_xp_daemon.http.routes.shapes import Body, InStore, Reason, Shape

_Kind = Literal["day", "week", "month"]
assert KINDS == ("day", "week", "month")


class Periods(Shape, frozen=True):
    """Periods with anything in them, those that run first, then the newest."""

    periods: list[PeriodView]


class ClosedPeriods(Shape, frozen=True):
    """Periods that were closed, in the order of their ends."""

    periods: list[PeriodClosing]


class WantedPeriods(InStore, frozen=True):
    """Which periods are listed: those of one kind, or all."""

    kind: _Kind | None = None


class WantedBoard(InStore, frozen=True):
    """Which board: of the period of an instant, or so many periods back, and which part of it."""

    kind: _Kind = "week"
    at: EpochMs | None = None
    back: Annotated[int, Meta(ge=0, le=1000, description="1 is the period before")] = 0
    offset: Offset = 0
    limit: Limit = 10


class ToDo(Body, frozen=True):
    """What is due now; ``dryRun`` shows it and changes nothing."""

    dry_run: bool = False
    reason: Reason | None = None


def list_periods(ask: Ask) -> Periods:
    """The periods that run, and those that are closed."""
    found = ask.robo.periods.list(ask.guild_id, ask.query.kind, store=ask.query.store)
    return Periods([PeriodView.of(one, names_of(ask, one.top)) for one in found])


def board(ask: Ask) -> BoardCut:
    """Who gained most in a period."""
    said: WantedBoard = ask.query
    if said.at is not None and said.back:
        fault = Fault("back", "contradicts at; give one of them")
        raise InvalidRequest(str(fault), faults=[fault])
    when, cut = When(said.at, said.back), Cut(said.offset, said.limit)
    found = ask.robo.periods.board(ask.guild_id, said.kind, when, cut, store=said.store)
    names = names_of(ask, found.board.entries)
    return BoardCut.of(found.board, names, period=PeriodSpan.of(found.period))


def close(ask: Ask) -> ClosedPeriods:
    """The periods that were closed."""
    said: ToDo = ask.body
    found = ask.robo.periods.close(
        ask.guild_id, store=ask.query.store, reason=said.reason, dry_run=said.dry_run
    )
    return ClosedPeriods([PeriodClosing.of(one, names_of(ask, one.top)) for one in found])


async def decay(ask: Ask) -> DecayDone:
    """What the day took, from all but those who have an exempt role now."""
    said: ToDo = ask.body
    connection = ask.daemon.connection
    port = ask.daemon.discord if connection is not None and connection.is_ready() else None
    done = await decay_now(
        ask.robo,
        ask.work,
        port,
        ask.guild_id,
        reason=said.reason,
        store=ask.query.store,
        dry_run=said.dry_run,
    )
    return DecayDone.of(done)


ROUTES = (
    Route(
        name="listPeriods",
        method="GET",
        path="/api/xp/periods/{guild}",
        summary="Days, weeks and months that run or are closed",
        call=list_periods,
        data=Periods,
        query=WantedPeriods,
    ),
    Route(
        name="closePeriods",
        method="POST",
        path="/api/xp/periods/{guild}",
        summary="Close the periods that are over, and give their prizes",
        call=close,
        data=ClosedPeriods,
        body=ToDo,
        query=InStore,
        writes=True,
    ),
    Route(
        name="getPeriodBoard",
        method="GET",
        path="/api/xp/period-board/{guild}",
        summary="A page of the board of a day, week or month",
        call=board,
        data=BoardCut,
        query=WantedBoard,
        errors=(InvalidValue, PeriodNotFound, *VAULT_ERRORS),
    ),
    Route(
        name="runDecay",
        method="POST",
        path="/api/xp/decay/{guild}",
        summary="Take what a day takes from members who are away",
        call=decay,
        data=DecayDone,
        body=ToDo,
        query=InStore,
        writes=True,
        errors=(Refused, *VAULT_ERRORS),
    ),
)
