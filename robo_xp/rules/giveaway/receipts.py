"""Receipts of entries, and the tree over all of them whose root is told before the draw.

Only who knows the secret can make a receipt, so until the secret is public each one came from here.
Afterwards everybody can make all of them again, and the root: it holds no entry more or less.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Final

from robo_xp.rules.giveaway.draw import Entries, in_places

Erased = tuple[Mapping[str, int], Mapping[str, str]]
"""The places and the receipts of erased entrants, by pseudonym."""

NOBODY: Final[Erased] = ({}, {})
SCHEME: Final = "robo-xp/entry/1"
_BYTES: Final = 15
_RECEIPT: Final = re.compile(r"(?:0|[1-9][0-9]{0,9})-[A-Z2-7]{24}")


def receipt_of(secret: bytes, giveaway_id: str, number: int, entry: tuple[str, int]) -> str:
    """The receipt of an entry, a user id and a weight: its number and 24 letters and digits."""
    user_id, weight = entry
    message = f"{SCHEME}/{giveaway_id}\n{number} {user_id} {weight}\n".encode()
    mark = hmac.digest(secret, message, "sha256")[:_BYTES]
    return f"{number}-{base64.b32encode(mark).decode()}"


def is_receipt(text: str) -> bool:
    """Whether the text has the form of a receipt."""
    return _RECEIPT.fullmatch(text) is not None


def receipts_of(
    secret: bytes,
    giveaway_id: str,
    entries: Entries,
    numbers: Mapping[str, int],
    erased: Erased = NOBODY,
) -> list[str]:
    """The receipts of all entries in the order of their user ids; number 0 where there is none.

    Those of erased entrants were kept, and stand at their places.
    """
    places, kept = erased
    return [
        kept.get(user_id)
        or receipt_of(secret, giveaway_id, numbers.get(user_id, 0), (user_id, entries[user_id]))
        for user_id in in_places(entries, places)
    ]


def root_of(receipts: Sequence[str]) -> str:
    """The root of the tree over these receipts, in hex: the tree hash of RFC 9162 with SHA-256."""
    level = [hashlib.sha256(b"\x00" + one.encode()).digest() for one in receipts]
    if not level:
        return hashlib.sha256(b"").hexdigest()
    # neighbours in pairs, one left over as it is: the same as halves at powers of two
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs]
        level = above + level[len(above) * 2 :]
    return level[0].hex()
