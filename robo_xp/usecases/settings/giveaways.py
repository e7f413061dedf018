"""Settings of giveaways: of each guild, and the global defaults."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from robo_xp.model.events import GiveawaySettingChanged
from robo_xp.settings.giveaway import GIVEAWAY
from robo_xp.usecases.core import DEFAULT_STORE, check_reason
from robo_xp.usecases.plan import Plan
from robo_xp.usecases.settings.layered import ConfigChanged, Edit, Kept, Layered
from robo_xp.vault import Namespace, giveaways_name

SETTINGS: Final = Kept(GIVEAWAY, "settings", GiveawaySettingChanged)
GLOBAL_SETTINGS: Final = Kept(GIVEAWAY, "giveawaySettings", GiveawaySettingChanged)


class SettingsOfGiveaways(Layered):
    """The settings for giveaways of each guild, shared by its stores, and the defaults for all."""

    fields = GIVEAWAY

    def own(self, guild_id: str | None, *, store: str = DEFAULT_STORE) -> dict[str, Any]:
        """The settings that an operator set for the guild, or for all; sparse."""
        namespace, kept = self._place(guild_id)
        return GIVEAWAY.merge(kept.own(namespace.read()))

    def change(
        self,
        guild_id: str | None,
        edit: Edit,
        *,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
        dry_run: bool = False,
    ) -> ConfigChanged:
        """Let ``edit`` make new own settings of the present ones, in one batch."""
        namespace, kept = self._place(guild_id)
        plan = Plan(
            namespace,
            self._core.origin_for("giveaway settings"),
            lambda made: kept.edit(made, edit, *([] if guild_id is None else [self.own(None)]))[1],
            reason=check_reason(reason),
        )
        changed, seq = plan.carry_out(dry_run=dry_run)
        return replace(changed, seq=seq)

    def _place(self, guild_id: str | None) -> tuple[Namespace, Kept]:
        """The namespace that has the own settings, and where they are in it."""
        if guild_id is None:
            return self._core.global_namespace(), GLOBAL_SETTINGS
        return self._core.vault.namespace(giveaways_name(guild_id)), SETTINGS
