"""What a source is: a name, and functions from a document to what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from robo_xp.usecases.reading.documents import Document
from robo_xp.usecases.transfer.entry import ForeignSettings, SourceCurve
from robo_xp.usecases.transfer.fields import OPEN, Fields
from robo_xp.usecases.transfer.members import Found, first_members, members_in


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """What the operator said about the files.

    ``guild`` is the guild whose entries are wanted, as the files name it. ``key`` says how keys of
    a key-value store are built, ``table`` which table is meant, ``store`` which track is read.
    ``others`` are the titles of bots whose files look like these, where nobody said whose they are.
    """

    guild: str
    now_ms: int
    curve: SourceCurve | None = None
    key: str | None = None
    table: str | None = None
    store: str = "default"
    stores: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def _members(document: Document, how: How) -> Iterator[Found]:
    return members_in(document.value)


def _never(document: Document) -> bool:
    return False


def _no_curve(document: Document, how: How) -> SourceCurve | None:
    return None


def _no_settings(document: Document, how: How) -> ForeignSettings:
    return ForeignSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One kind of file. ``fits`` says whether a document is certainly of it, ``could_be`` whether
    it is one if somebody says so.

    ``kinds`` are the documents that it can come as; ``stores`` lists the stores that are in it,
    where it can hold several.
    """

    name: str
    title: str
    kinds: tuple[str, ...] = ("json",)
    fits: Callable[[Document], bool] = _never
    could_be: Callable[[Document], bool] = _never
    members: Callable[[Document, How], Iterator[Found]] = _members
    fields: Fields = OPEN
    curve: Callable[[Document, How], SourceCurve | None] = _no_curve
    settings: Callable[[Document, How], ForeignSettings] = _no_settings
    stores: Callable[[Document, How], tuple[str, ...]] | None = None

    @property
    def has_curve(self) -> bool:
        """Whether a curve is known for its levels."""
        return self.curve is not _no_curve

    def takes(self, document: Document) -> bool:
        """Whether the document can be read as one of this source."""
        is_kind = document.kind in self.kinds
        return is_kind and (self.fits(document) or self.could_be(document))


def on_object(fits: Callable[[Mapping[str, Any]], bool]) -> Callable[[Document], bool]:
    """A ``fits`` for documents that are one JSON object, or the first page of a list of them."""

    def check(document: Document) -> bool:
        value = document.value
        while isinstance(value, list) and value:
            value = value[0]
        return isinstance(value, Mapping) and fits(value)

    return check


def lists(*keys: str) -> Callable[[Document], bool]:
    """A check for JSON documents whose first members, or one of them, have all of these keys."""

    def check(document: Document) -> bool:
        return any(all(key in one for key in keys) for one in first_members(document.value))

    return check


def objects_in(document: Document) -> list[Mapping[str, Any]]:
    """The top object of a document, or all of them where pages follow each other."""
    values, found = [document.value], []
    while values:
        value = values.pop(0)
        if isinstance(value, list):
            values += [item for item in value if isinstance(item, list | dict)]
        elif isinstance(value, Mapping):
            found.append(value)
    return found
