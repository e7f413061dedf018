"""The panel of ``/xp config``: pure views, the forms, and what a press on them does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from robo_xp_daemon.client.client import Bot


async def add(bot: Bot) -> None:
    """The bot answers the panel, also what was shown before a restart."""
    from robo_xp_daemon.panel import press
    from robo_xp_daemon.panel.ids import PATTERN

    bot.clicks.add(PATTERN, press.pressed)
