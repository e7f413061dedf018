"""Settings of guilds and the global defaults: sparse, in three layers, undone key by key.

Only what an operator set is stored. When the curve changes, the stored levels of the members
follow in the same batch, so no listener ever sees levels of two curves. Where a guild id may be
None, that stands for the global defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict, Unpack

from robo_xp.errors import Fault, InvalidConfig
from robo_xp.settings import layers as rules
from robo_xp.settings.xp_fields import ID_PART
from robo_xp.usecases.core import CONFIG_ID, DEFAULT_STORE, Core, check_reason, own_config
from robo_xp.usecases.members.changes import LevelEffect
from robo_xp.usecases.plan import Plan
from robo_xp.usecases.settings.recalculate_levels import Behind as Behind
from robo_xp.usecases.settings.recalculate_levels import follow_global, recalculated
from robo_xp.vault import Transaction

CONFIG = "config"
Edit = Callable[[Mapping[str, Any]], dict[str, Any]]


class ChangeOptions(TypedDict, total=False):
    """What every change of settings takes beside its own arguments."""

    reason: str | None
    store: str
    dry_run: bool


@dataclass(frozen=True, slots=True)
class ConfigChanged:
    """What a change of settings did: the keys that differ, and the effect on stored levels.

    ``before`` and ``effective`` are the complete settings that held before and after it;
    ``behind`` is empty unless the global curve changed and some store could not be written.
    """

    keys: tuple[str, ...]
    effective: Mapping[str, Any]
    levels: LevelEffect
    seq: int | None
    dry_run: bool
    before: Mapping[str, Any] = field(default_factory=dict)
    behind: tuple[Behind, ...] = ()


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

    def get(self, guild_id: str | None, *, store: str = DEFAULT_STORE) -> dict[str, Any]:
        """The complete settings that hold in the store: system < global < guild."""
        return rules.effective(self._core.global_own(), self.own(guild_id, store=store))

    def own(self, guild_id: str | None, *, store: str = DEFAULT_STORE) -> dict[str, Any]:
        """The settings that were set for this store of the guild itself, sparse."""
        if guild_id is None:
            return self.get_global()
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

    def explain_all(
        self, guild_id: str | None = None, *, store: str = DEFAULT_STORE
    ) -> list[Explained]:
        """Every known setting as it holds and the layer it comes from, in the order of the docs.

        A key for any id comes once for each id that has a value, else once with the value None.
        """
        shared = self._core.global_own()
        own = {} if guild_id is None else self.own(guild_id, store=store)
        holds = rules.effective(shared, own)
        return [
            Explained(key, rules.leaves_of(holds).get(key), _source(key, shared, own))
            for known in rules.KNOWN_KEYS
            for key in _keys_like(known, holds)
        ]

    def unset_key(
        self, guild_id: str | None, key: str, **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Let a dotted key fall back to the layer below; changes nothing where it is not set."""
        return self.change(guild_id, lambda own: rules.unset_key(own, key), **options)

    def put(
        self,
        guild_id: str | None,
        document: Mapping[str, Any],
        *,
        exact: bool = False,
        **options: Unpack[ChangeOptions],
    ) -> ConfigChanged:
        """Set all that a sparse document says; ``exact`` also unsets all that it does not say.

        Raises InvalidConfig with every fault of the document; then nothing is stored.
        """
        below: Mapping[str, Any] = {}
        return self.change(
            guild_id, lambda own: merged(below if exact else own, document), **options
        )

    def rebase(
        self,
        guild_id: str | None,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        **options: Unpack[ChangeOptions],
    ) -> ConfigChanged:
        """Make the own settings differ as ``after`` differs from ``before``, key by key.

        What somebody else set since ``before`` was read stays. Raises InvalidConfig.
        """
        merged({}, after)
        return self.change(guild_id, lambda own: rebased(own, before, after), **options)

    def change(
        self,
        guild_id: str | None,
        edit: Edit,
        *,
        recalculate: bool = True,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
        dry_run: bool = False,
    ) -> ConfigChanged:
        """Let ``edit`` make new own settings of the present ones; one batch with its effects."""
        if guild_id is None:
            return self.change_global(edit, recalculate=recalculate, reason=reason, dry_run=dry_run)
        scope = self._core.scope(guild_id, store)

        def decide(transaction: Transaction) -> ConfigChanged:
            own = _edited(transaction, edit)
            shared = self._core.global_own()
            levels = LevelEffect()
            if recalculate and "levels" in own.keys:
                levels = recalculated(self._core, scope, transaction, shared, own.after)
            return own.told(shared, levels, dry_run=dry_run)

        plan = Plan(
            scope.namespace,
            self._core.origin_for("config set"),
            decide,
            reason=check_reason(reason),
        )
        changed, seq = plan.carry_out(dry_run=dry_run)
        return replace(changed, seq=seq)

    def change_key(
        self, guild_id: str | None, key: str, value: Any, **options: Unpack[ChangeOptions]
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
            holds = rules.effective(self._core.global_own(), own)
            listed = edit(rules.get_key(holds, key))
            if listed == rules.get_key(holds, key):
                # a guild that shares the global list must not get a copy of its own
                return dict(own)
            return rules.set_key(own, key, listed)

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
            return own.told({}, LevelEffect(), dry_run=dry_run)

        plan = Plan(
            self._core.global_namespace(),
            self._core.origin_for("config set"),
            decide,
            reason=check_reason(reason),
        )
        changed, seq = plan.carry_out(dry_run=dry_run)
        changed = replace(changed, seq=seq)
        if not recalculate or "levels" not in changed.keys:
            return changed
        levels, behind = self.follow_global(after if dry_run else None, reason=reason)
        return replace(changed, levels=levels, behind=behind)

    def follow_global(
        self, trial: Mapping[str, Any] | None = None, *, reason: str | None = None
    ) -> tuple[LevelEffect, tuple[Behind, ...]]:
        """Let all stores without a curve of their own follow the global defaults that hold.

        Only counts what would move where ``trial`` defaults are given. Returns what moved, and
        the stores that could not be written.
        """
        followed = follow_global(self._core, trial, reason=reason)
        return followed.levels, followed.behind


def merged(own: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    """The own settings with a part set on top; InvalidConfig with every fault of the part."""
    if faults := rules.faults_of(part):
        raise InvalidConfig(faults)
    return rules.merge(own, part)


def rebased(
    own: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, Any]:
    """The own settings with the difference between two documents carried out on them."""
    old, new = rules.leaves_of(before), rules.leaves_of(after)
    result = dict(own)
    for key in old.keys() - new.keys():
        result = rules.unset_key(result, key)
    for key, value in new.items():
        if key not in old or old[key] != value:
            result = rules.set_key(result, key, value)
    return result


@dataclass(frozen=True, slots=True)
class _Edited:
    """Own settings before and after an edit, and the keys that it changed."""

    before: Mapping[str, Any]
    after: dict[str, Any]
    keys: tuple[str, ...]

    def told(
        self, shared: Mapping[str, Any], levels: LevelEffect, *, dry_run: bool
    ) -> ConfigChanged:
        """The edit as callers see it, above these global defaults."""
        return ConfigChanged(
            self.keys,
            rules.effective(shared, self.after),
            levels,
            None,
            dry_run,
            rules.effective(shared, self.before),
        )


def _edited(transaction: Transaction, edit: Edit) -> _Edited:
    """Carry out an edit of the own settings within the transaction, told key by key."""
    before: Mapping[str, Any] = transaction.get(CONFIG, CONFIG_ID) or {}
    after = edit(before)
    if faults := rules.faults_of(after):
        raise InvalidConfig(faults)
    keys = store_config(transaction, before, after)
    return _Edited(before, after, keys)


def _keys_like(known: str, holds: Mapping[str, Any]) -> list[str]:
    """The keys of a complete document that a known key stands for; itself if there are none."""
    stem, for_ids, _ = known.partition(ID_PART)
    if not for_ids:
        return [known]
    return [key for key in rules.leaves_of(holds) if key.startswith(stem)] or [known]


def _source(key: str, shared: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    """The layer of a key, also of one that stands for ids without a value."""
    return "default" if ID_PART in key else rules.source_of(key, shared, own)


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
