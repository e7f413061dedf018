"""Giveaways on Discord: their messages and buttons, their ends, and what winners are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robo_xp_daemon.giveaways.entering import buttons

if TYPE_CHECKING:
    from robo_xp_daemon.client.client import Bot


async def add(bot: Bot) -> None:
    """The client answers the buttons of giveaways, and looks after all of them."""
    await buttons.add(bot)
    bot.giveaways.start()
