"""What Discord has yet to be told of a guild's members, and what it refused.

Kept in a namespace for each guild. What a batch asks for is stored together with how far the store
was read, and taken out when it is done, so it is neither forgotten nor asked for twice. Effects of
giveaways stand in their own records; what was refused of them stands here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, Final

from robo_xp.model.outbox import (
    MANY,
    BoostEdge,
    ClosedBoard,
    NewLevel,
    News,
    NotDone,
    RefusedByDiscord,
    RolesDue,
)
from robo_xp.rules.giveaway.duration import DAY_MS
from robo_xp.rules.giveaway.ulid import number_of
from robo_xp.usecases.core import Core
from robo_xp.usecases.outbox_records import (
    BOARDS,
    CROWDS,
    GIVEAWAYS,
    LEVELS,
    ONE,
    REFUSED,
    ROLES_TABLE,
    TRIED,
    crowd_of,
    crowd_record,
    level_of,
    level_record,
    news_of,
    news_record,
    refusal_rows,
    roles_of,
)
from robo_xp.vault import Namespace, Record, Transaction, name_of, outbox_name

_TAKEN, _ALERTS, _BOOSTS = "taken", "alerts", "boosts"
_COMMAND: Final = "outbox"

CROWD: Final = 100
"""So many members make a crowd: as many as Discord shows in one answer."""

GIVEN_UP_MS: Final = 7 * DAY_MS
"""For so long is shown what was refused of a giveaway for good; all else is tried each hour."""


class Outbox:
    """What waits for Discord, guild by guild."""

    def __init__(self, core: Core) -> None:
        """Work in these surroundings."""
        self._core = core

    def guilds(self) -> list[str]:
        """The ids of guilds in which anything ever waited."""
        return [name_of(name).guild_id for name in self._core.vault.names("outbox")]

    def taken(self, guild_id: str) -> Mapping[str, int]:
        """The last batch of each store whose effects were taken over."""
        found = self._namespace(guild_id).read().table(_TAKEN).get(doc_id=ONE)
        return {} if found is None else dict(found.record["stores"])

    def take(
        self,
        guild_id: str,
        store_id: str,
        seq: int,
        *,
        roles: Sequence[RolesDue] = (),
        crowd: Sequence[RolesDue] = (),
        levels: Iterable[NewLevel] = (),
        boards: Iterable[ClosedBoard] = (),
    ) -> None:
        """Keep what the batches of a store up to ``seq`` ask for, and that they were read.

        The ``crowd`` can wait, and so can all others if they are many.
        """
        if len(roles) > MANY:
            roles, crowd = (), [*crowd, *roles]
        with self._transaction(guild_id) as transaction:
            _put_crowds(transaction, crowd)
            for due in roles:
                _put(transaction, ROLES_TABLE, due.user_id, _merged_roles(transaction, due))
            for rise in levels:
                table = LEVELS + store_id
                _put(transaction, table, rise.user_id, _merged_level(transaction, table, rise))
            for board in boards:
                _put(transaction, BOARDS + store_id, str(board.seq), news_record(board))
            held = transaction.get(_TAKEN, ONE) or {"stores": {}}
            _put(transaction, _TAKEN, ONE, {"stores": {**held["stores"], store_id: seq}})

    def roles_due(self, guild_id: str, *, but: NotDone | None = None) -> list[RolesDue]:
        """The members whose roles are to be looked at, those that wait longest first.

        Without crowds, and those of whom nothing but this is kept as refused.
        """
        table = self._namespace(guild_id).read().records(ROLES_TABLE)
        found = (
            roles_of(user_id, record)
            for user_id, record in table.items()
            if but is None or _whats(record.get(REFUSED, ())) != {(but.code, but.what)}
        )
        return sorted(found, key=lambda due: due.at)

    def next_crowd(self, guild_id: str) -> tuple[list[RolesDue], int]:
        """The crowd that waits longest, or nobody; and how many members wait in all crowds."""
        crowds = self._namespace(guild_id).read().records(CROWDS)
        if not crowds:
            return [], 0
        number = min(list(crowds), key=int)
        return crowd_of(number, crowds[number]), sum(_sizes(crowds))

    def tried(self, guild_id: str) -> None:
        """What is refused in the guild was tried again just now, and is refused as before."""
        with self._transaction(guild_id) as transaction:
            _note_try(transaction)

    def roles_of(self, guild_id: str, user_ids: Sequence[str]) -> list[RolesDue]:
        """Of these members, those who wait, in their order."""
        table = self._namespace(guild_id).read().records(ROLES_TABLE)
        return [roles_of(one, held) for one in user_ids if (held := table.get(one)) is not None]

    def levels_due(self, guild_id: str) -> dict[str, list[NewLevel]]:
        """The rises that are to be announced by store, the oldest first."""
        state = self._namespace(guild_id).read()
        return {
            name.removeprefix(LEVELS): sorted(
                (level_of(*one) for one in list(state.records(name).items())),
                key=lambda rise: (rise.at, rise.user_id),
            )
            for name in list(state.tables)
            if name.startswith(LEVELS) and state.records(name)
        }

    def boards_due(self, guild_id: str) -> dict[str, list[News]]:
        """The closed boards and the boosts that are to be announced by store, the oldest first."""
        state = self._namespace(guild_id).read()
        return {
            name.removeprefix(BOARDS): sorted(
                (news_of(*one) for one in list(state.records(name).items())),
                key=lambda board: (board.at, board.seq),
            )
            for name in list(state.tables)
            if name.startswith(BOARDS) and state.records(name)
        }

    def board_done(self, guild_id: str, store_id: str, board: News) -> None:
        """This one was announced, or need not be."""
        with self._transaction(guild_id) as transaction:
            if transaction.get(BOARDS + store_id, str(board.seq)) is not None:
                transaction.delete(BOARDS + store_id, str(board.seq))

    def board_refused(self, guild_id: str, store_id: str, board: News, why: NotDone) -> bool:
        """Keep why a board is not announced; whether that is new."""
        with self._transaction(guild_id) as transaction:
            return _refuse(transaction, BOARDS + store_id, str(board.seq), [why])

    def boosts_told_to(self, guild_id: str, store_id: str) -> int | None:
        """Until when the store's boosts were looked at (epoch ms); None where they never were."""
        held = self._namespace(guild_id).read().records(_BOOSTS).get(ONE, {"stores": {}})
        found: int | None = held["stores"].get(store_id)
        return found

    def take_boosts(
        self, guild_id: str, store_id: str, edges: Iterable[BoostEdge], to: int
    ) -> None:
        """Keep that these are to be announced, and until when (epoch ms) boosts were looked at."""
        with self._transaction(guild_id) as transaction:
            for edge in edges:
                _put(transaction, BOARDS + store_id, str(edge.seq), news_record(edge))
            held = transaction.get(_BOOSTS, ONE) or {"stores": {}}
            _put(transaction, _BOOSTS, ONE, {"stores": {**held["stores"], store_id: to}})

    def left(self, guild_id: str) -> int:
        """How many members' roles, rises and boards wait, refused ones too."""
        state = self._namespace(guild_id).read()
        kinds = (ROLES_TABLE, LEVELS, BOARDS)
        waiting = (name for name in list(state.tables) if name.startswith(kinds))
        in_crowds = sum(_sizes(state.records(CROWDS)))
        return in_crowds + sum(len(state.records(name)) for name in waiting)

    def roles_settled(
        self,
        guild_id: str,
        done: Sequence[RolesDue],
        refused: Sequence[tuple[RolesDue, Sequence[NotDone]]] = (),
    ) -> int:
        """The first were looked at, and the others are kept with why; how many of these are new.

        One that was asked for again meanwhile stays.
        """
        with self._transaction(guild_id) as transaction:
            waited = _leave_crowds(transaction, [*done, *(due for due, _ in refused)])
            for due, _ in refused:
                if due.user_id in waited:
                    alone = replace(due, crowd="")
                    _put(transaction, ROLES_TABLE, due.user_id, _merged_roles(transaction, alone))
            for due in done:
                held = transaction.get(ROLES_TABLE, due.user_id)
                if held is not None and roles_of(due.user_id, held) == due:
                    transaction.delete(ROLES_TABLE, due.user_id)
            return sum(_refuse(transaction, ROLES_TABLE, due.user_id, why) for due, why in refused)

    def levels_done(self, guild_id: str, store_id: str, done: Sequence[NewLevel]) -> None:
        """These were announced, or are no news any more; a later rise of a member stays."""
        table = LEVELS + store_id
        with self._transaction(guild_id) as transaction:
            for rise in done:
                held = transaction.get(table, rise.user_id)
                if held is None:
                    continue
                if held["seq"] == rise.seq:
                    transaction.delete(table, rise.user_id)
                else:
                    _put(transaction, table, rise.user_id, {**held, "oldLevel": rise.level})

    def summarise(self, guild_id: str, store_id: str, rises: Sequence[NewLevel]) -> int:
        """Put these rises into one summary; its number, by which they are told together."""
        table, number = LEVELS + store_id, max(rise.seq for rise in rises)
        with self._transaction(guild_id) as transaction:
            for rise in rises:
                held = transaction.get(table, rise.user_id)
                if held is not None and held["seq"] == rise.seq:
                    _put(transaction, table, rise.user_id, {**held, "summary": number})
        return number

    def levels_refused(
        self, guild_id: str, store_id: str, rises: Sequence[NewLevel], why: NotDone
    ) -> int:
        """Keep why rises are not announced; of how many that is new."""
        table = LEVELS + store_id
        with self._transaction(guild_id) as transaction:
            return sum(_refuse(transaction, table, rise.user_id, [why]) for rise in rises)

    def giveaway_refused(self, guild_id: str, giveaway_id: str, key: str, why: NotDone) -> bool:
        """Keep why an effect of a giveaway, which ``key`` names, is not done; whether it is new."""
        with self._transaction(guild_id) as transaction:
            doc_id = str(number_of(giveaway_id))
            held = transaction.get(GIVEAWAYS, doc_id) or {"id": giveaway_id, REFUSED: {}}
            before = held[REFUSED].get(key)
            refused = {**held[REFUSED], key: _kept_refusal(transaction, before, why)}
            _put(transaction, GIVEAWAYS, doc_id, {**held, REFUSED: refused})
            _drop_given_up(transaction)
            return before is None or before["code"] != why.code

    def giveaway_passed(self, guild_id: str, giveaway_id: str, key: str) -> None:
        """The effect of a giveaway is refused no more. Costs nothing where it never was."""
        doc_id = str(number_of(giveaway_id))
        if doc_id not in self._namespace(guild_id).read().records(GIVEAWAYS):
            return
        with self._transaction(guild_id) as transaction:
            held = transaction.get(GIVEAWAYS, doc_id)
            if held is None or key not in held[REFUSED]:
                return
            left = {other: why for other, why in held[REFUSED].items() if other != key}
            if left:
                _put(transaction, GIVEAWAYS, doc_id, {**held, REFUSED: left})
            else:
                transaction.delete(GIVEAWAYS, doc_id)

    def told(self, guild_id: str) -> set[str]:
        """The keys of those refusals of which operators were told on Discord."""
        record = self._namespace(guild_id).read().records(_ALERTS).get(ONE, {"told": []})
        return set(record["told"])

    def alerted(self, guild_id: str, keys: Sequence[str], *, only: bool = False) -> None:
        """Operators were told of these; of no others any more if ``only``."""
        with self._transaction(guild_id) as transaction:
            held = transaction.get(_ALERTS, ONE) or {"told": []}
            told = {*keys} if only else {*held["told"], *keys}
            _put(transaction, _ALERTS, ONE, {"told": sorted(told)})

    def refused(self, guild_id: str | None = None) -> list[RefusedByDiscord]:
        """What Discord refuses now, in a guild or in all, one row for each cause, oldest first."""
        guild_ids = self.guilds() if guild_id is None else [guild_id]
        since = self._core.vault.clock.now_ms() - GIVEN_UP_MS
        found: dict[tuple[object, ...], RefusedByDiscord] = {}
        for one in guild_ids:
            for row in refusal_rows(one, self._namespace(one).read(), since):
                before = found.get(row.cause)
                found[row.cause] = row if before is None else before.with_one_more(row)
        return sorted(found.values(), key=lambda row: row.since)

    def _namespace(self, guild_id: str) -> Namespace:
        return self._core.vault.namespace(outbox_name(guild_id))

    def _transaction(self, guild_id: str) -> Transaction:
        return self._namespace(guild_id).transaction(self._core.origin_for(_COMMAND))


