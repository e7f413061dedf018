"""Errors of commands, buttons and modals as private replies; what nobody foresaw gets a number."""

from __future__ import annotations

import logging
import secrets
from typing import Any, Final

import discord
from discord import app_commands

from robo_xp.errors import RoboXPError, VaultBusy, VaultDamaged, VaultUnavailable
from robo_xp_daemon.client.port import MESSAGE_LIMIT
from robo_xp_daemon.client.refusals import NETWORK
from robo_xp_daemon.interactions.permissions import title_of
from robo_xp_daemon.interactions.replies import show_privately

log = logging.getLogger("robo_xp_daemon")

_LATE: Final = (10062, 40060, 10008, 10015, 50027)
"""How Discord says that an interaction, its message or its token is gone, or was answered."""

_FOR_OPERATORS = (VaultDamaged, VaultUnavailable)


def private_text(error: BaseException) -> str | None:
    """What the member reads about the error; None for one that nobody foresaw."""
    cause = _cause(error)
    if isinstance(cause, VaultBusy):
        return "Somebody else is changing this guild's data. Please try again in a moment."
    if isinstance(cause, _FOR_OPERATORS):
        return None
    if isinstance(cause, RoboXPError):
        faults = "; ".join(fault.message for fault in cause.faults)
        return _sentence(faults or cause.message)
    if isinstance(cause, app_commands.NoPrivateMessage):
        return "This works in a server only."
    if isinstance(cause, app_commands.MissingPermissions):
        wanted = ", ".join(title_of(name) for name in cause.missing_permissions)
        return f"You need the permission {wanted} for this."
    if isinstance(cause, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        return "This command has changed. Please try again in a few minutes."
    if isinstance(cause, app_commands.CheckFailure):
        return "You may not do this."
    if isinstance(cause, app_commands.AppCommandError):
        return "That value cannot be used here."
    return None


def is_late(error: BaseException) -> bool:
    """Whether Discord waits for no answer any more, or cannot be reached."""
    if isinstance(error, discord.HTTPException) and error.code in _LATE:
        return True
    return isinstance(error, NETWORK)


async def answer(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tell the member, and nobody else, why it did not work. Never raises.

    What came too late for Discord, or got lost on its way, is a line in the log.
    """
    if is_late(_cause(error)):
        log.info("an answer to member %s in guild %s came too late or got lost: %s",
                 interaction.user.id, interaction.guild_id, _cause(error),
                 extra={"guild_id": interaction.guild_id})  # fmt: skip
        return
    text = private_text(error)
    if text is None:
        incident = secrets.token_hex(4)
        log.error(
            "an interaction of member %s in guild %s failed (incident %s)",
            interaction.user.id, interaction.guild_id, incident,
            exc_info=_cause(error),
            extra={"incident": incident, "guild_id": interaction.guild_id},
        )  # fmt: skip
        text = f"Something went wrong. Tell the operator of this bot the number `{incident}`."
    try:
        await reply_privately(interaction, text)
    except (*NETWORK, discord.HTTPException) as refused:
        log.info("a private reply came too late or got lost: %s", refused)


async def reply_privately(interaction: discord.Interaction[Any], text: str) -> None:
    """The member sees the text, and nobody else unless a deferral has said so."""
    await show_privately(interaction, text[:MESSAGE_LIMIT])


def _sentence(message: str) -> str:
    """A message of the core as a sentence of its own."""
    return f"{message[:1].upper()}{message[1:]}."


def _cause(error: BaseException) -> BaseException:
    """What a command raised, without discord.py's wrapping."""
    if isinstance(error, app_commands.CommandInvokeError):
        return error.original
    if isinstance(error, app_commands.TransformerError) and error.__cause__ is not None:
        return error.__cause__
    return error
