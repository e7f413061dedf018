"""A vault in PostgreSQL as a side of a move: read as of one moment, written in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from robo_xp.vault.exchange.whole import Whole
from robo_xp.vault.postgres.vault import PostgresVault
from robo_xp.vault.postgres.whole import WholeWriter, reading, writing


class DatabaseSide:
    """A vault in a database."""

    def __init__(self, vault: PostgresVault) -> None:
        """Take an open one."""
        self._vault = vault

    @property
    def shown(self) -> str:
        """The address."""
        return self._vault.address.shown

    @property
    def address(self) -> str:
        """The address with all that it says."""
        return self._vault.address.whole

    def numbers(self) -> dict[str, int]:
        """The last batch of each namespace."""
        return self._vault.numbers()

    @contextmanager
    def read(self, name: str) -> Iterator[Whole]:
        """A namespace as of one moment."""
        with reading(self._vault.shared, name) as reader:
            yield Whole(name, reader.mark, reader.tables, reader.lines())

    @contextmanager
    def writing(self) -> Iterator[DatabaseWriter]:
        """One transaction that takes all namespaces."""
        with writing(self._vault.shared) as writer:
            yield DatabaseWriter(writer)

    def identity(self) -> object:
        """Which server, database and schema it is, however the address names them."""
        return self._vault.identity()

    def worker(self) -> str:
        """Who holds a lease, on whatever machine."""
        return self._vault.worker()

    def mark_moved(self, target: str) -> None:
        """Let the row of the version say where the vault is now."""
        self._vault.mark_moved(target)

    def close(self) -> None:
        """Close its connections."""
        self._vault.close()


class DatabaseWriter:
    """Puts namespaces into the tables."""

    def __init__(self, writer: WholeWriter) -> None:
        """Write within this transaction."""
        self._writer = writer

    def put(self, whole: Whole) -> int:
        """Take one namespace; how many lines it has."""
        return self._writer.put(whole.name, whole.mark, whole.tables, whole.lines)
