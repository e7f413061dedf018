"""The order of the board: most XP first, equals by user id as a number.

Who has no XP is not ranked, nor who is hidden: ranks close up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from robo_xp.model import MAX_XP

_SHORTEST_ID = 17
_LENGTH_BITS = 2
_ID_BITS = 64


def is_ranked(record: Mapping[str, Any]) -> bool:
    """Whether the member of this record has a place on the board."""
    return bool(record["xp"] > 0 and not record.get("hidden"))


def order_key(xp: int, user_id: str) -> int:
    """One integer that sorts members as the board does, and tells who it was made of."""
    # the digits are counted too: a zero in front would be lost in the number
    number = int(user_id) << _LENGTH_BITS | len(user_id) - _SHORTEST_ID
    return (MAX_XP - xp) << (_ID_BITS + _LENGTH_BITS) | number


def from_order_key(key: int) -> tuple[int, str]:
    """The XP and the user id that an order key was made of."""
    number = key & ((1 << (_ID_BITS + _LENGTH_BITS)) - 1)
    length = _SHORTEST_ID + (number & ((1 << _LENGTH_BITS) - 1))
    xp = MAX_XP - (key >> (_ID_BITS + _LENGTH_BITS))
    return xp, str(number >> _LENGTH_BITS).zfill(length)
