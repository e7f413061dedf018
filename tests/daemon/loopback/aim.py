"""Points the discord.py of this process at a loopback Discord, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route


class Addressed(Protocol):
    """What knows the two addresses: a Loopback or a LoopbackThread."""

    @property
    def api_base(self) -> str:
        """Where REST begins."""

    @property
    def gateway_url(self) -> str:
        """Where the gateway is."""


@contextmanager
def aimed(discord: Addressed) -> Iterator[None]:
    """Within the block every client of discord.py goes to the loopback."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = discord.api_base
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(discord.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before
