"""The vault in a data folder: opens namespaces, and says which format the folder has."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from itertools import islice
from typing import Any
from weakref import WeakValueDictionary

import msgspec

from robo_xp.errors import Refused, RoboXPError, VaultDamaged, VaultUnavailable
from robo_xp.ports import Clock, SystemClock
from robo_xp.vault.batch import FORMAT, line_of
from robo_xp.vault.care_port import Care
from robo_xp.vault.files.archive import Archive
from robo_xp.vault.files.compaction import archive_of, newest_ms, stores_of
from robo_xp.vault.files.disk import Files, explain_errors
from robo_xp.vault.files.lock import DEFAULT_WAIT
from robo_xp.vault.files.namespace import FileNamespace
from robo_xp.vault.files.options import COMPACT_FROM, FileOptions, Place, Room
from robo_xp.vault.files.several.changes import Changes, FilesFollowUp
from robo_xp.vault.files.several.intent import unfinished_change
from robo_xp.vault.files.snapshot import replace_file
from robo_xp.vault.files.stamps import archived_stamps, folder_stamps, journal_stamp, usage_of
from robo_xp.vault.migrations import DEFAULT_MIGRATIONS, Migrations
from robo_xp.vault.name import CURSORS, GLOBAL, KINDS, NamespaceKind, is_namespace, name_of
from robo_xp.vault.port import Durability, Namespace, Usage, Vault
from robo_xp.vault.transaction import FollowUp, Origin, Transaction
from robo_xp.vault.watch import Look, Watch, look

log = logging.getLogger("robo_xp.vault")

_STORE = re.compile(r"xp/[a-z0-9_-]{1,32}")
FLUSH_SECONDS = 1.0
_REST_TOGETHER = 256


class _Format(msgspec.Struct):
    """What format.json says; later versions may say more."""

    format: int
    moved_to: str = msgspec.field(default="", name="movedTo")


class FileVault(Vault):
    """A vault in a data folder, shared with other processes."""

    def __init__(
        self,
        root: str | os.PathLike[str],
        *,
        durability: Durability = "batch",
        clock: Clock | None = None,
        files: Files | None = None,
        lock_wait: float = DEFAULT_WAIT,
        archive_days: int = 30,
        migrations: Migrations = DEFAULT_MIGRATIONS,
        open_at_once: int | None = None,
        compact_from: int = COMPACT_FROM,
        to_mend: bool = False,
        care: Callable[[FileVault], Care] | None = None,
    ) -> None:
        """Open the vault in ``root``; the folder is made by the first commit.

        ``durability``: ``batch`` syncs each batch before it is acknowledged, ``interval`` once a
        second, ``os`` leaves it to the operating system. ``lock_wait`` is in seconds;
        ``archive_days`` 0 keeps no folded journals; at most ``open_at_once`` namespaces that no
        transaction is using stay open, for None as many as the machine allows; a journal is
        compacted when it is larger than its snapshot and than ``compact_from`` bytes; ``to_mend``
        opens a folder whose format cannot be read; ``care`` makes what looks after the files.
        """
        super().__init__(clock or SystemClock())
        self.root = os.path.abspath(root)
        self._options = FileOptions(
            root=self.root,
            files=files or Files(),
            clock=self.clock,
            durability=durability,
            lock_wait=lock_wait,
            archive_days=archive_days,
            compact_from=compact_from,
            migrations=migrations,
            prepare=self._prepare,
            say_format=self._say_format,
            newest_ms=lambda: newest_ms(self.names(), self._options),
            blocks=self._blocks,
            take_up=self._take_up_changes,
            room=Room(open_at_once),
        )
        self._changes = Changes(self._options, self._namespace)
        self._known: WeakValueDictionary[str, FileNamespace] = WeakValueDictionary()
        self._open: OrderedDict[str, FileNamespace] = OrderedDict()
        self._guard = threading.Lock()
        self._closed = threading.Event()
        self._flusher: threading.Thread | None = None
        self._care = care
        self._has_said = False
        self._check_format(to_mend=to_mend)

    @property
    def options(self) -> FileOptions:
        """What all namespaces share, for those who look after the files themselves."""
        return self._options

    @property
    def format_path(self) -> str:
        """The file that says which format the folder has."""
        return os.path.join(self.root, "format.json")

    @property
    def format(self) -> int | None:
        """The format that the folder says it has; None where there is none."""
        found = self._format()
        return None if found is None else found.format

    def _format(self) -> _Format | None:
        """What the folder says of itself; None where it says nothing."""
        found = self._document()
        return None if found is None else msgspec.convert(found, _Format)

    def _document(self) -> dict[str, Any] | None:
        """The same with all that other versions say."""
        files = self._options.files
        with explain_errors("read", self.format_path):
            if files.stat(self.format_path) is None:
                return None
            data = files.read_whole(self.format_path)
        try:
            found = msgspec.json.decode(data, type=dict[str, Any])
            msgspec.convert(found, _Format)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise VaultDamaged("the format cannot be read", path=self.format_path) from error
        return found

    def _check_format(self, *, to_mend: bool) -> None:
        """Refuse a folder of a later version, or one whose format cannot be read."""
        try:
            found = self._format()
        except VaultDamaged:
            if not to_mend:
                raise
            return
        if found is None:
            return
        if found.moved_to and not to_mend:
            advice = "use that one: with --data-dir, or as data_dir in robo-xp.toml"
            raise Refused(f"the vault in {self.root} was moved to {found.moved_to}", advice=advice)
        if found.format > FORMAT:
            raise VaultUnavailable(
                f"{self.root} has format {found.format}; this version knows formats up to {FORMAT}",
                advice="upgrade Robo XP; nothing was changed",
            )

    def mark_moved(self, target: str) -> None:
        """Let whoever opens the folder be told where its vault is now; the files stay."""
        with explain_errors("write", self.format_path):
            self._say({"format": FORMAT, **(self._document() or {}), "movedTo": target})

    def _prepare(self) -> None:
        """Make the data folder, private, and say its format."""
        files = self._options.files
        files.make_folder(self.root, root=self.root)
        if files.stat(self.format_path) is None:
            self._say_format()

    def _say_format(self) -> None:
        """Make the folder say that it has this format, so that versions before refuse it."""
        if self._has_said:
            return
        try:
            found = self._document() or {}
        except VaultDamaged:
            return  # whoever mends the vault has opened it all the same
        if found.get("format", 0) < FORMAT:
            self._say({**found, "format": FORMAT})
        self._has_said = True

    def _say(self, said: dict[str, Any]) -> None:
        """Write the format anew."""
        # no lock is held: two programs that start together must not share the file beside
        beside = f"{self.format_path}.{os.getpid()}.{threading.get_ident()}.new"
        content, mode = msgspec.json.encode(said) + b"\n", self._options.file_mode()
        replace_file(self._options.files, self.format_path, content, mode, beside=beside)

    def namespace(self, name: str) -> Namespace:
        """The namespace of that name; it need not exist yet. Quick for one that is open."""
        try:
            self._open.move_to_end(name)
            return self._open[name]
        except KeyError:
            return super().namespace(name)

    def _namespace(self, name: str) -> FileNamespace:
        """The namespace, opened at the first call; the longest unused ones may be closed for it."""
        with self._guard:
            self._start_flusher()
            namespace = self._known.get(name)
            if namespace is None:
                namespace = self._known[name] = FileNamespace(name, self._options)
                namespace.listeners.append(self._tell)
            self._open[name] = namespace
            self._open.move_to_end(name)
            room = self._options.room
            unused = list(islice(self._open.items(), room.surplus(self._open.values())))
            resting: list[FileNamespace] = []
            if room.has_too_many_lock_files():
                locks = (one for one in self._open.values() if one.has_lock_file)
                resting += islice(locks, _REST_TOGETHER)
        for other_name, other in unused:
            if other.close_if_idle():
                self._open.pop(other_name, None)
        for other in resting:
            other.rest()
        return namespace

    def _blocks(self, name: str) -> bool:
        return self._changes.blocks(name)

    def _take_up_changes(self, *, wait: float | None = None) -> str | None:
        return self._changes.take_up(wait=wait)

    @property
    def changes_of_several(self) -> Changes:
        """The changes of several namespaces, for those who look after the files themselves."""
        return self._changes

    @contextmanager
    def together(
        self, names: Sequence[str], origin: Origin, *, dry_run: bool = False
    ) -> Iterator[dict[str, Transaction]]:
        """Transactions of several namespaces: once any of them is committed, all of them will be.

        Raises ChangeUnfinished where that takes another command.
        """
        with ExitStack() as stack:
            if not dry_run:
                stack.enter_context(self._changes.alone())
            yield stack.enter_context(super().together(names, origin, dry_run=dry_run))

    def _commit(self, origin: Origin, transactions: Mapping[str, Transaction]) -> None:
        """Commit in turn, once it is on the disk that it will be done."""
        planned = []
        for name, transaction in transactions.items():
            batch = transaction.content(self.namespace(name).state.seq + 1)
            if batch is not None and not transaction.dry_run:
                planned.append((name, line_of(batch)))
        if len(planned) < 2:
            super()._commit(origin, transactions)
            return
        try:
            self._changes.intend(origin, planned)
        except BaseException:
            self._drop(transactions)
            raise
        try:
            super()._commit(origin, transactions)
        except RoboXPError as error:
            raise unfinished_change(origin.cmd, error) from error
        self._changes.done()

    def following(self, *, wait: float | None = None) -> AbstractContextManager[FollowUp]:
        """In the block a change is made that other namespaces follow, each by itself."""
        wait = self._options.lock_wait if wait is None else wait
        return closing(FilesFollowUp(self._options, wait=wait))

    def _folder(self, kind: NamespaceKind) -> str:
        """The folder that namespaces of the kind are in, or below."""
        return self.root if kind in (GLOBAL, CURSORS) else os.path.join(self.root, kind)

    def names(self, kind: NamespaceKind | None = None) -> list[str]:
        """The namespaces with anything committed, of one kind or of all, sorted.

        Also those of which only snapshot or archive is left: opening them tells of the damage.
        """
        files = self._options.files
        found = set()
        for top in {self._folder(one) for one in ([kind] if kind else KINDS)}:
            folders = [top]
            while folders:
                folder = folders.pop()
                with explain_errors("list", folder):
                    there = files.names_in(folder)
                for file in there:
                    path = os.path.join(folder, file)
                    name, suffix = os.path.splitext(path.removeprefix(f"{self.root}/"))
                    if suffix in (".journal", ".json"):
                        found.add(name)
                    elif _STORE.fullmatch(name + suffix) and not files.is_file(path):
                        folders.append(path)  # also a link, which listing refuses
        for one in [kind] if kind else KINDS:
            left = filter(is_namespace, archived_stamps(one, self.root, files) - found)
            found |= {name for name in left if self._archive_of(name).folded()}
        names = sorted(filter(is_namespace, found))
        return [name for name in names if kind is None or name_of(name).kind == kind]

    def stores_of(self, guild_id: str) -> list[str]:
        """The namespaces of the stores of a guild with anything committed, sorted."""
        return stores_of(guild_id, self._options)

    def _archive_of(self, name: str) -> Archive:
        """The folded journals of a namespace."""
        return archive_of(Place.of(self.root, name), self._options)

    def changes(self, kind: NamespaceKind, since: Look | None = None) -> Look:
        """A look at the namespaces of a kind at the price of a ``stat`` each; opens none."""
        files = self._options.files
        folders = folder_stamps(self._folder(kind), files, holds_folders=kind == "xp")
        names = [] if since is None else list(since.stamps)
        if since is None or folders != since.listing:
            names += self.names(kind)
        stamps = {name: journal_stamp(Place.of(self.root, name).journal, files) for name in names}
        return look(stamps, since, folders)

    def watch(self, kind: NamespaceKind) -> Watch:
        """What hears of changes of a kind of namespaces from the kernel; to be closed."""
        from robo_xp.vault.files.watching.folders import FolderWatch  # few need it, and ctypes

        return FolderWatch(self, kind, self.root)

    def usage(self) -> dict[NamespaceKind, Usage]:
        """How much room each kind of namespace takes; opens nothing but folders."""
        return usage_of(self.root, self._options.files)

    @property
    def care(self) -> Care | None:
        """What looks after the files, where whoever opened the vault gave it any."""
        return None if self._care is None else self._care(self)

    def expire(self) -> int:
        """Remove folded journals that were kept long enough; how many namespaces had any.

        A compaction does the same for its namespace, which an idle one never has. One that cannot
        be written now is left to the next call, with a line in the log.
        """
        now = self.clock.now_ms()
        overdue = [one for one in self.names() if self._archive_of(one).is_overdue(now)]
        for name in overdue:
            try:
                self._namespace(name).expire()
            except RoboXPError as error:
                log.warning("the archive of %s is kept for now: %s", name, error.message)
        return len(overdue)

    def _start_flusher(self) -> None:
        """With durability ``interval``, run the thread that syncs; it ends with ``close``."""
        if self._options.durability != "interval" or self._flusher is not None:
            return
        self._closed = threading.Event()
        self._flusher = threading.Thread(
            target=self._flush, args=(self._closed,), name="robo-xp-flush", daemon=True
        )
        self._flusher.start()

    def _flush(self, closed: threading.Event) -> None:
        """Sync once a second what was committed, until the vault is closed."""
        while not closed.wait(FLUSH_SECONDS):
            self.sync()

    def sync(self) -> None:
        """Sync what was committed through this handle; what cannot be is logged and tried again."""
        for namespace in list(self._known.values()):
            try:
                namespace.sync()
            except (OSError, RoboXPError) as error:
                log.warning("%s is not on the disk yet: %s", namespace.name, error)

    def close(self) -> None:
        """Give up memory and open files; the next use opens them again."""
        with self._guard:
            self._closed.set()
            self._flusher = None
            namespaces = list(self._known.values())
            self._open.clear()
        for namespace in namespaces:
            namespace.close()
        self._changes.close()
        self._options.files.rest()
