"""Names of fields, however they are spelled."""

from __future__ import annotations

from functools import cache


@cache
def folded_key(key: str) -> str:
    """A name of a field as all spellings of it agree: ``user_id`` and ``User ID``."""
    return "".join(char for char in key.casefold() if char.isalnum())
