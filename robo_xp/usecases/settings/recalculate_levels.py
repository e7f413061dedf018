"""Stored levels that follow a curve: of one store in its own batch, of all stores of a vault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from robo_xp.errors import RoboXPError, VaultBusy, VaultUnavailable
from robo_xp.usecases.core import Core, Scope, check_reason, own_config
from robo_xp.usecases.members.changes import LevelEffect, Members
from robo_xp.usecases.plan import Plan
from robo_xp.vault import Transaction, name_of

SAMPLE = 10


@dataclass(frozen=True, slots=True)
class Behind:
    """A store whose levels could not follow a change of the global curve, and why."""

    guild_id: str
    store_id: str
    error: RoboXPError


@dataclass(frozen=True, slots=True)
class Followed:
    """What the stores made of a change of the global curve."""

    levels: LevelEffect = LevelEffect()
    behind: tuple[Behind, ...] = ()

    @property
    def can_catch_up(self) -> bool:
        """Whether some store could not be written now, but may be later."""
        passing = (VaultBusy, VaultUnavailable)
        return any(isinstance(one.error, passing) for one in self.behind)


def recalculate_levels(
    core: Core,
    scope: Scope,
    transaction: Transaction,
    shared: Mapping[str, Any],
    own: Mapping[str, Any],
) -> LevelEffect:
    """Bring the stored levels in line with the curve of these configs, in the transaction."""
    return Members(scope, transaction, core.rules_for(scope, shared, own)).recalculate_all(
        sample=SAMPLE, along=core.along
    )


def follow_global(
    core: Core, trial: Mapping[str, Any] | None = None, *, reason: str | None = None
) -> Followed:
    """Recalculate the levels of every store without a curve of its own, each in its own batch.

    Only counts what would move where ``trial`` defaults are given. A store that cannot be
    written keeps none of the others from following.
    """
    effects: list[LevelEffect] = []
    behind: list[Behind] = []
    for name in map(name_of, core.vault.names("xp")):
        try:
            effects.append(_follow(core, core.scope(name.guild_id, name.store_id), trial, reason))
        except RoboXPError as error:
            behind.append(Behind(name.guild_id, name.store_id, error))
    moved = [one for effect in effects for one in effect.sample]
    total = LevelEffect(
        sum(effect.changed for effect in effects),
        sum(effect.up for effect in effects),
        sum(effect.down for effect in effects),
        tuple(moved[:SAMPLE]),
    )
    return Followed(total, tuple(behind))


def catch_up(core: Core) -> int | None:
    """Let all stores follow the global curve that holds; how many members moved, None where some
    that can be read could not.
    """
    followed = follow_global(core)
    return None if followed.can_catch_up else followed.levels.changed


def _follow(
    core: Core, scope: Scope, trial: Mapping[str, Any] | None, reason: str | None
) -> LevelEffect:
    """The same for one store; nothing moves where it has a curve of its own."""

    def decide(transaction: Transaction) -> LevelEffect:
        # All is read under the lock: another curve may have been set since, here or globally.
        own = own_config(scope.namespace.state)
        if "levels" in own:
            return LevelEffect()
        shared = core.global_own() if trial is None else trial
        return recalculate_levels(core, scope, transaction, shared, own)

    origin = core.origin_for("config set")
    plan = Plan(scope.namespace, origin, decide, reason=check_reason(reason))
    return plan.carry_out(dry_run=trial is not None)[0]
