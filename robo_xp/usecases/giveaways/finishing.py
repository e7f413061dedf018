"""What every end of a giveaway leaves: a final record, what Discord is to be told, a successor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from robo_xp.model.events import GiveawayEnded
from robo_xp.model.giveaway import ANNOUNCEMENT, DM, ENDED, MESSAGE, Giveaway
from robo_xp.usecases.core import Core
from robo_xp.usecases.giveaways.beginning import follow
from robo_xp.usecases.giveaways.book import SECRETS, Book, doc_id_of, effects_after, store
from robo_xp.usecases.giveaways.claiming import with_open_claims
from robo_xp.usecases.giveaways.drawing import Drawing
from robo_xp.vault import Transaction


def over(giveaway: Giveaway, now_ms: int) -> Giveaway:
    """The giveaway as one that ended now."""
    return replace(giveaway, status=ENDED, finalized_at=now_ms)


def conclude(core: Core, transaction: Transaction, book: Book, drawn: Giveaway) -> Giveaway:
    """Put the giveaway, which has been drawn; the next one of its series begins, or is planned."""
    claimable = with_open_claims(drawn, drawn.winners, transaction.ts)
    after = asking(claimable, effects_of(drawn, 0, drawn.winners))
    finish(transaction, after)
    transaction.event(GiveawayEnded(after.id, list(after.winners)))
    follow(core, transaction, book, after)
    return after


def end_when_full(
    core: Core, transaction: Transaction, book: Book, drawing: Drawing, giveaway: Giveaway
) -> Giveaway:
    """The drop, which ends with the entry that fills it."""
    if not giveaway.drop or len(book.entries(giveaway.id)) < giveaway.winners_count:
        return giveaway
    drawn = drawing.drawn(over(giveaway, transaction.ts), giveaway.winners_count)
    return conclude(core, transaction, book, drawn)


def effects_of(giveaway: Giveaway, number: int, winners: Sequence[str]) -> list[str]:
    """What Discord has to be told after a draw: nothing but the message without winners."""
    if not winners:
        return [MESSAGE]
    dms = [f"{DM}:{number}:{user_id}" for user_id in winners] if giveaway.dm_winners else []
    return [MESSAGE, f"{ANNOUNCEMENT}:{number}", *dms]


def asking(giveaway: Giveaway, keys: list[str]) -> Giveaway:
    """The giveaway with these effects pending."""
    return replace(giveaway, **effects_after(giveaway, *keys))


def finish(transaction: Transaction, giveaway: Giveaway) -> None:
    """Put the finished record, which holds the secret from now on."""
    store(transaction, giveaway)
    transaction.db.table(SECRETS).remove(doc_ids=[doc_id_of(giveaway.id)])
