"""How numbers, places and people are written in replies; nothing here asks Discord or the vault."""

from __future__ import annotations

from typing import Final
from unicodedata import bidirectional

import discord

BAR_CELLS: Final = 15
_TURNS: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_FEWEST_CELLS, _MOST_CELLS = 5, 30
_FULL, _EMPTY = "█", "░"


def signed_number(number: int) -> str:
    """The number with its sign, also of a gain: ``+1,500``; a zero stays bare."""
    return f"{number:+,}" if number else "0"


def ordinal(number: int) -> str:
    """``1st``, ``2nd``, ``3rd``, ``11th``, ``1,021st``."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{'th' if number % 100 in (11, 12, 13) else ending}"


def bar(done: int, whole: int, cells: int = BAR_CELLS) -> str:
    """A bar of 5 to 30 cells, filled as far as ``done`` reaches into ``whole``."""
    length = min(max(cells, _FEWEST_CELLS), _MOST_CELLS)
    if done <= 0 or whole <= 0:
        filled = 0
    else:
        filled = length if done >= whole else done * length // whole
    return _FULL * filled + _EMPTY * (length - filled)


def factor(value: float) -> str:
    """A multiplier as it was set: ``1.5×``, ``0×``, ``2×``."""
    return f"{value:g}×"


def typed(value: float) -> float:
    """The number as it was typed: Discord sends each as a decimal, ``2`` too."""
    return int(value) if float(value).is_integer() else value


def change_by(permille: int) -> str:
    """What a multiplier adds or takes, for a reader: ``+50%``, ``-25%``; ``None`` at 1."""
    return "None" if permille == 1000 else f"{(permille - 1000) / 10:+g}%"


def moment(epoch_ms: int) -> str:
    """An instant that each reader sees in their own zone: how long ago it was."""
    return f"<t:{epoch_ms // 1000}:R>"


def instant(epoch_ms: int) -> str:
    """An instant that each reader sees in their own zone, with date and time."""
    return f"<t:{epoch_ms // 1000}:f>"


def member(user_id: str | int) -> str:
    """A member, shown by name; replies never notify anybody."""
    return f"<@{user_id}>"


def role(role_id: str | int) -> str:
    """A role, shown by name."""
    return f"<@&{role_id}>"


def channel(channel_id: str | int) -> str:
    """A channel, shown by name."""
    return f"<#{channel_id}>"


def plain(text: str) -> str:
    """Text of others so that none of it is taken for formatting or a mention, or turns the rest.

    Marks of direction go: they would turn what stands behind the text as well.
    """
    kept = "".join(char for char in text if bidirectional(char) not in _TURNS)
    return discord.utils.escape_mentions(discord.utils.escape_markdown(kept))


def cut(text: str, length: int) -> str:
    """The text in at most so many characters, with a sign where something is left out."""
    return text if len(text) <= length else text[: length - 1] + "…"
