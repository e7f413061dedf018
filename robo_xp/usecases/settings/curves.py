"""The curve of a store: what holds, what another one would do, setting and resetting it.

Where a guild id may be None, that stands for the global defaults.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Unpack

from robo_xp.errors import InvalidConfig
from robo_xp.model import MAX_XP, Recalculated
from robo_xp.rules.levels.curve import DEFAULT_CURVE, build_curve
from robo_xp.rules.levels.shape import Curve
from robo_xp.settings.xp import XP
from robo_xp.usecases.core import DEFAULT_STORE, Core
from robo_xp.usecases.members.changes import USERS, LevelEffect
from robo_xp.usecases.settings.configure import Config
from robo_xp.usecases.settings.layered import ChangeOptions, ConfigChanged
from robo_xp.usecases.settings.recalculate_levels import SAMPLE


@dataclass(frozen=True, slots=True)
class CurveInForce:
    """The curve that holds and the layer it comes from: callback, guild, global or default."""

    curve: Curve
    source: str


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a curve: the XP it costs after the level before, and in total."""

    level: int
    cost: int
    total: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a curve makes of today's members; ``members`` counts them by their level on it."""

    curve: Curve
    effect: LevelEffect
    members: Mapping[int, int]

    @property
    def count(self) -> int:
        """How many members there are."""
        return sum(self.members.values())

    @property
    def highest(self) -> int | None:
        """The highest level of any member; None without members."""
        return max(self.members, default=None)

    @property
    def median(self) -> int | None:
        """The level that half of the members do not pass; None without members."""
        passed = 0
        for level in sorted(self.members):
            passed += self.members[level]
            if passed * 2 >= self.count:
                return level
        return None


class Curves:
    """The curve of each store of a guild."""

    def __init__(self, core: Core, config: Config) -> None:
        self._core = core
        self._config = config

    def get(self, guild_id: str | None, *, store: str = DEFAULT_STORE) -> CurveInForce:
        """The curve that holds in the store."""
        if guild_id is None:
            spec = self._core.global_own().get("levels")
            if spec is None:
                return CurveInForce(DEFAULT_CURVE, "default")
            return CurveInForce(checked_curve(spec), "global")
        scope = self._core.scope(guild_id, store)
        scope.namespace.read()
        found = self._core.rules(scope)
        return CurveInForce(found.curve, found.curve_source)

    def forget(self, guild_id: str, store: str = DEFAULT_STORE) -> None:
        """Ask the curve callback anew for the store; else its answer holds for a minute."""
        self._core.forget_curve(self._core.scope(guild_id, store))

    def set(
        self,
        guild_id: str | None,
        spec: Mapping[str, Any],
        *,
        recalculate: bool = True,
        **options: Unpack[ChangeOptions],
    ) -> ConfigChanged:
        """Set the curve (``type``, ``params``, ``maxLevel``); stored levels follow in the batch."""
        checked_curve(spec)
        return self._config.change(
            guild_id,
            lambda own: XP.set(own, "levels", dict(spec)),
            recalculate=recalculate,
            **options,
        )

    def reset(
        self,
        guild_id: str | None,
        *,
        recalculate: bool = True,
        **options: Unpack[ChangeOptions],
    ) -> ConfigChanged:
        """Let the curve fall back to the global one or the default."""
        return self._config.change(
            guild_id,
            lambda own: XP.unset(own, "levels"),
            recalculate=recalculate,
            **options,
        )

    def outlook(
        self, guild_id: str, curve: Curve, *, store: str = DEFAULT_STORE, sample: int = SAMPLE
    ) -> Outlook:
        """What the curve would make of today's members; nothing is changed."""
        scope = self._core.scope(guild_id, store)
        records = scope.namespace.read().records(USERS)
        level_for = curve.level_for
        members: Counter[int] = Counter()
        changed = up = 0
        moved: list[Recalculated] = []
        for user_id, record in list(records.items()):
            old, xp = record["level"], record["xp"]
            new = level_for(xp, old)
            members[new] += 1
            if new == old:
                continue
            changed += 1
            up += new > old
            if len(moved) < sample:
                ids = (guild_id, store, user_id)
                moved.append(Recalculated(*ids, old, new, xp, True, None, dry_run=True))
        return Outlook(curve, LevelEffect(changed, up, changed - up, tuple(moved)), members)

    def totals(self, guild_id: str, *, store: str = DEFAULT_STORE) -> list[int]:
        """The XP of all members of the store, in no order."""
        records = self._core.scope(guild_id, store).namespace.read().records(USERS)
        return [record["xp"] for record in list(records.values())]

    @staticmethod
    def top(curve: Curve) -> int:
        """The highest level that XP can reach on the curve."""
        return curve.level_for(MAX_XP)

    @staticmethod
    def table(curve: Curve, low: int, high: int) -> Iterator[Level]:
        """The levels from ``low`` to ``high``, both included, as far as XP can reach them."""
        for level in range(max(low, 0), min(high, Curves.top(curve)) + 1):
            yield Level(level, curve.cost(level), curve.threshold(level))


def checked_curve(spec: Mapping[str, Any]) -> Curve:
    """The curve of a description; InvalidConfig with every fault of it."""
    if faults := XP.value_faults({"levels": spec}):
        raise InvalidConfig(faults)
    return build_curve(spec)
