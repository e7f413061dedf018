"""Erasing a person from a guild: what speaks of it now goes, and a pseudonym takes its past.

A draw depends on who entered, so an entry of a giveaway that is over is kept under a pseudonym, at
the place where the id was; the digest of the draw is bound to that of the entries as they are now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from robo_xp.errors import MemberNotFound, Refused
from robo_xp.model.events import MemberErased
from robo_xp.model.giveaway_record import giveaway_of, record_of
from robo_xp.model.ids import check_snowflake
from robo_xp.rules.giveaway.draw import digest_of, in_places
from robo_xp.rules.giveaway.proof import candidates_of
from robo_xp.rules.giveaway.receipts import receipt_of
from robo_xp.usecases.core import Core, check_reason
from robo_xp.usecases.giveaways.book import GIVEAWAYS, Book, entries_table
from robo_xp.usecases.giveaways.restoring import TAKEN_BACK
from robo_xp.usecases.members.changes import USERS
from robo_xp.usecases.members.names import MEMBERS
from robo_xp.usecases.members.sums import MARKS, SUMS
from robo_xp.usecases.outbox_records import CROWDS
from robo_xp.usecases.periods.closing import CLOSED, PRIZE_ROLES
from robo_xp.usecases.persons.personal import documents_about, namespaces_of, naming
from robo_xp.vault import Namespace, Record, Transaction, name_of, xp_name
from robo_xp.vault.batch import line_of
from robo_xp.vault.pseudonyms import ERASED, LOWEST, Pseudonym

_CMD = "member erase"
_PERIODS = (MARKS, SUMS, CLOSED, PRIZE_ROLES)
_ENTRIES = "entries:"


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was erased, by what it was."""

    records: int = 0
    names: int = 0
    entries: int = 0
    periods: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(
            self.records + other.records,
            self.names + other.names,
            self.entries + other.entries,
            self.periods + other.periods,
        )


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did: ``seq`` is its batch in the store, ``pseudonym`` who stands there since.

    ``backups`` are the files that still hold the id.
    """

    erased: Counts
    pseudonym: str
    seq: int | None
    dry_run: bool
    backups: tuple[str, ...] = ()


def erase(
    core: Core, guild_id: str, user_id: str, *, reason: str | None, store: str, dry_run: bool
) -> Erased:
    """Erase a person from all that is kept of a guild; see ``MemberCases.erase``."""
    check_snowflake(user_id, "member id")
    check_reason(reason)
    name = str(LOWEST | int.from_bytes(core.secrets.token_bytes(8)))
    spaces = {one.name: one for one in namespaces_of(core, guild_id)}
    counts, origin = Counts(), core.origin_for(_CMD)
    with core.vault.together([*spaces], origin, dry_run=dry_run) as transactions:
        for of, transaction in transactions.items():
            transaction.reason = reason
            telling = MEMBERS if name_of(of).kind == "names" else ""
            pseudonym = Pseudonym(user_id, name, spaces[of].state.seq + 1, telling)
            counts += _Erasing(transaction, guild_id, pseudonym).carry_out(spaces[of])
        if not any(one.has_changes for one in transactions.values()):
            raise MemberNotFound(f"nothing in guild {guild_id} speaks of member {user_id}")
    seqs = {of: one.seq for of, one in transactions.items() if one.seq is not None}
    seq = seqs.get(xp_name(store, guild_id), next(iter(seqs.values()), None))
    care = core.vault.care
    copies = () if care is None else tuple(care.copies_naming(user_id))
    return Erased(counts, name, seq, dry_run, copies)


@dataclass(frozen=True, slots=True)
class _Erasing:
    """One namespace without the person."""

    transaction: Transaction
    guild_id: str
    pseudonym: Pseudonym

    def carry_out(self, namespace: Namespace) -> Counts:
        """Take the person out, and leave the mark for the lines of the past; what was erased."""
        counts = Counts()
        tables = namespace.state.tables
        user_id = self.pseudonym.user_id
        is_drawing = name_of(namespace.name).kind == "giveaways"
        if is_drawing:
            counts += self._from_draws()
        for table, doc_id, record in documents_about(tables, user_id):
            if table == ERASED or (is_drawing and self._is_kept(table)):
                continue
            counts += _count(table)
            self._take_out(table, doc_id, record)
        if self.transaction.has_changes or _is_in_the_past(namespace, user_id):
            self.transaction.put(ERASED, user_id, self.pseudonym.record)
            self.transaction.event(MemberErased(self.pseudonym.name))
        return counts

    def _is_kept(self, table: str) -> bool:
        """Whether the draw of a giveaway that is over depends on the table."""
        if not table.startswith(_ENTRIES):
            return table in (GIVEAWAYS, TAKEN_BACK)
        return not Book(self.guild_id, self.transaction).find(table.partition(":")[2]).is_active

    def _take_out(self, table: str, doc_id: str, record: Record) -> None:
        """Delete a document about the person, or what of it names the person."""
        after = self._without(record)
        if naming(self.pseudonym.user_id)(doc_id) or (table == CROWDS and not after["userIds"]):
            self.transaction.delete(table, doc_id)
        else:
            self.transaction.put(table, doc_id, after)

    def _without(self, value: Any) -> Any:
        """A JSON value without the keys and items that are about the person alone."""
        names = naming(self.pseudonym.user_id)
        if isinstance(value, Mapping):
            return {key: self._without(one) for key, one in value.items() if not names(key)}
        if isinstance(value, list | tuple):
            return [self._without(one) for one in value if not (type(one) is str and names(one))]
        return self.pseudonym.in_value(value)

    def _from_draws(self) -> Counts:
        """Put the pseudonym into the giveaways that are over, and bind their digests to that."""
        counts = Counts()
        book = Book(self.guild_id, self.transaction)
        user_id, name = self.pseudonym.user_id, self.pseudonym.name
        for doc_id, record in list(self.transaction.records(TAKEN_BACK).items()):
            self._put(TAKEN_BACK, doc_id, record, self.pseudonym.in_value(record))
        for doc_id, record in list(self.transaction.records(GIVEAWAYS).items()):
            giveaway = giveaway_of(record)
            entry = book.entries(giveaway.id).get(user_id)
            if entry is not None and giveaway.waiting is not None:
                raise Refused(
                    f"the draw of giveaway {giveaway.id}, which the person entered, waits for its"
                    " round",
                    advice="erase the person when it is drawn",
                )
            after = dict(self._without_effects(record))
            if entry is not None and not giveaway.is_active:
                counts += Counts(entries=1)
                weights = book.weights(giveaway.id)
                number = book.numbers(giveaway.id).get(user_id, 0)
                place = in_places(weights, giveaway.places).index(user_id)
                said = (user_id, weights[user_id])
                secret = bytes.fromhex(book.known_secret(giveaway) or "")
                receipt = receipt_of(secret, giveaway.id, number, said)
                kept = {"place": place, "receipt": receipt}
                pseudonyms = {**giveaway.pseudonyms, name: kept}
                table = entries_table(giveaway.id)
                self.transaction.delete(table, user_id)
                self.transaction.put(table, name, dict(entry))
                after = {**after, **self._bound(after, pseudonyms, book.weights(giveaway.id))}
            self._put(GIVEAWAYS, doc_id, record, after)
        return counts

    def _put(self, table: str, doc_id: str, before: Record, after: Record) -> None:
        if after != before:
            self.transaction.put(table, doc_id, dict(after))

    def _without_effects(self, record: Record) -> Record:
        """The record under the pseudonym; what Discord was to tell the person is left out."""
        names = naming(self.pseudonym.user_id)
        effects = {key: one for key, one in record.get("effects", {}).items() if not names(key)}
        found = self.pseudonym.in_value({**record, "effects": effects})
        return found if "effects" in record else {k: v for k, v in found.items() if k != "effects"}

    @staticmethod
    def _bound(
        record: Record, pseudonyms: Mapping[str, Any], weights: Mapping[str, int]
    ) -> dict[str, Any]:
        """The fields of a giveaway that say what its draws were made of, as it is kept now."""
        giveaway = giveaway_of({**record, "pseudonyms": pseudonyms})
        draws = tuple(
            replace(draw, bound_digest=digest_of(candidates_of(weights, giveaway.rounds[:number])))
            for number, draw in enumerate(giveaway.draws)
        )
        found = record_of(replace(giveaway, draws=draws))
        return {"draws": found["draws"], "pseudonyms": found["pseudonyms"]}


def _count(table: str) -> Counts:
    """What a document of this table counts as."""
    if table.startswith(_PERIODS):
        return Counts(periods=1)
    return Counts(
        records=int(table == USERS),
        names=int(table == MEMBERS),
        entries=int(table.startswith(_ENTRIES)),
    )


def _is_in_the_past(namespace: Namespace, user_id: str) -> bool:
    """Whether any kept batch names the person."""
    names = naming(user_id)
    return any(names(line_of(batch).decode()) for batch in namespace.batches())
