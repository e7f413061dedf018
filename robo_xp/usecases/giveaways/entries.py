"""Entering and leaving. Each entry is a record of its own and is made on the state it is checked
against: one that races with the draw is either part of it or refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from robo_xp.errors import Fault, GiveawayNotActive
from robo_xp.model.draws import Entrant
from robo_xp.model.events import GiveawayEntered, GiveawayLeft
from robo_xp.model.giveaway import BYPASSED, FORCED, Giveaway
from robo_xp.model.giveaway_results import Entered, Entry, EntryRefused, Left
from robo_xp.model.ids import check_snowflake
from robo_xp.rules.giveaway.draw import in_order
from robo_xp.rules.giveaway.eligibility import needs_bypass, unmet_to_enter, weight_of
from robo_xp.usecases.giveaways.book import (
    NUMBERS,
    Book,
    Cases,
    check_active,
    doc_id_of,
    entries_table,
)
from robo_xp.usecases.giveaways.closing import receipts_in
from robo_xp.usecases.giveaways.drawing import Drawing, Known
from robo_xp.usecases.giveaways.finishing import end_when_full
from robo_xp.usecases.giveaways.standings import Standings
from robo_xp.vault import Transaction

Entrants = str | Entrant | Iterable[str | Entrant]


class EntryCases(Cases):
    """The entries of giveaways."""

    def enter(
        self,
        guild_id: str,
        giveaway: str,
        entrants: Entrants,
        *,
        force: bool = False,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> Entered:
        """Enter one or many, as one batch; who may not enter is reported with the reasons.

        A bare id is somebody whose roles nobody can see: they are not judged by their roles, and
        have one entry. ``force`` enters them whatever is asked, and they can win then. Raises
        Refused when the giveaway is not active or its end has passed.
        """
        wanted = _entrants(entrants)
        standings = self._standings(guild_id, giveaway)

        def decide(transaction: Transaction, book: Book) -> Entered:
            found = book.find(giveaway)
            check_active(found)
            _check_not_over(found, transaction.ts)
            entering = _Entering(found, transaction.ts, standings, force=force)
            entered = _enter_all(transaction, book, entering, wanted)
            drawing = Drawing(transaction, book, Known({}, standings))
            end_when_full(self._core, transaction, book, drawing, found)
            # a receipt of a trial would be one of an entry that was never made
            return replace(entered, dry_run=True, receipts={}) if dry_run else entered

        plan = self._plan(guild_id, "giveaway enter", decide, reason)
        entered, seq = plan.carry_out(dry_run=dry_run)
        return replace(entered, seq=seq)

    def leave(
        self,
        guild_id: str,
        giveaway: str,
        user_ids: str | Iterable[str],
        *,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> Left:
        """Take back the entries of one or many, as one batch; Refused when it is not active."""
        wanted = [entrant.user_id for entrant in _entrants(user_ids)]

        def decide(transaction: Transaction, book: Book) -> Left:
            found = book.find(giveaway)
            check_active(found)
            entries = book.entries(found.id)
            gone = {user_id: entries[user_id] for user_id in wanted if user_id in entries}
            remaining = len(entries) - len(gone)
            _take_back(transaction, found, gone)
            absent = len(set(wanted)) - len(gone)
            return Left(found.id, len(gone), absent, remaining, None, dry_run)

        plan = self._plan(guild_id, "giveaway leave", decide, reason)
        left, seq = plan.carry_out(dry_run=dry_run)
        return replace(left, seq=seq)

    def entries(self, guild_id: str, giveaway: str) -> list[Entry]:
        """The entries of a giveaway, by user id."""
        book = self._read(guild_id)
        records = book.entries(book.find(giveaway).id)
        ordered = ((user_id, records[user_id]) for user_id in in_order(_weights(records)))
        return [
            Entry(user_id, entry["weight"], entry["enteredAt"], entry.get("number"))
            for user_id, entry in ordered
        ]

    def has_entered(self, guild_id: str, giveaway: str, user_id: str) -> bool:
        """Whether this member has an entry."""
        book = self._read(guild_id)
        return user_id in book.entries(book.find(giveaway).id)


def _weights(records: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    return {user_id: entry["weight"] for user_id, entry in records.items()}


def _entrants(given: Entrants) -> list[Entrant]:
    """Everybody who is meant, once each; InvalidId for an id that cannot be."""
    many = [given] if isinstance(given, str | Entrant) else given
    found: dict[str, Entrant] = {}
    for one in many:
        entrant = one if isinstance(one, Entrant) else Entrant(one)
        found.setdefault(check_snowflake(entrant.user_id, "member id"), entrant)
    return list(found.values())


def _check_not_over(giveaway: Giveaway, now_ms: int) -> None:
    """Raise Refused when the end has passed, although nobody has drawn yet."""
    if now_ms >= giveaway.ends_at:
        raise GiveawayNotActive(
            f"the end of giveaway {giveaway.id} has passed; it waits for its draw",
            advice=f"end it now: robo-xp giveaway end {giveaway.id}",
        )


@dataclass(frozen=True, slots=True)
class _Entering:
    """What entries into a giveaway are made by, now."""

    giveaway: Giveaway
    now_ms: int
    standings: Standings
    force: bool

    def faults_of(self, entrant: Entrant, entries: int) -> tuple[Fault, ...]:
        """Why the entrant may not enter beside so many entries."""
        giveaway = self.giveaway
        is_full = giveaway.drop and entries >= giveaway.winners_count
        seen = replace(entrant, standing=self.standings.of(entrant.user_id))
        exempt = FORCED if self.force else None
        return unmet_to_enter(
            seen, giveaway.requirements, self.now_ms, is_full=is_full, exempt=exempt
        )

    def entry_of(self, entrant: Entrant) -> dict[str, Any]:
        """The entry of one who may enter."""
        giveaway = self.giveaway
        weight = weight_of(entrant.role_ids, giveaway.bonus_entries, giveaway.bonus_mode)
        entry: dict[str, Any] = {"weight": weight, "enteredAt": self.now_ms}
        seen = replace(entrant, standing=self.standings.of(entrant.user_id))
        if self.force:
            return {**entry, "exempt": FORCED}
        if needs_bypass(seen, giveaway.requirements, self.now_ms):
            return {**entry, "exempt": BYPASSED}
        return entry


def _enter_all(
    transaction: Transaction, book: Book, entering: _Entering, wanted: list[Entrant]
) -> Entered:
    """Put an entry with its number for each who may enter and has not yet."""
    giveaway = entering.giveaway
    present = book.entries(giveaway.id)
    before = len(present)
    fresh: dict[str, dict[str, Any]] = {}
    refused: list[EntryRefused] = []
    already = 0
    for entrant in wanted:
        if entrant.user_id in present:
            already += 1
        elif faults := entering.faults_of(entrant, before + len(fresh)):
            refused.append(EntryRefused(entrant.user_id, faults))
        else:
            fresh[entrant.user_id] = entering.entry_of(entrant)
    put_entries(transaction, book, giveaway.id, fresh)
    if fresh:
        transaction.event(GiveawayEntered(giveaway.id, fresh))
    held = {one.user_id: fresh.get(one.user_id) or present.get(one.user_id) for one in wanted}
    return Entered(
        giveaway_id=giveaway.id,
        entered=len(fresh),
        already=already,
        refused=tuple(refused),
        entries=before + len(fresh),
        seq=None,
        dry_run=False,
        receipts=receipts_in(book, giveaway, held),
    )


def put_entries(
    transaction: Transaction, book: Book, giveaway_id: str, fresh: dict[str, dict[str, Any]]
) -> None:
    """Give each entry the next number of the giveaway, and put it."""
    table, last = entries_table(giveaway_id), book.last_number(giveaway_id)
    for number, (user_id, entry) in enumerate(fresh.items(), last + 1):
        entry["number"] = number
        transaction.put(table, user_id, entry)
    if fresh:
        transaction.put(NUMBERS, doc_id_of(giveaway_id), {"last": last + len(fresh)})


def _take_back(
    transaction: Transaction, giveaway: Giveaway, gone: Mapping[str, Mapping[str, Any]]
) -> None:
    """Delete these entries."""
    for user_id in gone:
        transaction.delete(entries_table(giveaway.id), user_id)
    if gone:
        transaction.event(GiveawayLeft(giveaway.id, dict(gone)))
