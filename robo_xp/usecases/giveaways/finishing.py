"""What every end of a giveaway leaves: a final record, what Discord is to be told, a successor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from robo_xp.model.events import GiveawayEnded, GiveawayRerolled
from robo_xp.model.giveaway import (
    ANNOUNCEMENT,
    CLOSE,
    DM,
    ENDED,
    MESSAGE,
    Giveaway,
)
from robo_xp.model.giveaway_results import GiveawayChange
from robo_xp.usecases.core import Core
from robo_xp.usecases.giveaways.beginning import follow
from robo_xp.usecases.giveaways.book import SECRETS, Book, doc_id_of, effects_after, store
from robo_xp.usecases.giveaways.claiming import with_open_claims
from robo_xp.usecases.giveaways.closing import is_given_up
from robo_xp.usecases.giveaways.drawing import Drawing, Known
from robo_xp.vault import Transaction


def over(giveaway: Giveaway, now_ms: int) -> Giveaway:
    """The giveaway as one that ended now."""
    return replace(giveaway, status=ENDED, finalized_at=now_ms)


def settle_draw(
    core: Core,
    transaction: Transaction,
    book: Book,
    giveaway: Giveaway,
    known: Known,
    *,
    complete: bool,
) -> GiveawayChange:
    """Make the draw that waits for its round.

    The giveaway stays as it is while it has to wait still, and with ``complete`` when somebody
    would win who should be looked at first. A dry run draws nobody.
    """
    waiting, dry_run = giveaway.waiting, transaction.dry_run
    if waiting is None or (known.signature is None and not is_given_up(giveaway, transaction.ts)):
        return GiveawayChange(giveaway, False, None, dry_run)
    ended = giveaway if giveaway.draws else over(giveaway, transaction.ts)
    if dry_run:
        return GiveawayChange(ended, True, None, dry_run)
    drawn = Drawing(transaction, book, known).drawn(ended, waiting.count)
    if complete and has_unchecked(drawn):
        return GiveawayChange(giveaway, False, None, dry_run)
    if drawn.rerolls:
        return put_rerolled(transaction, drawn, owed=waiting.owed)
    after = conclude(core, transaction, book, drawn)
    return GiveawayChange(after, True, None, dry_run, waiting.count - len(after.winners))


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


def put_rerolled(transaction: Transaction, drawn: Giveaway, *, owed: bool) -> GiveawayChange:
    """Put the giveaway, of which more winners have been drawn; ``owed`` as in ``reroll``."""
    number, winners = len(drawn.rerolls), drawn.rerolls[-1]
    if owed:
        drawn = replace(drawn, owed=0, claim_round=drawn.claim_round + 1)
    claimable = with_open_claims(drawn, winners, transaction.ts)
    after = asking(claimable, effects_of(drawn, number, winners))
    store(transaction, after)
    transaction.event(GiveawayRerolled(after.id, number, list(winners)))
    missing = drawn.draws[-1].count - len(winners)
    return GiveawayChange(after, True, None, transaction.dry_run, missing)


def has_unchecked(giveaway: Giveaway) -> bool:
    """Whether somebody won the last draw who should have been looked at and was not."""
    draw = giveaway.draws[-1]
    return giveaway.is_rechecked and draw.candidates > 0 and not draw.rechecked


def effects_of(giveaway: Giveaway, number: int, winners: Sequence[str]) -> list[str]:
    """What Discord has to be told after a draw: no announcement without winners.

    Where nothing told of the entries before the draw, that comes first.
    """
    told = (
        []
        if number or giveaway.beacon is not None or giveaway.drop
        else [f"{ANNOUNCEMENT}:{CLOSE}:0"]
    )
    if not winners:
        return [*told, MESSAGE]
    dms = [f"{DM}:{number}:{user_id}" for user_id in winners] if giveaway.dm_winners else []
    return [*told, MESSAGE, f"{ANNOUNCEMENT}:{number}", *dms]


def asking(giveaway: Giveaway, keys: list[str]) -> Giveaway:
    """The giveaway with these effects pending."""
    return replace(giveaway, **effects_after(giveaway, *keys))


def finish(transaction: Transaction, giveaway: Giveaway) -> None:
    """Put the finished record, which holds the secret from now on."""
    store(transaction, giveaway)
    transaction.db.table(SECRETS).remove(doc_ids=[doc_id_of(giveaway.id)])
