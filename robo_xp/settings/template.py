"""Texts with placeholders: what an announcement says, checked when it is set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from robo_xp.errors import Fault
from robo_xp.model import short_text
from robo_xp.rules.checks import has_controls, meant

PLACEHOLDERS: Final = ("member", "level", "oldLevel", "xp", "guild")
"""The words that an announcement can have in braces."""

MAX_TEMPLATE: Final = 500
_BRACED = re.compile(r"\{([^{}]*)\}")


def filled_template(template: str, values: Mapping[str, object]) -> str:
    """The text with each placeholder replaced; what a value holds is never looked at again."""
    return _BRACED.sub(lambda found: str(values.get(found[1], found[0])), template)


def template_faults(where: str, value: object) -> list[Fault]:
    """The faults of a template: its length, text that cannot be stored, unknown placeholders."""
    if not isinstance(value, str) or len(value) > MAX_TEMPLATE or not value.strip():
        message = f"must be text of 1 to {MAX_TEMPLATE} characters, not {short_text(value)}"
        return [Fault(where, message)]
    if any("\ud800" <= char <= "\udfff" for char in value):
        return [Fault(where, "holds half a character, which cannot be stored")]
    if any(map(has_controls, value.split("\n"))):
        return [Fault(where, f"must not hold control characters, as {short_text(value)} does")]
    return [
        Fault(where, f"unknown placeholder {short_text(name)}{meant(name, PLACEHOLDERS)}; {_KNOWN}")
        for name in dict.fromkeys(_BRACED.findall(value))
        if name not in PLACEHOLDERS
    ]


_KNOWN = "the known ones are " + ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
