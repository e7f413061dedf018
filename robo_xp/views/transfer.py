"""What came in from another bot, and what went out: members, their levels, settings, giveaways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from robo_xp.views.shape import Count, Names, Seq, View


class Skipped(View, frozen=True, kw_only=True):
    """An entry that could not be used: its line, or its place in a JSON file."""

    file: str | UnsetType = UNSET
    line: Count
    error: str

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        return {} if getattr(found, "file", None) else {"file": UNSET}


class LevelsInFile(View, frozen=True):
    """The levels that a file says beside those that its XP make here.

    ``bestCurveSpec`` is what ``curve set`` takes, where the curve is one that can be set.
    """

    compared: Count
    equal: Count
    different: Count
    best_curve: str | None
    equal_on_best_curve: Count
    best_curve_spec: Any

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        best = found.best
        return {
            "best_curve": best and best.name,
            "equal_on_best_curve": found.equal_on_best,
            "best_curve_spec": best and best.spec,
        }


class SettingsTaken(View, frozen=True):
    """The settings that came along, and what has no place here."""

    changed: Sequence[str]
    left_out: Sequence[str] | UnsetType = UNSET
    seq: Seq | UnsetType | None = UNSET


class GiveawaysImported(View, frozen=True, kw_only=True):
    """What taking over giveaways did, or would do."""

    read: Count
    ended: Count
    active: Count
    unchanged: Count
    other_guilds: Count
    skipped: list[Skipped]
    left_out: Sequence[str]
    seq: Seq | None
    dry_run: bool
    settings: SettingsTaken | UnsetType = UNSET

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        counts = {"unchanged": found.known, "other_guilds": found.elsewhere}
        return {"settings": UNSET, **counts}


class Imported(View, frozen=True, kw_only=True):
    """What an import did to one store, or would do, and to ``stores`` after it."""

    source: str
    store_id: str
    read: Count
    added: Count
    changed: Count
    unchanged: Count
    repeated: Count
    other_guilds: Count
    skipped: list[Skipped]
    levels_in_file: LevelsInFile
    seq: Seq | None
    dry_run: bool
    settings: SettingsTaken | UnsetType = UNSET
    stores: Sequence[Imported] | UnsetType = UNSET
    giveaways: GiveawaysImported | UnsetType = UNSET

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        return {
            "other_guilds": found.elsewhere,
            "levels_in_file": LevelsInFile.of(found.levels),
            "settings": UNSET,
            "stores": UNSET,
            "giveaways": UNSET,
        }


class Exported(View, frozen=True):
    """The file that members were written to."""

    file: str
    format: str
    members: Count
    bytes: Count
