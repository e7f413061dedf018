"""The vault: opens namespaces. What callers know is namespaces, batches and events, never files."""

from __future__ import annotations

import os
import re
import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from pathlib import Path
from typing import Any

import msgspec

from robo_xp.errors import InvalidValue, VaultDamaged, VaultUnavailable
from robo_xp.ports import Clock, SystemClock
from robo_xp.vault.file_namespace import Durability, FileNamespace, FileOptions
from robo_xp.vault.files import Files, explained
from robo_xp.vault.journal import FORMAT, Batch
from robo_xp.vault.lock import DEFAULT_WAIT
from robo_xp.vault.migrations import DEFAULT_MIGRATIONS, Migrations
from robo_xp.vault.namespace import Listener, Namespace
from robo_xp.vault.snapshot import replace_file

_NAME = re.compile(
    r"global|xp/[a-z0-9_-]{1,32}/[0-9]{17,20}|giveaways/[0-9]{17,20}|names/[0-9]{17,20}"
)
FLUSH_SECONDS = 1.0
OPEN_AT_ONCE = 256


class Vault(ABC):
    """A set of namespaces, and listeners for what is committed through this handle."""

    def __init__(self, clock: Clock) -> None:
        """Start without listeners."""
        self.clock = clock
        self.listeners: list[Listener] = []

    def namespace(self, name: str) -> Namespace:
        """The namespace of that name; it need not exist yet."""
        if not _NAME.fullmatch(name):
            raise InvalidValue(f"{name!r} is no name of a namespace")
        return self._namespace(name)

    def _tell(self, name: str, batch: Batch) -> None:
        """Pass a committed batch on to the listeners of the vault."""
        for listener in self.listeners:
            listener(name, batch)

    @abstractmethod
    def _namespace(self, name: str) -> Namespace:
        """The namespace of a checked name."""

    @abstractmethod
    def names(self, prefix: str = "") -> list[str]:
        """The namespaces with anything committed whose name starts so, sorted."""

    @abstractmethod
    def close(self) -> None:
        """Give up memory and open files."""


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
        open_at_once: int = OPEN_AT_ONCE,
    ) -> None:
        """Open the vault in ``root``; the folder is made by the first commit.

        ``durability``: ``batch`` syncs each batch before it is acknowledged, ``interval`` once a
        second, ``os`` leaves it to the operating system. ``lock_wait`` is in seconds;
        ``archive_days`` 0 keeps no folded journals; at most ``open_at_once`` namespaces are kept
        in memory.
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
            migrations=migrations,
            prepare=self._prepare,
        )
        self._open: OrderedDict[str, FileNamespace] = OrderedDict()
        self._open_at_once = open_at_once
        self._guard = threading.Lock()
        self._closed = threading.Event()
        self._check_format()
        if durability == "interval":
            threading.Thread(target=self._flush, name="robo-xp-flush", daemon=True).start()

    @property
    def format_path(self) -> str:
        """The file that says which format the folder has."""
        return os.path.join(self.root, "format.json")

    def _check_format(self) -> None:
        """Refuse a folder of a later version, or one whose format cannot be read."""
        try:
            data = Path(self.format_path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            with explained("read", self.format_path):
                raise error
        try:
            found: Any = msgspec.json.decode(data, type=dict[str, int])["format"]
        except (msgspec.MsgspecError, KeyError) as error:
            raise VaultDamaged("the format cannot be read", path=self.format_path) from error
        if found > FORMAT:
            raise VaultUnavailable(
                f"{self.root} has format {found}; this version knows formats up to {FORMAT}",
                advice="upgrade Robo XP; nothing was changed",
            )

    def _prepare(self) -> None:
        """Make the data folder, private, and say its format."""
        files = self._options.files
        files.make_folder(self.root, root=self.root)
        if files.stat(self.format_path) is None:
            content = b'{"format": %d}\n' % FORMAT
            replace_file(files, self.format_path, content, self._options.file_mode())

    def _namespace(self, name: str) -> Namespace:
        """The namespace, opened at the first call; the longest unused one may be closed for it."""
        with self._guard:
            namespace = self._open.get(name)
            if namespace is not None:
                self._open.move_to_end(name)
                return namespace
            namespace = self._open[name] = FileNamespace(name, self._options)
            namespace.listeners.append(self._tell)
            idle = self._open.popitem(last=False)[1] if len(self._open) > self._open_at_once else None
        if idle is not None:
            idle.close()
        return namespace

    def names(self, prefix: str = "") -> list[str]:
        """The namespaces with anything committed whose name starts so, sorted."""
        found = []
        for kind in ("", "xp", "giveaways", "names"):
            top = os.path.join(self.root, kind)
            for folder, subfolders, files in os.walk(top):
                if not kind:
                    subfolders.clear()
                base = os.path.relpath(folder, self.root)
                found += [
                    os.path.normpath(os.path.join(base, file.removesuffix(".journal")))
                    for file in files
                    if file.endswith(".journal")
                ]
        return sorted(
            name for name in found if name.startswith(prefix) and _NAME.fullmatch(name)
        )

    def _flush(self) -> None:
        """Sync once a second what was committed, until the vault is closed."""
        while not self._closed.wait(FLUSH_SECONDS):
            for namespace in list(self._open.values()):
                namespace.sync()

    def close(self) -> None:
        """Give up memory and open files; the next use opens them again."""
        self._closed.set()
        for namespace in list(self._open.values()):
            namespace.close()
