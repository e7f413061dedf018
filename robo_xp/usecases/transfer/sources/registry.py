"""All sources, and which of them files are of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from robo_xp.errors import InvalidValue, UnknownSource
from robo_xp.model import short_text
from robo_xp.usecases.reading.documents import Document
from robo_xp.usecases.transfer.sources.base import Source
from robo_xp.usecases.transfer.sources.bots import boards, mee6, polaris, red
from robo_xp.usecases.transfer.sources.stores import keyed, plain, robojs

AUTO: Final = "auto"
SOURCES: Final[dict[str, Source]] = {
    source.name: source
    for module in (mee6, polaris, red, boards, keyed, robojs, plain)
    for source in module.SOURCES
}
"""All sources by name; the last two take any JSON and any table."""

_OPEN: Final = (SOURCES["json"], SOURCES["csv"])
_KINDS: Final = {
    "json": "JSON",
    "table": "a table",
    "database": "a SQLite database",
    "folder": "a folder",
}
NAMES: Final = (AUTO, *SOURCES)


def source_of(name: str, documents: Sequence[Document]) -> Source:
    """The source that was named, or for ``auto`` the one that the documents are of.

    Raises UnknownSource where several fit, or a document is of none, or not of the one named.
    """
    if name != AUTO and name not in SOURCES:
        raise InvalidValue(f"{short_text(name)} is none of the sources {', '.join(NAMES)}")
    found = SOURCES[name] if name != AUTO else _recognised_source(documents)
    for document in documents:
        if not found.takes(document) or _is_of_another(found, document):
            raise _not_of(found, document)
    return found


def could_be_of(found: Source, documents: Sequence[Document]) -> list[Source]:
    """The bots with a curve whose files look like these, where those are of the open shapes."""
    bots = [source for source in SOURCES.values() if found in _OPEN and source.has_curve]
    return [source for source in bots if all(map(source.takes, documents))]


def _recognised_source(documents: Sequence[Document]) -> Source:
    found: dict[str, Source] = {}
    for document in documents:
        fitting = _fitting(document)
        if len(fitting) > 1:
            raise UnknownSource(f"the file could be of {_titles(fitting)}")
        found |= {source.name: source for source in fitting}
    if len(found) > 1:
        raise UnknownSource(f"the files are of {_titles(list(found.values()))}")
    if found:
        return next(iter(found.values()))
    if any(document.kind == "database" for document in documents):
        raise UnknownSource(
            "the SQLite database is of no library that is known",
            advice="export its table of levels: sqlite3 -header -csv FILE 'SELECT * FROM levels'",
        )
    return SOURCES["csv" if documents and documents[0].kind == "table" else "json"]


def _fitting(document: Document) -> list[Source]:
    return [source for source in SOURCES.values() if source.fits(document)]


def _is_of_another(source: Source, document: Document) -> bool:
    """Whether the document is certainly not of this bot, but of another; libraries of stores look
    alike.
    """
    if source in _OPEN or document.database is not None or source.fits(document):
        return False
    return bool(_fitting(document))


def _not_of(source: Source, document: Document) -> UnknownSource:
    """The error for a file of another shape, with the source that it looks like."""
    if document.kind not in source.kinds:
        kinds = " or ".join(_KINDS[kind] for kind in source.kinds)
        why = f"comes as {kinds}, and the file is {_KINDS[document.kind]}"
    else:
        why = "writes other files than this one"
    name = f"{document.file}: " if document.file else ""
    like = _fitting(document)
    advice = f"it looks like {_titles(like)}" if like else "'robo-xp import auto' reads any shape"
    return UnknownSource(f"{name}{source.title} {why}", advice=advice)


def _titles(sources: Sequence[Source]) -> str:
    return " or ".join(f"{source.title} ({source.name})" for source in sources)