def _put(transaction: Transaction, table: str, doc_id: str, record: dict[str, Any]) -> None:
    if transaction.get(table, doc_id) != record:
        transaction.put(table, doc_id, record)


def _put_crowds(transaction: Transaction, due: Sequence[RolesDue]) -> None:
    """Keep many by the hundred, after those who wait already."""
    if not due:
        return
    number = max(map(int, transaction.records(CROWDS)), default=0)
    alike = attrgetter("rose", "fell", "at")
    for _, group in groupby(sorted(due, key=alike), key=alike):
        while crowd := list(islice(group, CROWD)):
            number += 1
            transaction.put(CROWDS, str(number), crowd_record(crowd))


def _leave_crowds(transaction: Transaction, settled: Iterable[RolesDue]) -> set[str]:
    """Take these out of the crowds that they came from; the ids of those who were still there."""
    gone: dict[str, set[str]] = {}
    waited = set[str]()
    for one in settled:
        if one.crowd:
            gone.setdefault(one.crowd, set()).add(one.user_id)
    for number, user_ids in gone.items():
        if (held := transaction.get(CROWDS, number)) is None:
            continue
        waited.update(user_ids.intersection(held["userIds"]))
        if left := [one for one in held["userIds"] if one not in user_ids]:
            transaction.put(CROWDS, number, {**held, "userIds": left})
        else:
            transaction.delete(CROWDS, number)
    return waited


