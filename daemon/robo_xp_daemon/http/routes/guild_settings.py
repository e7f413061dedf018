"""Routes about settings: of a guild's store, and the defaults for all guilds."""

from __future__ import annotations

from robo_xp.errors import DangerousRole, InvalidConfig, InvalidRequest, NotFound
from robo_xp.text import count_text
from robo_xp.usecases.settings.multipliers import BY_ID
from robo_xp.views.settings import MovedLevels
from robo_xp_daemon.http.route import VAULT_ERRORS, Ask, Route
from robo_xp_daemon.http.routes.reward_rights import refuse_dangerous
from robo_xp_daemon.http.routes.settings_shapes import (
    Factors,
    Ids,
    MultipliersPatch,
    Settings,
    SettingsPatch,
)
from robo_xp_daemon.http.routes.shapes import (
    Body,
    Count,
    Document,
    Id,
    InStore,
    InStoreOwnOnly,
    OwnOnly,
    Seq,
    Shape,
)


class StoreBehind(Shape, frozen=True):
    """A store whose levels could not follow, and why; recalculating it mends that."""

    guild_id: Id
    store_id: str
    message: str


class DefaultsChanged(Shape, frozen=True):
    """The defaults after a change, with what it moved in the stores that follow them.

    ``updated``, ``message`` and ``affectedGuilds`` are for dashboards of Robo.js.
    """

    updated: bool
    message: str
    affected_guilds: str
    config: Document
    changed: list[str]
    levels: MovedLevels
    behind: list[StoreBehind]
    seq: Seq | None


class Product(Shape, frozen=True):
    """What holds, in short: 1.0 where no server multiplier is set."""

    server_multiplier: float
    role_count: Count
    channel_count: Count
    user_count: Count


class MultipliersView(Shape, frozen=True):
    """The multipliers that hold; ``server`` is null where none is set."""

    server: float | None
    role: Factors
    channel: Factors
    user: Factors
    effective: Product


class MultipliersGone(Body, frozen=True):
    """Which multipliers to forget."""

    server: bool = False
    role: Ids = []
    channel: Ids = []
    user: Ids = []


def get_config(ask: Ask) -> Document:
    """The complete settings that hold in a store, or only those that were set for it."""
    config = ask.robo.config
    return (config.own if ask.query.own else config.get)(ask.guild_id, store=ask.query.store)


def put_config(ask: Ask) -> Document:
    """Settings set, and those that are null taken back; what holds then.

    What would hold anyway is not stored, so that whoever sends back all that was read freezes no
    defaults.
    """
    _something(ask.body)
    refuse_dangerous(ask, ask.body, [ask.guild_id])
    made = ask.robo.config.patch(ask.guild_id, ask.body, is_sparse=True, store=ask.query.store)
    return dict(made.effective)


def get_defaults(ask: Ask) -> Document:
    """The complete defaults for all guilds, or only those that an operator set."""
    return (ask.robo.config.own if ask.query.own else ask.robo.config.get)(None)


def put_defaults(ask: Ask) -> DefaultsChanged:
    """Defaults set, and those that are null taken back."""
    _something(ask.body)
    refuse_dangerous(ask, ask.body, ask.robo.stores.guild_ids())
    made = ask.robo.config.patch(None, ask.body, is_sparse=True)
    return DefaultsChanged(
        updated=bool(made.keys),
        affected_guilds="all",
        message=f"{count_text(len(made.keys), 'default')} changed",
        config=dict(made.effective),
        changed=list(made.keys),
        levels=MovedLevels.of(made.levels),
        behind=[StoreBehind(b.guild_id, b.store_id, b.error.message) for b in made.behind],
        seq=made.seq,
    )


def get_multipliers(ask: Ask) -> MultipliersView:
    """The multipliers that hold."""
    found = ask.robo.multipliers.get(ask.guild_id, store=ask.query.store)
    server = found["server"]
    counts = (len(found[kind]) for kind in BY_ID)
    effective = Product(1.0 if server is None else server, *counts)
    return MultipliersView(**found, effective=effective)


def put_multipliers(ask: Ask) -> MultipliersView:
    """Multipliers set beside the others, and those that are null taken back."""
    _something(ask.body)
    ask.robo.config.patch(ask.guild_id, {"multipliers": ask.body}, store=ask.query.store)
    return get_multipliers(ask)


def delete_multipliers(ask: Ask) -> MultipliersView:
    """Multipliers forgotten, all in one batch."""
    said: MultipliersGone = ask.body
    if not (said.server or said.role or said.channel or said.user):
        raise InvalidRequest(
            "nothing is named to forget", advice="give server, role, channel or user"
        )
    ask.robo.multipliers.remove(
        ask.guild_id,
        server=said.server,
        role_ids=said.role,
        channel_ids=said.channel,
        user_ids=said.user,
        store=ask.query.store,
    )
    return get_multipliers(ask)


def _something(body: Document) -> None:
    """Raise InvalidRequest for a change of nothing."""
    if not body:
        raise InvalidRequest("the body is empty", advice="give at least one setting")


_CHANGES = (InvalidConfig, *VAULT_ERRORS)
_CONFIG = "/api/xp/config/{guild}"

ROUTES = (
    Route(
        name="getGlobalConfig",
        method="GET",
        path="/api/xp/config/global",
        summary="The defaults for all guilds",
        call=get_defaults,
        data=Settings,
        query=OwnOnly,
    ),
    Route(
        name="setGlobalConfig",
        method="PUT",
        path="/api/xp/config/global",
        summary="Change defaults for all guilds; null takes one back",
        call=put_defaults,
        data=DefaultsChanged,
        body=SettingsPatch,
        document=True,
        writes=True,
        errors=_CHANGES,
    ),
    Route(
        name="getConfig",
        method="GET",
        path=_CONFIG,
        summary="The settings that hold in a store",
        call=get_config,
        data=Settings,
        query=InStoreOwnOnly,
    ),
    Route(
        name="setConfig",
        method="PUT",
        path=_CONFIG,
        summary="Change settings of a store; null takes one back to the default",
        call=put_config,
        data=Settings,
        body=SettingsPatch,
        document=True,
        query=InStore,
        writes=True,
        errors=(DangerousRole, *_CHANGES),
    ),
    Route(
        name="getMultipliers",
        method="GET",
        path=f"{_CONFIG}/multipliers",
        summary="The multipliers that hold",
        call=get_multipliers,
        data=MultipliersView,
        query=InStore,
    ),
    Route(
        name="setMultipliers",
        method="PUT",
        path=f"{_CONFIG}/multipliers",
        summary="Set multipliers beside the others; null forgets one",
        call=put_multipliers,
        cmd="multiplier set",
        data=MultipliersView,
        body=MultipliersPatch,
        document=True,
        query=InStore,
        writes=True,
        errors=_CHANGES,
    ),
    Route(
        name="deleteMultipliers",
        method="DELETE",
        path=f"{_CONFIG}/multipliers",
        summary="Forget multipliers",
        call=delete_multipliers,
        cmd="multiplier remove",
        data=MultipliersView,
        body=MultipliersGone,
        query=InStore,
        writes=True,
        errors=(NotFound, *_CHANGES),
    ),
)
