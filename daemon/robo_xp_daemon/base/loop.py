"""The event loop of the daemon: it can end while the look-up of a name is still under way."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import Any


class Loop(asyncio.SelectorEventLoop):
    """One whose look-ups of names are waited for by who asked, and by nobody at the end.

    The system gives up on a name server that is silent after ten seconds or more, and the loop of
    asyncio would not close before.
    """

    async def getaddrinfo(self, *asked: Any, **how: Any) -> Any:
        """As the function of ``socket``, in a thread that ends with the process."""
        answer = self.create_future()
        look = partial(socket.getaddrinfo, *asked, **how)
        Thread(target=self._look, args=(look, answer), name="name", daemon=True).start()
        return await answer

    def _look(self, look: Callable[[], Any], answer: asyncio.Future[Any]) -> None:
        try:
            found, settle = look(), answer.set_result
        except Exception as error:
            found, settle = error, answer.set_exception

        def tell() -> None:
            if not answer.done():
                settle(found)

        # nobody is there any more to be told
        with suppress(RuntimeError):
            self.call_soon_threadsafe(tell)
