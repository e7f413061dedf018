"""The custom ids of the panel: ``xp_config_{words}_{member id}[_{payload}]``.

The words are the category and the action and hold no digits, so the member's id stands in a place
of its own and is read from there only.
"""

from __future__ import annotations

import re
from typing import Final

from robo_xp.errors import Refused

LIMIT: Final = 100
PATTERN: Final = re.compile(
    r"xp_config_(?P<words>[a-z]+(?:_[a-z]+)*)_(?P<user>[0-9]{17,20})(?:_(?P<payload>[a-z0-9-]+))?"
)


def panel_id(words: str, user_id: str, payload: str = "") -> str:
    """The custom id of something on the panel of this member."""
    made = f"xp_config_{words}_{user_id}" + (f"_{payload}" if payload else "")
    if len(made) > LIMIT or PATTERN.fullmatch(made) is None:
        raise ValueError(f"{made!r} is no custom id of the panel")
    return made


def pages_of(payload: str, count: int) -> tuple[int, ...]:
    """The page numbers that an id carries, so many of them; page 1 each where it carries none."""
    if not payload:
        return (1,) * count
    parts = payload.split("-")
    if len(parts) != count or not all(re.fullmatch("[0-9]{1,4}", part) for part in parts):
        raise expired_panel()
    return tuple(int(part) for part in parts)


def pages_payload(*numbers: int) -> str:
    """Page numbers as an id carries them."""
    return "-".join(map(str, numbers))


def expired_panel() -> Refused:
    """The refusal of something that this version of the panel does not have."""
    return Refused("this has expired; please run `/xp config` again")
