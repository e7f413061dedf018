"""Finds the bot's token. It is never an argument, and never shows in a log or a traceback."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from robo_xp.errors import NotConfigured
from robo_xp.machine.token_place import (
    NO_TOKEN,
    VARIABLE,
    check_place,
    checked_token,
    token_place,
    unreadable,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A token and where it came from; its text shows only to who asks for it."""

    text: str = field(repr=False)
    source: str

    def __str__(self) -> str:
        """Where it came from."""
        return f"token of {self.source}"


def find_token(environ: Mapping[str, str], token_file: str) -> Token:
    """The token: of systemd's credentials, of ``token_file``, of the environment, in this order.

    Raises NotConfigured when there is none, InvalidValue for one that cannot be used.
    """
    place = token_place(environ, token_file)
    if place is None:
        raise NotConfigured("there is no token for the bot", advice=NO_TOKEN)
    check_place(place)
    text = environ[VARIABLE].strip() if place.path is None else _read(place.path)
    return Token(checked_token(text, place.name), place.name)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(path, error) from None
