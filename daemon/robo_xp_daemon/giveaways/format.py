"""How a giveaway's prize, people and roles are written on Discord, for its message and its texts.

The prize is text of others: it is shown as it is, on one line, and nothing in it acts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from robo_xp.model.giveaway import Giveaway
from robo_xp.text import is_visible
from robo_xp_daemon.interactions import format as words

NAMELESS: Final = "a prize without a name"
OPERATOR: Final = "an operator"

# Discord shows an invitation for the address alone, without any scheme
_MARKUP: Final = re.compile(r"[\\*_~`|\[\]<]|:(?=//)|\.(?=(?i:gg|com/invite)/)")
_MENTION: Final = re.compile(r"@(?=everyone|here|[!&]?[0-9]{17,20})")
# direction marks could make the prize swallow the words around it
_DIRECTION: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_APART: Final = "@\u200b"
_MORE: Final = len(" and 1,000 more")


def prize(giveaway: Giveaway) -> str:
    """The prize in bold, on one line: at most 404 characters, none of which acts."""
    text = "".join(map(_harmless, _DIRECTION.sub("", giveaway.prize)))
    text = " ".join(text.split())
    if not is_visible(text):
        return f"**{NAMELESS}**"
    escaped = _MENTION.sub(_APART, _MARKUP.sub(r"\\\g<0>", text))
    return f"**{escaped}**"


def host(giveaway: Giveaway) -> str:
    """Who started it, as a mention where Discord knows them."""
    return OPERATOR if giveaway.host is None else words.member(giveaway.host)


def instant(epoch_ms: int) -> str:
    """How far away the instant is and, on a second line, its date and time for each reader."""
    return f"{words.moment(epoch_ms)}\n<t:{epoch_ms // 1000}:F>"


def list_within(names: Sequence[str], limit: int) -> str:
    """As many of the names as fit into ``limit`` characters, and how many there are beyond."""
    whole = ", ".join(names)
    if len(whole) <= limit:
        return whole
    taken, room = 0, limit - _MORE
    while (room := room - len(names[taken]) - 2) >= 0:
        taken += 1
    return f"{', '.join(names[:taken])} and {len(names) - taken:,} more"


def roles(role_ids: Sequence[str], limit: int) -> str:
    """The roles as mentions, as many as fit."""
    return list_within([words.role(role_id) for role_id in role_ids], limit)


def members(user_ids: Sequence[str], limit: int) -> str:
    """The members as mentions, as many as fit."""
    return list_within([words.member(user_id) for user_id in user_ids], limit)


def _harmless(char: str) -> str:
    """The character, or a space for one that controls."""
    return " " if unicodedata.category(char) == "Cc" else char
