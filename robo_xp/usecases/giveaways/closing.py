"""The close of a giveaway's entries: what is told of them before the draw, and their receipts."""

from __future__ import annotations

from collections.abc import Mapping

from robo_xp.model.closing import Closing
from robo_xp.model.giveaway import Giveaway
from robo_xp.rules.giveaway.draw import digest_of
from robo_xp.rules.giveaway.receipts import receipt_of, receipts_of, root_of
from robo_xp.usecases.giveaways.book import Book
from robo_xp.vault import Record


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
