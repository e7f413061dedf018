"""The close of a giveaway's entries, their receipts, and draws that wait for a round of the beacon.

What is drawn of is fixed, and told, before the round can be known to anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from robo_xp.errors import GiveawayDrawing, Refused
from robo_xp.model.closing import Chain, Closing, WaitingDraw
from robo_xp.model.events import GiveawayClosed
from robo_xp.model.giveaway import ANNOUNCEMENT, CLOSE, DRAWING, MESSAGE, Giveaway
from robo_xp.rules.giveaway.beacon import chain_of
from robo_xp.rules.giveaway.draw import digest_of
from robo_xp.rules.giveaway.proof import candidates_of
from robo_xp.rules.giveaway.receipts import receipt_of, receipts_of, root_of
from robo_xp.text import spelled_time
from robo_xp.usecases.giveaways.book import Book, effects_after, store
from robo_xp.vault import Record, Transaction

MARGIN_MS: Final = 10_000
"""A round that comes sooner than this after it was told is given up for a later one."""


def receipts_in(
    book: Book, giveaway: Giveaway, entries: Mapping[str, Record | None]
) -> dict[str, str]:
    """The receipts of these entries by user id; of nobody where the secret is gone."""
    secret = book.known_secret(giveaway)
    if secret is None:
        return {}
    key = bytes.fromhex(secret)
    return {
        user_id: receipt_of(key, giveaway.id, entry.get("number", 0), (user_id, entry["weight"]))
        for user_id, entry in entries.items()
        if entry is not None
    }


def closing_of(book: Book, giveaway: Giveaway, at: int) -> Closing:
    """The entries of the giveaway as they are closed now."""
    entries, numbers = book.weights(giveaway.id), book.numbers(giveaway.id)
    receipts = receipts_of(book.secret(giveaway), giveaway.id, entries, numbers)
    return Closing(at, len(entries), digest_of(entries), root_of(receipts))


def chain_for(giveaway: Giveaway) -> Chain:
    """The chain of the giveaway's beacon. Raises Refused for one that this version lacks."""
    chain = None if giveaway.beacon is None else chain_of(giveaway.beacon.chain)
    if chain is None:
        raise Refused(
            f"giveaway {giveaway.id} takes a beacon that is not known here",
            advice="draw it with the version that it was started with, or cancel it",
        )
    return chain


def put_closed(transaction: Transaction, book: Book, giveaway: Giveaway) -> Giveaway:
    """Put the giveaway with its entries closed: its draw waits for a round."""
    closing = closing_of(book, giveaway, transaction.ts)
    after = replace(giveaway, status=DRAWING, closing=closing)
    return _put(
        transaction, _round_request(transaction, after, giveaway.winners_count, closing.digest)
    )


def reroll_asked(
    transaction: Transaction, book: Book, giveaway: Giveaway, count: int, *, owed: bool = False
) -> Giveaway | None:
    """Put the giveaway whose reroll waits for a round; None where nobody is left to win."""
    candidates = candidates_of(book.weights(giveaway.id), giveaway.rounds)
    if not candidates:
        return None
    asked = _round_request(transaction, giveaway, count, digest_of(candidates))
    waiting = None if asked.waiting is None else replace(asked.waiting, owed=owed)
    return _put(transaction, replace(asked, waiting=waiting))


def is_given_up(giveaway: Giveaway, now_ms: int) -> bool:
    """Whether the draw has waited for its round as long as it was to wait."""
    waiting, rule = giveaway.waiting, giveaway.beacon
    if waiting is None or rule is None:
        return False
    return now_ms >= chain_for(giveaway).time_of(waiting.round) + rule.wait_ms


def check_given_up(giveaway: Giveaway, now_ms: int) -> None:
    """Raise Refused for a draw that still has to wait for its round."""
    waiting = giveaway.waiting
    if waiting is None or is_given_up(giveaway, now_ms):
        return
    seconds = (chain_for(giveaway).time_of(waiting.round) - now_ms) / 1000
    comes = f"comes in {spelled_time(seconds)}" if seconds >= 1 else "has come"
    raise GiveawayDrawing(
        f"giveaway {giveaway.id} waits for round {waiting.round} of the beacon, which {comes}",
        named={"ID": giveaway.id},
    )


def with_round_ahead(giveaway: Giveaway, now_ms: int) -> Giveaway:
    """The giveaway as it may be told of now: its round is still far enough ahead, or a later one.

    So nobody could know the round while the entries were not told yet.
    """
    waiting = giveaway.waiting
    if waiting is None or now_ms + MARGIN_MS <= chain_for(giveaway).time_of(waiting.round):
        return giveaway
    return _waiting(giveaway, replace(waiting, round=_next_round(giveaway, now_ms)))


def closed_event(giveaway: Giveaway) -> GiveawayClosed:
    """What listeners are told of a giveaway whose draw waits."""
    waiting = giveaway.waiting
    assert waiting is not None
    return GiveawayClosed(
        giveaway.id, number=waiting.number, digest=waiting.digest, round=waiting.round
    )


def _round_request(
    transaction: Transaction, giveaway: Giveaway, count: int, digest: str
) -> Giveaway:
    waiting = WaitingDraw(
        number=len(giveaway.draws),
        count=count,
        digest=digest,
        round=_next_round(giveaway, transaction.ts),
        at=transaction.ts,
        by=transaction.origin.by,
        reason=transaction.reason,
    )
    return _waiting(giveaway, waiting)


def _waiting(giveaway: Giveaway, waiting: WaitingDraw) -> Giveaway:
    assert giveaway.beacon is not None
    return replace(giveaway, waiting=waiting, beacon=replace(giveaway.beacon, round=waiting.round))


def _next_round(giveaway: Giveaway, now_ms: int) -> int:
    """The first round that is far enough ahead, and later than all that were taken."""
    rule = giveaway.beacon
    assert rule is not None
    return max(chain_for(giveaway).first_round(now_ms + rule.delay_ms), (rule.round or 0) + 1)


def _put(transaction: Transaction, giveaway: Giveaway) -> Giveaway:
    waiting = giveaway.waiting
    assert waiting is not None
    told = [MESSAGE] if giveaway.status == DRAWING else []
    keys = [*told, f"{ANNOUNCEMENT}:{CLOSE}:{waiting.number}"]
    after = replace(giveaway, **effects_after(giveaway, *keys))
    store(transaction, after)
    transaction.event(closed_event(after))
    return after
