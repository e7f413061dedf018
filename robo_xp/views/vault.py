"""The vault: its size, what a check found, what a repair did, backups and restores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from msgspec import UNSET, UnsetType

from robo_xp.views.shape import NOBODY, Count, EpochMs, Names, Seq, View


class NamespaceSize(View, frozen=True, kw_only=True):
    """One namespace: how large its files are, and what they hold; ``error`` if they are damaged."""

    name: str
    seq: Count | None
    members: Count | None
    snapshot_bytes: Count
    journal_bytes: Count
    archive_bytes: Count
    generation: Count | None
    error: str | UnsetType = UNSET


class VaultTotals(View, frozen=True):
    """All namespaces together."""

    namespaces: Count
    members: Count
    snapshot_bytes: Count
    journal_bytes: Count
    archive_bytes: Count


class VaultSize(View, frozen=True):
    """Where the vault is, and how large."""

    data_dir: str
    format: int | None
    durability: str
    namespaces: list[NamespaceSize]
    totals: VaultTotals


class Compacted(View, frozen=True):
    """Which namespaces were folded, and how many there was no need to."""

    compacted: list[str]
    unchanged: Count
    dry_run: bool


class Damage(View, frozen=True):
    """A damaged place: its file, its first byte, what is wrong there."""

    file: str
    byte: Count | None
    what: str


class Note(View, frozen=True):
    """Something about a file that is no damage, but worth knowing."""

    file: str
    what: str


class Checked(View, frozen=True):
    """How much a check looked at, what is damaged, what could not be read."""

    namespaces: Count
    batches: Count
    members: Count
    damaged: list[Damage]
    warnings: list[Note]
    unread: list[Note]


class BatchRange(View, frozen=True):
    """Batches from the first to the last."""

    first: Seq
    last: Seq


class RepairedNamespace(View, frozen=True):
    """A namespace that goes on: from what, without which batches, and where the originals are."""

    namespace: str
    kept: str
    lost: list[BatchRange]
    copies: Sequence[str]
    seq: Seq | None

    @classmethod
    def of(cls, found: Any, names: Names = NOBODY, **more: Any) -> Self:
        """The repair of one namespace, the lost batches as ranges."""
        return super().of(found, names, lost=[BatchRange(*one) for one in found.lost], **more)


class RefusedNamespace(View, frozen=True):
    """A namespace that was left as it is, and why."""

    namespace: str
    what: str


class RecordMended(View, frozen=True):
    """A record that was not as it must be; ``removed`` where nothing sound was left of it."""

    namespace: str
    what: str
    removed: bool


class Repaired(View, frozen=True):
    """What a repair did: to files, to records, and the leftovers that it removed."""

    repaired: list[RepairedNamespace]
    refused: list[RefusedNamespace]
    records: list[RecordMended]
    removed: Sequence[str]
    format_copy: str | None
    dry_run: bool

    @classmethod
    def of(cls, found: Any, names: Names = NOBODY, **more: Any) -> Self:
        """The report, its namespaces apart by what became of them."""
        repaired = [RepairedNamespace.of(one) for one in found.files if not one.refused]
        refused = [RefusedNamespace(one.namespace, one.refused) for one in found.refused]
        return super().of(found, names, repaired=repaired, refused=refused, **more)


class Backup(View, frozen=True):
    """A backup that was made."""

    file: str
    size: Count
    namespaces: Count
    batches: Count
    started_at: EpochMs
    created_at: EpochMs

    @classmethod
    def of(cls, found: Any, names: Names = NOBODY, **more: Any) -> Self:
        """The file with the figures of its manifest."""
        manifest = found.manifest
        return cls(
            file=found.path,
            size=found.size,
            namespaces=len(manifest.namespaces),
            batches=batches_of(manifest),
            started_at=manifest.started_at,
            created_at=manifest.finished_at,
        )


class BackupRow(View, frozen=True):
    """A file that looks like a backup; ``what`` says why it is none, or cut short."""

    file: str
    created_at: EpochMs | None
    size: Count
    namespaces: Count | None
    batches: Count | None
    whole: bool
    what: str | None

    @classmethod
    def of(cls, found: Any, names: Names = NOBODY, **more: Any) -> Self:
        """The file with the figures of its manifest, where it could be read."""
        manifest = None if found.backup is None else found.backup.manifest
        return cls(
            file=found.path,
            created_at=None if manifest is None else manifest.finished_at,
            size=found.size,
            namespaces=None if manifest is None else len(manifest.namespaces),
            batches=None if manifest is None else batches_of(manifest),
            whole=manifest is not None,
            what=found.fault or None,
        )


class RestoredNamespace(View, frozen=True):
    """One namespace: the batch whose state it has again, when that was made, and the new batch."""

    namespace: str
    from_seq: Seq | None
    ts: EpochMs | None
    seq: Seq | None
    late: Count

    @classmethod
    def of(cls, found: Any, names: Names = NOBODY, **more: Any) -> Self:
        """The namespace under its name."""
        return super().of(found, names, namespace=found.name, **more)


class Restored(View, frozen=True):
    """What a restore did; ``kept`` is the folder with what was there before."""

    file: str | None
    at: EpochMs | None
    namespaces: list[RestoredNamespace]
    kept: str | None
    dry_run: bool


def batches_of(manifest: Any) -> int:
    """How many batches all namespaces of a backup have together."""
    return sum(one.seq for one in manifest.namespaces.values())
