"""A forger: whoever knows the secret can make a document that agrees with itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.rules.giveaway import second_draw


def forged(document: Mapping[str, Any], entries: Mapping[str, int]) -> dict[str, Any]:
    """The document of one draw without rerolls, made anew of other entries."""
    secret, giveaway = bytes.fromhex(document["secret"]), document["id"]
    digest = second_draw.digest(entries)
    numbers = {user: document["entryNumbers"].get(user, 999) for user in entries}
    receipts = second_draw.receipts(secret, giveaway, entries, numbers)
    order = second_draw.order(entries, second_draw.words(secret, giveaway, 0, digest))
    closing = {
        **document["closing"],
        "entries": len(entries),
        "digest": digest.hex(),
        "root": second_draw.root(receipts),
    }
    return {
        **document,
        "entryCount": len(entries),
        "entries": dict(entries),
        "entryNumbers": numbers,
        "entriesDigest": digest.hex(),
        "closing": closing,
        "winners": order[: document["winnersCount"]],
        "draws": [{**document["draws"][0], "digest": digest.hex(), "candidates": len(entries)}],
    }
