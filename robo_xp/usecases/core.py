"""What all use cases share: the vault, the time, chance, who acts, and each guild's rules."""

from __future__ import annotations

import inspect
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, cast

from robo_xp.errors import InvalidId
from robo_xp.model.ids import check_snowflake
from robo_xp.ports import Chance, Clock, Secrets, SystemSecrets
from robo_xp.rules.levels.curve import DEFAULT_CURVE, build_curve
from robo_xp.rules.levels.shape import Curve
from robo_xp.rules.terms import Settings
from robo_xp.settings.xp import XP, settings_of
from robo_xp.vault import GLOBAL, Namespace, Origin, Record, Vault, check_text, xp_name

if TYPE_CHECKING:
    from robo_xp.vault.tinydb import RecordTable

log = logging.getLogger("robo_xp")

CurveSource = Callable[[str, str], "Curve | None | Awaitable[Curve | None]"]
DEFAULT_STORE = "default"
CONFIG = "config"
CONFIG_ID = "1"
REASON_LIMIT = 512
_NO_CONFIG: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Scope:
    """One store of one guild, and the namespace that it lives in."""

    guild_id: str
    store_id: str
    namespace: Namespace


@dataclass(frozen=True, slots=True)
class GuildRules:
    """What holds in one store of one guild now; ``curve_source`` is the layer of the curve."""

    settings: Settings
    curve: Curve
    curve_source: str


@dataclass(slots=True)
class Caches:
    """Rules that were worked out before, each with the versions of the configs it came from;
    and the namespace of each guild and store whose ids were found good before.
    """

    rules: dict[str, tuple[object, GuildRules]] = field(default_factory=dict)
    curves: dict[str, Curve | None] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Core:
    """The surroundings of a use case. ``origin`` goes into each batch it commits."""

    vault: Vault
    clock: Clock
    chance: Chance
    origin: Origin
    curve_for: CurveSource | None = None
    caches: Caches = field(default_factory=Caches)
    secrets: Secrets = field(default_factory=SystemSecrets)

    def acting_as(self, by: str, cmd: str) -> Core:
        """The same surroundings for somebody else, or another command."""
        return replace(self, origin=Origin(cast("str", check_text(by, "actor", 200)), cmd))

    def origin_for(self, cmd: str) -> Origin:
        """Who acts, with ``cmd`` where the handle itself has no command."""
        return self.origin if self.origin.cmd else Origin(self.origin.by, cmd)

    def scope(self, guild_id: str, store: str) -> Scope:
        """The store of the guild; InvalidId for ids that cannot be."""
        name = self.caches.names.get((guild_id, store))
        if name is None:
            name = self.caches.names[guild_id, store] = xp_name(store, guild_id)
        return Scope(guild_id, store, self.vault.namespace(name))

    def global_namespace(self) -> Namespace:
        """The namespace of the global defaults."""
        return self.vault.namespace(GLOBAL)

    def global_own(self) -> Mapping[str, Any]:
        """The global defaults that an operator set."""
        return own_config(self.global_namespace().read())

    def rules(self, scope: Scope) -> GuildRules:
        """What holds in the store now; the state of the namespace must be up to date."""
        state = scope.namespace.state
        defaults = self.global_namespace().read()
        version = (defaults.version("config"), state.version("config"))
        known = self.caches.rules.get(scope.namespace.name)
        if known is not None and known[0] == version:
            return known[1]
        rules = self.rules_for(scope, own_config(defaults), own_config(state))
        self.caches.rules[scope.namespace.name] = (version, rules)
        return rules

    def rules_for(
        self, scope: Scope, global_own: Mapping[str, Any], guild_own: Mapping[str, Any]
    ) -> GuildRules:
        """What would hold in the store with these configs."""
        settings = settings_of(XP.effective(global_own, guild_own))
        curve = self._curve_of_callback(scope)
        if curve is not None:
            return GuildRules(settings, curve, "callback")
        if settings.levels is None:
            return GuildRules(settings, DEFAULT_CURVE, "default")
        source = "guild" if "levels" in guild_own else "global"
        return GuildRules(settings, build_curve(settings.levels), source)

    def _curve_of_callback(self, scope: Scope) -> Curve | None:
        """The curve of the library user's own callback; asked once for each guild and store."""
        if self.curve_for is None:
            return None
        known = self.caches.curves
        name = scope.namespace.name
        if name not in known:
            try:
                known[name] = _settled(self.curve_for(scope.guild_id, scope.store_id))
            except Exception:
                log.exception("the curve callback failed for %s; the config decides", name)
                return None
        return known[name]


def _settled(answer: Curve | None | Awaitable[Curve | None]) -> Curve | None:
    """The answer of a callback, awaited in a loop of its own where it has to be."""
    if not inspect.isawaitable(answer):
        return answer
    import asyncio

    found: list[Curve | None] = []
    failed: list[BaseException] = []

    async def wait() -> Curve | None:
        return await answer

    def run() -> None:
        try:
            found.append(asyncio.run(wait()))
        except BaseException as error:
            failed.append(error)

    # The caller may stand in a running loop, which cannot run a second one.
    thread = threading.Thread(target=run, name="robo-xp-curve")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return found[0]


class Tables(Protocol):
    """What a state and a transaction have in common."""

    def records(self, table: str) -> Mapping[str, Record]:
        """The records of the table by id."""

    def table(self, name: str) -> RecordTable:
        """The table, to be asked by queries."""


def own_config(tables: Tables, table: str = CONFIG) -> Mapping[str, Any]:
    """The settings that an operator set in this namespace, sparse; not to be changed."""
    found = tables.table(table).get(doc_id=CONFIG_ID)
    return _NO_CONFIG if found is None else found.record


def check_role(guild_id: str, role_id: str) -> str:
    """The role id; InvalidId for no id, and for the guild's own, which is that of @everyone."""
    check_snowflake(role_id, "role id")
    if role_id == guild_id:
        raise InvalidId(
            "the guild's id as a role is @everyone",
            advice="give the id of another role; for all members there is a setting of its own",
        )
    return role_id


def check_reason(reason: str | None) -> str | None:
    """The reason if it can be stored: at most 512 characters, as Discord's audit log holds."""
    return check_text(reason, "reason", REASON_LIMIT)
