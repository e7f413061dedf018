"""What files of other bots come down to: members to take over, and what was left out, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from robo_xp.rules.levels.shape import Curve


class Entry(Struct, frozen=True):
    """One member in a foreign file; what the file does not say is None.

    ``xp`` is the total, or, where ``is_total`` is False and the operator says so, what was gained
    since the last level. ``inside`` is XP in the level and XP that the level takes. ``cut`` is the
    fraction of an XP that was dropped.
    """

    line: int
    user_id: str
    xp: int | None
    level: int | None = None
    inside: tuple[int, int] | None = None
    messages: int | None = None
    xp_messages: int | None = None
    voice_seconds: int | None = None
    last_awarded_at: int | None = None
    name: str | None = None
    file: str | None = None
    guild_id: str | None = None
    hidden: bool | None = None
    is_total: bool = False
    cut: float = 0.0


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry that cannot be used: its line, the file where there are several, and why."""

    line: int
    error: str
    file: str | None = None


@dataclass(frozen=True, slots=True)
class SourceCurve:
    """The curve of another bot: its name, the curve, and how ``curve set`` would write it.

    ``spec`` is None where only thresholds one by one would do.
    """

    name: str
    curve: Curve
    spec: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ForeignSettings:
    """Settings of another bot in our keys, and in words what has no place here."""

    own: Mapping[str, Any] = field(default_factory=dict)
    rewards: tuple[Mapping[str, Any], ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read: entries of this guild, what was skipped, and what else the files hold.

    ``elsewhere`` counts entries of other guilds. ``curve`` is the one that the levels in the file
    were made with, None where nobody knows.
    """

    source: str
    entries: list[Entry]
    skipped: tuple[Skipped, ...] = ()
    elsewhere: int = 0
    curve: SourceCurve | None = None
    settings: ForeignSettings = ForeignSettings()
    notes: tuple[str, ...] = ()

    @property
    def read(self) -> int:
        """How many entries the files have, whatever became of them."""
        return len(self.entries) + len(self.skipped) + self.elsewhere
