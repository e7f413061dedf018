"""Routes about boosts: multipliers for a time."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from robo_xp.errors import BoostNotFound, InvalidConfig, InvalidId, InvalidValue, Refused
from robo_xp.rules.boost import OVER
from robo_xp.rules.wall_time import period_ms, weekly_of
from robo_xp.usecases.settings.boosts import BoostTerms
from robo_xp.views.boost import BoostAdded, BoostEnded, BoostRow, BoostStretch
from robo_xp_daemon.http.route import VAULT_ERRORS, Ask, Route
from robo_xp_daemon.http.routes.shapes import Body, Id, InStore, Reason, Shape

_PATH = "/api/xp/boosts/{guild}"
_Text = Annotated[str, Meta(max_length=100)]


class Boosts(Shape, frozen=True):
    """The boosts of a guild, the oldest first."""

    boosts: list[BoostRow]


class Preview(Shape, frozen=True):
    """When boosts run from now on, and what they come to together."""

    stretches: list[BoostStretch]


class Ahead(InStore, frozen=True):
    """How many days ahead."""

    days: Annotated[int, Meta(ge=1, le=366)] = 7


class Wanted(InStore, frozen=True):
    """Which boosts are listed: those that are not over, or all."""

    which: Literal["active", "all"] = "active"


class NewBoost(Body, frozen=True):
    """A boost to add, in the words of ``robo-xp boost add``; ``for`` goes in the place of
    ``until``.
    """

    factor: Annotated[float, Meta(ge=0, le=10)]
    name: Annotated[str, Meta(max_length=50)] = ""
    begin: _Text | None = msgspec.field(default=None, name="from")
    until: _Text | None = None
    length: _Text | None = msgspec.field(default=None, name="for")
    weekly: _Text | None = None
    tz: _Text | None = None
    channels: list[Id] = []
    roles: list[Id] = []
    reason: Reason | None = None


class BoostToEnd(Body, frozen=True):
    """The boost that ends."""

    id: Id
    reason: Reason | None = None


def list_boosts(ask: Ask) -> Boosts:
    """The boosts that run or are planned, or all of them."""
    found = ask.robo.boosts.list(ask.guild_id, store=ask.query.store)
    wanted = [one for one in found if ask.query.which == "all" or one.state != OVER]
    return Boosts([BoostRow.of_listed(one) for one in wanted])


def preview(ask: Ask) -> Preview:
    """When boosts run in the next days."""
    query: Ahead = ask.query
    found = ask.robo.boosts.preview(ask.guild_id, days=query.days, store=query.store)
    return Preview([BoostStretch.of_stretch(one) for one in found])


def add_boost(ask: Ask) -> BoostAdded:
    """A new boost."""
    said: NewBoost = ask.body
    now = ask.daemon.context.clock.now_ms()
    held = ask.robo.config.zone(ask.guild_id, store=ask.query.store)
    zone = held if said.tz is None else said.tz
    begins_at, ends_at = period_ms(said.begin, said.until, said.length, now, zone)
    terms = BoostTerms(
        said.factor,
        name=said.name,
        begins_at=begins_at,
        ends_at=ends_at,
        weekly=None if said.weekly is None else weekly_of(said.weekly, zone),
        channel_ids=said.channels,
        role_ids=said.roles,
    )
    made = ask.robo.boosts.add(ask.guild_id, terms, reason=said.reason, store=ask.query.store)
    return BoostAdded.of_change(made)


def end_boost(ask: Ask) -> BoostEnded:
    """A boost ended now, or forgotten."""
    said: BoostToEnd = ask.body
    made = ask.robo.boosts.end(ask.guild_id, said.id, reason=said.reason, store=ask.query.store)
    return BoostEnded(made.id, made.changed.seq, made.changed.dry_run)


ROUTES = (
    Route(
        name="listBoosts",
        method="GET",
        path=_PATH,
        summary="The boosts that run or are planned",
        call=list_boosts,
        data=Boosts,
        query=Wanted,
    ),
    Route(
        name="previewBoosts",
        method="GET",
        path=f"{_PATH}/preview",
        summary="When boosts run in the next days, and what they come to together",
        call=preview,
        data=Preview,
        query=Ahead,
    ),
    Route(
        name="addBoost",
        method="POST",
        path=_PATH,
        summary="Multiply awards for a time",
        call=add_boost,
        cmd="boost add",
        data=BoostAdded,
        body=NewBoost,
        query=InStore,
        writes=True,
        errors=(InvalidConfig, InvalidValue, *VAULT_ERRORS),
    ),
    Route(
        name="endBoost",
        method="DELETE",
        path=_PATH,
        summary="End a boost now, or forget one that is planned",
        call=end_boost,
        cmd="boost end",
        data=BoostEnded,
        body=BoostToEnd,
        query=InStore,
        writes=True,
        errors=(BoostNotFound, InvalidId, Refused, *VAULT_ERRORS),
    ),
)
