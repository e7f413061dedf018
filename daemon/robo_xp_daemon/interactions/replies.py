"""Answers to interactions: at once where the vault speaks within a second, else after a deferral.

Discord fixes who sees an answer when it is deferred, so what decides that is read before. Where
the vault takes longer the deferral says what is likely, and whatever comes then takes its place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, TypeVar

import discord

from robo_xp_daemon.client.port import Attachment
from robo_xp_daemon.client.refusals import NETWORK, readable

R = TypeVar("R")

PATIENCE_SECONDS: Final = 1.0
"""So long the vault may take before Discord is told that an answer will come: it waits for 3."""

ANSWERED: Final = 40060
_PAUSES: Final = (0.5, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 240.0)
"""Discord takes an answer for a quarter of an hour."""

_TAKEN: Final = "taken"
_DEFERRED: Final = "deferred"
QUIET: Final = discord.AllowedMentions.none()


@dataclass(frozen=True, slots=True)
class Reply:
    """What an answer shows; a classic view has its buttons below the embed.

    A ``picture`` is shown alone, with ``description`` for who does not see it. Both it and
    ``files`` come after a deferral only.
    """

    embed: discord.Embed | None = None
    view: discord.ui.View | discord.ui.LayoutView | None = None
    picture: bytes | None = None
    description: str = ""
    files: tuple[Attachment, ...] = ()


async def patiently(
    interaction: discord.Interaction[Any], making: Coroutine[Any, Any, R], *, private: bool
) -> R:
    """What is made, before anything was answered if that takes less than a second.

    Else Discord is told meanwhile that an answer will come, which ``private`` says who sees.
    """
    task = asyncio.create_task(making)
    try:
        await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
        if not task.done():
            await think(interaction, private=private)
        return await task
    finally:
        task.cancel()


async def think(interaction: discord.Interaction[Any], *, private: bool) -> None:
    """Tell Discord that an answer will come, and who will see it; once is enough."""
    if _is_answered(interaction):
        return

    async def defer() -> None:
        await interaction.response.defer(ephemeral=private, thinking=True)

    await _first(interaction, defer)
    interaction.extras[_DEFERRED] = True


async def show(interaction: discord.Interaction[Any], reply: Reply, *, private: bool) -> None:
    """Answer with this; in place of the deferral where there was one, which said who sees it.

    Where somebody deleted the deferral, or it cannot be changed, the answer follows it.
    """
    if not _is_answered(interaction):

        async def send() -> None:
            await interaction.response.send_message(ephemeral=private, **_parts(reply))

        await _first(interaction, send)
        return

    async def edit() -> None:
        await interaction.edit_original_response(**_parts(reply))

    async def follow() -> None:
        parts = _parts(reply)
        parts["files"] = parts.pop("attachments", [])
        await interaction.followup.send(ephemeral=private, **parts)

    try:
        await _again(edit)
    except discord.HTTPException as error:
        if isinstance(error, NETWORK):
            raise
        await _again(follow)
    interaction.extras.pop(_DEFERRED, None)


def _parts(reply: Reply) -> dict[str, Any]:
    """What discord.py is given, made anew for each try since it closes files."""
    parts: dict[str, Any] = {"allowed_mentions": QUIET}
    if reply.picture is not None:
        picture = BytesIO(reply.picture)
        file = discord.File(picture, "card.png", description=reply.description)
        return {**parts, "attachments": [file]}
    if reply.files:
        sent = [discord.File(BytesIO(one.content), one.name) for one in reply.files]
        parts["attachments"] = sent
    parts |= {} if reply.embed is None else {"embed": reply.embed}
    parts |= {} if reply.view is None else {"view": stopped_view(reply.view)}
    return parts


async def show_privately(interaction: discord.Interaction[Any], text: str) -> None:
    """The member reads the text, and nobody else unless the deferral has said so."""
    if interaction.extras.pop(_DEFERRED, False):
        await interaction.edit_original_response(content=text, allowed_mentions=QUIET)
    elif _is_answered(interaction):
        await interaction.followup.send(text, ephemeral=True, allowed_mentions=QUIET)
    else:
        await interaction.response.send_message(text, ephemeral=True, allowed_mentions=QUIET)


def _is_answered(interaction: discord.Interaction[Any]) -> bool:
    """Whether Discord has a first answer, also where discord.py did not hear so."""
    return interaction.response.is_done() or _TAKEN in interaction.extras


async def _first(
    interaction: discord.Interaction[Any], send: Callable[[], Awaitable[None]]
) -> None:
    """Give the first answer; where Discord's own got lost, that it knows already is as good."""
    try:
        await readable(send)()
    except NETWORK:
        try:
            await _again(send)
        except discord.InteractionResponded:
            pass
        except discord.HTTPException as error:
            if error.code != ANSWERED:
                raise
    interaction.extras[_TAKEN] = True


async def _again(send: Callable[[], Awaitable[None]]) -> None:
    """Send it until Discord answers: what was done is to be told, so that nobody does it again."""
    for seconds in _PAUSES:
        try:
            await readable(send)()
            return
        except NETWORK:
            await asyncio.sleep(seconds)
    await readable(send)()


def stopped_view(view: discord.ui.View | discord.ui.LayoutView) -> discord.ui.View:
    """The view, which discord.py shall not keep: clicks are told apart by their ids alone."""
    view.stop()
    return view  # type: ignore[return-value]  # either kind is sent the same way
