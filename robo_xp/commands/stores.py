"""Stores and guilds that have data: list, copy, rename, delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from robo_xp.commands.configure import CONFIG, store_config
from robo_xp.commands.core import (
    CONFIG_ID,
    DEFAULT_STORE,
    Core,
    Scope,
    check_reason,
    own_config,
)
from robo_xp.commands.members import USERS, Members
from robo_xp.errors import Refused, StoreNotFound
from robo_xp.model import check_snowflake
from robo_xp.plan import Plan
from robo_xp.vault import Transaction


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
class GuildRow:
    """One guild that has data, with its stores."""

    guild_id: str
    stores: tuple[str, ...]
    members: int


@dataclass(frozen=True, slots=True)
class StoreCopied:
    """What a copy, rename or delete of a store touched."""

    source: str
    target: str | None
    members: int
    settings: int
    seq: int | None
    dry_run: bool


class Stores:
    """The stores of guilds. A store begins with its first change and ends when it is empty."""

    def __init__(self, core: Core) -> None:
        """Work in these surroundings."""
        self._core = core

    def guilds(self) -> list[GuildRow]:
        """The guilds that have data, by id."""
        stores: dict[str, list[str]] = {}
        for name in self._core.vault.names("xp/"):
            _, store_id, guild_id = name.split("/")
            stores.setdefault(guild_id, []).append(store_id)
        rows = []
        for guild_id in sorted(stores, key=int):
            filled = [row for row in map(self._row_of(guild_id), stores[guild_id]) if _has(row)]
            if filled:
                names = tuple(row.store_id for row in filled)
                rows.append(GuildRow(guild_id, names, max(row.members for row in filled)))
        return rows

    def list(self, guild_id: str) -> list[StoreRow]:
        """The stores of the guild that hold anything, by id."""
        check_snowflake(guild_id, "guild id")
        ids = [
            name.split("/")[1]
            for name in self._core.vault.names("xp/")
            if name.endswith(f"/{guild_id}")
        ]
        return [row for row in map(self._row_of(guild_id), ids) if _has(row)]

    def stats(self, guild_id: str, *, store: str = DEFAULT_STORE) -> StoreRow:
        """The figures of one store; StoreNotFound where it holds nothing."""
        row = self._row_of(guild_id)(store)
        if not _has(row):
            raise StoreNotFound(f"store {store!r} of guild {guild_id} holds nothing")
        return row

    def _row_of(self, guild_id: str) -> Callable[[str], StoreRow]:
        """A function from store id to its figures."""

        def row(store_id: str) -> StoreRow:
            state = self._core.scope(guild_id, store_id).namespace.read()
            records = list(state.records(USERS).values())
            return StoreRow(
                store_id,
                len(records),
                sum(1 for record in records if record["xp"] > 0),
                sum(record["xp"] for record in records),
                sum(record["messages"] for record in records),
                len(own_config(state)),
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
            if transaction.records(USERS) or transaction.get(CONFIG, CONFIG_ID):
                raise Refused(
                    f"store {target!r} holds data already",
                    advice=f"choose another name, or delete it: robo-xp store delete {target}",
                )
            store_config(transaction, {}, own)
            if members:
                held = self._core.rules_for(end, self._core.global_own(), own)
                into = Members(end, transaction, held)
                for user_id, record in records.items():
                    into.restore(user_id, record)

        plan = Plan(
            end.namespace, self._core.origin_for("store copy"), decide, check_reason(reason)
        )
        _, seq = plan.carry_out(dry_run=dry_run)
        count = len(records) if members else 0
        return StoreCopied(source, target, count, len(own), seq, dry_run)

    def delete(
        self, guild_id: str, store: str, *, reason: str | None = None, dry_run: bool = False
    ) -> StoreCopied:
        """Delete all members and settings of the store in one batch, which undo takes back."""
        scope = self._core.scope(guild_id, store)
        own, records = self._content(scope)

        def decide(transaction: Transaction) -> tuple[int, int]:
            before = transaction.get(CONFIG, CONFIG_ID) or {}
            within = Members(scope, transaction, self._core.rules(scope))
            ids = list(transaction.records(USERS))
            for user_id in ids:
                within.delete(user_id)
            store_config(transaction, before, {})
            return len(ids), len(before)

        plan = Plan(
            scope.namespace, self._core.origin_for("store delete"), decide, check_reason(reason)
        )
        (members, settings), seq = plan.carry_out(dry_run=dry_run)
        return StoreCopied(store, None, members, settings, seq, dry_run)

    def rename(
        self,
        guild_id: str,
        source: str,
        target: str,
        *,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> StoreCopied:
        """Copy everything to the target, then empty the source.

        Two batches: after a crash between them both stores hold everything, and deleting the
        source finishes the rename.
        """
        copied = self.copy(guild_id, source, target, members=True, reason=reason, dry_run=dry_run)
        self.delete(guild_id, source, reason=reason, dry_run=dry_run)
        return copied

    def _content(self, scope: Scope) -> tuple[Mapping[str, Any], dict[str, Mapping[str, Any]]]:
        """The settings and records of a store; StoreNotFound where there are none."""
        state = scope.namespace.read()
        own, records = own_config(state), dict(state.records(USERS))
        if not own and not records:
            raise StoreNotFound(f"store {scope.store_id!r} of guild {scope.guild_id} holds nothing")
        return own, records


def _has(row: StoreRow) -> bool:
    """Whether the store holds anything."""
    return bool(row.members or row.own_settings)
