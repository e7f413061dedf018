"""Answers to interactions: a deferral at once, the answer when the vault has spoken.

Discord fixes who sees an answer when it is deferred. Where the vault then says otherwise (a public
command that is refused, a board that turns out to be public) the deferred answer is taken back and
another one takes its place.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import discord
from discord.utils import MISSING

from robo_xp_daemon.client.refusals import NETWORK

ANSWERED = 40060
_PAUSES = (0.5, 2.0, 5.0)
_PRIVATE = "private"
QUIET = discord.AllowedMentions.none()


@dataclass(frozen=True, slots=True)
class Reply:
    """What an answer shows; a classic view has its buttons below the embed.

    A ``picture`` is shown alone, with ``description`` for who does not see it, and only where the
    deferral said who sees it.
    """

    embed: discord.Embed | None = None
    view: discord.ui.View | discord.ui.LayoutView | None = None
    picture: bytes | None = None
    description: str = ""


async def think(interaction: discord.Interaction[Any], *, private: bool) -> None:
    """Tell Discord that an answer will come, and who will probably see it.

    Where Discord's own answer got lost it is told again; that it knows already is as good.
    """
    interaction.extras[_PRIVATE] = private
    try:
        await interaction.response.defer(ephemeral=private, thinking=True)
    except NETWORK:
        try:
            await interaction.response.defer(ephemeral=private, thinking=True)
        except discord.HTTPException as error:
            if error.code != ANSWERED:
                raise


async def show(interaction: discord.Interaction[Any], reply: Reply, *, private: bool) -> None:
    """Put the answer where the deferral left a mark, or anew where others may see it."""
    embed, view = reply.embed or MISSING, stopped_view(reply.view)
    if reply.picture is not None:
        file = discord.File(BytesIO(reply.picture), "card.png", description=reply.description)
        await interaction.edit_original_response(attachments=[file], allowed_mentions=QUIET)
        return
    if interaction.extras[_PRIVATE] == private:
        for seconds in (*_PAUSES, None):
            try:
                await interaction.edit_original_response(
                    embed=embed, view=view, allowed_mentions=QUIET
                )
                return
            except NETWORK:
                # what was done is to be told, so that nobody does it again
                if seconds is None:
                    raise
                await asyncio.sleep(seconds)
    await interaction.delete_original_response()
    await interaction.followup.send(
        embed=embed, view=view, ephemeral=private, allowed_mentions=QUIET
    )


def is_public_mark(interaction: discord.Interaction[Any]) -> bool:
    """Whether the deferred answer, if there is one, would be seen by all."""
    return interaction.extras.get(_PRIVATE) is False


def stopped_view(view: discord.ui.View | discord.ui.LayoutView | None) -> discord.ui.View:
    """The view, which discord.py shall not keep: clicks are told apart by their ids alone."""
    if view is None:
        return MISSING  # type: ignore[no-any-return]  # how discord.py says "none"
    view.stop()
    return view  # type: ignore[return-value]  # either kind is sent the same way
