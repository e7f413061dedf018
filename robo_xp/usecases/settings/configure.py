"""Settings of XP: of each guild and store, and the global defaults.

When the curve changes, the stored levels of the members follow in the same batch, so no listener
ever sees levels of two curves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from robo_xp.model.events import SettingChanged
from robo_xp.settings.xp import XP
from robo_xp.usecases.core import DEFAULT_STORE, Core, Scope, check_reason, own_config
from robo_xp.usecases.members.changes import LevelEffect
from robo_xp.usecases.plan import Plan
from robo_xp.usecases.settings.layered import ConfigChanged, Edit, Kept, Layered
from robo_xp.usecases.settings.recalculate_levels import Behind, follow_global, recalculate_levels
from robo_xp.vault import Transaction

CONFIG: Final = Kept(XP, "config", SettingChanged)


class Config(Layered):
    """The settings of guilds, and the defaults for all of them."""

    fields = XP

    def own(self, guild_id: str | None, *, store: str = DEFAULT_STORE) -> dict[str, Any]:
        """The settings that were set for this store of the guild itself, sparse."""
        if guild_id is None:
            return XP.merge(self._core.global_own())
        scope = self._core.scope(guild_id, store)
        return XP.merge(own_config(scope.namespace.read()))

    def zone(self, guild_id: str, *, store: str = DEFAULT_STORE) -> str:
        """The IANA name of the time zone in which times without one are meant."""
        return self._core.zone(guild_id, store)

    def get_global(self) -> dict[str, Any]:
        """The global defaults that an operator set, sparse."""
        return self.own(None)

    def set_global(self, part: Mapping[str, Any], *, reason: str | None = None) -> dict[str, Any]:
        """Set global defaults and keep all others; returns the defaults that hold then."""
        return self.set(None, part, reason=reason)

    def unset_global(self, key: str, *, reason: str | None = None) -> dict[str, Any]:
        """Take a dotted key out of the global defaults; returns the defaults that hold then."""
        return self.unset(None, key, reason=reason)

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
        plan = Plan(
            scope.namespace,
            self._core.origin_for("config set"),
            lambda made: edit_config(self._core, scope, made, edit, recalculate=recalculate),
            reason=check_reason(reason),
        )
        changed, seq = plan.carry_out(dry_run=dry_run)
        return replace(changed, seq=seq)

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
        origin = self._core.origin_for("config set")
        with self._core.vault.following() as follow_up:

            def decide(transaction: Transaction) -> ConfigChanged:
                own, changed = CONFIG.edit(transaction, edit)
                after.update(own)
                if recalculate and "levels" in changed.keys and not dry_run:
                    follow_up.begin(origin)
                return changed

            namespace = self._core.global_namespace()
            plan = Plan(namespace, origin, decide, reason=check_reason(reason))
            changed, seq = plan.carry_out(dry_run=dry_run)
            changed = replace(changed, seq=seq)
            if not recalculate or "levels" not in changed.keys:
                return changed
            followed = follow_global(self._core, after if dry_run else None, reason=reason)
            if not followed.can_catch_up:
                follow_up.end()
        return replace(changed, levels=followed.levels, behind=followed.behind)

    def follow_global(
        self, trial: Mapping[str, Any] | None = None, *, reason: str | None = None
    ) -> tuple[LevelEffect, tuple[Behind, ...]]:
        """Let all stores without a curve of their own follow the global defaults that hold.

        Only counts what would move where ``trial`` defaults are given. Returns what moved, and
        the stores that could not be written.
        """
        followed = follow_global(self._core, trial, reason=reason)
        return followed.levels, followed.behind


def edit_config(
    core: Core, scope: Scope, transaction: Transaction, edit: Edit, *, recalculate: bool = True
) -> ConfigChanged:
    """What an edit changes of a store's own settings, in a transaction of the store."""
    shared = core.global_own()
    own, changed = CONFIG.edit(transaction, edit, shared)
    if not recalculate or "levels" not in changed.keys:
        return changed
    levels = recalculate_levels(core, scope, transaction, shared, own)
    return replace(changed, levels=levels)
