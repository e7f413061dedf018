"""What an import did, for people, with the levels held against the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from robo_xp.text import count_text, thousands
from robo_xp_cli.show.results import Column, Pairs, Rows

if TYPE_CHECKING:
    from robo_xp.usecases.settings.layered import ConfigChanged
    from robo_xp.usecases.transfer.entry import Reading, Skipped, SourceCurve
    from robo_xp.usecases.transfer.levels import LevelsInFile
    from robo_xp.usecases.transfer.use import Imported

SAMPLE = 10
_LONGEST_CURVE = 200


def summary(done: Imported, reading: Reading) -> Pairs:
    """The counts for people."""
    pairs: list[tuple[str, Any]] = [
        ("source", reading.source),
        ("entries read", done.read),
        ("members added", done.added),
        ("members changed", done.changed),
        ("unchanged", done.unchanged),
        ("skipped", len(done.skipped)),
        ("levels", f"{thousands(done.ups)} up, {thousands(done.downs)} down"),
        ("XP", f"{done.delta:+,}"),
    ]
    if done.elsewhere:
        pairs.insert(6, ("of other guilds", done.elsewhere))
    if done.levels.compared:
        equal = f"{thousands(done.levels.equal)} of {thousands(done.levels.compared)}"
        pairs.append(("same level", equal))
    return pairs


def table(done: Imported, names: Mapping[str, str]) -> Rows:
    """The members whose XP move most, with the level that the file says."""
    rows = [
        {
            "userId": moved.change.user_id,
            "name": names.get(moved.change.user_id),
            "oldXp": moved.change.old_xp,
            "newXp": moved.change.new_xp,
            "level": f"{moved.change.old_level} -> {moved.change.new_level}",
            "levelInFile": moved.level_in_file,
        }
        for moved in done.largest
    ]
    columns = [
        Column("userId", "member"),
        *([Column("name")] if any(row["name"] for row in rows) else []),
        Column("oldXp", "XP before", "number"),
        Column("newXp", "XP after", "number"),
        Column("level", kind="number"),
        Column("levelInFile", "in file", "number"),
    ]
    rest = done.added + done.changed - len(rows)
    title = f"the {len(rows)} largest changes; {thousands(rest)} more" if rest else "changes"
    return Rows(columns, rows, title=title, empty="nothing would change")


def problems(
    done: Imported, reading: Reading, merge: str, store: str, *, brings_curve: bool = False
) -> list[str]:
    """What a person should know before saying yes, and after, of the members of the store.

    ``brings_curve`` is whether the import sets the curve of the file too.
    """
    place = "line" if reading.source == "csv" else "entry"
    notes = [_entry_line(place, one) for one in done.skipped[:SAMPLE]]
    if len(done.skipped) > SAMPLE:
        notes.append(f"and {thousands(len(done.skipped) - SAMPLE)} more were skipped")
    if done.repeated:
        how = "were added up" if merge == "add" else "the largest XP count"
        notes.append(f"{count_text(done.repeated, 'entry')} named a member again: {how}")
    if done.elsewhere:
        notes.append(f"{count_text(done.elsewhere, 'entry')} of other guilds left out")
    notes += [*reading.notes, *_kept_told(done)]
    return [*notes, *_levels_told(done.levels, _Ways(reading, store, brings_curve))]


def settings_told(done: ConfigChanged | None, reading: Reading) -> list[str]:
    """What came along of settings, and what has no place here."""
    if done is None:
        return []
    curve = reading.curve
    told = [
        f"levels (curve {curve.name})" if key == "levels" and curve is not None else key
        for key in done.keys
    ]
    notes = [f"settings that came along: {', '.join(told) or 'nothing new'}"]
    return [*notes, *(f"left out: {one}" for one in reading.settings.left_out)]


def _kept_told(done: Imported) -> Iterator[str]:
    """How far into their levels members are, where the file says levels but no curve."""
    if done.inside_on is not None:
        yield (
            f"how far members are into their levels is worked out on curve {done.inside_on.name}, "
            "which the levels in the file fit; --curve names another"
        )
    elif done.at_start:
        yield (
            f"{count_text(done.at_start, 'member')} would begin their level, since nothing says "
            "how far into it they are: name the curve of the file with --curve"
        )


def _levels_told(levels: LevelsInFile, ways: _Ways) -> list[str]:
    if not levels.different:
        return []
    notes = [
        f"{thousands(levels.different)} of {count_text(levels.compared, 'member')} would stand at "
        "another level than in the file"
    ]
    if levels.inside:
        notes.append(
            "all XP are smaller than the size of their level: are they XP inside the level? "
            "then add --xp-in-level"
        )
    elif levels.best is not None and levels.best_helps:
        notes.append(
            f"curve {levels.best.name} fits {thousands(levels.equal_on_best)} of "
            f"{thousands(levels.compared)}: {ways.to(levels.best)}"
        )
    else:
        notes.append("no curve that is known fits them well; --keep level keeps the levels")
    return notes


@dataclass(frozen=True, slots=True)
class _Ways:
    """How to get a curve in the store; ``brings_curve`` is whether the import sets one itself."""

    reading: Reading
    store: str
    brings_curve: bool

    def to(self, best: SourceCurve) -> str:
        """What to type."""
        from robo_xp.usecases.transfer.sources.curves import told_spec

        told = best.name if best.spec is None else told_spec(best.spec)
        if len(told) > _LONGEST_CURVE:
            return "-o json has its thresholds, or --keep level"
        if self.brings_curve:
            return f"add --curve '{told}', which goes before that of the file, or --keep level"
        if best.spec is not None:
            return f"robo-xp curve set {told}{of_store(self.store)}, or --keep level"
        if self.reading.curve is not None and self.reading.curve.name == best.name:
            return "take it along with --with settings"
        return f"keep the levels with --keep level --curve {told}"


def of_store(store: str) -> str:
    """The option that names the store in a command; empty for the default one."""
    return "" if store == "default" else f" --store {store}"


def _entry_line(place: str, one: Skipped) -> str:
    return f"skipped {f'{one.file}, ' if one.file else ''}{place} {one.line}: {one.error}"


def names_in(readings: Sequence[Reading]) -> dict[str, str]:
    """The names that the files know, of members that may be shown."""
    return {e.user_id: e.name for one in readings for e in one.entries if e.name is not None}
