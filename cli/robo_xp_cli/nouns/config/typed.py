"""Values of settings: from what was typed to what is stored, and back to what people read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

from robo_xp.errors import InvalidConfig, WrongUsage
from robo_xp.rules.levels.curve import build_curve
from robo_xp.settings import kinds
from robo_xp.settings.kinds import Kind
from robo_xp.settings.periods import CountedWords, PrizeList
from robo_xp.settings.table import Table
from robo_xp.text import thousands
from robo_xp_cli.nouns.curve.typed import curve_line, specs_of
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.show.lines import json_line, plain

_FLAGS = {"yes": True, "on": True, "no": False, "off": False}
Lookup: TypeAlias = Callable[[str, str], str]
"""The id that a text means for a ``role``, ``channel`` or ``member``; other text as it is."""


def key_with_id(fields: Table, key: str, id_of: Lookup) -> str:
    """The key, with an id for the name that may stand behind the key of a map."""
    for field in fields:
        if isinstance(field.kind, kinds.PerId) and key.startswith(f"{field.key}."):
            return f"{field.key}.{id_of(field.kind.what, key.removeprefix(f'{field.key}.'))}"
    return key


def typed_value(fields: Table, key: str, words: Sequence[str], id_of: Lookup) -> Any:
    """The value that the words mean for this key; the core checks whether it is right.

    Lists and maps take several words or one JSON value; ids stay text, and names become ids. All
    else takes one word. Raises InvalidConfig for a key that is not known.
    """
    kind, is_json = fields.kind_of(key), words[0].lstrip().startswith("{")
    if isinstance(kind, kinds.IdsOf):
        return _list(words, partial(id_of, kind.what))
    if isinstance(kind, kinds.RewardList):
        return _list(words, partial(_reward, id_of))
    if isinstance(kind, CountedWords):
        return _list(words, str)
    if isinstance(kind, PrizeList):
        return _list(words, values.json_or_text)
    if isinstance(kind, kinds.CurveDescription) and (len(words) > 1 or not is_json):
        specs = specs_of(words)
        return specs[0] if len(specs) == 1 else specs
    if isinstance(kind, kinds.PerId) and not is_json:
        return {id_of(kind.what, id_): value for id_, value in map(values.key_value, words)}
    if len(words) > 1:
        raise WrongUsage(
            f"{key} takes one value, not {len(words)}",
            advice="set one key at a time, or several with robo-xp config import FILE"
            if {*words[1:]} & {*fields.known_keys}
            else "put a value with spaces into quotes",
        )
    if isinstance(kind, kinds.IdOf):
        return id_of(kind.what, words[0])
    return _single(kind, words[0].strip())


def as_id(what: str, id_: str) -> str:
    """The id of a role, channel or member as it is, where nobody knows its name."""
    return id_


def read(kind: Kind | None, value: Any, called: Lookup = as_id) -> str:
    """The value as people read it, in one line; ``called`` is how an id is told."""
    try:
        return _read(kind, value, called)
    except (InvalidConfig, LookupError, TypeError, ValueError):
        # a document that was edited by hand is still to be looked at
        return json_line(value)


def read_all(fields: Table, key: str, value: Any, called: Lookup = as_id) -> list[tuple[str, str]]:
    """A value, or each value of a group or map, with its key."""
    kind = fields.kind_of(key)
    if fields.is_whole(key) or not isinstance(value, dict):
        return [(key, read(kind, value, called))]
    leaves = fields.leaves_of(value, f"{key}.")
    return [(inner, read(fields.kind_of(inner), one, called)) for inner, one in leaves.items()]


def _read(kind: Kind | None, value: Any, called: Lookup) -> str:
    if value is None:
        return "-"
    if isinstance(kind, kinds.IdOf):
        return called(kind.what, value)
    if isinstance(kind, kinds.IdsOf):
        return ", ".join(called(kind.what, one) for one in value) or "none"
    if isinstance(kind, kinds.PerId):
        return ", ".join(f"{called(kind.what, k)}={plain(v)}" for k, v in value.items()) or "none"
    if isinstance(kind, kinds.CurveDescription):
        return curve_line(build_curve(value))
    if isinstance(kind, kinds.RewardList):
        return (
            ", ".join(f"{one['level']}={called('role', one['roleId'])}" for one in value) or "none"
        )
    if isinstance(kind, PrizeList):
        return "; ".join(" ".join(f"{k}={v}" for k, v in one.items()) for one in value) or "none"
    if isinstance(kind, kinds.Colour):
        return f"#{value:06x}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return thousands(value)
    if isinstance(value, list | tuple):
        return ", ".join(value) or "none"
    return plain(value)


def _single(kind: Kind | None, word: str) -> Any:
    """One value; whether digits are a number or text depends on what the key holds."""
    if isinstance(kind, kinds.Colour) and re.fullmatch(r"#[0-9a-fA-F]{6}", word):
        return int(word[1:], 16)
    value = values.json_or_text(word)
    if isinstance(kind, kinds.Flag):
        return _FLAGS.get(word.lower(), value)
    if isinstance(kind, kinds.Text | kinds.Choice | kinds.Duration):
        return value if isinstance(value, str) else word
    return value


def _list(words: Sequence[str], parse: Callable[[str], Any]) -> list[Any]:
    if len(words) == 1 and isinstance(array := values.json_or_text(words[0]), list):
        return [parse(item) if isinstance(item, str) else _id_text(item) for item in array]
    return [parse(word) for word in words]


def _reward(id_of: Lookup, word: str) -> Any:
    """``10=123…`` as the reward of level 10, or a reward in JSON."""
    level, equals, role = word.partition("=")
    if not equals or word.lstrip().startswith("{"):
        return values.json_or_text(word)
    return {"level": values.json_or_text(level.strip()), "roleId": id_of("role", role)}


def _id_text(item: Any) -> Any:
    """An id that JSON took for a number, as the text that it was; anything else as it is."""
    return str(item) if isinstance(item, int) and not isinstance(item, bool) else item
