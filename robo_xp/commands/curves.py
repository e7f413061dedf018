"""The curve of a store: what holds, what another one would do, setting and resetting it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Unpack

from robo_xp import config as rules
from robo_xp.commands.configure import SAMPLE, ChangeOptions, Config, ConfigChanged
from robo_xp.commands.core import DEFAULT_STORE, Core, GuildRules
from robo_xp.commands.members import USERS, LevelEffect, Members
from robo_xp.errors import Fault, InvalidConfig
from robo_xp.rules.curve import Curve, build_curve, curve_faults


@dataclass(frozen=True, slots=True)
class CurveInForce:
    """The curve that holds and the layer it comes from: callback, guild, global or default."""

    curve: Curve
    source: str


class Curves:
    """The curve of each store of a guild."""

    def __init__(self, core: Core, config: Config) -> None:
        """Work in these surroundings."""
        self._core = core
        self._config = config

    def get(self, guild_id: str, *, store: str = DEFAULT_STORE) -> CurveInForce:
        """The curve that holds in the store."""
        scope = self._core.scope(guild_id, store)
        scope.namespace.read()
        found = self._core.rules(scope)
        return CurveInForce(found.curve, found.curve_source)

    def set(
        self,
        guild_id: str,
        spec: Mapping[str, Any],
        *,
        recalculate: bool = True,
        **options: Unpack[ChangeOptions],
    ) -> ConfigChanged:
        """Set the curve (``type``, ``params``, ``maxLevel``); stored levels follow in the batch."""
        checked(spec)
        return self._config.change(
            guild_id,
            lambda own: rules.set_key(own, "levels", dict(spec)),
            recalculate=recalculate,
            **options,
        )

    def reset(
        self, guild_id: str, *, recalculate: bool = True, **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Let the curve fall back to the global one or the default."""
        return self._config.change(
            guild_id,
            lambda own: rules.unset_key(own, "levels"),
            recalculate=recalculate,
            **options,
        )

    def effect_of(
        self, guild_id: str, curve: Curve, *, store: str = DEFAULT_STORE, sample: int = SAMPLE
    ) -> LevelEffect:
        """What the curve would do to the levels of today's members; nothing is changed."""
        scope = self._core.scope(guild_id, store)
        with scope.namespace.transaction(self._core.origin, dry_run=True) as transaction:
            settings = self._core.rules(scope).settings
            trial = GuildRules(settings, curve, "guild")
            return Members(scope, transaction, trial).recalculate_all(sample=sample)

    def totals(self, guild_id: str, *, store: str = DEFAULT_STORE) -> list[int]:
        """The XP of all members of the store, in no order."""
        records = self._core.scope(guild_id, store).namespace.read().records(USERS)
        return [record["xp"] for record in list(records.values())]


def checked(spec: Mapping[str, Any]) -> Curve:
    """The curve of a description; InvalidConfig with every fault of it."""
    if faults := curve_faults(spec):
        raise InvalidConfig([Fault(f"levels.{fault.where}", fault.message) for fault in faults])
    return build_curve(spec)
