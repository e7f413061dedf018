"""Terms of a giveaway as somebody types them into a form: one a line, as ``minLevel=5``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from robo_xp.errors import Fault, InvalidConfig
from robo_xp.rules.checks import meant
from robo_xp.settings import kinds
from robo_xp.settings.giveaway_terms import TERMS, RequirementParts
from robo_xp.settings.kinds import Kind
from robo_xp.usecases.giveaways.starting.timetable import TIMES

_ID = re.compile(r"[0-9]{17,20}")
_PAIR = re.compile(r"(?:<@&)?([0-9]{17,20})>?\s*:\s*([0-9]{1,3})")
_WORDS: Final = {"yes": True, "true": True, "": True, "no": False, "false": False}
_WHEN: Final[Mapping[str, Kind]] = {
    "template": kinds.Text(32),
    "at": kinds.Text(100),
    "every": kinds.Duration(),
    "times": TIMES,
    "until": kinds.Text(100),
    "tz": kinds.Text(64),
    "reason": kinds.Text(512),
}
_REQUIREMENTS: Final = RequirementParts.parts
KEYS: Final[Mapping[str, Kind]] = {
    **_WHEN,
    **{key: kind for key, kind in TERMS.parts.items() if key != "requirements"},
    **_REQUIREMENTS,
}
"""What can stand before the equals sign."""


def terms_in(text: str) -> dict[str, Any]:
    """What the lines ask for, as arguments of ``create``. Raises InvalidConfig with all faults."""
    asked: dict[str, Any] = {}
    faults: list[Fault] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        key, _, written = (part.strip() for part in line.partition("="))
        kind = KEYS.get(key)
        if kind is None:
            faults.append(Fault(key[:40], f"unknown term{meant(key, KEYS)}"))
            continue
        value = _value(kind, written)
        faults += kind.faults(key, value)
        if key in _REQUIREMENTS:
            asked.setdefault("requirements", {})[key] = value
        else:
            asked[_snake(key)] = value
    if faults:
        raise InvalidConfig(faults, advice="the terms are " + ", ".join(KEYS))
    return asked


def _value(kind: Kind, written: str) -> Any:
    """The value that was typed, or the text where it is none of this kind."""
    match kind:
        case kinds.IdsOf():
            return list(dict.fromkeys(_ID.findall(written))) or written
        case kinds.IdOf():
            found = _ID.findall(written)
            return found[0] if len(found) == 1 else written
        case kinds.PerId():
            return {role_id: int(more) for role_id, more in _PAIR.findall(written)} or written
        case kinds.Flag():
            return _WORDS.get(written.lower(), written)
        case kinds.Colour() if re.fullmatch("#[0-9a-fA-F]{6}", written):
            return int(written[1:], 16)
        case kinds.Whole():
            digits = written.replace(",", "").replace("_", "")
            return int(digits) if re.fullmatch("[0-9]{1,16}", digits) else written
    return written


def _snake(key: str) -> str:
    return re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", key)
