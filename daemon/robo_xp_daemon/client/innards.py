"""Parts of discord.py that are not meant to be touched, touched here and nowhere else.

Four things have no other door: where Discord is, which tests point at this machine; the code
with which Discord closed a socket, which can get lost on its way through aiohttp; when Discord last
answered a heartbeat; and an event that discord.py cannot read, which would cost the connection.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Final

import discord
import discord.http
import yarl
from discord.gateway import DiscordClientWebSocketResponse, DiscordWebSocket
from discord.http import Route

from robo_xp_daemon.base.throttle import Throttle

log = logging.getLogger("robo_xp_daemon")

_VITAL: Final = ("READY", "RESUMED")
"""Events without which there is no session."""

_API_BASE: Final = Route.BASE
_GATEWAY: Final = DiscordWebSocket.DEFAULT_GATEWAY
_OWN_CODES: Final = 4000


def aim(api_base: str, gateway: str) -> None:
    """Let new clients of this process talk to these addresses; empty ones mean Discord."""
    Route.BASE = api_base.rstrip("/") or _API_BASE
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway) if gateway else _GATEWAY


class _Socket(DiscordClientWebSocketResponse):
    """A socket that remembers why Discord closed it.

    aiohttp forgets the code when it cannot answer the close any more. Without it a bot with a
    refused token or intent would knock for ever, until Discord resets its token.
    """

    async def close(self, *, code: int = 4000, message: bytes = b"") -> bool:
        """Close, and keep the code that came first."""
        told: Any = self._close_code
        closed = await super().close(code=code, message=message)
        if told is not None and told >= _OWN_CODES:
            self._close_code = told
        return closed


def keep_close_codes() -> None:
    """Let new clients of this process use sockets that remember."""
    if not hasattr(discord.http, "DiscordClientWebSocketResponse"):
        raise RuntimeError("this version of discord.py makes its sockets in another way")
    discord.http.DiscordClientWebSocketResponse = _Socket


def shield_events(client: discord.AutoShardedClient, throttle: Throttle) -> None:
    """Let an event that cannot be read be skipped and told, as often as ``throttle`` lets it."""
    parsers: dict[str, Callable[[Any], Any]] = client._connection.parsers
    for name, parse in list(parsers.items()):
        if name not in _VITAL:
            parsers[name] = _shielded_parser(name, parse, throttle)


def _shielded_parser(
    name: str, parse: Callable[[Any], Any], throttle: Throttle
) -> Callable[[Any], Any]:
    def shielded(data: Any) -> Any:
        try:
            return parse(data)
        except Exception as error:
            if throttle.lets((name, type(error))):
                log.error(
                    "an event %s of Discord cannot be read, so it is skipped: %r", name, error
                )
            return None

    return shielded


def is_open(client: discord.AutoShardedClient) -> bool:
    """Whether every shard has a session and a socket that is not known to be closed."""
    sockets = _sockets(client)
    wanted = client.shard_count if client.shard_ids is None else len(client.shard_ids)
    return len(sockets) == wanted and all(
        socket.open and socket._keep_alive is not None and socket.session_id is not None
        for socket in sockets
    )


def is_beating(client: discord.AutoShardedClient, patience: float) -> bool:
    """Whether every shard is open and Discord answers its heartbeats.

    ``patience`` is how long an answer may take, in intervals between two heartbeats.
    """
    now = time.perf_counter()
    return is_open(client) and all(
        beats is not None and now - beats._last_ack <= patience * (beats.interval or 0.0)
        for beats in (socket._keep_alive for socket in _sockets(client))
    )


def _sockets(client: discord.AutoShardedClient) -> list[DiscordWebSocket]:
    """The socket of each shard that has connected once, be it open or closed."""
    return [shard._parent.ws for shard in client.shards.values()]
