"""The loopback in a thread of its own, for tests that have no event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.daemon.loopback.server import Loopback

T = TypeVar("T")


class LoopbackThread:
    """Runs a Loopback beside the test; everything about it is asked for through two doors.

    ``call(lambda discord: ...)`` for what returns at once and ``run(lambda discord: ...)`` for
    what has to be awaited; both wait for the result.
    """

    def __init__(self, **options: Any) -> None:
        self.discord = Loopback(**options)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        """Starts the thread and listens."""
        self._thread.start()
        self.run(lambda discord: discord.__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stops as the Loopback does, and ends the thread."""
        try:
            self.run(lambda discord: discord.__aexit__(kind, error, trace))
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    @property
    def token(self) -> str:
        """The bot's token."""
        return self.discord.token

    @property
    def api_base(self) -> str:
        """Where REST begins."""
        return self.discord.api_base

    @property
    def gateway_url(self) -> str:
        """Where the gateway is."""
        return self.discord.gateway_url

    def run(self, act: Callable[[Loopback], Coroutine[Any, Any, T]], timeout: float = 60.0) -> T:
        """The result of a coroutine in the loopback's loop."""
        future = asyncio.run_coroutine_threadsafe(act(self.discord), self._loop)
        return future.result(timeout)

    def call(self, act: Callable[[Loopback], T], timeout: float = 60.0) -> T:
        """The result of a function in the loopback's loop."""

        async def once(discord: Loopback) -> T:
            return act(discord)

        return self.run(once, timeout)
