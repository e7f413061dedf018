"""Routes about giveaways. What they change, Discord is told by the part that ends giveaways."""

from __future__ import annotations

from msgspec import structs, to_builtins

from robo_xp.errors import (
    ClaimExpired,
    ExtraMissing,
    GiveawayDrawing,
    GiveawayNotActive,
    GiveawayNotEnded,
    GiveawayNotFound,
    InvalidConfig,
    InvalidDuration,
    InvalidRequest,
    InvalidValue,
    LimitExceeded,
    NoEntriesLeft,
    NothingWaits,
    NoWinner,
    Refused,
    SecretMissing,
    TemplateNotFound,
    WrongSignature,
)
from robo_xp.model.giveaway_results import GiveawayChange
from robo_xp.views.board import Pagination
from robo_xp.views.giveaway import (
    Entry,
    GiveawayChanged,
    GiveawayEntries,
    GiveawayList,
    GiveawayView,
)
from robo_xp_daemon.http.route import VAULT_ERRORS, Ask, Route
from robo_xp_daemon.http.routes.giveaway_bodies import (
    Action,
    Cancelling,
    Editing,
    Ending,
    GivingRound,
    HandingOver,
    NewGiveaway,
    Rerolling,
)
from robo_xp_daemon.http.routes.paging import Pages
from robo_xp_daemon.http.routes.settings_shapes import GiveawaySettings, GiveawaySettingsPatch
from robo_xp_daemon.http.routes.shapes import Document, OwnOnly

_RECENT = 20


def list_giveaways(ask: Ask) -> GiveawayList:
    """What goes on or is planned, and what is just over."""
    listed = ask.robo.giveaways.list(ask.guild_id)
    shown = [GiveawayView.of(one.giveaway, entries=one.entries) for one in listed]
    over = [one for one in shown if one.finalized_at is not None]
    return GiveawayList([one for one in shown if one.finalized_at is None], over[:_RECENT])


def get_giveaway(ask: Ask) -> GiveawayView:
    """One giveaway, by its id, its message's id or a link."""
    found = ask.robo.giveaways.get(ask.guild_id, ask.giveaway_id)
    return GiveawayView.of(found, entries=_entries(ask, found.id))


def list_entries(ask: Ask) -> GiveawayEntries:
    """A page of the entries, with the weight of each."""
    query: Pages = ask.query
    found = ask.robo.giveaways.get(ask.guild_id, ask.giveaway_id)
    entries = ask.robo.giveaways.entries(ask.guild_id, found.id)
    some = entries[query.start : query.start + query.limit]
    names = ask.robo.names.of(ask.guild_id)
    return GiveawayEntries(
        found.id,
        {one.user_id: one.weight for one in some},
        [Entry.of(one, names) for one in some],
        Pagination.at(len(entries), query.start, query.limit),
    )


def get_proof(ask: Ask) -> Document:
    """The giveaway with all its entries: what it takes to verify its draws."""
    return ask.robo.giveaways.export(ask.guild_id, ask.giveaway_id)


async def start_giveaway(ask: Ask) -> GiveawayChanged:
    """A giveaway started; its message is posted as soon as the bot is connected."""
    said: NewGiveaway = ask.body
    terms = structs.asdict(said)
    host, asked = terms.pop("host"), said.requirements
    terms["requirements"] = None if asked is None else to_builtins(asked)
    made = await ask.work(ask.robo.giveaways.create, ask.guild_id, started_by=host, **terms)
    return await _change_answer(ask, made)


async def act(ask: Ask) -> GiveawayChanged:
    """A giveaway ended, cancelled, drawn again or edited."""
    said: Action = ask.body
    match said:
        case Ending():
            made = await _end(ask, said)
            return await _change_answer(ask, made, made.winners)
        case Rerolling():
            made = await _reroll(ask, said)
            return await _change_answer(ask, made, made.rerolled)
        case Cancelling():
            made = await ask.work(
                ask.robo.giveaways.cancel,
                ask.guild_id,
                ask.giveaway_id,
                strict=True,
                reason=said.reason,
            )
            return await _change_answer(ask, made)
        case GivingRound():
            made = await _give_round(ask, said)
            drawn = made.rerolled or made.winners
            return await _change_answer(ask, made, drawn)
        case HandingOver():
            made = await ask.work(
                ask.robo.giveaways.hand_over,
                ask.guild_id,
                ask.giveaway_id,
                said.user,
                reason=said.reason,
            )
            return await _change_answer(ask, made)
        case Editing():
            return await _change_answer(ask, await _edit(ask, said))


async def _end(ask: Ask, said: Ending) -> GiveawayChange:
    """End it with a look at the members as they are now, where Discord can be asked."""
    giveaways = ask.daemon.giveaways
    if giveaways is not None:
        return await giveaways.end(
            ask.guild_id, ask.giveaway_id, by=ask.caller.actor, reason=said.reason
        )
    return await ask.work(
        ask.robo.giveaways.end, ask.guild_id, ask.giveaway_id, strict=True, reason=said.reason
    )


async def _reroll(ask: Ask, said: Rerolling) -> GiveawayChange:
    """Draw again, likewise."""
    giveaways = ask.daemon.giveaways
    if giveaways is not None:
        return await giveaways.reroll(
            ask.guild_id,
            ask.giveaway_id,
            count=said.count,
            by=ask.caller.actor,
            reason=said.reason,
        )
    return await ask.work(
        ask.robo.giveaways.reroll,
        ask.guild_id,
        ask.giveaway_id,
        count=said.count,
        reason=said.reason,
    )


