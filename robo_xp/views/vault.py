"""The vault: its size, what a check found, what a repair did, backups and restores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from robo_xp.views.shape import Count, EpochMs, Id, Names, Seq, View


class NamespaceSize(View, frozen=True, kw_only=True):
    """One namespace: how large its files are, and what they hold; ``error`` if they are damaged.

    ``schema_version`` is that of its tables; a later version of Robo XP may bring them to a
    higher one.
    """

    name: str
    seq: Count | None
    members: Count | None
    snapshot_bytes: Count
    journal_bytes: Count
    archive_bytes: Count
    generation: Count | None
    schema_version: Count | None
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
    """Which namespaces were folded, how many there was no need to, which are damaged."""

    compacted: list[str]
    unchanged: Count
    damaged: list[str]
    dry_run: bool


class MovedVault(View, frozen=True):
    """A vault that was moved, or would be: from where to where, and how much."""

    source: str
    target: str
    namespaces: Count
    batches: Count
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
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        return {"lost": [BatchRange(*one) for one in found.lost]}


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
    intent_copy: str | None
    dry_run: bool

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        return {
            "repaired": [RepairedNamespace.of(one) for one in found.files if not one.refused],
            "refused": [RefusedNamespace(one.namespace, one.refused) for one in found.refused],
        }


class Backup(View, frozen=True):
    """A backup that was made; ``damaged`` are namespaces that it keeps as they are.

    ``removed`` are the older ones that went for it.
    """

    file: str
    size: Count
    namespaces: Count
    batches: Count
    started_at: EpochMs
    created_at: EpochMs
    damaged: list[str]
    removed: Sequence[str] = ()

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        damaged = list(found.manifest.damaged)
        return {"file": found.path, "damaged": damaged, "removed": (), **_figures(found.manifest)}


class BackupRow(View, frozen=True):
    """A file that looks like a backup; ``what`` says why it is none, cut short, or holds damage."""

    file: str
    created_at: EpochMs | None
    size: Count
    namespaces: Count | None
    batches: Count | None
    whole: bool
    what: str | None

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        figures = _figures(None if found.backup is None else found.backup.manifest)
        del figures["started_at"]
        whole = found.backup is not None
        damaged = [] if found.backup is None else sorted(found.backup.manifest.damaged)
        what = found.fault or (f"holds damaged: {', '.join(damaged)}" if damaged else None)
        return {"file": found.path, "whole": whole, "what": what, **figures}


class StoreInside(View, frozen=True):
    """A store in a backup: its members, their XP, and its last batch with its time."""

    store_id: str
    members: Count
    total_xp: Count
    seq: Count
    ts: EpochMs


class GuildInside(View, frozen=True):
    """A guild in a backup; who is in several stores counts once."""

    guild_id: Id
    stores: list[StoreInside]
    members: Count
    giveaways: Count
    active_giveaways: Count


class BackupInside(View, frozen=True):
    """What is in a backup, by guild; ``damaged`` are namespaces that it keeps as they were."""

    file: str
    size: Count
    started_at: EpochMs
    created_at: EpochMs
    namespaces: Count
    batches: Count
    members: Count
    guilds: list[GuildInside]
    damaged: list[str]

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        manifest = found.backup.manifest
        damaged = list(manifest.damaged)
        own = {"file": found.backup.path, "size": found.backup.size, "damaged": damaged}
        return {**own, **_figures(manifest)}


class RestoredNamespace(View, frozen=True):
    """One namespace: the batch whose state it has again, when that was made, and the new batch."""

    namespace: str
    from_seq: Seq | None
    ts: EpochMs | None
    seq: Seq | None
    late: Count

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        return {"namespace": found.name}


class OverNow(View, frozen=True):
    """A giveaway that was over before the restore, and not in its source; or it opened again."""

    guild_id: Id
    id: str
    prize: str
    status: str
    reopened: bool


class Restored(View, frozen=True):
    """What a restore did; ``kept`` is the folder with what was there before.

    ``damaged`` are the namespaces that the source has only damaged; they were left alone.
    """

    file: str | None
    at: EpochMs | None
    namespaces: list[RestoredNamespace]
    giveaways: list[OverNow]
    kept: str | None
    damaged: Sequence[str]
    dry_run: bool


def _figures(manifest: Any) -> dict[str, int | None]:
    """What a manifest says; nothing where a file has none."""
    if manifest is None:
        return dict.fromkeys(("namespaces", "batches", "started_at", "created_at"))
    return {
        "namespaces": len(manifest.namespaces),
        "batches": sum(one.seq for one in manifest.namespaces.values()),
        "started_at": manifest.started_at,
        "created_at": manifest.finished_at,
    }
