"""``/giveaway settings get|set|reset``: what new giveaways of this server start with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import discord
from discord import app_commands

from robo_xp.errors import Refused
from robo_xp.settings.giveaway import GIVEAWAY
from robo_xp.settings.giveaway_terms import MORE
from robo_xp_daemon.context import context_of
from robo_xp_daemon.interactions.actor import acting
from robo_xp_daemon.interactions.permissions import guild_id_of, require_admin
from robo_xp_daemon.interactions.replies import Reply, show, think
from robo_xp_daemon.slash.giveaway import options
from robo_xp_daemon.slash.giveaway.roles import any_role_id, role_id_of
from robo_xp_daemon.slash.giveaway.settings_edit import Order, changed, forgotten, shown, told
from robo_xp_daemon.slash.giveaway.start import Age, Winners

_LABEL = GIVEAWAY["defaults.buttonLabel"].kind
_DAYS = GIVEAWAY["limits.maxDurationDays"].kind
Label = app_commands.Range[str, _LABEL.low, _LABEL.high]
Days = app_commands.Range[int, _DAYS.low, _DAYS.high]
Bonus = app_commands.Range[int, 0, MORE.high]
OPTIONS = {
    "winners": "defaults.winners",
    "duration": "defaults.duration",
    "button_label": "defaults.buttonLabel",
    "dm_winners": "defaults.dmWinners",
    "max_winners": "limits.maxWinners",
    "max_days": "limits.maxDurationDays",
    "min_account_age": "restrictions.minAccountAgeDays",
    "recheck": "recheckAtDraw",
}
"""The options that set a single value, and its key."""

settings = app_commands.Group(name="settings", description="What new giveaways start with")


@settings.command(name="get", description="What new giveaways start with")
async def get(interaction: discord.Interaction[Any]) -> None:
    """Show all settings to this member alone."""
    await think(interaction, private=True)
    context = context_of(interaction)
    embed = await context.work(shown, context.robo, guild_id_of(interaction))
    await show(interaction, Reply(embed), private=True)


@settings.command(name="set", description="Change what new giveaways start with")
@app_commands.describe(
    **{name: GIVEAWAY[key].help.rstrip(".") for name, key in OPTIONS.items()},
    add_allowed_role="Only members with one of the allowed roles may enter",
    remove_allowed_role="No longer one of the allowed roles",
    add_denied_role="Members with one of the denied roles may not enter",
    remove_denied_role="No longer one of the denied roles",
    add_host_role="Members with one of the host roles may start giveaways",
    remove_host_role="No longer one of the host roles",
    bonus_role="A role with entries on top",
    bonus_entries="How many on top for bonus_role; 0 for none",
)
@app_commands.autocomplete(duration=options.length)
@app_commands.check(require_admin)
async def set_(
    interaction: discord.Interaction[Any],
    *,
    winners: Winners | None = None,
    duration: options.Duration | None = None,
    button_label: Label | None = None,
    dm_winners: bool | None = None,
    max_winners: Winners | None = None,
    max_days: Days | None = None,
    min_account_age: Age | None = None,
    recheck: bool | None = None,
    add_allowed_role: discord.Role | None = None,
    remove_allowed_role: discord.Role | None = None,
    add_denied_role: discord.Role | None = None,
    remove_denied_role: discord.Role | None = None,
    add_host_role: discord.Role | None = None,
    remove_host_role: discord.Role | None = None,
    bonus_role: discord.Role | None = None,
    bonus_entries: Bonus | None = None,
) -> None:
    """Change everything that was given, or nothing where something is wrong with it."""
    allowed, denied = "restrictions.allowRoleIds", "restrictions.denyRoleIds"
    values = (
        *(winners, duration, button_label, dm_winners),
        *(max_winners, max_days, min_account_age, recheck),
    )
    order = Order(
        _given(dict(zip(OPTIONS.values(), values, strict=True))),
        _ids(
            {allowed: add_allowed_role, denied: add_denied_role, "hostRoleIds": add_host_role},
            role_id_of,
        ),
        _ids(
            {
                allowed: remove_allowed_role,
                denied: remove_denied_role,
                "hostRoleIds": remove_host_role,
            },
            any_role_id,
        ),
        _bonus(bonus_role, bonus_entries),
    )
    await _set(interaction, order)


@settings.command(name="reset", description="Go back to the default, of one setting or of all")
@app_commands.describe(setting="Which one; all of them without it")
@app_commands.choices(
    setting=[app_commands.Choice(name=field.label, value=field.key) for field in GIVEAWAY]
)
@app_commands.check(require_admin)
async def reset(interaction: discord.Interaction[Any], setting: str | None = None) -> None:
    """Forget what was set here."""
    await think(interaction, private=True)
    robo = acting(interaction, "giveaway settings reset")
    context = context_of(interaction)
    done = await context.work(forgotten, robo, guild_id_of(interaction), setting)
    await show(interaction, Reply(told(done)), private=True)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _ids(chosen: Mapping[str, Any], id_of: Callable[[Any], str]) -> dict[str, str]:
    return {key: id_of(role) for key, role in _given(chosen).items()}


def _bonus(role: Any, more: int | None) -> tuple[str, int] | None:
    if role is None and more is None:
        return None
    if role is None or more is None:
        raise Refused("a bonus needs both a role and how many entries it has on top")
    return (role_id_of if more else any_role_id)(role), more


async def _set(interaction: discord.Interaction[Any], order: Order) -> None:
    """Carry out the order, and tell what holds then."""
    if not (order.values or order.added or order.removed or order.bonus):
        raise Refused("nothing to change: give at least one of the options")
    await think(interaction, private=True)
    robo = acting(interaction, "giveaway settings set")
    done = await context_of(interaction).work(changed, robo, guild_id_of(interaction), order)
    await show(interaction, Reply(told(done)), private=True)
