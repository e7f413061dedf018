"""What Discord refuses, in words: which guild, which role or channel, and what mends it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

import aiohttp
import discord

from robo_xp.model.outbox import NotDone
from robo_xp_daemon.base.throttle import Throttle

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger("robo_xp_daemon")

UNKNOWN_CHANNEL, UNKNOWN_GUILD, UNKNOWN_MEMBER, UNKNOWN_MESSAGE = 10003, 10004, 10007, 10008
NOT_OURS, ARCHIVED = 50005, 50083
UNKNOWN_USER, DMS_CLOSED, INVALID_RECIPIENT, NO_COMMON_GUILD = 10013, 50007, 50033, 50278
TOO_FAST = 40003
_UNREACHABLE: Final = (DMS_CLOSED, UNKNOWN_USER, INVALID_RECIPIENT, NO_COMMON_GUILD)
_MENDABLE: Final = (UNKNOWN_GUILD, ARCHIVED)

SLOWER_SECONDS: Final = 60.0
"""So long nobody is written to after Discord said that it was too fast."""

NETWORK: Final = (aiohttp.ClientError, discord.DiscordServerError, discord.RateLimited, OSError)
"""What is raised when Discord cannot be reached."""

_UNAUTHORIZED, _FORBIDDEN, _TOO_MANY = 401, 403, 429

_FIXES: Final = {
    10003: "the channel is gone; set another one",
    10004: "invite the bot again",
    10007: "the member has left",
    10011: "the role was deleted; see 'robo-xp reward list' for its levels",
    50001: "let the bot see the channel",
    50007: "the member takes no direct messages",
    50013: "give the bot's role the permission, and drag it above the roles it gives",
}
_UNREADABLE: Final = (ValueError, TypeError, KeyError, AttributeError, IndexError)
_throttle = Throttle()
_listeners: list[Callable[[str], None]] = []


class Meaning(Enum):
    """What an answer of Discord's means for what it was asked for."""

    PASSING = "passing"
    """The network or Discord itself is at fault, so that a later try may work."""
    MENDABLE = "mendable"
    """Somebody may allow it."""
    UNREACHABLE = "unreachable"
    """A user takes no direct messages of ours."""
    FINAL = "final"
    """What it was about is gone, or never was."""


def meaning_of(error: discord.HTTPException) -> Meaning:
    """What the answer means.

    A refused token is no matter of what was asked for: whoever supervises the client ends it.
    """
    if isinstance(error, NETWORK) or error.status in (_UNAUTHORIZED, _TOO_MANY):
        return Meaning.PASSING
    if error.code == TOO_FAST:
        return Meaning.PASSING
    if error.code in _UNREACHABLE:
        return Meaning.UNREACHABLE
    if error.code in _MENDABLE or (error.status == _FORBIDDEN and error.code != NOT_OURS):
        return Meaning.MENDABLE
    return Meaning.FINAL


def readable(call: Callable[P, Awaitable[R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """The call, in which an answer that is not Discord's, or is cut, counts as none."""

    @wraps(call)
    async def reading(*args: P.args, **kw: P.kwargs) -> R:
        try:
            return await call(*args, **kw)
        except _UNREADABLE as error:
            raise ConnectionError(f"Discord's answer cannot be read ({error!r})") from error

    return reading


def is_passing(error: BaseException) -> bool:
    """Whether the network or Discord itself is at fault, so that a later try may work."""
    if isinstance(error, discord.HTTPException):
        return meaning_of(error) is Meaning.PASSING
    return isinstance(error, NETWORK)


def pause_after(error: BaseException) -> float:
    """How many seconds Discord wants nothing more of that kind; 0 where it does not say."""
    if isinstance(error, discord.RateLimited):
        return error.retry_after
    if not isinstance(error, discord.HTTPException):
        return 0.0
    if error.code == TOO_FAST:
        return SLOWER_SECONDS
    headers: Mapping[str, str] = getattr(error.response, "headers", {})
    told = headers.get("Retry-After", "") if error.status == _TOO_MANY else ""
    return float(told) if told.isdecimal() else 0.0


@contextmanager
def listening(listener: Callable[[str], None]) -> Iterator[None]:
    """Until left, the listener gets the kind, or Discord's code, of each thing that is not done.

    Also of those that the log does not repeat.
    """
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def tell(kind: str, message: str, fix: str, **ids: object) -> NotDone:
    """Warn that something is not done, and how to mend it; the same warning once a minute.

    Kinds are few and name no id; one may end in Discord's code, which is then what is counted.
    What was warned of comes back, to be kept.
    """
    code = kind.rsplit(maxsplit=1)[-1]
    _hear(code)
    _warn(kind, message, fix, ids)
    return NotDone(code, message, fix, _named_ids(ids))


def _hear(kind: str) -> None:
    for listener in _listeners:
        listener(kind)


def _warn(key: str, message: str, fix: str, ids: Mapping[str, object]) -> None:
    shown = _named_ids(ids)
    if _throttle.lets((key, *sorted(shown.items()))):
        named = "".join(f", {key.removesuffix('_id')} {value}" for key, value in shown.items())
        log.warning("%s%s; to mend it: %s", message, named, fix, extra=shown)


def tell_refusal(
    what: str, error: discord.HTTPException, fix: str | None = None, **ids: object
) -> NotDone:
    """Warn that Discord refused a request, as ``tell`` does."""
    mend = fix or _FIXES.get(error.code, "see Discord's answer")
    said = f"{what} was refused by Discord: {error.text or error.status} (code {error.code})"
    code = str(error.code or error.status)
    _hear(code)
    _warn(f"{what} {code}", said, mend, ids)
    return NotDone(code, said, mend, _named_ids(ids))


def _named_ids(ids: Mapping[str, object]) -> dict[str, str]:
    return {key: str(value) for key, value in ids.items() if value is not None}
