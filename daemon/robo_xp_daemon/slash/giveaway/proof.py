"""``/giveaway proof``: what it takes to check a draw, for every member."""

from __future__ import annotations

from typing import Any, Final

import discord
from discord import app_commands

from robo_xp import RoboXP
from robo_xp.model.giveaway import Giveaway
from robo_xp_daemon.context import context_of
from robo_xp_daemon.giveaways import format as wording
from robo_xp_daemon.giveaways.proof_files import proof_files
from robo_xp_daemon.interactions.permissions import guild_id_of
from robo_xp_daemon.interactions.replies import Reply, show, think
from robo_xp_daemon.slash.giveaway import options
from robo_xp_daemon.slash.giveaway.rights import find

HOW: Final = (
    "Open the page in a browser: it computes the draw again, asks nobody for anything, and finds"
    " your entry. Hold the commitment and the close in this channel, and your receipt, against it."
)
TOO_LARGE: Final = "The proof is too large for Discord; ask whoever runs the bot for it."


@app_commands.command(name="proof", description="Check the draw of a giveaway yourself")
@app_commands.describe(giveaway="The giveaway; the only active one without it")
@app_commands.autocomplete(giveaway=options.ended)
async def proof(
    interaction: discord.Interaction[Any], giveaway: options.Reference | None = None
) -> None:
    """Give this member the proof, and say what it has of them."""
    await think(interaction, private=True)
    context = context_of(interaction)
    user_id = str(interaction.user.id)
    reply = await context.work(
        answer_of, context.robo, guild_id_of(interaction), giveaway or "", user_id
    )
    await show(interaction, reply, private=True)


def answer_of(robo: RoboXP, guild_id: str, reference: str, user_id: str) -> Reply:
    """The proof with the member's own entry. Raises NotFound, GiveawayNotEnded before its end."""
    found = find(robo, guild_id, reference)
    files = proof_files(robo, guild_id, found.id)
    lines = [wording.prize(found), _own(robo, found, user_id), HOW if files else TOO_LARGE]
    embed = discord.Embed(title="Proof of a giveaway", description="\n".join(lines))
    embed.set_footer(text=found.id)
    return Reply(embed, files=files)


def _own(robo: RoboXP, giveaway: Giveaway, user_id: str) -> str:
    """What the proof has of the member."""
    entries = robo.giveaways.entries(giveaway.guild_id, giveaway.id)
    entry = next((one for one in entries if one.user_id == user_id), None)
    if entry is None:
        return "You are not among its entries."
    number = "" if entry.number is None else f" {entry.number}"
    won = " You won." if user_id in giveaway.all_winners else ""
    return f"Your entry{number} is among them, with weight {entry.weight}.{won}"
