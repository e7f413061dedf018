"""Settings of other bots in our keys: rewards, rates, cooldowns, multipliers, places without XP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from robo_xp.errors import InvalidConfig, RoboXPError
from robo_xp.model.ids import is_snowflake
from robo_xp.settings.xp import XP
from robo_xp.usecases.reading.amounts import whole_of
from robo_xp.usecases.transfer.entry import ForeignSettings, SourceCurve
from robo_xp.usecases.transfer.sources.curves import settings_spec

_MEAN_AWARD = 20


@dataclass(slots=True)
class Converted:
    """Our settings as they come together; what cannot be set is left out, and said."""

    own: dict[str, Any] = field(default_factory=dict)
    rewards: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def put(self, key: str, value: Any, what: str = "") -> None:
        """Set a dotted key, if the value is one that it can have."""
        try:
            faults = XP.faults_of(XP.set({}, key, value))
        except InvalidConfig as error:
            faults = [*error.faults]
        if faults:
            self.left_out.append(f"{what or key}: {faults[0].message}")
        else:
            self.own = XP.set(self.own, key, value)

    def award(self, low: Any, high: Any, factor: Any = 1) -> None:
        """Set the rate at which an award of low to high XP is ours of 15 to 25."""
        try:
            rate = (float(low) + float(high)) / 2 / _MEAN_AWARD * float(factor)
        except (TypeError, ValueError):
            self.left_out.append("XP per message: no numbers")
            return
        self.put("xpRate", round(rate, 3), "XP per message")

    def curve(self, found: SourceCurve | None) -> None:
        """Set the curve."""
        spec = None if found is None else settings_spec(found)
        if spec is not None:
            self.put("levels", spec, "curve")

    def reward(self, level: Any, role: Any) -> None:
        """Add a role for a level."""
        if isinstance(role, Mapping):
            role = role.get("id")
        role = str(role) if type(role) is int else role
        try:
            level = whole_of(level, "level", 1000)
        except RoboXPError:
            level = 0
        if not is_snowflake(role) or level < 1:
            self.left_out.append(f"a reward at level {level} without a role that can be given")
        elif any(one["level"] == level for one in self.rewards):
            self.left_out.append(f"role {role}: level {level} has a reward already")
        else:
            self.rewards.append({"level": level, "roleId": role})

    def places(self, key: str, ids: Any) -> None:
        """Set a list of roles or channels."""
        found = [str(one) for one in ids if is_snowflake(str(one))] if isinstance(ids, list) else []
        if found:
            self.put(key, list(dict.fromkeys(found)))

    def multipliers(self, kind: str, pairs: Iterable[tuple[Any, Any]]) -> None:
        """Set how awards of each ``kind``, role or channel, are multiplied."""
        for id_, factor in pairs:
            if is_snowflake(str(id_)) and isinstance(factor, int | float):
                self.put(f"multipliers.{kind}.{id_}", factor, f"multiplier of {kind} {id_}")

    def done(self, *more: str) -> ForeignSettings:
        """All of it; ``more`` says in words what else has no place here."""
        rewards = tuple(sorted(self.rewards, key=lambda one: int(one["level"])))
        return ForeignSettings(self.own, rewards, (*self.left_out, *more))


def each(value: Any) -> list[Mapping[str, Any]]:
    """The objects in what should be a list of them."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def inner(value: Any, *keys: str) -> Mapping[str, Any]:
    """The object under these keys, empty where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}
