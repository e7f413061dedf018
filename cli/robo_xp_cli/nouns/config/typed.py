"""Values of settings: from what was typed to what is stored, and back to what people read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from robo_xp.errors import InvalidConfig, WrongUsage
from robo_xp.rules.levels.curve import build_curve
from robo_xp.settings.layers import GROUP_KEYS, SYSTEM_DEFAULTS, get_key, leaves_of
from robo_xp.text import thousands
from robo_xp_cli.nouns.curve.typed import described, specs_of
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.show.lines import json_line

REWARDS = "roleRewards"
COLOR = "theme.embedColor"
CURVE = "levels"
_FLAGS = {"yes": True, "on": True, "no": False, "off": False}
_MENTION = re.compile(r"<(?:@&|#)([0-9]{17,20})>")


def typed(key: str, words: Sequence[str]) -> Any:
    """The value that the words mean for this key; the core checks whether it is right.

    Lists take several words or one JSON array; ids stay text. All other keys take one word.
    """
    default = get_key(SYSTEM_DEFAULTS, key)  # refuses a key that is not known
    if isinstance(default, list):
        return _list(words, _reward if key == REWARDS else _id)
    if key == CURVE and (len(words) > 1 or not words[0].lstrip().startswith("{")):
        specs = specs_of(words)
        return specs[0] if len(specs) == 1 else specs
    if len(words) > 1:
        raise WrongUsage(
            f"{key} takes one value, not {len(words)}",
            advice="put a value with spaces into quotes",
        )
    return _single(key, words[0].strip(), default)


def read(key: str, value: Any) -> str:
    """The value as people read it, in one line."""
    try:
        return _read(key, value)
    except (InvalidConfig, LookupError, TypeError, ValueError):
        # a document that was edited by hand is still to be looked at
        return json_line(value)


def _read(key: str, value: Any) -> str:
    if value is None:
        return "-"
    if key == CURVE:
        return described(build_curve(value))
    if key == REWARDS:
        return ", ".join(f"{one['level']}={one['roleId']}" for one in value) or "none"
    if key == COLOR:
        return f"#{value:06x}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return thousands(value)
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return str(value)


def read_all(key: str, value: Any) -> list[tuple[str, str]]:
    """A value, or each value of a group, with its key."""
    if key == CURVE or not isinstance(value, dict):
        return [(key, read(key, value))]
    return [(inner, read(inner, one)) for inner, one in leaves_of(value, f"{key}.").items()]


def _single(key: str, word: str, default: Any) -> Any:
    """One value; whether digits are a number or text depends on what the key holds."""
    if isinstance(default, bool):
        return _FLAGS.get(word.lower(), values.json_or_text(word))
    if key == COLOR and re.fullmatch(r"#[0-9a-fA-F]{6}", word):
        return int(word[1:], 16)
    if key in GROUP_KEYS or key in (COLOR, CURVE) or key.startswith("multipliers."):
        return values.json_or_text(word)
    if isinstance(default, int | float):
        return values.json_or_text(word)
    if key.endswith("Id"):
        return _id(word)
    value = values.json_or_text(word)
    return value if isinstance(value, str) else word


def _list(words: Sequence[str], parse: Any) -> list[Any]:
    if len(words) == 1 and isinstance(array := values.json_or_text(words[0]), list):
        return [_id_text(item) for item in array]
    return [parse(word) for word in words]


def _id(word: str) -> str:
    mention = _MENTION.fullmatch(word.strip())
    return mention.group(1) if mention else word.strip()


def _reward(word: str) -> Any:
    """``10=123…`` as the reward of level 10, or a reward in JSON."""
    level, equals, role = word.partition("=")
    if not equals or word.lstrip().startswith("{"):
        return values.json_or_text(word)
    return {"level": values.json_or_text(level.strip()), "roleId": _id(role)}


def _id_text(item: Any) -> Any:
    """An id that JSON took for a number, as the text that it was; anything else as it is."""
    return str(item) if isinstance(item, int) and not isinstance(item, bool) else item
