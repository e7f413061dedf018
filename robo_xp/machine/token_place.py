"""Where the bot's token stands, for both programs alike: the daemon reads it, others only look.

It never comes from an option, since everybody on a machine can see the arguments of a process.
Nothing here reads it.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from robo_xp.errors import InvalidValue, NotConfigured

CREDENTIAL = "discord-token"
VARIABLE = "ROBO_XP_TOKEN"
NO_TOKEN = (
    f"give systemd's LoadCredential={CREDENTIAL}:FILE, or set token_file in the table [daemon]"
    f" of robo-xp.toml to a file with mode 0600, or set {VARIABLE}"
)
_OTHERS = 0o077
_TOKEN = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){2}")


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """One place that may hold the token; ``path`` is None for the variable.

    ``is_private`` says that nobody but its owner may touch the file; systemd sees to that for
    its credentials.
    """

    name: str
    path: Path | None = None
    is_private: bool = False


def token_place(environ: Mapping[str, str], token_file: str) -> TokenPlace | None:
    """The place that counts: of systemd's credentials, of ``token_file``, of the environment.

    None where there is none. The file that ``token_file`` names need not exist.
    """
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if folder and (credential := Path(folder) / CREDENTIAL).exists():
        return TokenPlace(str(credential), credential)
    if token_file:
        return TokenPlace(token_file, Path(token_file), is_private=True)
    if environ.get(VARIABLE, "").strip():
        return TokenPlace(VARIABLE)
    return None


def check_place(place: TokenPlace) -> None:
    """Return if the place may hold a token.

    Raises NotConfigured for a file that is not there, InvalidValue for one that others may touch.
    """
    if place.path is None or not place.is_private:
        return
    try:
        mode = stat.S_IMODE(os.stat(place.path).st_mode)
    except OSError as error:
        raise unreadable(place.path, error) from None
    if mode & _OTHERS:
        raise InvalidValue(
            f"token_file {place.path} can be read by others (mode {mode:04o})",
            advice=f"chmod 600 {place.path}, and reset the token if somebody may have read it",
        )


def unreadable(path: Path, error: Exception) -> NotConfigured:
    """The error for a token that cannot be read, to be raised."""
    why = error.strerror if isinstance(error, OSError) else "it is not text"
    return NotConfigured(f"the token in {path} cannot be read: {why}", advice=NO_TOKEN)


def checked_token(text: str, source: str) -> str:
    """The token if it can be one; InvalidValue, which never holds it, if not."""
    if not _TOKEN.fullmatch(text):
        raise InvalidValue(
            f"what stands in {source} is no token",
            advice="the token alone, on one line, three parts with dots between them, as the"
            " developer portal shows it (Bot, Token)",
        )
    return text
