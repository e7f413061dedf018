"""Finds the bot's token. It is never an argument, and never shows in a log or a traceback."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from robo_xp.errors import InvalidValue, NotConfigured

CREDENTIAL = "discord-token"
VARIABLE = "ROBO_XP_TOKEN"
_NO_TOKEN = (
    f"give systemd's LoadCredential={CREDENTIAL}:FILE, or set token_file in the table [daemon]"
    f" of robo-xp.toml to a file with mode 0600, or set {VARIABLE}"
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
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if folder and (credential := Path(folder) / CREDENTIAL).exists():
        return Token(_checked(_read(credential), str(credential)), str(credential))
    if token_file:
        path = Path(token_file)
        _refuse_public(path)
        return Token(_checked(_read(path), token_file), token_file)
    if text := environ.get(VARIABLE, "").strip():
        return Token(_checked(text, VARIABLE), VARIABLE)
    raise NotConfigured("there is no token for the bot", advice=_NO_TOKEN)


def _refuse_public(path: Path) -> None:
    """Raise InvalidValue for a file that anybody but its owner may touch."""
    try:
        found = os.stat(path)
    except OSError as error:
        raise _unreadable(path, error) from None
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise InvalidValue(
            f"token_file {path} can be read by others (mode {stat.S_IMODE(found.st_mode):04o})",
            advice=f"chmod 600 {path}, and reset the token if somebody may have read it",
        )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> NotConfigured:
    why = error.strerror if isinstance(error, OSError) else "it is not text"
    return NotConfigured(f"the token in {path} cannot be read: {why}", advice=_NO_TOKEN)


def _checked(text: str, source: str) -> str:
    """The token if it can be one; the message never holds it."""
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise InvalidValue(
            f"what stands in {source} is no token",
            advice="the token alone, on one line, as the developer portal shows it (Bot, Token)",
        )
    return text
