"""What all use cases share: the vault, the time, chance, who acts, and each guild's rules."""

from __future__ import annotations

import inspect
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, cast

import msgspec

from robo_xp.errors import CurveCodeRefused, InvalidId
from robo_xp.model import short_text
from robo_xp.model.ids import check_snowflake
from robo_xp.ports import Along, Chance, Clock, Secrets, SystemSecrets, unseen
from robo_xp.rules.levels.curve import DEFAULT_CURVE, build_curve
from robo_xp.rules.levels.foreign import KeptLevels, curve_from
from robo_xp.rules.levels.shape import Curve
from robo_xp.rules.terms import Settings
from robo_xp.settings.xp import XP, settings_of
from robo_xp.vault import GLOBAL, Namespace, Origin, Record, Vault, check_text, xp_name

if TYPE_CHECKING:
    from robo_xp.vault.tinydb import RecordTable

log = logging.getLogger("robo_xp")

CurveSource = Callable[[str, str], Any]
"""Answers guild and store with a curve or None, plainly or as an awaitable."""

CURVE_HOLDS_MS = 60_000
"""How long a callback's answer holds before it is asked again."""

DEFAULT_STORE = "default"
CONFIG = "config"
CONFIG_ID = "1"
REASON_LIMIT = 512
_NO_CURVE: Curve = KeptLevels(DEFAULT_CURVE)
_NO_CONFIG: Mapping[str, Any] = {}


class Scope(msgspec.Struct, frozen=True):
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
    """Rules that were worked out before, each with the versions of the configs it came from; what
    the curve callback answered, and when;
    and the namespace of each guild and store whose ids were found good before.
    """

    rules: dict[str, tuple[object, GuildRules]] = field(default_factory=dict)
    curves: dict[str, tuple[int, Curve | None]] = field(default_factory=dict)
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
    along: Along = unseen

    def acting_as(self, by: str, cmd: str, along: Along = unseen) -> Core:
        """The same surroundings for somebody else, or another command, watched or not."""
        origin = Origin(cast("str", check_text(by, "actor", 200)), cmd)
        return replace(self, origin=origin, along=along)

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
            if self.curve_for is None or not self._has_to_ask(scope):
                return known[1]
        global_own, own = own_config(defaults), own_config(state)
        if own or self.curve_for is not None:
            rules = self.rules_for(scope, global_own, own)
        else:  # guilds that have nothing of their own have the same
            same = self.caches.rules.get("")
            if same is None or same[0] != version[0]:
                same = self.caches.rules[""] = version[0], self.rules_for(scope, global_own, own)
            rules = same[1]
        self.caches.rules[scope.namespace.name] = (version, rules)
        return rules

    def rules_for(
        self, scope: Scope, global_own: Mapping[str, Any], guild_own: Mapping[str, Any]
    ) -> GuildRules:
        """What would hold in the store with these configs."""
        settings = settings_of(XP.effective(global_own, guild_own))
        own = self._own_curve(settings, guild_own)
        answer = self._answer_for(scope)
        if answer is None:
            return GuildRules(settings, *own)
        curve = KeptLevels(own[0]) if answer is _NO_CURVE else answer
        return GuildRules(settings, curve, "callback")

    @staticmethod
    def _own_curve(settings: Settings, guild_own: Mapping[str, Any]) -> tuple[Curve, str]:
        """The curve of the settings, and the layer that it comes from."""
        if settings.levels is None:
            return DEFAULT_CURVE, "default"
        return build_curve(settings.levels), "guild" if "levels" in guild_own else "global"

    def zone(self, guild_id: str, store: str = DEFAULT_STORE) -> str:
        """The guild's time zone by its IANA name; whatever is typed without one is meant in it."""
        own = own_config(self.scope(guild_id, store).namespace.read())
        zone: str = XP.effective(self.global_own(), own)["periods"]["timezone"]
        return zone

    def forget_curve(self, scope: Scope) -> None:
        """Let the callback be asked again when the curve is needed next."""
        self.caches.curves.pop(scope.namespace.name, None)

    def _has_to_ask(self, scope: Scope) -> bool:
        """Whether the callback's answer is none, or too old."""
        if self.curve_for is None:
            return False
        known = self.caches.curves.get(scope.namespace.name)
        return known is None or not 0 <= self.clock.now_ms() - known[0] < CURVE_HOLDS_MS

    def _answer_for(self, scope: Scope) -> Curve | None:
        """What the callback answers for the store: a curve, None for that of the settings, or
        ``_NO_CURVE`` where it failed. Raises CurveCodeRefused.
        """
        if self.curve_for is None:
            return None
        if self._has_to_ask(scope):
            answer = self._asked_curve(self.curve_for, scope)
            self.caches.curves[scope.namespace.name] = (self.clock.now_ms(), answer)
        return self.caches.curves[scope.namespace.name][1]

    @staticmethod
    def _asked_curve(curve_for: CurveSource, scope: Scope) -> Curve | None:
        name = curve_for.__qualname__ if inspect.isroutine(curve_for) else str(curve_for)
        called = f"the curve callback {name}({scope.guild_id!r}, {scope.store_id!r})"

        def tell(what: str) -> None:
            log.error("%s %s; stored levels are kept", called, what)

        try:
            answer = _settled_answer(curve_for(scope.guild_id, scope.store_id))
        except CurveCodeRefused:
            raise
        except Exception as error:
            tell(f"raised {type(error).__name__}: {error}")
            return _NO_CURVE
        if answer is None:
            return None
        curve = curve_from(answer, lambda what: tell(f"gave a curve whose {what}"))
        if curve is None:
            tell(f"returned {short_text(answer)}, which is no curve")
        return curve or _NO_CURVE


def _settled_answer(answer: Any) -> Any:
    """The answer of a callback, awaited in a loop of its own where it has to be."""
    if not inspect.isawaitable(answer):
        return answer
    import asyncio

    found: list[Any] = []
    failed: list[BaseException] = []

    async def wait() -> Any:
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
    return tables.records(table).get(CONFIG_ID, _NO_CONFIG)


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
