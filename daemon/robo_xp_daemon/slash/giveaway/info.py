"""``/giveaway``: all its commands together, and ``/giveaway info``.

Each works on the giveaways of the guild in which it is given and on no others.
"""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from robo_xp import RoboXP
from robo_xp_daemon.context import context_of
from robo_xp_daemon.giveaways.lifecycle import Lifecycle
from robo_xp_daemon.interactions.permissions import guild_id_of
from robo_xp_daemon.interactions.replies import Reply, show, think
from robo_xp_daemon.slash.giveaway import options
from robo_xp_daemon.slash.giveaway.entries import entries
from robo_xp_daemon.slash.giveaway.finish import Finish
from robo_xp_daemon.slash.giveaway.list import list_
from robo_xp_daemon.slash.giveaway.proof import proof
from robo_xp_daemon.slash.giveaway.rights import find
from robo_xp_daemon.slash.giveaway.settings import settings
from robo_xp_daemon.slash.giveaway.start import Start
from robo_xp_daemon.slash.giveaway.views import info_card

Command = app_commands.Command[Any, Any, Any] | app_commands.Group


@app_commands.command(name="info", description="Everything about a giveaway")
@app_commands.describe(giveaway="The giveaway; the only active one without it")
@app_commands.autocomplete(giveaway=options.every)
async def info(
    interaction: discord.Interaction[Any], giveaway: options.Reference | None = None
) -> None:
    """Show it to this member alone."""
    await think(interaction, private=True)
    context = context_of(interaction)
    embed = await context.work(card_of, context.robo, guild_id_of(interaction), giveaway or "")
    await show(interaction, Reply(embed), private=True)


def card_of(robo: RoboXP, guild_id: str, reference: str) -> discord.Embed:
    """The giveaway as it stands now; NotFound where this guild has none like that."""
    found = find(robo, guild_id, reference)
    return info_card(found, len(robo.giveaways.entries(guild_id, found.id)))


def group(giveaways: Lifecycle) -> app_commands.Group:
    """``/giveaway``, whose commands have ``giveaways`` tell Discord of what they change."""
    made = app_commands.Group(
        name="giveaway", description="Giveaways with draws that can be checked"
    )
    [start] = Start(giveaways).get_app_commands()
    end, cancel, reroll, edit, handed_over = Finish(giveaways).get_app_commands()
    within: tuple[Command, ...] = (
        start, end, cancel, reroll, list_, info, edit, handed_over, entries, proof, settings,
    )  # fmt: skip
    for command in within:
        made.add_command(command)
    return made
