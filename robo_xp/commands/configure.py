"""Settings of guilds and the global defaults: sparse, in three layers, undone key by key.

Only what an operator set is stored. When the curve changes, the stored levels of the members
follow in the same batch, so no listener ever sees levels of two curves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypedDict, Unpack

from robo_xp import config as rules
from robo_xp.commands.core import (
    CONFIG_ID,
    DEFAULT_STORE,
    Core,
    Scope,
    check_reason,
    own_config,
)
from robo_xp.commands.members import LevelEffect, Members
from robo_xp.errors import Fault, InvalidConfig
from robo_xp.plan import Plan
from robo_xp.vault import Transaction

CONFIG = "config"
Edit = Callable[[Mapping[str, Any]], dict[str, Any]]
SAMPLE = 10


class ChangeOptions(TypedDict, total=False):
    """What every change of settings takes beside its own arguments."""

    reason: str | None
    store: str
    dry_run: bool


@dataclass(frozen=True, slots=True)
class ConfigChanged:
    """What a change of settings did: the keys that differ, and the effect on stored levels."""

    keys: tuple[str, ...]
    effective: Mapping[str, Any]
    levels: LevelEffect
    seq: int | None
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """A setting as it holds, and the layer that it comes from: guild, global or default."""

    key: str
    value: Any
    source: str


class Config:
    """The settings of guilds, and the defaults for all of them."""

    def __init__(self, core: Core) -> None:
        """Work in these surroundings."""
        self._core = core

    def get(self, guild_id: str, *, store: str = DEFAULT_STORE) -> dict[str, Any]:
        """The complete settings that hold in the store: system < global < guild."""
        return rules.effective(self._core.global_own(), self.own(guild_id, store=store))

    def own(self, guild_id: str, *, store: str = DEFAULT_STORE) -> dict[str, Any]:
        """The settings that were set for this store of the guild itself, sparse."""
        scope = self._core.scope(guild_id, store)
        return rules.merge(own_config(scope.namespace.read()))

    def get_global(self) -> dict[str, Any]:
        """The global defaults that an operator set, sparse."""
        return rules.merge(self._core.global_own())

    @staticmethod
    def defaults() -> dict[str, Any]:
        """The system's defaults, complete."""
        return rules.merge(rules.SYSTEM_DEFAULTS)

    @staticmethod
    def validate(own: Mapping[str, Any]) -> list[Fault]:
        """Every fault of a sparse settings document; empty when it can be set."""
        return rules.faults_of(own)

    def set(
        self,
        guild_id: str,
        part: Mapping[str, Any],
        *,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
    ) -> dict[str, Any]:
        """Set the given settings and keep all others; returns what holds then.

        Raises InvalidConfig with every fault; then nothing is stored.
        """
        changed = self.change(guild_id, lambda own: merged(own, part), reason=reason, store=store)
        return dict(changed.effective)

    def unset(
        self, guild_id: str, key: str, *, reason: str | None = None, store: str = DEFAULT_STORE
    ) -> dict[str, Any]:
        """Let the dotted key fall back to the layer below; returns what holds then."""
        changed = self.change(
            guild_id, lambda own: rules.unset_key(own, key), reason=reason, store=store
        )
        return dict(changed.effective)

    def set_global(self, part: Mapping[str, Any], *, reason: str | None = None) -> dict[str, Any]:
        """Set global defaults and keep all others; returns the defaults that hold then."""
        changed = self.change_global(lambda own: merged(own, part), reason=reason)
        return dict(changed.effective)

    def unset_global(self, key: str, *, reason: str | None = None) -> dict[str, Any]:
        """Take a dotted key out of the global defaults; returns the defaults that hold then."""
        changed = self.change_global(lambda own: rules.unset_key(own, key), reason=reason)
        return dict(changed.effective)

    def explain(
        self, key: str, guild_id: str | None = None, *, store: str = DEFAULT_STORE
    ) -> Explained:
        """The setting at a dotted key and where it comes from; of the defaults without a guild."""
        shared = self._core.global_own()
        own = {} if guild_id is None else self.own(guild_id, store=store)
        value = rules.get_key(rules.effective(shared, own), key)
        return Explained(key, value, rules.source_of(key, shared, own))

    def change(
        self,
        guild_id: str,
        edit: Edit,
        *,
        recalculate: bool = True,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
        dry_run: bool = False,
    ) -> ConfigChanged:
        """Let ``edit`` make new own settings of the present ones; one batch with its effects."""
        scope = self._core.scope(guild_id, store)

        def decide(transaction: Transaction) -> ConfigChanged:
            own = _edited(transaction, edit)
            effective = rules.effective(self._core.global_own(), own.after)
            levels = LevelEffect()
            if recalculate and "levels" in own.keys:
                levels = self._recalculated(scope, transaction, self._core.global_own(), own.after)
            return ConfigChanged(own.keys, effective, levels, None, dry_run)

        plan = Plan(
            scope.namespace,
            self._core.origin_for("config set"),
            decide,
            reason=check_reason(reason),
        )
        changed, seq = plan.carry_out(dry_run=dry_run)
        return replace(changed, seq=seq)

    def change_key(
        self, guild_id: str, key: str, value: Any, **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Set one dotted key."""
        return self.change(guild_id, lambda own: rules.set_key(own, key, value), **options)

    def remove_key(
        self, guild_id: str, key: str, missing: Exception, **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Unset one dotted key; raises ``missing`` where the guild does not set it."""

        def edit(own: Mapping[str, Any]) -> dict[str, Any]:
            if rules.get_key(own, key) is None:
                raise missing
            return rules.unset_key(own, key)

        return self.change(guild_id, edit, **options)

    def change_list(
        self,
        guild_id: str,
        key: str,
        edit: Callable[[list[Any]], list[Any]],
        **options: Unpack[ChangeOptions],
    ) -> ConfigChanged:
        """Set a list to what ``edit`` makes of the one that holds, under the lock: two operators
        who add at once both succeed, and what the global defaults list is not lost.
        """

        def change(own: Mapping[str, Any]) -> dict[str, Any]:
            holds = rules.get_key(rules.effective(self._core.global_own(), own), key)
            return rules.set_key(own, key, edit(holds))

        return self.change(guild_id, change, **options)

    def change_global(
        self,
        edit: Edit,
        *,
        recalculate: bool = True,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> ConfigChanged:
        """The same for the global defaults; stores that use a changed curve follow, each in a
        batch of its own.
        """
        after: dict[str, Any] = {}

        def decide(transaction: Transaction) -> ConfigChanged:
            own = _edited(transaction, edit)
            after.update(own.after)
            effective = rules.effective({}, own.after)
            return ConfigChanged(own.keys, effective, LevelEffect(), None, dry_run)

        plan = Plan(
            self._core.global_namespace(),
            self._core.origin_for("config set"),
            decide,
            reason=check_reason(reason),
        )
        changed, seq = plan.carry_out(dry_run=dry_run)
        levels = LevelEffect()
        if recalculate and "levels" in changed.keys:
            levels = self._follow_global(after, dry_run=dry_run)
        return replace(changed, seq=seq, levels=levels)

    def _follow_global(self, shared: Mapping[str, Any], *, dry_run: bool) -> LevelEffect:
        """Recalculate the levels of every store without a curve of its own."""
        total = LevelEffect()
        for name in self._core.vault.names("xp/"):
            _, store_id, guild_id = name.split("/")
            scope = self._core.scope(guild_id, store_id)
            if "levels" in own_config(scope.namespace.read()):
                continue
            plan = Plan(
                scope.namespace,
                self._core.origin_for("config set"),
                lambda transaction, scope=scope: self._recalculated(  # type: ignore[misc]
                    scope, transaction, shared, own_config(scope.namespace.state)
                ),
            )
            effect = plan.carry_out(dry_run=dry_run)[0]
            total = LevelEffect(
                total.changed + effect.changed,
                total.up + effect.up,
                total.down + effect.down,
                (total.sample + effect.sample)[:SAMPLE],
            )
        return total

    def _recalculated(
        self,
        scope: Scope,
        transaction: Transaction,
        shared: Mapping[str, Any],
        own: Mapping[str, Any],
    ) -> LevelEffect:
        """Bring the stored levels in line with the curve of these configs."""
        guild_rules = self._core.rules_for(scope, shared, own)
        return Members(scope, transaction, guild_rules).recalculate_all(sample=SAMPLE)


def merged(own: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    """The own settings with a part set on top; InvalidConfig with every fault of the part."""
    if faults := rules.faults_of(part):
        raise InvalidConfig(faults)
    return rules.merge(own, part)


@dataclass(frozen=True, slots=True)
class _Edited:
    """Own settings after an edit, and the keys that it changed."""

    after: dict[str, Any]
    keys: tuple[str, ...]


def _edited(transaction: Transaction, edit: Edit) -> _Edited:
    """Carry out an edit of the own settings within the transaction, told key by key."""
    before: Mapping[str, Any] = transaction.get(CONFIG, CONFIG_ID) or {}
    after = edit(before)
    if faults := rules.faults_of(after):
        raise InvalidConfig(faults)
    keys = store_config(transaction, before, after)
    return _Edited(after, keys)


def store_config(
    transaction: Transaction, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[str, ...]:
    """Put the settings into the transaction, with an event for each leaf key that differs."""
    old, new = rules.leaves_of(before), rules.leaves_of(after)
    keys = tuple(key for key in {**old, **new} if old.get(key) != new.get(key))
    for key in keys:
        event: dict[str, Any] = {"type": "configChange", "key": key}
        if key in old:
            event["old"] = old[key]
        if key in new:
            event["new"] = new[key]
        transaction.event(event)
    if not keys:
        return ()
    if after:
        transaction.put(CONFIG, CONFIG_ID, dict(after))
    else:
        transaction.delete(CONFIG, CONFIG_ID)
    return keys
