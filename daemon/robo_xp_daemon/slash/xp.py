"""``/xp give|remove|set|recalc``: what administrators change by hand, answered for all to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from robo_xp import RoboXP, XPChange
from robo_xp.errors import MemberNotFound
from robo_xp.rules.terms import Settings
from robo_xp.settings.xp import settings_of
from robo_xp.text import thousands
from robo_xp.usecases.members.use import XP
from robo_xp_daemon.context import context_of
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.interactions.actor import acting
from robo_xp_daemon.interactions.permissions import guild_id_of, require_admin
from robo_xp_daemon.interactions.replies import Reply, patiently, show, think
from robo_xp_daemon.interactions.targets import Target, refuse_bot

MOST = 1_000_000
REASON_LIMIT = 512
Amount = app_commands.Range[int, 1, MOST]
Total = app_commands.Range[int, 0, MOST]
Reason = app_commands.Range[str, 1, REASON_LIMIT]
_CALLS = {"give": XP.add, "remove": XP.remove, "set": XP.set}
_OF_KNOWN = ("remove", "recalc")


@dataclass(frozen=True, slots=True)
class Order:
    """What an administrator wants done to one member."""

    guild_id: str
    user_id: str
    verb: str
    amount: int = 0
    reason: str | None = None


@app_commands.command(name="give", description="Give XP to a member")
@app_commands.describe(user="Who gets it", amount="How much", reason="Why, for the history")
@app_commands.check(require_admin)
async def give(
    interaction: discord.Interaction[Any],
    user: Target,
    amount: Amount,
    reason: Reason | None = None,
) -> None:
    """Add XP."""
    await _change(interaction, user, "give", amount, reason)


@app_commands.command(name="remove", description="Take XP from a member")
@app_commands.describe(user="Who loses it", amount="How much", reason="Why, for the history")
@app_commands.check(require_admin)
async def remove(
    interaction: discord.Interaction[Any],
    user: Target,
    amount: Amount,
    reason: Reason | None = None,
) -> None:
    """Take XP away, down to nothing."""
    await _change(interaction, user, "remove", amount, reason)


@app_commands.command(name="set", description="Make a member's XP exactly this much")
@app_commands.describe(user="Whose XP", amount="The new total", reason="Why, for the history")
@app_commands.check(require_admin)
async def set_(
    interaction: discord.Interaction[Any],
    user: Target,
    amount: Total,
    reason: Reason | None = None,
) -> None:
    """Set the total."""
    await _change(interaction, user, "set", amount, reason)


@app_commands.command(name="recalc", description="Put a member's level and roles right")
@app_commands.describe(user="Whose level")
@app_commands.check(require_admin)
async def recalc(interaction: discord.Interaction[Any], user: Target) -> None:
    """Compare the stored level with the curve; the roles follow in either case."""
    refuse_bot(user)
    await _carry_out(interaction, Order(guild_id_of(interaction), str(user.id), "recalc"))


async def _change(
    interaction: discord.Interaction[Any],
    user: Target,
    verb: str,
    amount: int,
    reason: str | None,
) -> None:
    refuse_bot(user)
    order = Order(guild_id_of(interaction), str(user.id), verb, amount, reason)
    await _carry_out(interaction, order)


async def _carry_out(interaction: discord.Interaction[Any], order: Order) -> None:
    """Change what is ordered, and say so to all; what cannot be is said to the member alone.

    Nothing is changed before Discord has taken the deferral: whoever reads that the bot did not
    respond may order again.
    """
    context = context_of(interaction)
    await patiently(interaction, context.work(check_known, context.robo, order), private=False)
    await think(interaction, private=False)
    do = recalculate if order.verb == "recalc" else change_xp
    done = await context.work(do, acting(interaction, f"xp {order.verb}"), order)
    await show(interaction, Reply(done), private=False)


def check_known(robo: RoboXP, order: Order) -> None:
    """Raises MemberNotFound where the order is about what a member without a record has not."""
    if order.verb in _OF_KNOWN and robo.xp.record(order.guild_id, order.user_id) is None:
        raise _unknown(order, settings_of(robo.config.get(order.guild_id)))


def change_xp(robo: RoboXP, order: Order) -> discord.Embed:
    """Carry out an order; what it did. Raises MemberNotFound, Refused."""
    settings = settings_of(robo.config.get(order.guild_id))
    call = _CALLS[order.verb]
    try:
        change = call(robo.xp, order.guild_id, order.user_id, order.amount, reason=order.reason)
    except MemberNotFound as error:
        raise _unknown(order, settings) from error
    return _change_card(change, order, settings)


def recalculate(robo: RoboXP, order: Order) -> discord.Embed:
    """Put the level right; what was found. Raises MemberNotFound."""
    settings = settings_of(robo.config.get(order.guild_id))
    try:
        found = robo.xp.recalc(order.guild_id, order.user_id)
    except MemberNotFound as error:
        raise _unknown(order, settings) from error
    old, new = thousands(found.old_level), thousands(found.new_level)
    who = words.member(order.user_id)
    level = (
        f"The level of {who} was {old} and is {new} now."
        if found.reconciled
        else f"{who} was at the right level already: {new}."
    )
    text = f"{level}\nThe roles that the level earns are being looked at, too."
    return discord.Embed(title="Recalculated", description=text, colour=settings.embed_color)


def _change_card(change: XPChange, order: Order, settings: Settings) -> discord.Embed:
    unit, who = words.plain(settings.xp_display_name), words.member(change.user_id)
    amount = thousands(abs(change.delta))
    title = {
        "give": f"{amount} {unit} given",
        "remove": f"{amount} {unit} taken",
        "set": f"{unit} set ({words.signed_number(change.delta)})",
    }[order.verb]
    told = discord.Embed(title=title, description=who, colour=settings.embed_color)
    told.add_field(name=unit, value=_step(change.old_xp, change.new_xp))
    told.add_field(name="Level", value=_step(change.old_level, change.new_level) + _remark(change))
    if change.capped:
        text = f"The highest level ends at {thousands(change.new_xp)} {unit}."
        told.add_field(name="Capped", value=text, inline=False)
    if order.reason:
        told.add_field(name="Reason", value=words.cut(words.plain(order.reason), 1024))
    return told


def _step(old: int, new: int) -> str:
    return f"{thousands(old)} → {thousands(new)}"


def _remark(change: XPChange) -> str:
    if change.leveled_up:
        return " (level up)"
    return " (level down)" if change.leveled_down else ""


def _unknown(order: Order, settings: Settings) -> MemberNotFound:
    who = words.member(order.user_id)
    return MemberNotFound(f"{who} has no {settings.xp_display_name} yet")
