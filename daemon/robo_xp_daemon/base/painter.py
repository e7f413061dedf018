"""Rank cards for ``/rank``: one worker draws them, in time or not at all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from robo_xp.errors import FileFailed, RoboXPError
from robo_xp.pictures.easel import is_installed
from robo_xp.pictures.studio import Dress, Studio
from robo_xp.pictures.template import Template, read, usual
from robo_xp.views.card import Card
from robo_xp_daemon.base.pictures import Pictures, avatars, backgrounds

CARD_SECONDS: Final = 2.4
"""How long a member waits for a card; without it the answer is an embed."""
DRAW_SECONDS: Final = 1.5
_MOST_WAITING: Final = 64

log = logging.getLogger("robo_xp_daemon")


class Painter:
    """Draws cards beside the event loop; made only where the extra is installed."""

    def __init__(
        self,
        template: str = "",
        background: str = "",
        faces: Pictures | None = None,
        scenes: Pictures | None = None,
    ) -> None:
        self._path = template
        self._background = background
        self._avatars = faces or avatars()
        self._backgrounds = scenes or backgrounds()
        self._studio = Studio()
        self._thread = ThreadPoolExecutor(1, "robo-xp-cards")
        self._waiting = 0

    async def card(self, card: Card, avatar: str, background: str = "") -> bytes | None:
        """The card as PNG, with the pictures at these addresses where they come in time.

        None where the card itself cannot be had in time.
        """
        if self._waiting >= _MOST_WAITING:
            return None
        self._waiting += 1
        try:
            async with asyncio.timeout(CARD_SECONDS):
                face, scene = await asyncio.gather(
                    self._avatars.get(avatar), self._backgrounds.get(background)
                )
                loop = asyncio.get_running_loop()
                # a background is of anybody's choice, an avatar went through Discord
                blamed = (self._backgrounds, background) if scene else (self._avatars, avatar)
                refuse = partial(loop.call_soon_threadsafe, blamed[0].refuse, blamed[1])
                drawing = partial(self._draw_card, card, (face, scene), refuse)
                return await loop.run_in_executor(self._thread, drawing)
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

    def _draw_card(
        self, card: Card, pictures: tuple[bytes, bytes], refuse: Callable[[], object]
    ) -> bytes:
        """The card; without the pictures, one of which is refused, where they cannot be drawn."""
        face, scene = pictures
        bare = Dress(self._template(), background=self._behind())
        try:
            dress = replace(bare, avatar=face, background=scene or bare.background)
            return self._studio.card(card, dress, seconds=DRAW_SECONDS)
        except RoboXPError:
            if not (face or scene):
                raise
            drawn = self._studio.card(card, bare, seconds=DRAW_SECONDS)
            refuse()
            return drawn

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