async def _give_round(ask: Ask, said: GivingRound) -> GiveawayChange:
    """Make the draw that waits, likewise."""
    giveaways = ask.daemon.giveaways
    if giveaways is not None:
        return await giveaways.settle(
            ask.guild_id,
            ask.giveaway_id,
            said.signature,
            by=ask.caller.actor,
            reason=said.reason,
        )
    return await ask.work(
        ask.robo.giveaways.beacon,
        ask.guild_id,
        ask.giveaway_id,
        said.signature,
        reason=said.reason,
    )


async def _edit(ask: Ask, said: Editing) -> GiveawayChange:
    if (said.prize, said.ends, said.winners, said.starts) == (None,) * 4:
        raise InvalidRequest("nothing to edit", advice="give prize, ends, winners or starts")
    return await ask.work(
        ask.robo.giveaways.edit,
        ask.guild_id,
        ask.giveaway_id,
        prize=said.prize,
        ends=said.ends,
        winners=said.winners,
        starts=said.starts,
        reason=said.reason,
    )


async def _change_answer(
    ask: Ask, made: GiveawayChange, winners: tuple[str, ...] = ()
) -> GiveawayChanged:
    """The change as an answer; Discord hears of it at once."""
    if ask.daemon.giveaways is not None:
        ask.daemon.giveaways.look(ask.guild_id)
    entries = await ask.work(_entries, ask, made.id)
    shown = GiveawayView.of(made.giveaway, entries=entries)
    return GiveawayChanged.of(made, giveaway=shown, winners=winners)


def _entries(ask: Ask, giveaway_id: str) -> int:
    return len(ask.robo.giveaways.entries(ask.guild_id, giveaway_id))


def get_settings(ask: Ask) -> Document:
    """The complete settings that hold, or only those that were set for the guild."""
    settings = ask.robo.giveaways.settings
    return (settings.own if ask.query.own else settings.get)(ask.guild_id)


def patch_settings(ask: Ask) -> Document:
    """Settings set, and those that are null taken back; what holds then."""
    if not ask.body:
        raise InvalidRequest("the body is empty", advice="give at least one setting")
    made = ask.robo.giveaways.settings.patch(ask.guild_id, ask.body, is_sparse=True)
    return dict(made.effective)


_ALL = "/api/giveaways/{guild}"
_ONE = "/api/giveaways/{guild}/giveaway/{giveaway}"
_SETTINGS = "/api/giveaways/{guild}/settings"
_VALUES = (InvalidValue, InvalidDuration, InvalidConfig, LimitExceeded, *VAULT_ERRORS)

ROUTES = (
    Route(
        name="listGiveaways",
        method="GET",
        path=_ALL,
        summary="Active giveaways, and the last ones that are over",
        call=list_giveaways,
        data=GiveawayList,
    ),
    Route(
        name="startGiveaway",
        method="POST",
        path=_ALL,
        summary="Start a giveaway",
        call=start_giveaway,
        data=GiveawayChanged,
        body=NewGiveaway,
        writes=True,
        status=201,
        errors=(TemplateNotFound, *_VALUES),
    ),
    Route(
        name="getGiveaway",
        method="GET",
        path=_ONE,
        summary="One giveaway by its id or its message's id",
        call=get_giveaway,
        data=GiveawayView,
        errors=(GiveawayNotFound, *VAULT_ERRORS),
    ),
    Route(
        name="listEntries",
        method="GET",
        path=f"{_ONE}/entries",
        summary="The entries of a giveaway",
        call=list_entries,
        data=GiveawayEntries,
        query=Pages,
        errors=(GiveawayNotFound, *VAULT_ERRORS),
    ),
    Route(
        name="getProof",
        method="GET",
        path=f"{_ONE}/proof",
        summary="A giveaway with all its entries: what it takes to verify its draws",
        call=get_proof,
        data=Document,
        errors=(GiveawayNotFound, *VAULT_ERRORS),
    ),
    Route(
        name="changeGiveaway",
        method="PATCH",
        path=_ONE,
        summary="End, cancel, reroll, edit or draw a giveaway that waits for a round",
        call=act,
        data=GiveawayChanged,
        body=Action,
        writes=True,
        errors=(
            GiveawayNotFound,
            GiveawayNotActive,
            GiveawayDrawing,
            GiveawayNotEnded,
            NoEntriesLeft,
            NoWinner,
            ClaimExpired,
            NothingWaits,
            WrongSignature,
            ExtraMissing,
            SecretMissing,
            Refused,
            *_VALUES,
        ),
    ),
    Route(
        name="getGiveawaySettings",
        method="GET",
        path=_SETTINGS,
        summary="The settings of giveaways that hold",
        call=get_settings,
        data=GiveawaySettings,
        query=OwnOnly,
    ),
    Route(
        name="setGiveawaySettings",
        method="PATCH",
        path=_SETTINGS,
        summary="Change settings of giveaways; null takes one back to the default",
        call=patch_settings,
        data=GiveawaySettings,
        body=GiveawaySettingsPatch,
        document=True,
        writes=True,
        errors=(InvalidConfig, *VAULT_ERRORS),
    ),
)
