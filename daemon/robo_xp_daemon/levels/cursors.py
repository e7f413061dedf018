"""How far the journals were read, kept in the vault: what a restart goes on from.

Where a batch asked for something, that is stored with it in the outbox of its guild; batches that
asked for nothing are noted here now and then, all namespaces in one batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from robo_xp import RoboXP
from robo_xp.vault import CURSORS, Origin, Transaction, xp_name

FOLLOWED: Final = "xp"
_TABLE = "cursors"
_STARTS, _FIRST = "starts", "1"
_ORIGIN = Origin("daemon", "follow")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last batch of a namespace that was read for roles, and for announcements.

    Both are the same, but in vaults that version 0.1.0 left in the middle of its work.
    """

    rewarded: int = 0
    announced: int = 0

    @classmethod
    def at(cls, seq: int) -> Cursor:
        """Everything up to a batch was read."""
        return cls(seq, seq)


class Cursors:
    """The cursors of all followed namespaces, one record each."""

    def __init__(self, robo: RoboXP) -> None:
        self._vault = robo.vault
        self._outbox = robo.outbox

    def begin(self) -> bool:
        """Whether the vault was never followed before; then its present is the beginning."""
        namespace = self._vault.namespace(CURSORS)
        if len(namespace.read().table(_STARTS)):
            return False
        present = {name: self._vault.namespace(name).read().seq for name in self._followed_names()}
        with namespace.transaction(_ORIGIN) as transaction:
            if len(transaction.table(_STARTS)):  # another daemon was quicker
                return False
            transaction.db.table(_STARTS).replace({_FIRST: {"at": transaction.ts}})
            _put(transaction, {name: Cursor(seq, seq) for name, seq in present.items()})
        return True

    def load(self) -> dict[str, Cursor]:
        """The stored cursors by namespace; one without is followed from its first batch."""
        found = {
            record["namespace"]: Cursor(record["rewarded"], record["announced"])
            for record, _ in self._vault.namespace(CURSORS).read().table(_TABLE)
        }
        for guild_id in self._outbox.guilds():
            for store_id, seq in self._outbox.taken(guild_id).items():
                held = found.get(name := xp_name(store_id, guild_id), Cursor())
                found[name] = Cursor(max(held.rewarded, seq), max(held.announced, seq))
        return found

    def save(self, cursors: Mapping[str, Cursor]) -> None:
        """Store cursors that moved, in one batch."""
        if not cursors:
            return
        with self._vault.namespace(CURSORS).transaction(_ORIGIN) as transaction:
            _put(transaction, cursors)

    def _followed_names(self) -> list[str]:
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
