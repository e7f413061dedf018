"""``/giveaway end|cancel|reroll|edit|handed-over``: what changes a giveaway, told privately.

Each looks the giveaway up in the member's guild, checks the member's right, and only then acts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from robo_xp import RoboXP
from robo_xp.errors import Refused
from robo_xp.model.giveaway import Giveaway
from robo_xp.model.giveaway_results import GiveawayChange
from robo_xp.text import thousands
from robo_xp_daemon.context import context_of
from robo_xp_daemon.giveaways import format as wording
from robo_xp_daemon.giveaways.lifecycle import Lifecycle
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.interactions.actor import acting
from robo_xp_daemon.interactions.replies import Reply, show, think
from robo_xp_daemon.interactions.targets import Target
from robo_xp_daemon.slash.giveaway import options
from robo_xp_daemon.slash.giveaway import words as said
from robo_xp_daemon.slash.giveaway.options import Reason, Reference
from robo_xp_daemon.slash.giveaway.rights import Asker, check_finisher, check_host, find
from robo_xp_daemon.slash.giveaway.start import Prize, Winners
from robo_xp_daemon.slash.giveaway.views import outcome

_WHICH = "The giveaway, or its message's id or link"
_WHICH_OR_ONLY = "The giveaway; the only active one without it"
_WHY = "Why, for the history"
Find = Callable[[RoboXP, Asker, str], Giveaway]


class Finish(commands.Cog):
    """The commands, which have Discord told of what they change."""

    def __init__(self, giveaways: Lifecycle) -> None:
        self._giveaways = giveaways

    @app_commands.command(name="end", description="End a giveaway now, and draw its winners")
    @app_commands.describe(giveaway=_WHICH_OR_ONLY, reason=_WHY)
    @app_commands.autocomplete(giveaway=options.active)
    async def end(
        self,
        interaction: discord.Interaction[Any],
        giveaway: Reference | None = None,
        reason: Reason | None = None,
    ) -> None:
        """Draw the winners, and tell who they are."""
        asker, found = await _find_allowed(interaction, giveaway or "", _to_finish)
        with said.understandable():
            change = await self._giveaways.end(asker.guild_id, found.id, by=asker.by, reason=reason)
        await show(interaction, Reply(outcome(change)), private=True)

    @app_commands.command(name="cancel", description="End a giveaway for good, without winners")
    @app_commands.describe(giveaway=_WHICH_OR_ONLY, reason=_WHY)
    @app_commands.autocomplete(giveaway=options.unfinished)
    async def cancel(
        self,
        interaction: discord.Interaction[Any],
        giveaway: Reference | None = None,
        reason: Reason | None = None,
    ) -> None:
        """Cancel the giveaway."""
        asker, found = await _find_allowed(interaction, giveaway or "", _to_finish)

        def change(robo: RoboXP) -> GiveawayChange:
            return robo.giveaways.cancel(asker.guild_id, found.id, strict=True, reason=reason)

        done = await self._change(interaction, "cancel", change)
        text = f"{wording.prize(done.giveaway)}\nNobody wins it."
        embed = discord.Embed(title="Giveaway cancelled", description=text)
        await show(interaction, Reply(embed.set_footer(text=done.id)), private=True)

    @app_commands.command(
        name="reroll", description="Draw more winners of a giveaway that has ended"
    )
    @app_commands.describe(
        giveaway=_WHICH, count="How many; as many as it had winners without it", reason=_WHY
    )
    @app_commands.autocomplete(giveaway=options.ended)
    async def reroll(
        self,
        interaction: discord.Interaction[Any],
        giveaway: Reference,
        count: Winners | None = None,
        reason: Reason | None = None,
    ) -> None:
        """Draw among those who have not won yet, and tell who won now."""
        asker, found = await _find_allowed(interaction, giveaway, _to_host)
        with said.understandable():
            change = await self._giveaways.reroll(
                asker.guild_id, found.id, count=count, by=asker.by, reason=reason
            )
        await show(interaction, Reply(outcome(change)), private=True)

    @app_commands.command(
        name="edit", description="Change the prize, the end or the number of winners"
    )
    @app_commands.describe(
        giveaway=_WHICH_OR_ONLY,
        prize="What there is to win",
        ends="How long from now (10m, 1h30m, 2d), or until when",
        winners="How many winners",
        reason=_WHY,
    )
    @app_commands.autocomplete(giveaway=options.unfinished, ends=options.duration)
    async def edit(
        self,
        interaction: discord.Interaction[Any],
        giveaway: Reference | None = None,
        *,
        prize: Prize | None = None,
        ends: options.Duration | None = None,
        winners: Winners | None = None,
        reason: Reason | None = None,
    ) -> None:
        """Change what was given, and leave the rest as it is."""
        asker, found = await _find_allowed(interaction, giveaway or "", _to_host)
        if prize is None and ends is None and winners is None:
            raise Refused("nothing to change: give a prize, an end or a number of winners")

        def change(robo: RoboXP) -> GiveawayChange:
            return robo.giveaways.edit(
                asker.guild_id, found.id, prize=prize, ends=ends, winners=winners, reason=reason
            )

        done = await self._change(interaction, "edit", change)
        title = "Giveaway changed" if done.changed else "The giveaway was like this before"
        embed = discord.Embed(title=title, description=wording.prize(done.giveaway))
        embed.add_field(name="Ends", value=said.at(done.giveaway.ends_at))
        embed.add_field(name="Winners", value=thousands(done.giveaway.winners_count))
        await show(interaction, Reply(embed.set_footer(text=done.id)), private=True)

    @app_commands.command(name="handed-over", description="Note that a winner has got the prize")
    @app_commands.describe(giveaway=_WHICH, user="The winner who has it", reason=_WHY)
    @app_commands.autocomplete(giveaway=options.ended)
    async def handed_over(
        self,
        interaction: discord.Interaction[Any],
        giveaway: Reference,
        user: Target,
        reason: Reason | None = None,
    ) -> None:
        """Note who has the prize."""
        asker, found = await _find_allowed(interaction, giveaway, _to_host)

        def change(robo: RoboXP) -> GiveawayChange:
            return robo.giveaways.hand_over(asker.guild_id, found.id, str(user.id), reason=reason)

        done = await self._change(interaction, "handed-over", change)
        text = f"{wording.prize(done.giveaway)}\n{words.member(user.id)} has it."
        embed = discord.Embed(title="Handed over", description=text)
        await show(interaction, Reply(embed.set_footer(text=done.id)), private=True)

    async def _change(
        self,
        interaction: discord.Interaction[Any],
        verb: str,
        change: Callable[[RoboXP], GiveawayChange],
    ) -> GiveawayChange:
        """Carry out a change in the member's name, and have Discord told of it."""
        with said.understandable():
            done = await context_of(interaction).work(
                change, acting(interaction, f"giveaway {verb}")
            )
        self._giveaways.look(done.giveaway.guild_id)
        return done


def _to_host(robo: RoboXP, asker: Asker, reference: str) -> Giveaway:
    """The giveaway, for who may start giveaways."""
    check_host(robo, asker)
    return find(robo, asker.guild_id, reference)


def _to_finish(robo: RoboXP, asker: Asker, reference: str) -> Giveaway:
    """The giveaway, for who may end and cancel it."""
    found = find(robo, asker.guild_id, reference)
    check_finisher(robo, asker, found)
    return found


async def _find_allowed(
    interaction: discord.Interaction[Any], reference: str, allowed: Find
) -> tuple[Asker, Giveaway]:
    """Who asks, and the giveaway that is meant, after the check of the right."""
    await think(interaction, private=True)
    context, asker = context_of(interaction), Asker.of(interaction)
    return asker, await context.work(allowed, context.robo, asker, reference)
