"""A plan: a change that was not made yet. Preview it, or commit it as one batch.

The decision is a function of the transaction, so it always speaks of the state it is made on:
a plan cannot grow stale between its preview and its commit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from robo_xp.model.events import MadeTogether
from robo_xp.vault import Namespace, Origin, Transaction, Vault

R = TypeVar("R")


def bind(vault: Vault, transactions: Mapping[str, Transaction]) -> None:
    """Let each batch name the others, so that they are taken back together.

    Each of the transactions, by the names of their namespaces, has to have something to commit.
    """
    for name, transaction in transactions.items():
        for other in transactions:
            if other != name:
                number = vault.namespace(other).state.seq + 1
                transaction.event(MadeTogether(other, number))


@dataclass(frozen=True, slots=True)
class Plan(Generic[R]):
    """One change to one namespace and what it will report.

    ``decide`` puts the changes into the transaction it is given and returns the result;
    ``reason`` and ``undoes`` go into the batch.
    """

    namespace: Namespace
    origin: Origin
    decide: Callable[[Transaction], R]
    reason: str | None = None
    undoes: int | None = None

    def preview(self) -> tuple[R, None]:
        """What the change would report now; nothing is changed and no lock is taken."""
        with self._transaction(dry_run=True) as transaction:
            return self.decide(transaction), None

    def commit(self) -> tuple[R, int | None]:
        """Make the change: its result, and the number of its batch (None if nothing changed)."""
        with self._transaction(dry_run=False) as transaction:
            result = self.decide(transaction)
        return result, transaction.seq

    def carry_out(self, *, dry_run: bool) -> tuple[R, int | None]:
        """``preview`` or ``commit``."""
        return self.preview() if dry_run else self.commit()

    def _transaction(self, *, dry_run: bool) -> Transaction:
        """The transaction that the decision is made in."""
        transaction = self.namespace.transaction(self.origin, dry_run=dry_run)
        transaction.reason = self.reason
        transaction.undoes = self.undoes
        return transaction
