"""What the client offers beside counting messages: each part adds itself while it starts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from robo_xp_daemon import giveaways, panel
from robo_xp_daemon import slash as cogs
from robo_xp_daemon.slash import sync

if TYPE_CHECKING:
    from robo_xp_daemon.client.client import Bot

Addition = Callable[["Bot"], Awaitable[None]]

ADDITIONS: tuple[Addition, ...] = (cogs.add, panel.add, giveaways.add, sync.begin)
"""Called in the client's set-up hook, after login and before the gateway; ``sync`` comes last, when
all commands are there."""
