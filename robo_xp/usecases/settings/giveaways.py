"""Settings of giveaways: sparse, in three layers, every fault reported, undone key by key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from robo_xp.errors import InvalidConfig
from robo_xp.settings import giveaway_settings as rules
from robo_xp.settings.giveaway_fields import faults_of, shape_faults
from robo_xp.usecases.core import CONFIG_ID, Core, check_reason
from robo_xp.usecases.plan import Plan
from robo_xp.usecases.settings.configure import Explained
from robo_xp.vault import Namespace, Transaction, giveaways_name

SETTINGS = "settings"
GLOBAL_SETTINGS = "giveawaySettings"
CHANGE = "giveawaySettingsChange"
Edit = Callable[[Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class GiveawaySettingsChanged:
    """What a change of settings did: the keys that differ, and what holds now."""

    keys: tuple[str, ...]
    effective: Mapping[str, Any]
    seq: int | None
    dry_run: bool


class SettingsOfGiveaways:
    """The settings for giveaways of each guild, and the defaults for all of them.

    ``guild_id`` None speaks of those defaults.
    """

    def __init__(self, core: Core) -> None:
        """Work in these surroundings."""
        self._core = core

    def get(self, guild_id: str | None) -> dict[str, Any]:
        """The complete settings that hold: system < global < guild."""
        return rules.effective(*self._layers(guild_id))

    def own(self, guild_id: str | None) -> Mapping[str, Any]:
        """The settings that an operator set for the guild, or for all; sparse."""
        namespace, table = self._place(guild_id)
        return namespace.read().records(table).get(CONFIG_ID, {})

    @staticmethod
    def defaults() -> dict[str, Any]:
        """The system's defaults, complete."""
        return rules.effective()

    def explain(self, guild_id: str | None, key: str) -> Explained:
        """The value at a dotted key, and the layer that it comes from."""
        value = rules.get_key(self.get(guild_id), key)
        names = ("global", "guild")
        setting = [
            name
            for name, own in zip(names, self._layers(guild_id), strict=False)
            if rules.get_key(own, key) is not None
        ]
        return Explained(key, value, setting[-1] if setting else "default")

    def set(
        self, guild_id: str | None, part: Mapping[str, Any], *, reason: str | None = None
    ) -> dict[str, Any]:
        """Set these and keep all others; returns what holds then.

        Raises InvalidConfig with every fault; then nothing is stored.
        """
        if faults := shape_faults(part):
            raise InvalidConfig(faults)
        changed = self.change(
            guild_id, lambda own: rules.nested_of(rules.merged_leaves(own, part)), reason=reason
        )
        return dict(changed.effective)

    def unset(self, guild_id: str | None, key: str, *, reason: str | None = None) -> dict[str, Any]:
        """Let the dotted key fall back to the layer below; returns what holds then."""
        changed = self.change(guild_id, lambda own: rules.unset_key(own, key), reason=reason)
        return dict(changed.effective)

    def change_key(
        self,
        guild_id: str | None,
        key: str,
        value: Any,
        *,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> GiveawaySettingsChanged:
        """Set one dotted key."""
        return self.change(
            guild_id,
            lambda own: rules.set_key(own, key, value),
            reason=reason,
            dry_run=dry_run,
        )

    def reset(
        self,
        guild_id: str | None,
        key: str | None = None,
        *,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> GiveawaySettingsChanged:
        """Let the key, or everything, fall back to the layer below."""
        return self.change(
            guild_id,
            lambda own: {} if key is None else rules.unset_key(own, key),
            reason=reason,
            dry_run=dry_run,
        )

    def change(
        self,
        guild_id: str | None,
        edit: Edit,
        *,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> GiveawaySettingsChanged:
        """Let ``edit`` make new own settings of the present ones, in one batch."""
        namespace, table = self._place(guild_id)

        def decide(transaction: Transaction) -> GiveawaySettingsChanged:
            below = [] if guild_id is None else [self.own(None)]
            before: Mapping[str, Any] = transaction.get(table, CONFIG_ID) or {}
            after = edit(before)
            if faults := faults_of(after, *below):
                raise InvalidConfig(faults)
            keys = store_settings(transaction, table, before, after)
            return GiveawaySettingsChanged(keys, rules.effective(*below, after), None, dry_run)

        plan = Plan(
            namespace,
            self._core.origin_for("giveaway settings"),
            decide,
            reason=check_reason(reason),
        )
        changed, seq = plan.carry_out(dry_run=dry_run)
        return replace(changed, seq=seq)

    def _layers(self, guild_id: str | None) -> list[Mapping[str, Any]]:
        """The own settings of all layers above the system's, weakest first."""
        return [self.own(layer) for layer in dict.fromkeys((None, guild_id))]

    def _place(self, guild_id: str | None) -> tuple[Namespace, str]:
        """Where the own settings are: the namespace and the table."""
        if guild_id is None:
            return self._core.global_namespace(), GLOBAL_SETTINGS
        return self._core.vault.namespace(giveaways_name(guild_id)), SETTINGS


def store_settings(
    transaction: Transaction, table: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[str, ...]:
    """Put the settings into the transaction, with an event for each dotted key that differs."""
    old, new = rules.leaves_of(before), rules.leaves_of(after)
    keys = tuple(key for key in {**old, **new} if old.get(key) != new.get(key))
    for key in keys:
        was = {"old": old[key]} if key in old else {}
        now = {"new": new[key]} if key in new else {}
        transaction.event({"type": CHANGE, "key": key, **was, **now})
    if keys and new:
        transaction.put(table, CONFIG_ID, rules.nested_of(new))
    elif keys:
        transaction.delete(table, CONFIG_ID)
    return keys
