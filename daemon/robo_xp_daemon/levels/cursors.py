"""How far the journals were followed, kept in the vault: what a restart goes on from.

A cursor is stored after its effects were done, so a crash repeats some of them and loses none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Final

from robo_xp import RoboXP
from robo_xp.vault import CURSORS, Origin, Transaction

FOLLOWED: Final = "xp"
_TABLE = "cursors"
_STARTS, _FIRST = "starts", "1"
_ORIGIN = Origin("daemon", "follow")


class Kind(StrEnum):
    """What is done about changes; each kind keeps its own pace."""

    REWARDED = "rewarded"
    ANNOUNCED = "announced"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last batch of a namespace whose effects of each kind were done."""

    rewarded: int = 0
    announced: int = 0

    def at(self, kind: Kind) -> int:
        """The last batch done for this kind."""
        return self.rewarded if kind is Kind.REWARDED else self.announced

    def moved(self, kind: Kind, seq: int) -> Cursor:
        """The same with one kind further on."""
        if kind is Kind.REWARDED:
            return replace(self, rewarded=seq)
        return replace(self, announced=seq)


class Cursors:
    """The cursors of all followed namespaces, one record each."""

    def __init__(self, robo: RoboXP) -> None:
        self._vault = robo.vault

    def begin(self) -> bool:
        """Whether the vault was never followed before; then its present is the beginning."""
        namespace = self._vault.namespace(CURSORS)
        if len(namespace.read().table(_STARTS)):
            return False
        present = {name: self._vault.namespace(name).read().seq for name in self._followed()}
        with namespace.transaction(_ORIGIN) as transaction:
            transaction.db.table(_STARTS).replace({_FIRST: {"at": transaction.ts}})
            _put(transaction, {name: Cursor(seq, seq) for name, seq in present.items()})
        return True

    def load(self) -> dict[str, Cursor]:
        """The stored cursors by namespace; one without is followed from its first batch."""
        return {
            record["namespace"]: Cursor(record["rewarded"], record["announced"])
            for record, _ in self._vault.namespace(CURSORS).read().table(_TABLE)
        }

    def save(self, cursors: Mapping[str, Cursor]) -> None:
        """Store cursors that moved, in one batch."""
        if not cursors:
            return
        with self._vault.namespace(CURSORS).transaction(_ORIGIN) as transaction:
            _put(transaction, cursors)

    def _followed(self) -> list[str]:
        return self._vault.names(FOLLOWED)


def _put(transaction: Transaction, cursors: Mapping[str, Cursor]) -> None:
    """Store each cursor under the number of its namespace, a new one for a new namespace."""
    numbers = {record["namespace"]: number for record, number in transaction.table(_TABLE)}
    last = max(map(int, numbers.values()), default=0)
    new = (name for name in cursors if name not in numbers)
    numbers.update((name, str(number)) for number, name in enumerate(list(new), last + 1))
    transaction.db.table(_TABLE).replace(
        {numbers[name]: {"namespace": name, **asdict(one)} for name, one in cursors.items()}
    )
