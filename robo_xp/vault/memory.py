"""A vault without disk, under the same suite as the one on disk: for tests and what-ifs."""

from __future__ import annotations

from collections.abc import Iterator

from robo_xp.ports import Clock, SystemClock
from robo_xp.vault.batch import FORMAT, HEAD_LENGTH, Batch, Part, batch_of, brief_of, line_of
from robo_xp.vault.migrations import SCHEMA
from robo_xp.vault.name import NamespaceKind, name_of
from robo_xp.vault.port import Namespace, Sizes, Vault
from robo_xp.vault.pseudonyms import ERASED, in_line, marks_in
from robo_xp.vault.state import Mark


class MemoryNamespace(Namespace):
    """A namespace whose journal is a list of lines, encoded as they would be on disk."""

    def __init__(self, name: str, clock: Clock) -> None:
        """Start empty."""
        super().__init__(name, clock)
        self._lines: list[bytes] = []
        self.state.load({}, Mark(SCHEMA, 0, 0, "memory"))

    def _catch_up(self) -> None:
        """Nothing to do: nobody else writes here."""

    def _lock(self) -> None:
        """Nothing to do: the guard of the namespace is the lock."""

    def _unlock(self) -> None:
        """Nothing to do."""

    def _append(self, batch: Batch) -> None:
        """Keep the line, and apply what it says, so that nothing shares mutable parts."""
        line = line_of(batch)
        self.state.apply(batch_of(line[:-1]))
        self._lines.append(line)

    def batches(self, after: int = 0) -> Iterator[Batch]:
        """The batches with a higher number than ``after``, oldest first."""
        for line in self._lines[after:]:
            yield batch_of(line[:-1])

    def batches_back(self) -> Iterator[Batch]:
        """The batches, newest first."""
        for line in reversed(self._lines):
            yield batch_of(line[:-1])

    def heads_back(self, part: Part | None = None) -> Iterator[Batch]:
        """The same, of large ones that part or no body."""
        for line in reversed(self._lines):
            brief = brief_of(line[:HEAD_LENGTH])
            if brief is None:
                yield batch_of(line[:-1])
            else:
                yield batch_of(brief if part is None else part.line(line[:-1], brief))

    def exists(self) -> bool:
        """Whether anything was ever committed here."""
        return bool(self._lines)

    def sizes(self) -> Sizes:
        """The lines are the journal, and there is nothing else."""
        return Sizes(0, sum(map(len, self._lines)), 0)

    def compact(self) -> bool:
        """Nothing to fold but pseudonyms into the lines; whether there would be."""
        with self._guard:
            self._refuse_while_writing()
            pseudonyms = marks_in(self.state.tables)
            self._lines = [
                in_line(line, seq, pseudonyms) for seq, line in enumerate(self._lines, start=1)
            ]
            self.state.tables.pop(ERASED, None)
            return self.exists()

    def sync(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to give up: memory is all there is; only what writes may not be closed."""
        with self._guard:
            self._refuse_while_writing()


class MemoryVault(Vault):
    """A vault that ends with the process."""

    def __init__(self, *, clock: Clock | None = None) -> None:
        super().__init__(clock or SystemClock())
        self._namespaces: dict[str, MemoryNamespace] = {}

    def _namespace(self, name: str) -> Namespace:
        """The namespace, made at the first call."""
        if name not in self._namespaces:
            namespace = self._namespaces[name] = MemoryNamespace(name, self.clock)
            namespace.listeners.append(self._tell)
        return self._namespaces[name]

    @property
    def format(self) -> int | None:
        """The format of the lines; None before the first."""
        return FORMAT if self.names() else None

    def names(self, kind: NamespaceKind | None = None) -> list[str]:
        """The namespaces with anything committed, of one kind or of all, sorted."""
        return sorted(
            name
            for name, namespace in self._namespaces.items()
            if namespace.exists() and (kind is None or name_of(name).kind == kind)
        )

    def close(self) -> None:
        """Nothing to give up, as long as nobody writes."""
        for namespace in self._namespaces.values():
            namespace.close()
