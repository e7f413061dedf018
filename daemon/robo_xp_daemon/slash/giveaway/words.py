"""How giveaways, lengths of time and what is wrong with them are said to members."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from robo_xp.errors import Fault, InvalidConfig, InvalidDuration
from robo_xp_daemon.interactions import format as words

TITLES: Final = {
    "defaults.winners": "Winners",
    "defaults.duration": "Duration",
    "defaults.buttonLabel": "Button",
    "defaults.dmWinners": "Direct messages to winners",
    "limits.maxWinners": "Most winners",
    "limits.maxDurationDays": "Longest giveaway in days",
    "restrictions.allowRoleIds": "Allowed roles",
    "restrictions.denyRoleIds": "Denied roles",
    "restrictions.minAccountAgeDays": "Account age in days",
    "hostRoleIds": "Host roles",
    "recheckAtDraw": "Second look at winners",
    "bonusEntries": "Bonus entries",
}
"""What members read instead of the keys of the settings."""

_ID = re.compile(r"\b[0-9]{17,20}\b")


@contextmanager
def understandable() -> Iterator[None]:
    """Errors of the core come out so that a member can act on them, who knows no keys and ids."""
    try:
        yield
    except InvalidConfig as error:
        faults = [Fault("", fault_text(fault)) for fault in error.faults]
        raise InvalidConfig(faults) from error
    except InvalidDuration as error:
        raise InvalidDuration(f"{error.message}; {error.advice}") from error


def fault_text(fault: Fault) -> str:
    """A fault of settings with titles for keys, and roles by name."""
    text = named_roles(fault.message)
    for key, title in TITLES.items():
        text = text.replace(key, f"“{title}”")
    return f"{TITLES[fault.where]}: {text}" if fault.where in TITLES else text


def named_roles(text: str) -> str:
    """The text with the ids of roles replaced by the roles."""
    return _ID.sub(lambda match: words.role(match[0]), text)


def utc(epoch_ms: int) -> str:
    """An instant where Discord shows no times of its own: ``2026-05-01 18:30 UTC``."""
    return f"{datetime.fromtimestamp(epoch_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def at(epoch_ms: int) -> str:
    """An instant in the reader's own zone, and how far away it is."""
    return f"<t:{epoch_ms // 1000}:f> ({words.moment(epoch_ms)})"
