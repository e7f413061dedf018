"""``/giveaway start``: a giveaway with its requirements, stored at once and then posted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from robo_xp import RoboXP
from robo_xp.model.giveaway import Giveaway
from robo_xp.settings.giveaway_terms import AGE, MORE, PRIZE_LIMIT, WINNERS
from robo_xp.text import thousands
from robo_xp_daemon.context import context_of
from robo_xp_daemon.giveaways import format as wording
from robo_xp_daemon.giveaways.card import link_of
from robo_xp_daemon.giveaways.lifecycle import Lifecycle
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.interactions.actor import acting
from robo_xp_daemon.interactions.replies import Reply, show, think
from robo_xp_daemon.slash.giveaway import options
from robo_xp_daemon.slash.giveaway import words as said
from robo_xp_daemon.slash.giveaway.form import asked_in, check_channel, form_for
from robo_xp_daemon.slash.giveaway.places import check_place, place_of
from robo_xp_daemon.slash.giveaway.rights import Asker, check_host
from robo_xp_daemon.slash.giveaway.roles import bonuses, role_ids

POSTED_SECONDS = 5.0
Prize = app_commands.Range[str, 1, PRIZE_LIMIT]
Winners = app_commands.Range[int, WINNERS.low, WINNERS.high]
Age = app_commands.Range[int, AGE.low, AGE.high]
Bonus = app_commands.Range[int, MORE.low, MORE.high]
Room = app_commands.Transform[
    app_commands.AppCommandChannel | app_commands.AppCommandThread, options.Room
]


class Start(commands.Cog):
    """The command, which has what it stores posted."""

    def __init__(self, giveaways: Lifecycle) -> None:
        self._giveaways = giveaways

    @app_commands.command(name="start", description="Start a giveaway")
    @app_commands.describe(
        prize="What there is to win; a template may say it",
        template="A template with the terms; what is given here comes first",
        duration="How long (10m, 1h30m, 2d) or until when",
        winners="How many winners",
        channel="Where it is posted; here without it",
        allow_role="Only members with this role may enter",
        allow_role_2="Or with this one",
        allow_role_3="Or with this one",
        deny_role="Members with this role may not enter",
        deny_role_2="Nor with this one",
        deny_role_3="Nor with this one",
        min_account_age="How many days old an account must be",
        bonus_role="A role with entries on top",
        bonus_entries="How many entries on top for bonus_role",
        bonus_role_2="Another role with entries on top",
        bonus_entries_2="How many for bonus_role_2",
        bonus_role_3="Another role with entries on top",
        bonus_entries_3="How many for bonus_role_3",
        beacon="Whether a public beacon decides the draw too, so that nobody can foresee it",
        form="Open a form, in which everything else can be said",
        reason="Why, for the history",
    )
    @app_commands.choices(beacon=options.BEACON_CHOICES)
    @app_commands.autocomplete(duration=options.duration, template=options.template)
    async def start(
        self,
        interaction: discord.Interaction[Any],
        *,
        prize: Prize | None = None,
        template: options.Name | None = None,
        duration: options.Duration | None = None,
        winners: Winners | None = None,
        channel: Room | None = None,
        allow_role: discord.Role | None = None,
        allow_role_2: discord.Role | None = None,
        allow_role_3: discord.Role | None = None,
        deny_role: discord.Role | None = None,
        deny_role_2: discord.Role | None = None,
        deny_role_3: discord.Role | None = None,
        min_account_age: Age | None = None,
        bonus_role: discord.Role | None = None,
        bonus_entries: Bonus | None = None,
        bonus_role_2: discord.Role | None = None,
        bonus_entries_2: Bonus | None = None,
        bonus_role_3: discord.Role | None = None,
        bonus_entries_3: Bonus | None = None,
        beacon: str | None = None,
        form: bool = False,
        reason: options.Reason | None = None,
    ) -> None:
        """Store the giveaway, and tell where it is posted; or show the form for it."""
        more = (
            (bonus_role, bonus_entries),
            (bonus_role_2, bonus_entries_2),
            (bonus_role_3, bonus_entries_3),
        )
        asked: dict[str, Any] = {
            "prize": prize,
            "template": template,
            "duration": duration,
            "winners": winners,
            "allow_role_ids": role_ids((allow_role, allow_role_2, allow_role_3)),
            "deny_role_ids": role_ids((deny_role, deny_role_2, deny_role_3)),
            "min_account_age_days": min_account_age,
            "bonus_entries": bonuses(more),
            "beacon": beacon,
            "reason": reason,
        }
        if form:
            place = place_of(interaction, channel)
            check_place(place)
            shown = form_for(place.channel_id, asked, lines_of(asked))
            await interaction.response.send_modal(shown)
            return
        await think(interaction, private=True)
        robo, asker = acting(interaction, "giveaway start"), Asker.of(interaction)
        await context_of(interaction).work(check_host, robo, asker)
        place = place_of(interaction, channel)
        check_place(place)
        await self._store(interaction, {**asked, "channel_id": str(place.channel_id)})

    async def sent(self, interaction: discord.Interaction[Any], match: re.Match[str]) -> None:
        """Store the giveaway of a form that was sent off."""
        await think(interaction, private=True)
        channel_id = int(match["channel"])
        check_channel(interaction, channel_id)
        data: Any = interaction.data or {}
        await self._store(interaction, {**asked_in(data), "channel_id": str(channel_id)})

    async def _store(self, interaction: discord.Interaction[Any], asked: Mapping[str, Any]) -> None:
        asker, robo = Asker.of(interaction), acting(interaction, "giveaway start")
        made = await context_of(interaction).work(store_giveaway, robo, asker, asked)
        await self._tell(interaction, made)

    async def _tell(self, interaction: discord.Interaction[Any], giveaway: Giveaway) -> None:
        """Answer with a link to the message, or say that it will come."""
        guild_id, giveaways = giveaway.guild_id, self._giveaways
        giveaways.look(guild_id)
        where, message_id = words.channel(giveaway.channel_id), None
        if not giveaway.is_scheduled:
            message_id = await giveaways.wait_for_message(
                giveaway.guild_id, giveaway.id, POSTED_SECONDS
            )
        if giveaway.is_scheduled:
            state = f"It starts {words.moment(giveaway.began_at)}, in {where}."
        elif message_id is None:
            state = f"It is saved, and will be posted in {where} as soon as Discord takes it."
        else:
            state = f"It is posted in {where}: {link_of(replace(giveaway, message_id=message_id))}"
        title = "Giveaway planned" if giveaway.is_scheduled else "Giveaway started"
        embed = discord.Embed(title=title, description=state)
        embed.add_field(name="Prize", value=wording.prize(giveaway), inline=False)
        embed.add_field(name="Ends", value=said.at(giveaway.ends_at))
        embed.add_field(name="Winners", value=thousands(giveaway.winners_count))
        embed.set_footer(text=giveaway.id)
        await show(interaction, Reply(embed), private=True)


def store_giveaway(robo: RoboXP, asker: Asker, asked: Mapping[str, Any]) -> Giveaway:
    """Store the giveaway; Refused without the right, or for what cannot be."""
    check_host(robo, asker)
    with said.understandable():
        return robo.giveaways.create(asker.guild_id, started_by=asker.user_id, **asked).giveaway


def lines_of(asked: Mapping[str, Any]) -> str:
    """What was given beside the fields of the form, as lines in it."""
    lines = [f"template={asked['template']}"] if asked["template"] else []
    for key, name in (("allowRoleIds", "allow_role_ids"), ("denyRoleIds", "deny_role_ids")):
        if asked[name]:
            lines.append(f"{key}={' '.join(asked[name])}")
    if asked["min_account_age_days"]:
        lines.append(f"minAccountAgeDays={asked['min_account_age_days']}")
    if asked["bonus_entries"]:
        pairs = (f"{role_id}:{more}" for role_id, more in asked["bonus_entries"].items())
        lines.append(f"bonusEntries={' '.join(pairs)}")
    if asked["beacon"]:
        lines.append(f"beacon={asked['beacon']}")
    if asked["reason"]:
        lines.append(f"reason={asked['reason']}")
    return "\n".join(lines)
