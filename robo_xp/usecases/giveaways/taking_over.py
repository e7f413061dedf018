"""Giveaways of other bots taken over: ended ones as history, active ones to go on here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

from robo_xp.model.draws import Requirements
from robo_xp.model.giveaway import ACTIVE, NOT_DRAWN_HERE, Giveaway
from robo_xp.rules.giveaway.ulid import number_for, text_of
from robo_xp.settings.giveaway import GiveawaySettings
from robo_xp.usecases.giveaways.beginning import put_begun
from robo_xp.usecases.giveaways.book import (
    GIVEAWAYS,
    Book,
    Cases,
    doc_id_of,
    store,
)
from robo_xp.usecases.giveaways.entries import put_entries
from robo_xp.usecases.transfer.entry import Skipped
from robo_xp.usecases.transfer.foreign_giveaways import ForeignGiveaway, GiveawaysRead
from robo_xp.vault import Transaction


@dataclass(frozen=True, slots=True)
class GiveawaysImported:
    """What an import of giveaways did: how many are history now, go on here, were here before."""

    read: int
    ended: int
    active: int
    known: int
    elsewhere: int
    skipped: tuple[Skipped, ...]
    left_out: tuple[str, ...]
    seq: int | None
    dry_run: bool


class TakingOverCases(Cases):
    """Imports of giveaways."""

    def take_over(
        self,
        guild_id: str,
        read: GiveawaysRead,
        *,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> GiveawaysImported:
        """Take the giveaways over as one batch; those that are here already stay as they are.

        Ended ones are marked as not drawn here. Active ones go on with their end, on terms of this
        guild where the file says none, and get a message of their own.
        """

        def decide(transaction: Transaction, book: Book) -> GiveawaysImported:
            settings = self._holding(transaction)
            counts = {"ended": 0, "active": 0, "known": 0}
            skipped = list(read.skipped)
            for number, one in enumerate(read.found, start=1):
                if fault := _fault_of(one, transaction.ts):
                    skipped.append(Skipped(number, fault))
                    continue
                taken = _taken_over(one, guild_id, settings, transaction.ts)
                if transaction.get(GIVEAWAYS, doc_id_of(taken.id)) is not None:
                    counts["known"] += 1
                    continue
                counts["active" if taken.is_active else "ended"] += 1
                self._store(transaction, book, taken, one)
            return GiveawaysImported(
                read=len(read.found) + len(read.skipped) + read.elsewhere,
                elsewhere=read.elsewhere,
                skipped=tuple(skipped),
                left_out=tuple(dict.fromkeys(what for one in read.found for what in one.left_out)),
                seq=None,
                dry_run=dry_run,
                **counts,
            )

        plan = self._plan(guild_id, "giveaway import", decide, reason)
        done, seq = plan.carry_out(dry_run=dry_run)
        return replace(done, seq=seq)

    def _store(
        self, transaction: Transaction, book: Book, taken: Giveaway, one: ForeignGiveaway
    ) -> None:
        """Put the giveaway with its entries; an active one gets a secret to be drawn with."""
        if taken.is_active:
            put_begun(self._core, transaction, taken)
        else:
            store(transaction, taken)
        entries = {
            user_id: {"weight": weight, "enteredAt": taken.created_at}
            for user_id, weight in one.entries.items()
        }
        put_entries(transaction, book, taken.id, entries)


def _fault_of(one: ForeignGiveaway, now_ms: int) -> str | None:
    """Why the giveaway cannot be taken over."""
    if one.status != ACTIVE:
        return None
    if one.channel_id is None:
        return f"{one.prize}: it goes on, and the file does not say in which channel"
    if one.ends_at <= now_ms:
        return f"{one.prize}: its end has passed and nobody drew it; end it in the other bot first"
    return None


def _taken_over(
    one: ForeignGiveaway, guild_id: str, settings: GiveawaySettings, now_ms: int
) -> Giveaway:
    """The giveaway as it stands here."""
    is_active = one.status == ACTIVE
    created = min(one.created_at or one.ends_at, now_ms)
    entropy = sha256(one.key.encode()).digest()
    giveaway_id = one.id or text_of(number_for(created, entropy))
    return Giveaway(
        id=giveaway_id,
        guild_id=guild_id,
        channel_id=one.channel_id or "",
        # a message of another bot cannot be changed
        message_id=None if is_active else one.message_id,
        prize=one.prize,
        winners_count=one.winners_count,
        ends_at=one.ends_at,
        started_by=one.host or one.key.partition(" ")[0],
        host=one.host,
        status=one.status,
        requirements=Requirements(
            one.allow_role_ids, one.deny_role_ids, one.min_account_age_days or None
        ),
        bonus_entries=settings.bonus_entries if is_active else {},
        bonus_mode=settings.bonus_mode,
        button_label=settings.button_label,
        dm_winners=settings.dm_winners,
        recheck_at_draw=settings.recheck_at_draw,
        winners=one.winners,
        rerolls=one.rerolls,
        created_at=created,
        finalized_at=None if is_active else min(one.ends_at, now_ms),
        cron_job_id=f"giveaway:{giveaway_id}" if is_active else None,
        commitment=NOT_DRAWN_HERE,
    )
