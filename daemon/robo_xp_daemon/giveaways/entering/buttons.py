"""The buttons below a giveaway's message: a member enters or leaves, and is told so privately.

A click counts only in the guild that it came from: a giveaway of another guild is not found there,
whatever id the click has.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import discord

from robo_xp.model.draws import Entrant
from robo_xp.text import count_text
from robo_xp_daemon.client.plain_member import member_of
from robo_xp_daemon.context import Context
from robo_xp_daemon.giveaways.card import ENTER, LEAVE
from robo_xp_daemon.giveaways.entering import answers
from robo_xp_daemon.giveaways.entering.answers import Place
from robo_xp_daemon.giveaways.entering.batches import ClickBatches
from robo_xp_daemon.giveaways.entering.cooldown import Cooldown
from robo_xp_daemon.giveaways.lifecycle import Lifecycle
from robo_xp_daemon.giveaways.recheck import entrant_of
from robo_xp_daemon.interactions import errors
from robo_xp_daemon.interactions.permissions import guild_id_of
from robo_xp_daemon.interactions.replies import QUIET, think

PATTERN: Final = re.compile(
    rf"(?P<button>{ENTER}|{LEAVE}):(?P<giveaway>[0-7][0-9A-HJKMNP-TV-Z]{{25}})"
)
NOT_YET: Final = "Discord has not told about this server yet. Please try again in a moment."


@dataclass(frozen=True, slots=True)
class Wish:
    """What a member who clicked wants."""

    entrant: Entrant
    enters: bool


class Buttons:
    """Answers the clicks of one client."""

    def __init__(self, context: Context, giveaways: Lifecycle, cooldown: Cooldown) -> None:
        self._context = context
        self._giveaways = giveaways
        self._cooldown = cooldown
        self._batches = ClickBatches(self._carry_out)

    async def pressed(self, interaction: discord.Interaction[Any], match: re.Match[str]) -> None:
        """Do what the button says, and tell the member. Raises what the vault raises."""
        place = Place(guild_id_of(interaction), match["giveaway"])
        if seconds := self._cooldown.wait((place, interaction.user.id)):
            await errors.reply_privately(interaction, _patience(seconds))
            return
        entrant = _entrant_of(interaction)
        if entrant is None:
            await errors.reply_privately(interaction, NOT_YET)
            return
        await think(interaction, private=True)
        said = await self._batches.ask(place, Wish(entrant, match["button"] == ENTER))
        await interaction.edit_original_response(content=said, allowed_mentions=QUIET)

    async def _carry_out(self, place: Place, wishes: Sequence[Wish]) -> Sequence[str]:
        """What each is told, in their order; wishes of one kind in a row are one batch."""
        said: list[str] = []
        for enters, run in groupby(wishes, key=lambda wish: wish.enters):
            do = answers.enter_answers if enters else answers.leave_answers
            entrants = [wish.entrant for wish in run]
            entrance, robo = self._giveaways.entrance, self._context.robo
            done = await entrance(place.guild_id, do, robo, place, entrants)
            said += done.answers
            if done.changed:
                self._giveaways.look(place.guild_id)
        return said


def _entrant_of(interaction: discord.Interaction[Any]) -> Entrant | None:
    """The member as it is now; None while the roles of its guild are not known."""
    member, guild = interaction.user, interaction.guild
    if not isinstance(member, discord.Member) or guild is None or guild.default_role is None:
        return None
    return entrant_of(member_of(member))


def _patience(seconds: float) -> str:
    left = count_text(math.ceil(seconds), "second")
    return f"Not so fast: you can click again in {left}."
