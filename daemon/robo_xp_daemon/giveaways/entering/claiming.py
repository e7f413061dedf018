"""The button below an ended giveaway with which winners claim their prize."""

from __future__ import annotations

import re
from typing import Any, Final

import discord

from robo_xp import RoboXP
from robo_xp.errors import ClaimExpired, GiveawayNotEnded, NotFound, NoWinner
from robo_xp_daemon.context import Context
from robo_xp_daemon.giveaways.card import CLAIM
from robo_xp_daemon.giveaways.entering.answers import GONE, Place
from robo_xp_daemon.giveaways.lifecycle import Lifecycle
from robo_xp_daemon.interactions.permissions import guild_id_of
from robo_xp_daemon.interactions.replies import QUIET, think

PATTERN: Final = re.compile(rf"{CLAIM}:(?P<giveaway>[0-7][0-9A-HJKMNP-TV-Z]{{25}})")
CLAIMED: Final = "The prize is yours. Whoever hosts the giveaway sees that you claimed it."
ALREADY: Final = "You have claimed it already."
TOO_LATE: Final = "The time to claim it is over."
NO_WINNER: Final = "You have not won this giveaway."


class Claiming:
    """Answers the clicks of one client."""

    def __init__(self, context: Context, giveaways: Lifecycle) -> None:
        self._context = context
        self._giveaways = giveaways

    async def pressed(self, interaction: discord.Interaction[Any], match: re.Match[str]) -> None:
        """Note the claim, and tell the member. Raises what the vault raises."""
        await think(interaction, private=True)
        place = Place(guild_id_of(interaction), match["giveaway"])
        robo, entrance = self._context.robo, self._giveaways.entrance
        user_id = str(interaction.user.id)
        said = await entrance(place.guild_id, claim_answer, robo, place, user_id)
        self._giveaways.look(place.guild_id)
        await interaction.edit_original_response(content=said, allowed_mentions=QUIET)


def claim_answer(robo: RoboXP, place: Place, user_id: str) -> str:
    """Claim the prize for a member: what is told about it. Raises what the vault raises."""
    try:
        done = robo.giveaways.claim(place.guild_id, place.giveaway_id, user_id)
    except (NoWinner, GiveawayNotEnded):
        return NO_WINNER
    except ClaimExpired:
        return TOO_LATE
    except NotFound:
        return GONE
    return CLAIMED if done.changed else ALREADY
