"""Parts of discord.py that are not meant to be touched, touched here and nowhere else.

Three things have no other door: where Discord is, which tests point at this machine; the code
with which Discord closed a socket, which can get lost on its way through aiohttp; and when
Discord last answered a heartbeat.
"""

from __future__ import annotations

import time
from typing import Any, Final

import discord
import discord.http
import yarl
from discord.gateway import DiscordClientWebSocketResponse, DiscordWebSocket
from discord.http import Route

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


def is_open(client: discord.AutoShardedClient) -> bool:
    """Whether every shard has a session and a socket that is not known to be closed."""
    sockets = _sockets(client)
    return len(sockets) == client.shard_count and all(
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
