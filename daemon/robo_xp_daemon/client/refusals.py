"""What Discord refuses, in words: which guild, which role or channel, and what mends it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import aiohttp
import discord

from robo_xp_daemon.base.throttle import Throttle

log = logging.getLogger("robo_xp_daemon")

UNKNOWN_CHANNEL, UNKNOWN_MEMBER, UNKNOWN_ROLE = 10003, 10007, 10011
UNKNOWN_USER, DMS_CLOSED = 10013, 50007

NETWORK: Final = (aiohttp.ClientError, discord.DiscordServerError, discord.RateLimited, OSError)
"""What is raised when Discord cannot be reached."""

_TOO_MANY: Final = 429

_FIXES: Final = {
    10003: "the channel is gone; set another one",
    10004: "invite the bot again",
    10007: "the member has left",
    10011: "the role was deleted; remove the reward: robo-xp reward remove LEVEL",
    50001: "let the bot see the channel",
    50007: "the member takes no direct messages",
    50013: "give the bot's role the permission, and drag it above the roles it gives",
}
_throttle = Throttle()
_listeners: list[Callable[[str], None]] = []


def is_passing(error: BaseException) -> bool:
    """Whether the network or Discord itself is at fault, so that a later try may work."""
    if isinstance(error, discord.HTTPException) and error.status == _TOO_MANY:
        return True
    return isinstance(error, NETWORK)


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


def tell(kind: str, message: str, fix: str, **ids: object) -> None:
    """Warn that something is not done, and how to mend it; the same warning once a minute.

    Kinds are few and name no id; one may end in Discord's code, which is then what is counted.
    """
    _hear(kind.rsplit(maxsplit=1)[-1])
    _warn(kind, message, fix, ids)


def _hear(kind: str) -> None:
    for listener in _listeners:
        listener(kind)


def _warn(key: str, message: str, fix: str, ids: Mapping[str, object]) -> None:
    shown = {key: str(value) for key, value in ids.items() if value is not None}
    if _throttle.lets((key, *sorted(shown.items()))):
        named = "".join(f", {key.removesuffix('_id')} {value}" for key, value in shown.items())
        log.warning("%s%s; to mend it: %s", message, named, fix, extra=shown)


def tell_refusal(what: str, error: discord.HTTPException, **ids: object) -> None:
    """Warn that Discord refused a request."""
    fix = _FIXES.get(error.code, "see Discord's answer")
    said = f"{what} was refused by Discord: {error.text or error.status} (code {error.code})"
    _hear(str(error.code or error.status))
    _warn(f"{what} {error.code}", said, fix, ids)
