"""Keeps a client running: a fresh one after each failure that time may heal, an end after others.

discord.py resumes lost connections by itself; here is what makes ``start`` return all the same.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress

import aiohttp
import discord

from robo_xp_daemon.base.backoff import Backoff
from robo_xp_daemon.base.fatal import Fatal
from robo_xp_daemon.client.client import Client
from robo_xp_daemon.client.refusals import pause_after
from robo_xp_daemon.setup.token import Token

log = logging.getLogger("robo_xp_daemon")

TOKEN_REFUSED, MISCONFIGURED, FAILED = 77, 78, 1
_BAD_TOKEN, _BAD_VERSION, _BAD_INTENTS, _UNGRANTED_INTENTS = 4004, 4012, 4013, 4014
_STABLE_SECONDS = 60.0
_DRAIN_SECONDS = 8.0
_ANSWER_SECONDS = 5.0
_CLOSE_SECONDS = 5.0


class Supervisor:
    """Runs one client after the other until ``stop``; ``reconnect`` asks for a fresh one.

    ``client`` is the one that runs now; None between two.
    """

    def __init__(self, make: Callable[[], tuple[Client, Token]]) -> None:
        self.client: Client | None = None
        self._make = make
        self._stop = asyncio.Event()
        self._fresh = asyncio.Event()
        self._backoff = Backoff()

    @property
    def is_stopping(self) -> bool:
        """Whether ``stop`` was called."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Finish what is in hand, then let ``run`` return."""
        self._stop.set()
        self._fresh.set()

    def reconnect(self) -> None:
        """Finish what is in hand, then go on with a fresh client."""
        self._fresh.set()

    async def run(self) -> None:
        """Return after ``stop``. Raises Fatal for what an operator has to mend."""
        while not self._stop.is_set():
            self._fresh.clear()
            began = time.monotonic()
            error = await self._one_client()
            if self._stop.is_set() or error is None:
                continue
            fatal = fatal_of(error)
            if fatal is not None:
                raise fatal from error
            if time.monotonic() - began >= _STABLE_SECONDS:
                self._backoff.reset()
            await self._wait(error)

    async def _one_client(self) -> BaseException | None:
        """Run a client to its end: what it died of, or None when it was asked to end."""
        client, token = self._make()
        self.client = client
        running = asyncio.create_task(client.start(token.text))
        asked = asyncio.create_task(self._fresh.wait())
        refused = asyncio.create_task(client.unauthorized.wait())
        try:
            await asyncio.wait({running, asked, refused}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                return running.exception() or ConnectionError("Discord closed the connection")
            if refused.done():
                return discord.LoginFailure("Discord knows the token no more")
            await client.in_hand.finish(_ANSWER_SECONDS)
            await client.listener.finish(_DRAIN_SECONDS)
            return None
        finally:
            asked.cancel()
            refused.cancel()
            await _end(client, running)
            self.client = None

    async def _wait(self, error: BaseException) -> None:
        """Wait before the next try, or until asked to end."""
        seconds = max(self._backoff.seconds(), pause_after(error))
        known = isinstance(error, (aiohttp.ClientError, discord.DiscordException, OSError))
        log.warning(
            "the connection to Discord failed: %s; a new try in %.1f s",
            error if str(error) else repr(error), seconds,
            exc_info=None if known else error,
        )  # fmt: skip
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._fresh.wait()


def fatal_of(error: BaseException) -> Fatal | None:
    """What an operator has to mend; None for what a new try may heal."""
    code = error.code if isinstance(error, discord.ConnectionClosed) else 0
    if isinstance(error, discord.LoginFailure) or code == _BAD_TOKEN:
        return Fatal(
            TOKEN_REFUSED,
            "Discord refused the token",
            "reset it in the developer portal (your application, Bot, Reset Token) and store it"
            " where the daemon reads it",
        )
    if isinstance(error, discord.PrivilegedIntentsRequired) or code == _UNGRANTED_INTENTS:
        return no_members_intent()
    if code in (_BAD_VERSION, _BAD_INTENTS):
        return Fatal(FAILED, f"Discord refuses this version (close code {code})", "upgrade Robo XP")
    return None


def no_members_intent() -> Fatal:
    """That this bot has no members intent."""
    return Fatal(
        MISCONFIGURED,
        "Discord does not grant the members intent to this bot (close code 4014)",
        "switch on 'Server Members Intent' in the developer portal (your application, Bot,"
        " Privileged Gateway Intents), or set members_intent = false in [daemon]",
    )


async def _end(client: Client, running: asyncio.Task[None]) -> None:
    """Close a client, in whatever state it is."""
    with suppress(Exception):
        # one that never logged in has nothing to close but its HTTP session, and stumbles over it
        async with asyncio.timeout(_CLOSE_SECONDS):
            await client.close()
    running.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await running
    with suppress(Exception):
        await client.http.close()
