"""Routes about members: their XP, and changes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from msgspec import Meta

from robo_xp import BoardEntry, MemberXP, Selection
from robo_xp.errors import InvalidAmount, InvalidValue, LimitExceeded, MemberNotFound
from robo_xp.usecases.periods.closing import Gained
from robo_xp.usecases.persons.pruning import Which
from robo_xp.views.board import Members, Pagination
from robo_xp.views.member import (
    Change,
    Erased,
    Member,
    MemberOnTheWay,
    PersonalData,
    Pruned,
    Recalculation,
    Visibility,
)
from robo_xp.views.shape import XP
from robo_xp_daemon.http.route import VAULT_ERRORS, Ask, Route
from robo_xp_daemon.http.routes.paging import LongPages
from robo_xp_daemon.http.routes.shapes import Amount, Body, Id, InStore, Reason

Days = Annotated[int, Meta(ge=0, le=36_500, description="how many days")]
_PATH = "/api/xp/users/{guild}/{user}"


class AmountOfXP(Body, frozen=True):
    """How much XP to add or remove."""

    amount: Amount
    reason: Reason | None = None


class TotalOfXP(Body, frozen=True):
    """How much XP the member has from now on."""

    xp: XP
    reason: Reason | None = None


class Hiding(Body, frozen=True):
    """Whether the member stands on no board from now on."""

    hidden: bool
    reason: Reason | None = None


class Erasing(Body, frozen=True):
    """That all about the person is to be erased for good."""

    erase: bool
    reason: Reason | None = None


class Pruning(Body, frozen=True):
    """Whose records go: who left, or earned nothing, for so many days, or has less XP than this.

    One of the three; ``userIds`` are members who left too.
    """

    left_days: Days | None = None
    inactive_days: Days | None = None
    below: Amount | None = None
    user_ids: Annotated[list[Id], Meta(max_length=10_000)] = []
    dry_run: bool = False
    reason: Reason | None = None


def names_of(ask: Ask, found: Iterable[BoardEntry | MemberXP | Gained]) -> Mapping[str, str]:
    """The names of these members that are known, by id."""
    name_of = ask.robo.names.name
    known = ((one.user_id, name_of(ask.guild_id, one.user_id)) for one in found)
    return {user_id: name for user_id, name in known if name is not None}


def _name_of(ask: Ask) -> Mapping[str, str]:
    """The name of the member of the path by its id, where it is known."""
    name = ask.robo.names.name(ask.guild_id, ask.user_id)
    return {} if name is None else {ask.user_id: name}


def list_members(ask: Ask) -> Members:
    """A page of the members that have a record and are not hidden."""
    query: LongPages = ask.query
    which = Selection(hidden=False, offset=query.start, limit=query.limit)
    found = ask.robo.xp.select(ask.guild_id, which, store=query.store)
    names = names_of(ask, found.members)
    return Members(
        [Member.of(member, names) for member in found.members],
        Pagination.at(found.total, which.offset, query.limit),
    )


def get_member(ask: Ask) -> MemberOnTheWay:
    """One member with its progress."""
    found = ask.robo.leaderboard.standing(ask.guild_id, ask.user_id, store=ask.query.store)
    return MemberOnTheWay.of(found, names_of(ask, [found.member]))


def add_xp(ask: Ask) -> Change:
    """XP added; a member without a record gets one."""
    said: AmountOfXP = ask.body
    made = ask.robo.xp.add(
        ask.guild_id, ask.user_id, said.amount, reason=said.reason, store=ask.query.store
    )
    return Change.of(made, _name_of(ask))


def set_xp(ask: Ask) -> Change:
    """XP made exactly this much."""
    said: TotalOfXP = ask.body
    made = ask.robo.xp.set(
        ask.guild_id, ask.user_id, said.xp, reason=said.reason, store=ask.query.store
    )
    return Change.of(made, _name_of(ask))


def remove_xp(ask: Ask) -> Change:
    """XP taken away, down to 0."""
    said: AmountOfXP = ask.body
    made = ask.robo.xp.remove(
        ask.guild_id, ask.user_id, said.amount, reason=said.reason, store=ask.query.store
    )
    return Change.of(made, _name_of(ask))


def recalc(ask: Ask) -> Recalculation:
    """The stored level brought in line with the curve, and the roles with it."""
    found = ask.robo.xp.recalc(ask.guild_id, ask.user_id, store=ask.query.store)
    return Recalculation.of(found, _name_of(ask))


def hide(ask: Ask) -> Visibility:
    """The member off the boards, or on them again."""
    said: Hiding = ask.body
    made = ask.robo.members.hide(
        ask.guild_id, [ask.user_id], hidden=said.hidden, reason=said.reason, store=ask.query.store
    )
    return Visibility.of(made)


def personal_data(ask: Ask) -> PersonalData:
    """Everything about one person."""
    return PersonalData.of(ask.robo.members.export(ask.guild_id, ask.user_id))


def erase(ask: Ask) -> Erased:
    """A person erased for good."""
    said: Erasing = ask.body
    if not said.erase:
        raise InvalidValue("erase must be true: nothing takes an erasure back")
    made = ask.robo.members.erase(
        ask.guild_id, ask.user_id, reason=said.reason, store=ask.query.store
    )
    return Erased.of(made)


def prune(ask: Ask) -> Pruned:
    """Records of members who are gone or quiet, deleted in one batch."""
    said: Pruning = ask.body
    which = Which(said.left_days, said.inactive_days, said.below, said.user_ids)
    made = ask.robo.members.prune(
        ask.guild_id, which, reason=said.reason, store=ask.query.store, dry_run=said.dry_run
    )
    return Pruned.of(made, names_of(ask, made.sample))


_CHANGES = (InvalidAmount, InvalidValue, LimitExceeded, *VAULT_ERRORS)

ROUTES = (
    Route(
        name="listUsers",
        method="GET",
        path="/api/xp/users/{guild}",
        summary="Members that have a record and are not hidden, the most XP first",
        call=list_members,
        data=Members,
        query=LongPages,
    ),
    Route(
        name="getUser",
        method="GET",
        path=_PATH,
        summary="One member's record and progress",
        call=get_member,
        data=MemberOnTheWay,
        query=InStore,
        errors=(MemberNotFound, *VAULT_ERRORS),
    ),
    Route(
        name="addXp",
        method="POST",
        path=_PATH,
        summary="Add XP to a member",
        call=add_xp,
        data=Change,
        body=AmountOfXP,
        query=InStore,
        writes=True,
        errors=_CHANGES,
    ),
    Route(
        name="setXp",
        method="PUT",
        path=_PATH,
        summary="Set a member's XP",
        call=set_xp,
        data=Change,
        body=TotalOfXP,
        query=InStore,
        writes=True,
        errors=_CHANGES,
    ),
    Route(
        name="removeXp",
        method="DELETE",
        path=_PATH,
        summary="Take XP from a member",
        call=remove_xp,
        data=Change,
        body=AmountOfXP,
        query=InStore,
        writes=True,
        errors=(MemberNotFound, *_CHANGES),
    ),
    Route(
        name="recalcUser",
        method="POST",
        path=f"{_PATH}/recalc",
        summary="Make a member's level what the curve says, and have its roles looked at",
        call=recalc,
        data=Recalculation,
        query=InStore,
        writes=True,
        errors=(MemberNotFound, *VAULT_ERRORS),
    ),
    Route(
        name="hideUser",
        method="PUT",
        path=f"{_PATH}/hidden",
        summary="Take a member off the boards, or let it stand there again",
        call=hide,
        data=Visibility,
        body=Hiding,
        query=InStore,
        writes=True,
        errors=(InvalidValue, *VAULT_ERRORS),
    ),
    Route(
        name="getPersonalData",
        method="GET",
        path=f"{_PATH}/data",
        summary="Everything that is kept about one person in all stores of the guild",
        call=personal_data,
        data=PersonalData,
        errors=(MemberNotFound, *VAULT_ERRORS),
    ),
    Route(
        name="eraseUser",
        method="DELETE",
        path=f"{_PATH}/data",
        summary="Erase a person from all stores, giveaways and names of the guild, for good",
        call=erase,
        data=Erased,
        body=Erasing,
        query=InStore,
        writes=True,
        errors=(InvalidValue, MemberNotFound, *VAULT_ERRORS),
    ),
    Route(
        name="pruneUsers",
        method="POST",
        path="/api/xp/prune/{guild}",
        summary="Delete the records of who left, is quiet or has little XP, in one batch",
        call=prune,
        data=Pruned,
        body=Pruning,
        query=InStore,
        writes=True,
        errors=(InvalidAmount, InvalidValue, *VAULT_ERRORS),
    ),
)
