"""Routes about members: their XP, and changes of it."""

from __future__ import annotations

from robo_xp import MemberXP, Progress, Selection, XPChange
from robo_xp.errors import InvalidAmount, InvalidValue, LimitExceeded, MemberNotFound
from robo_xp_daemon.http.route import VAULT_ERRORS, Ask, Route
from robo_xp_daemon.http.routes.paging import LongPages, Pagination
from robo_xp_daemon.http.routes.shapes import (
    XP,
    Amount,
    Body,
    Count,
    EpochMs,
    Id,
    InStore,
    Level,
    Reason,
    Seq,
    Shape,
)

_PATH = "/api/xp/users/{guild}/{user}"


class Member(Shape, frozen=True):
    """A member's record; ``name`` is None where none was seen, ``lastAwardedAt`` 0 for never."""

    user_id: Id
    name: str | None
    xp: XP
    level: Level
    messages: Count
    xp_messages: Count
    last_awarded_at: EpochMs

    @classmethod
    def of(cls, ask: Ask, member: MemberXP) -> Member:
        """The record with the name that is known."""
        return cls(
            user_id=member.user_id,
            name=ask.robo.names.name(ask.guild_id, member.user_id),
            xp=member.xp,
            level=member.level,
            messages=member.messages,
            xp_messages=member.xp_messages,
            last_awarded_at=member.last_awarded_at,
        )


class Members(Shape, frozen=True):
    """Some members of a store, the most XP first."""

    users: list[Member]
    pagination: Pagination


class Way(Shape, frozen=True):
    """How far a member is on the way to the next level; ``toNext`` is 0 at the highest."""

    level: Level
    in_level: XP
    to_next: XP

    @classmethod
    def of(cls, at: Progress) -> Way:
        """The same as a shape."""
        return cls(at.level, at.in_level, at.to_next)


class MemberView(Shape, frozen=True):
    """One member; ``percentage`` says how much of the level is done, 0 to 100."""

    user: Member
    progress: Way
    percentage: float


class Change(Shape, frozen=True):
    """What a change did to a member; ``capped`` says that the highest level held it back."""

    guild_id: Id
    store_id: str
    user_id: Id
    old_xp: XP
    new_xp: XP
    delta: int
    old_level: Level
    new_level: Level
    leveled_up: bool
    leveled_down: bool
    capped: bool
    seq: Seq | None

    @classmethod
    def of(cls, made: XPChange) -> Change:
        """The same as a shape."""
        return cls(
            guild_id=made.guild_id,
            store_id=made.store_id,
            user_id=made.user_id,
            old_xp=made.old_xp,
            new_xp=made.new_xp,
            delta=made.delta,
            old_level=made.old_level,
            new_level=made.new_level,
            leveled_up=made.leveled_up,
            leveled_down=made.leveled_down,
            capped=made.capped,
            seq=made.seq,
        )


class Recalculation(Shape, frozen=True):
    """A stored level beside the curve's; ``reconciled`` says that it had to change."""

    user_id: Id
    old_level: Level
    new_level: Level
    total_xp: XP
    reconciled: bool
    seq: Seq | None


class AmountOfXP(Body, frozen=True):
    """How much XP to add or remove."""

    amount: Amount
    reason: Reason | None = None


class TotalOfXP(Body, frozen=True):
    """How much XP the member has from now on."""

    xp: XP
    reason: Reason | None = None


def list_members(ask: Ask) -> Members:
    """A page of the members that have a record."""
    query: LongPages = ask.query
    which = Selection(offset=query.start, limit=query.limit)
    found = ask.robo.xp.select(ask.guild_id, which, store=query.store)
    return Members(
        [Member.of(ask, member) for member in found.members],
        Pagination.of(found.total, which.offset, query.limit),
    )


def get_member(ask: Ask) -> MemberView:
    """One member with its progress."""
    found = ask.robo.leaderboard.standing(ask.guild_id, ask.user_id, store=ask.query.store)
    return MemberView(
        Member.of(ask, found.member), Way.of(found.progress), found.progress.percentage
    )


def add_xp(ask: Ask) -> Change:
    """XP added; a member without a record gets one."""
    said: AmountOfXP = ask.body
    made = ask.robo.xp.add(
        ask.guild_id, ask.user_id, said.amount, reason=said.reason, store=ask.query.store
    )
    return Change.of(made)


def set_xp(ask: Ask) -> Change:
    """XP made exactly this much."""
    said: TotalOfXP = ask.body
    made = ask.robo.xp.set(
        ask.guild_id, ask.user_id, said.xp, reason=said.reason, store=ask.query.store
    )
    return Change.of(made)


def remove_xp(ask: Ask) -> Change:
    """XP taken away, down to 0."""
    said: AmountOfXP = ask.body
    made = ask.robo.xp.remove(
        ask.guild_id, ask.user_id, said.amount, reason=said.reason, store=ask.query.store
    )
    return Change.of(made)


def recalc(ask: Ask) -> Recalculation:
    """The stored level brought in line with the curve, and the roles with it."""
    found = ask.robo.xp.recalc(ask.guild_id, ask.user_id, store=ask.query.store)
    return Recalculation(
        found.user_id,
        found.old_level,
        found.new_level,
        found.total_xp,
        found.reconciled,
        found.seq,
    )


_CHANGES = (InvalidAmount, InvalidValue, LimitExceeded, *VAULT_ERRORS)

ROUTES = (
    Route(
        name="listUsers",
        method="GET",
        path="/api/xp/users/{guild}",
        summary="Members that have a record, the most XP first",
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
        data=MemberView,
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
)