def _sizes(crowds: Mapping[str, Record]) -> Iterator[int]:
    """How many wait in each."""
    return (len(record["userIds"]) for record in list(crowds.values()))


def _refuse(transaction: Transaction, table: str, doc_id: str, why: Sequence[NotDone]) -> bool:
    """Keep why a record is not carried out; whether that is new.

    One that is refused as before is not written anew: there may be many, each hour.
    """
    held = transaction.get(table, doc_id)
    if held is None:
        return False
    before = {one["code"]: one for one in held.get(REFUSED, ())}
    if _whats(held.get(REFUSED, ())) == {(one.code, one.what) for one in why}:
        _note_try(transaction)
        return False
    refused = [_kept_refusal(transaction, before.get(one.code), one) for one in why]
    _put(transaction, table, doc_id, {**held, REFUSED: refused})
    return {one.code for one in why} != set(before)


def _drop_given_up(transaction: Transaction) -> None:
    """Forget what was refused of giveaways for good, which nobody tries any more."""
    since = transaction.ts - GIVEN_UP_MS
    for doc_id, record in list(transaction.records(GIVEAWAYS).items()):
        if all(why["triedAt"] < since for why in record[REFUSED].values()):
            transaction.delete(GIVEAWAYS, doc_id)


def _whats(refused: Iterable[Record]) -> set[tuple[str, str]]:
    """What tells refusals of a record apart."""
    return {(one["code"], one["what"]) for one in refused}


def _note_try(transaction: Transaction) -> None:
    """Note that what is refused was tried now."""
    _put(transaction, TRIED, ONE, {"at": transaction.ts})


def _merged_roles(transaction: Transaction, due: RolesDue) -> dict[str, Any]:
    held = transaction.get(ROLES_TABLE, due.user_id)
    if held is None:
        return {"rose": due.rose, "fell": due.fell, "at": due.at, "asks": due.asks}
    after = roles_of(due.user_id, held).then(due)
    return {**held, "rose": after.rose, "fell": after.fell, "asks": after.asks}


def _merged_level(transaction: Transaction, table: str, rise: NewLevel) -> dict[str, Any]:
    held = transaction.get(table, rise.user_id)
    after = rise if held is None else level_of(rise.user_id, held).then(rise)
    return level_record(after)


def _kept_refusal(transaction: Transaction, before: Record | None, why: NotDone) -> dict[str, Any]:
    """A refusal as it stands in a record, as old as the first of its kind there."""
    since = transaction.ts if before is None or before["code"] != why.code else before["since"]
    return why.document(since, transaction.ts)
