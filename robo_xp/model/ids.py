"""Ids of Discord and of stores: the only place that says what one is.

An id has one form, so that nobody is two: a member, role or guild whose id could be written twice
would have two records.
"""

from __future__ import annotations

import re
from typing import Final, TypeGuard

from robo_xp.errors import InvalidId
from robo_xp.model import short_text

SNOWFLAKE: Final = "[1-9][0-9]{16,19}"
"""What the text of a Discord id looks like; it has to be below 2**64 as well."""

_SNOWFLAKE = re.compile(SNOWFLAKE)
_STORE_ID = re.compile(r"[a-z0-9_-]{1,32}")
_RESERVED_STORE_ID = "global"


def is_snowflake(value: object) -> TypeGuard[str]:
    """Whether the value is the text of a Discord id: 17 to 20 ASCII digits without a leading zero,
    below 2**64.
    """
    if not isinstance(value, str) or _SNOWFLAKE.fullmatch(value) is None:
        return False
    return len(value) < 20 or int(value) < 2**64


def check_snowflake(value: str, what: str = "id") -> str:
    """The id unchanged; InvalidId, naming ``what`` it should be, if it is no snowflake."""
    if is_snowflake(value):
        return value
    raise InvalidId(
        f"{what} must be 17 to 20 digits, the first no 0, and below 2^64, not {short_text(value)}"
    )


def check_store_id(value: str) -> str:
    """The store id unchanged; InvalidId if it is reserved or has other characters."""
    if not isinstance(value, str) or not _STORE_ID.fullmatch(value):
        raise InvalidId(
            f"store id must be 1 to 32 of a-z, 0-9, _ and -, not {short_text(value)}",
            advice="choose a short lower-case name, such as 'default' or 'season-2'",
        )
    if value == _RESERVED_STORE_ID:
        raise InvalidId(
            "store id 'global' is reserved for the global defaults",
            advice="choose another name for the store",
        )
    return value
