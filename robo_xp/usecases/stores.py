"""Stores and guilds that have data: list, figures, copy, rename, delete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from robo_xp.errors import (
    GuildNotFound,
    InvalidValue,
    Refused,
    RoboXPError,
    StoreNotFound,
    VaultDamaged,
    VaultUnavailable,
)
from robo_xp.model import MemberXP
from robo_xp.model.ids import check_snowflake
from robo_xp.rules.board import is_ranked
from robo_xp.settings.xp import XP
from robo_xp.usecases.core import DEFAULT_STORE, Core, Scope, check_reason, own_config
from robo_xp.usecases.members.changes import USERS, Members
from robo_xp.usecases.plan import Plan, bind
from robo_xp.usecases.selection import member_now
from robo_xp.vault import State, Transaction, giveaways_name, name_of


@dataclass(frozen=True, slots=True)
class StoreRow:
    """One store of a guild: its members, their XP, and the number of its last batch."""

    store_id: str
    members: int
    ranked: int
    total_xp: int
    messages: int
    own_settings: int
    seq: int


@dataclass(frozen=True, slots=True)
class StoreStats:
    """The figures of one store. Average, median and levels speak of ranked members only.

    ``levels`` are pairs of a level and how many members have it, the lowest level first; ``top``
    is the first of the board, None without one.
    """

    row: StoreRow
    average_xp: float
    median_xp: float
    levels: tuple[tuple[int, int], ...]
    top: MemberXP | None
    last_awarded_at: int


@dataclass(frozen=True, slots=True)
class GuildRow:
    """One guild that has data, with its stores; who is in several of them counts once.

    ``damaged`` are the stores that cannot be read; their members are not in the number.
    """

    guild_id: str
    stores: tuple[str, ...]
    members: int
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreCopied:
    """What a copy, rename or delete of a store touched.

    ``seq`` is the batch in the target, or in the source of a delete; ``source_seq`` the batch
    in the source of a rename.
    """

    source: str
    target: str | None
    members: int
    settings: int
    seq: int | None
    dry_run: bool
    source_seq: int | None = None


class Stores:
    """The stores of guilds. A store begins with its first change and ends when it is empty."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def guild_ids(self) -> list[str]:
        """The guilds that the vault has anything of, by id; nothing is looked into."""
        return sorted(self._stores_by_guild(), key=int)

    def _stores_by_guild(self) -> dict[str, list[str]]:
        """The stores of each guild, by the names of namespaces."""
        stores: dict[str, list[str]] = {}
        for name in self._core.vault.names("giveaways"):
            stores.setdefault(name_of(name).guild_id, [])
        for one in map(name_of, self._core.vault.names("xp")):
            stores.setdefault(one.guild_id, []).append(one.store_id)
        return stores

    def check_there(self, guild_id: str, store: str = DEFAULT_STORE) -> None:
        """Raise GuildNotFound or StoreNotFound for what nothing was ever stored of.

        The default store is there with its guild.
        """
        if self._core.scope(guild_id, store).namespace.exists():
            return
        there = self._stores_by_guild().get(guild_id)
        if there is None:
            raise GuildNotFound(f"guild {guild_id} has no data here")
        if store != DEFAULT_STORE:
            advice = f"its stores are {', '.join(there)}" if there else StoreNotFound.advice
            raise StoreNotFound(f"guild {guild_id} has no store {store!r}", advice=advice)

    def guilds(self) -> list[GuildRow]:
        """The guilds that have data, by id."""
        stores = self._stores_by_guild()
        rows = [self._guild(guild_id, stores[guild_id]) for guild_id in sorted(stores, key=int)]
        return [row for row in rows if row is not None]

    def _guild(self, guild_id: str, store_ids: list[str]) -> GuildRow | None:
        """The row of one guild; None where all its stores are empty again."""
        filled: list[str] = []
        damaged: list[str] = []
        members: set[str] = set()
        for store_id in store_ids:
            try:
                state = self._core.scope(guild_id, store_id).namespace.read()
            except (VaultDamaged, VaultUnavailable):
                damaged.append(store_id)
                filled.append(store_id)
                continue
            if _is_filled(state):
                filled.append(store_id)
                members.update(state.records(USERS))
        is_empty = bool(store_ids) and not filled
        return None if is_empty else GuildRow(guild_id, tuple(filled), len(members), tuple(damaged))

    def has_guild(self, guild_id: str) -> bool:
        """Whether the vault holds anything of the guild; InvalidId for no id."""
        if self._core.vault.namespace(giveaways_name(guild_id)).exists():
            return True
        stores = [name_of(name).store_id for name in _names_of(self._core, guild_id)]
        return bool(stores) and self._guild(guild_id, stores) is not None

    def ids(self, guild_id: str, *, largest: int) -> Iterator[str]:
        """The ids of the guild's stores that hold anything, for those who are in a hurry.

        A store of more than so many bytes is taken to hold something, and not looked into;
        so is a damaged one.
        """
        for name in _names_of(self._core, guild_id):
            namespace = self._core.vault.namespace(name)
            sizes = namespace.sizes()
            try:
                is_there = sizes.snapshot + sizes.journal > largest or _is_filled(namespace.read())
            except (VaultDamaged, VaultUnavailable):
                is_there = True
            if is_there:
                yield name_of(name).store_id

    def list(self, guild_id: str) -> list[StoreRow]:
        """The stores of the guild that hold anything, by id. Raises for one that is damaged."""
        rows, bad = self.list_whole(guild_id)
        for error in bad.values():
            raise error
        return [*rows]

    def list_whole(self, guild_id: str) -> tuple[Sequence[StoreRow], dict[str, RoboXPError]]:
        """The same for those that can be read, and why others cannot, by id."""
        rows = []
        bad: dict[str, RoboXPError] = {}
        row_of = self._row_of(guild_id)
        for name in _names_of(self._core, guild_id):
            store_id = name_of(name).store_id
            try:
                row = row_of(store_id)
            except (VaultDamaged, VaultUnavailable) as error:
                bad[store_id] = error
                continue
            rows += [row] if _has(row) else []
        return rows, bad

    def stats(self, guild_id: str, *, store: str = DEFAULT_STORE) -> StoreStats:
        """The figures of one store; StoreNotFound where it holds nothing."""
        from statistics import median

        row = self._row_of(guild_id)(store)
        scope = self._core.scope(guild_id, store)
        if not _has(row):
            raise _nothing(scope)
        curve = self._core.rules(scope).curve
        records = scope.namespace.state.records(USERS)
        ranked = [
            member_now(user_id, record, curve)
            for user_id, record in records.items()
            if is_ranked(record)
        ]
        first = min(ranked, key=lambda member: (-member.xp, int(member.user_id)), default=None)
        levels = Counter(member.level for member in ranked)
        return StoreStats(
            row,
            sum(member.xp for member in ranked) / len(ranked) if ranked else 0.0,
            float(median(member.xp for member in ranked)) if ranked else 0.0,
            tuple(sorted(levels.items())),
            first,
            max((record.get("lastAwardedAt", 0) for record in records.values()), default=0),
        )

    def _row_of(self, guild_id: str) -> Callable[[str], StoreRow]:
        """A function from store id to its figures."""

        def row(store_id: str) -> StoreRow:
            state = self._core.scope(guild_id, store_id).namespace.read()
            records = list(state.records(USERS).values())
            return StoreRow(
                store_id,
                len(records),
                sum(1 for record in records if is_ranked(record)),
                sum(record["xp"] for record in records),
                sum(record["messages"] for record in records),
                len(XP.leaves_of(own_config(state))),
                state.seq,
            )

        return row

    def copy(
        self,
        guild_id: str,
        source: str,
        target: str,
        *,
        members: bool = False,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> StoreCopied:
        """Start the target store with the settings of the source, and its members if asked.

        Refused where the target holds anything; StoreNotFound where the source holds nothing.
        """
        start, end = self._core.scope(guild_id, source), self._core.scope(guild_id, target)
        own, records = self._content(start)

        def decide(transaction: Transaction) -> None:
            self._fill(end, transaction, own, records if members else {})

        plan = Plan(
            end.namespace, self._core.origin_for("store copy"), decide, check_reason(reason)
        )
        _, seq = plan.carry_out(dry_run=dry_run)
        count = len(records) if members else 0
        return StoreCopied(source, target, count, len(XP.leaves_of(own)), seq, dry_run)

    def delete(
        self, guild_id: str, store: str, *, reason: str | None = None, dry_run: bool = False
    ) -> StoreCopied:
        """Delete all members and settings of the store in one batch, which undo takes back."""
        scope = self._core.scope(guild_id, store)
        self._content(scope)
        plan = Plan(
            scope.namespace,
            self._core.origin_for("store delete"),
            lambda transaction: self._empty(scope, transaction),
            check_reason(reason),
        )
        (members, settings), seq = plan.carry_out(dry_run=dry_run)
        return StoreCopied(store, None, members, settings, seq, dry_run)

    def _empty(self, scope: Scope, transaction: Transaction) -> tuple[int, int]:
        """Delete everything; how many members and settings. StoreNotFound without any."""
        from robo_xp.usecases.settings.configure import CONFIG

        own = CONFIG.own(transaction)
        ids = list(transaction.records(USERS))
        if not own and not ids:
            raise _nothing(scope)
        within = Members(scope, transaction, self._core.rules(scope))
        for user_id in self._core.along(ids):
            within.delete(user_id)
        return len(ids), len(CONFIG.put(transaction, own, {}))

    def rename(
        self,
        guild_id: str,
        source: str,
        target: str,
        *,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> StoreCopied:
        """Move everything to the target: a batch in each store, made and taken back together."""
        start, end = self._core.scope(guild_id, source), self._core.scope(guild_id, target)
        self._content(start)
        if source == target:
            raise InvalidValue(f"store {source!r} is called so already")
        names = (end.namespace.name, start.namespace.name)
        origin = self._core.origin_for("store rename")
        with self._core.vault.together(names, origin, dry_run=dry_run) as transactions:
            into, out = (transactions[name] for name in names)
            into.reason = out.reason = check_reason(reason)
            own, records = dict(own_config(out)), dict(out.records(USERS))
            self._fill(end, into, own, records)
            self._empty(start, out)
            bind(self._core.vault, transactions)
        settings = len(XP.leaves_of(own))
        return StoreCopied(source, target, len(records), settings, into.seq, dry_run, out.seq)

    def _fill(
        self,
        end: Scope,
        transaction: Transaction,
        own: Mapping[str, Any],
        records: Mapping[str, Mapping[str, Any]],
    ) -> None:
        """Put settings and members into a store that holds nothing; else Refused."""
        from robo_xp.usecases.settings.configure import CONFIG

        if transaction.records(USERS) or CONFIG.own(transaction):
            raise Refused(
                f"store {end.store_id!r} holds data already",
                advice=f"choose another name, or delete it: robo-xp store delete {end.store_id}",
            )
        CONFIG.put(transaction, {}, own)
        if records:
            held = self._core.rules_for(end, self._core.global_own(), own)
            into = Members(end, transaction, held)
            for user_id, record in self._core.along(records.items()):
                into.restore(user_id, record)

    def _content(self, scope: Scope) -> tuple[Mapping[str, Any], dict[str, Mapping[str, Any]]]:
        """The settings and records of a store; StoreNotFound where there are none."""
        state = scope.namespace.read()
        own, records = own_config(state), dict(state.records(USERS))
        if not own and not records:
            raise _nothing(scope)
        return own, records


def _names_of(core: Core, guild_id: str) -> list[str]:
    """The namespaces of the guild's stores; InvalidId for no id."""
    check_snowflake(guild_id, "guild id")
    return core.vault.stores_of(guild_id)


def _nothing(scope: Scope) -> StoreNotFound:
    """The error for a store that is not there."""
    return StoreNotFound(f"store {scope.store_id!r} of guild {scope.guild_id} holds nothing")


def _is_filled(state: State) -> bool:
    """Whether a store with this state holds anything."""
    return bool(state.records(USERS) or own_config(state))


def _has(row: StoreRow) -> bool:
    """Whether the store holds anything."""
    return bool(row.members or row.own_settings)
