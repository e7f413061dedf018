"""Reads TOML, but for keys so deep that nobody has written them."""

from __future__ import annotations

from typing import Any

LONGEST = 2**24
"""How many characters a text may have; the reading of more takes longer than anybody waits."""
DEEPEST = 100
"""How many parts a dotted key may have; what Robo XP writes has three."""


def parse_toml(text: str) -> dict[str, Any]:
    """The document. Raises ValueError for what is no TOML, longer, or nested too deeply."""
    import tomllib

    if len(text) > LONGEST:
        raise ValueError(f"it is longer than {LONGEST:,} characters")
    # the library's work grows with the square of the depth
    for number, line in enumerate(text.splitlines(), start=1):
        if line.count(".") >= DEEPEST and sum(map(bool, line.split("."))) > DEEPEST:
            raise ValueError(f"it is nested too deeply (at line {number})")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
