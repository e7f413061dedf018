"""Rank cards for ``/rank``: one worker draws them, in time or not at all."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from robo_xp.errors import FileFailed, RoboXPError
from robo_xp.pictures.easel import is_installed
from robo_xp.pictures.studio import Dress, Studio, check_picture
from robo_xp.pictures.template import Template, read, usual
from robo_xp.views.card import Card

CARD_SECONDS: Final = 2.4
"""How long a member waits for a card; without it the answer is an embed."""
DRAW_SECONDS: Final = 1.5
AVATAR_SECONDS: Final = 2.0
MOST_BYTES: Final = 2 << 20
AVATAR_HOST: Final = "cdn.discordapp.com"
_MOST_AVATARS: Final = 64
_MOST_WAITING: Final = 64

log = logging.getLogger("robo_xp_daemon")


class Avatars:
    """Pictures of members from Discord, and the last ones again without asking."""

    def __init__(self, host: str = AVATAR_HOST) -> None:
        self._host = host
        self._known: OrderedDict[str, bytes] = OrderedDict()

    async def get(self, address: str) -> bytes:
        """The picture at the address; empty where none is to be had in time."""
        if address in self._known:
            self._known.move_to_end(address)
            return self._known[address]
        try:
            async with asyncio.timeout(AVATAR_SECONDS):
                found = await self._fetched(address)
        except (TimeoutError, aiohttp.ClientError, RoboXPError) as error:
            log.debug("no avatar from %s: %r", address, error)
            return b""
        self._known[address] = found
        if len(self._known) > _MOST_AVATARS:
            self._known.popitem(last=False)
        return found

    async def _fetched(self, address: str) -> bytes:
        parts = urlsplit(address)
        if parts.netloc != self._host or parts.scheme != _scheme_of(self._host):
            return b""
        async with (
            aiohttp.ClientSession() as session,
            session.get(address, allow_redirects=False) as answer,
        ):
            content = bytearray()
            if answer.status != 200:
                return b""
            async for part in answer.content.iter_chunked(1 << 16):
                content += part
                if len(content) > MOST_BYTES:
                    return b""
        return check_picture(bytes(content), address)


class Painter:
    """Draws cards beside the event loop; made only where the extra is installed."""

    def __init__(
        self, template: str = "", background: str = "", avatars: Avatars | None = None
    ) -> None:
        self._path = template
        self._background = background
        self._avatars = avatars or Avatars()
        self._studio = Studio()
        self._thread = ThreadPoolExecutor(1, "robo-xp-cards")
        self._waiting = 0

    async def card(self, card: Card, avatar: str) -> bytes | None:
        """The card as PNG, with the picture at ``avatar``; None where it cannot be had in time."""
        if self._waiting >= _MOST_WAITING:
            return None
        self._waiting += 1
        try:
            async with asyncio.timeout(CARD_SECONDS):
                picture = await self._avatars.get(avatar)
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._thread, partial(self._drawn, card, picture))
        except TimeoutError:
            log.info("a card did not come in time")
        except RoboXPError as error:
            log.warning("no card could be drawn: %s", error.message)
        finally:
            self._waiting -= 1
        return None

    def close(self) -> None:
        """End the worker."""
        self._thread.shutdown(cancel_futures=True)
        self._studio.close()

    def _drawn(self, card: Card, picture: bytes) -> bytes:
        """The card; without the picture where that cannot be drawn."""
        dress = Dress(self._template(), picture, self._behind())
        try:
            return self._studio.card(card, dress, seconds=DRAW_SECONDS)
        except RoboXPError:
            if not picture:
                raise
            return self._studio.card(card, replace(dress, avatar=b""), seconds=DRAW_SECONDS)

    def _behind(self) -> bytes:
        """The operator's picture behind cards as it is now; empty for none."""
        try:
            return Path(self._background).read_bytes() if self._background else b""
        except OSError as error:
            raise FileFailed.of(self._background, "read", error) from None

    def _template(self) -> Template:
        """The operator's template as it is now, or the usual one."""
        return read(Path(self._path)) if self._path else usual()


def painter(template: str = "", background: str = "") -> Painter | None:
    """What draws cards by the template and picture at these paths; None without the extra."""
    return Painter(template, background) if is_installed() else None


def _scheme_of(host: str) -> str:
    # a test serves pictures on this machine, where nothing is encrypted
    return "http" if host.startswith("127.0.0.1:") else "https"
