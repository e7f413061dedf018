"""Members in and out: what an import did, and what an export wrote."""

from __future__ import annotations

from typing import Any, Self

from msgspec import UNSET, UnsetType

from robo_xp.views.shape import NOBODY, Count, Names, Seq, View


class SkippedEntry(View, frozen=True, kw_only=True):
    """An entry that was left out, and why; ``file`` only where there are several."""

    file: str | UnsetType = UNSET
    line: Count
    error: str

    @classmethod
    def of(cls, found: Any, names: Names = NOBODY, **more: Any) -> Self:
        """The entry, without a file where there is one only."""
        return super().of(found, names, file=UNSET if found.file is None else found.file, **more)


class Imported(View, frozen=True):
    """What an import did: entries read, members added and changed, entries left out."""

    read: Count
    added: Count
    changed: Count
    unchanged: Count
    skipped: list[SkippedEntry]
    seq: Seq | None
    dry_run: bool


class ExportWritten(View, frozen=True):
    """The file that an export wrote."""

    file: str
    format: str
    members: Count
    bytes: Count
