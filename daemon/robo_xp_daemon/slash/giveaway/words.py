"""How giveaways, lengths of time and what is wrong with them are said to members."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from robo_xp.errors import Fault, InvalidConfig, InvalidDuration
from robo_xp.settings.giveaway import GIVEAWAY
from robo_xp_daemon.interactions import format as words

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
        said = filter(None, (error.message, error.advice))
        raise InvalidDuration("; ".join(said)) from error


def fault_text(fault: Fault) -> str:
    """A fault of settings with titles for keys, and roles by name."""
    text = named_roles(fault.message)
    for field in GIVEAWAY:
        text = text.replace(field.key, f"“{field.label}”")
    field_at = GIVEAWAY.fields.get(fault.where)
    return text if field_at is None else f"{field_at.label}: {text}"


def named_roles(text: str) -> str:
    """The text with the ids of roles replaced by the roles."""
    return _ID.sub(lambda match: words.role(match[0]), text)


def at(epoch_ms: int) -> str:
    """An instant in the reader's own zone, and how far away it is."""
    return f"<t:{epoch_ms // 1000}:f> ({words.moment(epoch_ms)})"
