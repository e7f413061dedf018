"""Restore: put a backup, or an earlier moment, in the place of what a data folder holds.

Everything is unpacked, opened and written anew in a scratch folder first, so whatever is wrong
is found before anything is replaced. Then ``placer`` puts it in place, and the present files
into a folder ``before-…``.

A namespace goes on above its highest number, and leaves a generation out, so open handles load
it again. The new snapshot fits the old journal too: a crash between the two renames leaves the
restored state.
"""

from __future__ import annotations

import os
import secrets
import shlex
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

from robo_xp.errors import (
    FolderGiven,
    GuildNotFound,
    InvalidValue,
    Refused,
    StoreNotFound,
    TooFarBack,
    VaultDamaged,
    VaultUnavailable,
)
from robo_xp.model.events import NamespaceRestored
from robo_xp.vault.batch import Batch, line_of
from robo_xp.vault.care.backup import bad_backup, pack, unpack
from robo_xp.vault.care.past import Moment, Past
from robo_xp.vault.care.placer import Placer, Ready, replaced_in
from robo_xp.vault.care.repair import mend_format, stamp
from robo_xp.vault.care.scratch import scratch_folder
from robo_xp.vault.care.survey import identity, survey
from robo_xp.vault.care_port import RESTORE, Restored, RestoredNamespace, RestoreOrder
from robo_xp.vault.files.chain import Chain
from robo_xp.vault.files.compaction import archive_of
from robo_xp.vault.files.disk import explain_errors
from robo_xp.vault.files.journal import head_line
from robo_xp.vault.files.options import FileOptions, Place
from robo_xp.vault.files.several.changes import Changes
from robo_xp.vault.files.several.intent import KEPT_FOLDER
from robo_xp.vault.files.several.placing import READY
from robo_xp.vault.files.snapshot import content_of, free_path, write_all
from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.name import name_of
from robo_xp.vault.state import Link, Mark, Tables
from robo_xp.vault.transaction import Origin

_FOLLOWING = ("cursors", "outbox")
"""Kinds of namespaces that say what Discord was told; that does not become untrue."""


@dataclass(frozen=True, slots=True)
class _Source:
    """What is restored from: its namespaces that are whole, and those that are damaged.

    ``replaced`` are all that the restore had in hand which left it, None for anything else.
    """

    names: list[str]
    damaged: list[str]
    replaced: frozenset[str] | None = None


