"""Parts of discord.py that are not meant to be touched, touched here and nowhere else.

Two things have no other door: where Discord is, which tests point at this machine, and the code
with which Discord closed a socket, which can get lost on its way through aiohttp.
"""

from __future__ import annotations

from typing import Any, Final

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
