"""Rounds of the public beacon from its relays: several are asked at once, and none is believed.

A relay only passes on what the chain has signed, so the signature is checked whoever gave it; one
that lies, is slow or is away costs nothing but its answer.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import aiohttp

from robo_xp.model.closing import Chain
from robo_xp_daemon.base.throttle import Throttle

log = logging.getLogger("robo_xp_daemon")

SECONDS: Final = 8.0
"""So long a relay may take."""

_MOST_BYTES: Final = 4096
_NOT_YET: Final = (404, 425)

Check = Callable[[str], Awaitable[bool]]
"""Whether a signature is that of the round."""


class Relays:
    """Asks these addresses."""

    def __init__(self, addresses: Sequence[str], *, seconds: float = SECONDS) -> None:
        self._addresses = addresses
        self._seconds = seconds
        self._throttle = Throttle()

    async def signature(self, chain: Chain, number: int, check: Check) -> str | None:
        """The signature of the round, as soon as one relay gives it; None where none does.

        Raises what ``check`` raises.
        """
        timeout = aiohttp.ClientTimeout(total=self._seconds)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
            asked = [
                asyncio.create_task(self._from(session, address, chain, number))
                for address in self._addresses
            ]
            try:
                for answer in asyncio.as_completed(asked):
                    found = await answer
                    if found is None:
                        continue
                    address, signature = found
                    if await check(signature):
                        return signature
                    self._tell(address, "gave a signature that is not that of the round")
            finally:
                for task in asked:
                    task.cancel()
                await asyncio.gather(*asked, return_exceptions=True)
        return None

    async def _from(
        self, session: aiohttp.ClientSession, address: str, chain: Chain, number: int
    ) -> tuple[str, str] | None:
        """The relay and the signature that it gives; None where it gives none."""
        url = f"{address.rstrip('/')}/{chain.hash}/public/{number}"
        try:
            async with session.get(url, allow_redirects=False) as answer:
                if answer.status in _NOT_YET:
                    return None
                answer.raise_for_status()
                told = json.loads(await answer.content.read(_MOST_BYTES))
            signature = told["signature"]
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self._tell(address, f"cannot be reached ({type(error).__name__} {error})")
            return None
        except (ValueError, KeyError, TypeError):
            self._tell(address, "gave no round")
            return None
        return (address, signature) if isinstance(signature, str) else None

    def _tell(self, address: str, what: str) -> None:
        """Log it, once in a while."""
        if self._throttle.lets((address, what)):
            log.warning("relay %s of the beacon %s", address, what)
