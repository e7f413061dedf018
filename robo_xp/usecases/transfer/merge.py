"""What becomes of an entry: one for each member, with its XP worked out, met with what is here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from msgspec.structs import replace

from robo_xp.errors import InvalidValue
from robo_xp.model import MAX_XP
from robo_xp.rules.levels.shape import Curve
from robo_xp.usecases.transfer.entry import Entry, Skipped
from robo_xp.vault import Record

Merge = Literal["add", "max", "replace"]
Keep = Literal["xp", "level"]
MERGES, KEEPS = ("add", "max", "replace"), ("xp", "level")
_COUNTERS = ("messages", "xp_messages", "voice_seconds")


@dataclass(frozen=True, slots=True)
class Terms:
    """How entries become records: ``here`` is the curve of this store, ``there`` that of the file,
    None where nobody knows it.
    """

    here: Curve
    there: Curve | None = None
    merge: Merge = "max"
    keep: Keep = "xp"
    xp_in_level: bool = False


def with_totals(entry: Entry | Skipped, terms: Terms) -> Entry | Skipped:
    """The entry with its XP as a total, or why there is none."""
    if isinstance(entry, Skipped):
        return entry
    level, xp = entry.level, entry.xp
    if level is None and terms.keep == "level" and xp is not None and terms.there is not None:
        level = terms.there.level_for(xp)
        entry = replace(entry, level=level)
    if terms.keep == "level" and level is None:
        return _skipped_entry(entry, "there is no level to keep")
    if xp is None and terms.keep == "xp":
        return _skipped_entry(entry, "there is only a level; --keep level works the XP out")
    if not terms.xp_in_level or entry.is_total or xp is None:
        return entry
    if terms.there is None:
        raise InvalidValue(
            "nobody knows the curve that the XP in the levels were gained on",
            advice="name it: --curve mee6, or another of 'robo-xp curve set'",
        )
    if level is None:
        return _skipped_entry(entry, "there is no level that the XP could be in")
    total = _threshold(terms.there, level) + xp
    return replace(entry, xp=min(total, MAX_XP), is_total=True)


def one_a_member(entries: Iterable[Entry], merge: Merge) -> dict[str, Entry]:
    """The entries by member; what says a member again is added, or counts where it is more."""
    found: dict[str, Entry] = {}
    for entry in entries:
        before = found.get(entry.user_id)
        found[entry.user_id] = entry if before is None else _joined_entry(before, entry, merge)
    return found


def xp_of(entry: Entry, terms: Terms) -> int:
    """The XP that the entry gives on the curve that holds here."""
    if terms.keep == "xp":
        return entry.xp or 0
    level = entry.level or 0
    here = terms.here
    try:
        total = here.threshold(level)
        if level != here.max_level:
            size = here.threshold(level + 1) - total
            step = -int(-_fraction(entry, level, terms.there) * size // 1)
            total += min(step, max(size - 1, 0))
    except InvalidValue:  # the curve ends before this level
        total = MAX_XP + 1
    return total if total <= MAX_XP else here.threshold(here.level_for(MAX_XP))


def is_at_start(entry: Entry, terms: Terms) -> bool:
    """Whether a member begins the level that is kept because no curve says how far into it."""
    knows = entry.inside is not None or terms.there is not None
    return terms.keep == "level" and not knows and entry.xp is not None


def merged_field(record: Record, key: str, value: int, merge: Merge) -> int:
    """One field of a member that is already there."""
    old: int = record.get(key, 0)
    if merge == "add" and key not in ("lastAwardedAt", "hidden"):
        return min(old + value, MAX_XP)
    if merge == "replace" or key == "hidden":
        return value
    return max(old, value)


def _fraction(entry: Entry, level: int, there: Curve | None) -> Fraction:
    """How far into its level the member was, from 0 to below 1; 0 where nobody can say."""
    if entry.inside is not None:
        return Fraction(*entry.inside)
    if there is None or entry.xp is None:
        return Fraction(0)
    start = _threshold(there, level)
    try:
        size = there.threshold(level + 1) - start
    except InvalidValue:
        return Fraction(0)
    gained = entry.xp - start
    if size <= 0 or gained <= 0:
        return Fraction(0)
    return min(Fraction(gained, size), Fraction(size - 1, size))


def _threshold(curve: Curve, level: int) -> int:
    """Where a level begins; of one above the end of the curve, where the curve ends."""
    try:
        return curve.threshold(level)
    except InvalidValue:
        return curve.threshold(curve.level_for(MAX_XP))


def _joined_entry(before: Entry, entry: Entry, merge: Merge) -> Entry:
    """Two entries of one member as one."""
    more = entry if _rank(entry) > _rank(before) else before
    fields: dict[str, Any] = {}
    for key in (*_COUNTERS, "last_awarded_at"):
        values = [v for v in (getattr(before, key), getattr(entry, key)) if v is not None]
        if values:
            adds = merge == "add" and key in _COUNTERS
            fields[key] = min(sum(values), MAX_XP) if adds else max(values)
    if merge == "add" and before.xp is not None and entry.xp is not None:
        fields["xp"] = min(before.xp + entry.xp, MAX_XP)
    name = more.name or before.name or entry.name
    return replace(more, name=name, hidden=more.hidden or before.hidden or entry.hidden, **fields)


def _rank(entry: Entry) -> tuple[int, int]:
    return entry.xp or 0, entry.level or 0


def _skipped_entry(entry: Entry, error: str) -> Skipped:
    return Skipped(entry.line, f"member {entry.user_id}: {error}", entry.file)
