"""Files of other bots, read: what they say of one store, and what of it could not be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from robo_xp.errors import Fault, InvalidRows, InvalidValue, OtherGuild
from robo_xp.rules.levels.curve import DEFAULT_CURVE
from robo_xp.usecases.reading.documents import Document
from robo_xp.usecases.reading.spelling import folded_key
from robo_xp.usecases.reading.table import Table
from robo_xp.usecases.transfer.entry import Entry, ForeignSettings, Reading, Skipped, SourceCurve
from robo_xp.usecases.transfer.fields import ID, LEVEL, TOTAL, XP, Reader
from robo_xp.usecases.transfer.sources.base import How, Source
from robo_xp.usecases.transfer.sources.curves import settings_spec
from robo_xp.usecases.transfer.sources.stores.plain import is_own

Step = Callable[[], object]
_FEW = 20


@dataclass(slots=True)
class _Sorted:
    """What came out of the files so far."""

    entries: list[Entry] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    elsewhere: dict[str, int] = field(default_factory=dict)
    both: int = 0

    def add(self, entry: Entry | Skipped, guild_id: str) -> None:
        """Put an entry where it belongs."""
        if isinstance(entry, Skipped):
            self.skipped.append(entry)
        elif entry.guild_id is None or entry.guild_id == guild_id:
            self.entries.append(entry)
        else:
            self.elsewhere[entry.guild_id] = self.elsewhere.get(entry.guild_id, 0) + 1


def read(source: Source, documents: Sequence[Document], how: How, step: Step) -> Reading:
    """All that the documents say of one store of the guild; ``step`` is called for each entry.

    Raises InvalidValue where nothing can be used, RoundedIds where ids have lost digits, and
    OtherGuild where all is of another guild.
    """
    found = _Sorted()
    for document in documents:
        reader = Reader(source.fields, how.now_ms, document.file)
        for entry in _entries(source, document, how, reader):
            found.add(entry, how.guild)
            step()
        if not is_own(document):
            reader.ids.check()
        found.both += reader.both
    _check_usable(found, how)
    curve = _curve(source, documents, how)
    return Reading(
        source.name,
        found.entries,
        tuple(found.skipped),
        sum(found.elsewhere.values()),
        curve,
        _settings(source, documents, how, curve),
        tuple(_notes(documents, found, how)),
    )


def _entries(
    source: Source, document: Document, how: How, reader: Reader
) -> Iterator[Entry | Skipped]:
    if document.table is not None:
        _check_header(document.table)
        for line, fields in document.table.rows():
            if isinstance(fields, str):
                yield Skipped(line, fields, document.file)
            else:
                yield reader.entry(line, fields)
        return
    for line, one in enumerate(source.members(document, how), start=1):
        if one.fault is not None:
            yield Skipped(line, one.fault, document.file)
        else:
            yield reader.entry(line, one.item, user=one.user, guild=one.guild)


def _check_header(table: Table) -> None:
    """Raise InvalidValue unless members and XP, or levels, can be found in the columns."""
    names = {folded_key(name) for name in table.columns}
    if not names & set(ID) or not names & {*XP, *TOTAL, *LEVEL}:
        raise InvalidValue(
            "the first line names no column of member ids, or none of XP",
            advice="start the file with a header such as userId,xp,level,messages,name",
        )


def _check_usable(found: _Sorted, how: How) -> None:
    """Raise unless there is something to import."""
    if found.entries:
        return
    if found.elsewhere:
        other = max(found.elsewhere, key=lambda guild: found.elsewhere[guild])
        raise OtherGuild(
            f"the file is of guild {other}, not of {how.guild}",
            advice=f"to take it over into this guild all the same: --from-guild {other}",
        )
    if not found.skipped:
        raise InvalidValue("the file lists no members")
    faults = [
        Fault(f"{one.file}, {one.line}" if one.file else f"{one.line}", one.error)
        for one in found.skipped[:_FEW]
    ]
    raise InvalidRows(
        [Fault("", f"none of {len(found.skipped)} entries can be used"), *faults],
        advice="see docs/migration.md for the shapes that are read",
    )


def _curve(source: Source, documents: Sequence[Document], how: How) -> SourceCurve | None:
    """The curve that the operator named, or that of the source."""
    if how.curve is not None:
        return how.curve
    curves = (source.curve(document, how) for document in documents if document.table is None)
    found = next((curve for curve in curves if curve is not None), None)
    return found or (source.curve(Document(), how) if documents else None)


def _settings(
    source: Source, documents: Sequence[Document], how: How, curve: SourceCurve | None
) -> ForeignSettings:
    """The settings in the first document that has any, with the curve where it is known.

    One that the operator named goes before that of the file.
    """
    found = [source.settings(document, how) for document in documents if document.table is None]
    with_any = (one for one in found if one.own or one.rewards)
    settings = next(with_any, found[0] if found else ForeignSettings())
    spec = None if curve is None else settings_spec(curve)
    is_held = "levels" in settings.own or spec == DEFAULT_CURVE.spec()
    if spec is None or (is_held and how.curve is None):
        return settings
    return replace(settings, own={**settings.own, "levels": spec})


def _notes(documents: Sequence[Document], found: _Sorted, how: How) -> Iterator[str]:
    if how.others and all(entry.level is None for entry in found.entries):
        yield (
            f"{' and '.join(how.others)} may have written this too: named in place of auto, "
            "a bot brings its curve"
        )
    if found.both:
        yield f"{found.both} entries say a total beside XP in the level: the total was taken"
    if cut := sum(entry.cut for entry in found.entries):
        yield f"fractions of XP were cut off: {cut:.2f} XP in all"
    for document in documents:
        if document.table is not None and not document.table.ends:
            name = f"{document.file}: " if document.file else ""
            yield f"{name}the last line has no end; if the file was cut short, look at that line"
