"""Finds the tokens with which programs may speak to the daemon; only hashes of them are kept.

They stand in a file, one a line: ``NAME read|write|metrics TOKEN``, and behind it the ids of
guilds, with commas between, where it is for these only. No message ever holds one.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from robo_xp.errors import Fault, InvalidConfig, InvalidValue, NotConfigured
from robo_xp.model.ids import is_snowflake

CREDENTIAL = "api-tokens"
READ, WRITE, METRICS = "read", "write", "metrics"
SCOPES = (READ, WRITE, METRICS)
SHORTEST = 20
ADVICE = (
    "write lines of the form NAME read|write|metrics TOKEN [GUILD,…] into a file of mode 0600,"
    " name it by tokens_file in the table [rest], and make each token with: openssl rand -hex 32"
)
_NAME = re.compile(r"[A-Za-z0-9._-]{1,32}")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class ApiToken:
    """One token by its SHA-256 hash: whose it is, and what it may.

    Without ``guild_ids`` it is for all guilds.
    """

    name: str
    scope: str
    digest: bytes
    guild_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Tokens:
    """All tokens that hold now."""

    all: tuple[ApiToken, ...] = ()

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.all)

    def find(self, text: str) -> ApiToken | None:
        """The token that this is, or None; it takes as long whichever it is."""
        digest = _hash(text)
        found = None
        for token in self.all:
            if hmac.compare_digest(token.digest, digest):
                found = token
        return found


def find_tokens(environ: Mapping[str, str], tokens_file: str) -> Tokens:
    """The tokens of systemd's credential ``api-tokens``, else of ``tokens_file``; or none.

    Raises NotConfigured for a file that cannot be read, InvalidValue for one that others may
    touch, InvalidConfig with every line that is wrong.
    """
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if folder and (credential := Path(folder) / CREDENTIAL).exists():
        return _tokens_of(_read(credential), credential)
    if not tokens_file:
        return Tokens()
    path = Path(tokens_file)
    _refuse_public(path)
    return _tokens_of(_read(path), path)


def _refuse_public(path: Path) -> None:
    """Raise InvalidValue for a file that anybody but its owner may touch."""
    try:
        mode = stat.S_IMODE(os.stat(path).st_mode)
    except OSError as error:
        raise _unreadable(path, error) from None
    if mode & _OTHERS:
        raise InvalidValue(
            f"tokens_file {path} can be read by others (mode {mode:04o})",
            advice=f"chmod 600 {path}, and replace its tokens if somebody may have read them",
        )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> NotConfigured:
    why = error.strerror if isinstance(error, OSError) else "it is not text"
    return NotConfigured(f"the API tokens in {path} cannot be read: {why}", advice=ADVICE)


def _tokens_of(text: str, path: Path) -> Tokens:
    """The tokens that the lines say; InvalidConfig names every line that says none."""
    found: dict[str, ApiToken] = {}
    faults: list[Fault] = []
    digests: set[bytes] = set()
    for number, words in _lines(text):
        wrong = _fault(words) or _repetition_fault(words, found, digests)
        if wrong:
            faults.append(Fault(f"{path}, line {number}", wrong))
            continue
        name, scope, token = words[:3]
        digests.add(digest := _hash(token))
        found[name] = ApiToken(name, scope, digest, frozenset(_guilds_of(words)))
    if faults:
        raise InvalidConfig(faults, advice=ADVICE)
    return Tokens(tuple(found.values()))


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The words of each line that says anything, with its number."""
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if words and not words[0].startswith("#"):
            yield number, words


def _fault(words: list[str]) -> str:
    """What is wrong with a line by itself; it never repeats what may be a token."""
    if len(words) not in (3, 4):
        return "must be NAME read|write|metrics TOKEN, and the ids of guilds if it is for some"
    name, scope, token = words[:3]
    if not _NAME.fullmatch(name):
        return "the name must be 1 to 32 letters, digits, dots, hyphens and underscores"
    if scope not in SCOPES:
        return f"the second word must be one of {', '.join(SCOPES)}"
    if len(token) < SHORTEST or not _TOKEN.fullmatch(token):
        return f"the token must be {SHORTEST} or more letters, digits and ._~+/=-"
    if not all(map(is_snowflake, _guilds_of(words))):
        return "the fourth word must be ids of guilds with commas between them"
    if scope == METRICS and words[3:]:
        return "the numbers of the daemon are of all guilds, so a token for them can name none"
    return ""


def _guilds_of(words: list[str]) -> list[str]:
    """The ids of the guilds that a line names."""
    return words[3].split(",") if words[3:] else []


def _repetition_fault(words: list[str], found: Mapping[str, ApiToken], digests: set[bytes]) -> str:
    """What is wrong with a line beside those before it."""
    if words[0] in found:
        return f"the name {words[0]} is there already"
    return "the same token is there already" if _hash(words[2]) in digests else ""


def _hash(text: str) -> bytes:
    # a header may hold bytes that are no UTF-8
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