@dataclass(frozen=True)
class Restore:
    """One restore: into which data folder, by whom, and what."""

    options: FileOptions
    changes: Changes
    origin: Origin
    order: RestoreOrder

    @cached_property
    def _kept(self) -> str:
        """The folder for what is replaced; it is not there yet."""
        place = os.path.join(self.options.root, f"before-{stamp(self.options)}")
        return free_path(self.options.files, place)

    def from_source(self, source: str | None) -> Restored:
        """Restore from a backup file, another data folder, or (None) this one's own past.

        Raises InvalidValue, NotFound, Refused, VaultDamaged, VaultBusy, VaultUnavailable;
        then nothing was replaced.
        """
        if source is None and self.order.at is None:
            raise InvalidValue("give a backup to restore, or a time with --at")
        with self._scratch() as scratch:
            found = self._gather(source, os.path.join(scratch, "source"))
            self._check_there(found, source or self.options.root)
            return self._carry_out(found, scratch)

    def _wants(self, name: str) -> bool:
        """Whether the namespace is one of those to restore."""
        guild_id, store_id = self.order.guild_id, self.order.store_id
        found = name_of(name)
        if guild_id and found.guild_id != guild_id:
            return False
        return not store_id or (found.kind == "xp" and found.store_id == store_id)

    def _check_there(self, found: _Source, shown: str) -> None:
        """Raise NotFound where the source has nothing of what is wanted, VaultDamaged where
        nothing of that is whole.
        """
        order = self.order
        if any(map(self._wants, found.names)):
            return
        damaged = list(filter(self._wants, found.damaged))
        if damaged:
            raise bad_backup(f"all that it holds is damaged: {damaged[0]}", path=shown)
        look = f"see what is inside: robo-xp backup show {shlex.quote(shown)}"
        if order.store_id:
            raise StoreNotFound(
                f"{shown} holds nothing of store {order.store_id!r} of guild {order.guild_id}",
                advice=look,
            )
        raise GuildNotFound(f"{shown} holds nothing of guild {order.guild_id}", advice=look)

    @contextmanager
    def _scratch(self) -> Iterator[str]:
        """A folder to work in, gone afterwards; on the disk of the data folder unless in a try."""
        if self.order.dry_run:
            with tempfile.TemporaryDirectory(prefix="robo-xp-") as folder:
                self.options.files.anchor(folder)
                yield folder
            return
        with explain_errors("make", self.options.root):
            self._prepare_format()
        with scratch_folder(self.options, self.changes) as folder:
            yield folder

    def _prepare_format(self) -> None:
        """Make the data folder say its format, also where it could not be read before."""
        self.options.prepare()
        try:
            FileVault(self.options.root)
        except VaultDamaged:
            mend_format(self.options)

    def _gather(self, source: str | None, folder: str) -> _Source:
        """Put the source's files into the folder; the namespaces there, whole and damaged."""
        files = self.options.files
        with explain_errors("make", folder):
            files.make_folder(folder, root=folder)
        if source is None:
            return self._copy(self.options, folder)
        path = os.path.abspath(source)
        if os.path.isdir(path):
            vault = FileVault(path)  # refuses a folder of a later version
            if vault.format is None and not vault.names():
                advice = "give a backup, or the data folder of a vault"
                raise FolderGiven(f"{path} is a folder without a vault", advice=advice)
            found = self._copy(replace(self.options, root=path), folder)
            only = replaced_in(path, files)
            if only is None and KEPT_FOLDER.fullmatch(os.path.basename(path)):
                only = frozenset([*found.names, *found.damaged])  # it never held all there was
            return replace(found, replaced=only)
        manifest = unpack(path, folder, files)
        if self.order.at is not None and self.order.at > manifest.finished_at:
            raise Refused(
                f"{path} was made before that moment",
                advice="leave out --at for its last state, or leave out the file to go back"
                " to that moment from the data folder itself",
            )
        return _Source(list(manifest.namespaces), list(manifest.damaged))

    def _copy(self, options: FileOptions, folder: str) -> _Source:
        """Put a consistent copy of what is wanted of a data folder into the folder."""
        names = FileVault(options.root, to_mend=True).names()
        if not names:
            raise Refused(f"{options.root} holds no data")
        write, found = _writer(folder, options), _Source([], [])
        for name in filter(self._wants, names):
            try:
                packed = pack(name, options)
            except (VaultDamaged, VaultUnavailable):
                found.damaged.append(name)
                continue
            if packed is not None:
                found.names.append(name)
                for inside, data in packed.files:
                    write(inside, data)
        return found

    def _carry_out(self, found: _Source, scratch: str) -> Restored:
        """Write all wanted namespaces but the damaged ones anew, then put them in place."""
        order, names = self.order, found.names
        damaged = tuple(filter(self._wants, found.damaged))
        present = set(FileVault(self.options.root, to_mend=True).names())
        if found.replaced is not None:
            present &= found.replaced
        wanted = sorted(filter(self._wants, {*names, *present} - {*damaged}))
        ready = [one for name in wanted if (one := self._prepare(name, names, scratch)) is not None]
        if all(one.result.from_seq is None for one in ready):
            raise TooFarBack("there was nothing at that moment")
        done = Restored(tuple(one.result for one in ready), None, damaged)
        if order.agree is not None:
            order.agree(done)
        if order.dry_run:
            return done
        placer = Placer(self.options, self.changes, self.origin, scratch, self._kept)
        kept = placer.carry_out(ready, lambda one: self._as_now(one, names, scratch))
        return replace(done, namespaces=tuple(one.result for one in ready), kept=kept)

    def _as_now(self, one: Ready, names: list[str], scratch: str) -> Ready:
        """The same, prepared again if somebody wrote to the namespace meanwhile."""
        if identity(one.place, self.options.files) == one.seen:
            return one
        return self._prepare(one.result.name, names, scratch) or one

    def _prepare(self, name: str, names: list[str], scratch: str) -> Ready | None:
        """Write the new files of a namespace into the scratch folder; None to leave it alone."""
        options = self.options
        place = Place.of(options.root, name)
        seen = identity(place, options.files)
        found = survey(place, options.files)
        known, known_to, journal = found.mark, found.last, found.journal
        del found  # its tables: there may be a million members
        if name_of(name).kind in _FOLLOWING and known is not None:
            return None  # numbers go on from here, so whoever followed goes on too
        past = Past(name, os.path.join(scratch, "source"), options.files) if name in names else None
        moment = None if past is None else past.at(self.order.at)
        if moment is None and seen == [None, None]:
            return None
        present = self._present(name)
        tables: Tables = {} if moment is None else moment.tables
        if moment is not None:
            options.migrations.apply(name, tables, moment.schema)
        if self.order.adapt is not None:
            self.order.adapt(name, lambda: _tables_of(present), tables)
        ends = [last for _, (_, last) in archive_of(place, options).folded()]
        top = max(known_to, 0 if moment is None else moment.seq, *ends, 0)
        mark = Mark(options.migrations.current, top, 0, secrets.token_hex(8), name, 0)
        if known is not None and known_to == top:
            # the same life, and a generation that no compaction would make: see the top
            total = None if journal is None else journal.sum_at(top)
            mark = replace(mark, generation=known.generation + 2, lineage=known.lineage, sum=total)
        if self.order.step is not None:
            self.order.step(name)
        result = _result(name, moment, None if self.order.dry_run else top + 1)
        if not self.order.dry_run:
            seq = 0 if moment is None else moment.seq
            since = None if present is None else present.taken_out_by(past, seq)
            if present is None and seen != [None, None]:
                since = 0  # damaged files do not tell since when: ever since
            # a writer that came between made an earlier preparation stale, its base above all
            self.options.files.remove_tree(Place.of(os.path.join(scratch, READY), name).archive)
            link = Link(0, 0)
            if past is not None and moment is not None:
                link = self._write_archive(past, moment, scratch)
            if present is not None:
                link = self._write_restores(present, link, mark, scratch, after=seq)
            mark = replace(mark, back=replace(link, lineage=""))
            self._write(result, tables, mark, scratch, since)
            if link.seq > seq:
                self._write_base(mark, scratch)
        return Ready(result, place, seen)

    def _present(self, name: str) -> Past | None:
        """What the data folder itself tells of the namespace; None of a damaged one too."""
        try:
            return Past(name, self.options.root, self.options.files)
        except VaultDamaged:
            return None

    def _write(
        self,
        result: RestoredNamespace,
        tables: Tables,
        mark: Mark,
        scratch: str,
        since: int | None,
    ) -> None:
        """Write the new snapshot and journal of a namespace into the scratch folder."""
        now = self.options.clock.now_ms()
        at = self.order.at or result.ts
        event = NamespaceRestored(result.from_seq, at, since, os.path.basename(self._kept))
        batch = Batch(
            seq=mark.seq + 1,
            ts=now,
            by=self.origin.by,
            cmd=self.origin.cmd or RESTORE,
            reason=self.order.reason,
            ops=[],
            events=[event],
        )
        write = _writer(os.path.join(scratch, READY), self.options)
        write(f"{result.name}.json", content_of(tables, mark))
        write(f"{result.name}.journal", head_line(mark, now) + line_of(batch))

    def _write_archive(self, past: Past, moment: Moment, scratch: str) -> Link:
        """Put the history up to the moment into the scratch folder; its last batch."""
        write = _writer(os.path.join(scratch, READY, "archive", past.name), self.options)
        return past.history(moment.seq, write, self.options.clock.now_ms())

    def _write_restores(
        self, present: Past, link: Link, mark: Mark, scratch: str, *, after: int
    ) -> Link:
        """Carry the batches that tell of earlier restores over: they change nothing, and whoever
        asks for a moment before them must learn of them. The last batch by then.
        """
        write = _writer(os.path.join(scratch, READY, "archive", present.name), self.options)
        chain = Chain(replace(mark, sum=None), link, self.options.clock.now_ms())
        for batch, _ in present.restores():
            if batch.seq > after:
                write(*chain.add((batch.seq, batch.seq, line_of(batch)), mark.lineage))
        return chain.link

    def _write_base(self, mark: Mark, scratch: str) -> None:
        """Make the new snapshot a base: carried batches do not lead up to it."""
        place = Place.of(os.path.join(scratch, READY), mark.name)
        if self.options.archive_days:
            base = os.path.join(place.archive, f"{mark.seq:012}.json")
            self.options.files.link(place.snapshot, base)


def _tables_of(present: Past | None) -> Tables | None:
    """The tables as they are now; None where nothing is, or it is damaged."""
    now = None if present is None else present.at(None)
    return None if now is None else now.tables


def _result(name: str, moment: Moment | None, seq: int | None) -> RestoredNamespace:
    if moment is None:
        return RestoredNamespace(name, None, None, seq)
    return RestoredNamespace(name, moment.seq, moment.ts, seq, moment.late)


def _writer(folder: str, options: FileOptions) -> Callable[[str, bytes], None]:
    """A function that writes files below the folder, synced, in the mode of the data folder."""
    files = options.files

    def write(name: str, data: bytes) -> None:
        path = os.path.join(folder, name)
        with explain_errors("write", path):
            files.make_folder(os.path.dirname(path), root=options.root)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            fd = files.open(path, flags, options.file_mode())
            try:
                write_all(files, fd, data)
                files.sync(fd)
            finally:
                files.close(fd)

    return write
