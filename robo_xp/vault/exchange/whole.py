"""A namespace as a whole, as engines pass it to each other, and what both sides can do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from robo_xp.vault.batch import Batch
from robo_xp.vault.state import Mark, Tables

Line = tuple[Batch, bytes]
"""A batch, and its line as it was written, without the newline."""


@dataclass(frozen=True, slots=True)
class Whole:
    """All that is kept of one namespace: ``lines`` are the kept ones, oldest first."""

    name: str
    mark: Mark
    tables: Tables
    lines: Iterator[Line]


class Writer(Protocol):
    """What takes namespaces into an empty vault; all of them are there at its end, or none."""

    def put(self, whole: Whole) -> int:
        """Take one namespace; how many lines it has."""


class Side(Protocol):
    """A vault as a source or a target of a move."""

    @property
    def shown(self) -> str:
        """Where it is, for people."""

    @property
    def address(self) -> str:
        """What opens it, in a configuration as well."""

    def numbers(self) -> dict[str, int]:
        """The last batch of each namespace."""

    def read(self, name: str) -> AbstractContextManager[Whole]:
        """A namespace as of one moment. Raises VaultDamaged."""

    def writing(self) -> AbstractContextManager[Writer]:
        """What takes namespaces; nothing of them stays after an exception."""

    def identity(self) -> object:
        """What is equal for two ways to write where one vault is."""

    def worker(self) -> str:
        """Who does a daemon's work on it now, as far as the vault knows; empty for nobody."""

    def mark_moved(self, target: str) -> None:
        """Let whoever opens this vault be told where it is now."""

    def close(self) -> None:
        """Give up what is open."""
