"""What every feature of the daemon is given: the vault, and what runs, counts and times its work.

A feature asks for a ``Context`` and, where it speaks to Discord, for ``client.port.Discord``; so it
never knows the client, and a test gives it both without one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import discord

from robo_xp import RoboXP
from robo_xp.machine.config_file import RELAYS
from robo_xp.model.shards import ALL, Shards
from robo_xp.ports import Clock, SystemClock
from robo_xp_daemon.base.counters import Counters
from robo_xp_daemon.base.pace import GLOBAL_PER_SECOND, Pace
from robo_xp_daemon.base.painter import Painter
from robo_xp_daemon.base.work import Work


@dataclass(frozen=True, slots=True)
class Context:
    """The open vault; ``work`` runs what blocks in a thread, ``counters`` say what was done.

    ``clock`` says when giveaways end. ``admin_permission`` is what members need to change a guild's
    XP and settings. ``painter`` draws rank cards, where the extra for them is installed. ``pace``
    is that of all requests to Discord. ``relays`` are asked for rounds of the beacon. ``shards``
    are those whose guilds this daemon looks after, alone of all daemons of the vault.
    """

    robo: RoboXP
    work: Work
    counters: Counters
    clock: Clock = SystemClock()
    admin_permission: str = "manage_guild"
    painter: Painter | None = None
    relays: tuple[str, ...] = RELAYS
    shards: Shards = ALL
    pace: Pace = field(default_factory=lambda: Pace(GLOBAL_PER_SECOND))


def context_of(interaction: discord.Interaction[Any]) -> Context:
    """What the client that heard this interaction was given."""
    context: Context = interaction.client.context
    return context
