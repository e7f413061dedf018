"""Announcements of new levels: whom to tell, where, and in which words."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import discord

from robo_xp import RoboXP
from robo_xp.settings.template import filled
from robo_xp_daemon.client.port import MESSAGE_LIMIT, Discord, Guild, nonce_of
from robo_xp_daemon.client.refusals import DMS_CLOSED, UNKNOWN_USER, is_passing, tell, tell_refusal
from robo_xp_daemon.context import Context
from robo_xp_daemon.levels.member_queue import Job

log = logging.getLogger("robo_xp_daemon")

OFF, SAME, DM = "off", "same", "dm"
_CHANNEL_FIX = "set a channel of this guild: robo-xp config set announcements.channelId ID"


@dataclass(frozen=True, slots=True)
class Wording:
    """How a guild announces levels: the mode, a channel if one is set, and the template."""

    mode: str
    channel_id: str | None
    template: str


class Announcements:
    """Tells of new levels where the guild wants it."""

    def __init__(self, context: Context, port: Discord) -> None:
        self._context = context
        self._discord = port

    async def tell(self, job: Job) -> None:
        """The new level is announced, or it is told why not.

        Raises what ``is_passing`` when Discord cannot be reached.
        """
        robo = self._context.robo
        wording = await self._context.work(wording_of, robo, job.guild_id, job.store_id)
        if wording.mode == OFF:
            return
        guild = await self._discord.guild(job.guild_id)
        if guild is None:
            tell("guild", "levels are not announced: the bot is not in the guild",
                 "invite the bot again", guild_id=job.guild_id)  # fmt: skip
            return
        move = job.move
        nonce = nonce_of("xp", job.store_id, job.guild_id, move.seq, move.user_id)
        text = _text(wording.template, job, guild)[:MESSAGE_LIMIT]
        try:
            channel_id = await self._channel(wording, job)
            if channel_id is not None:
                await self._discord.say(channel_id, text, user_ids=[move.user_id], nonce=nonce)
        except discord.HTTPException as error:
            if is_passing(error):
                raise
            _tell_refusal(error, wording, job)

    async def _channel(self, wording: Wording, job: Job) -> str | None:
        """Where to say it, by id; None where there is no such place."""
        if wording.mode == DM:
            return await self._discord.private_channel(job.move.user_id)
        same = job.move.channel_id if wording.mode == SAME else None
        channel_id = same or wording.channel_id
        if channel_id is None:
            if wording.mode != SAME:
                tell("nowhere", "levels are not announced: no channel is set", _CHANNEL_FIX,
                     guild_id=job.guild_id)  # fmt: skip
            return None  # XP that an operator gave was earned in no channel
        found = await self._discord.channel(job.guild_id, channel_id)
        if found is None:
            tell("channel",
                 "levels are not announced: that is no channel of this guild for messages",
                 _CHANNEL_FIX, guild_id=job.guild_id, channel_id=channel_id)  # fmt: skip
        return found


def wording_of(robo: RoboXP, guild_id: str, store_id: str) -> Wording:
    """How new levels are announced in this store now."""
    holds = robo.config.get(guild_id, store=store_id)["announcements"]
    return Wording(holds["mode"], holds.get("channelId"), holds["template"])


def _text(template: str, job: Job, guild: Guild) -> str:
    move = job.move
    return filled(
        template,
        {
            "member": f"<@{move.user_id}>",
            "level": f"{move.level:,}",
            "oldLevel": f"{move.said_from:,}",
            "xp": f"{move.total_xp:,}",
            "guild": guild.name,
        },
    )


def _tell_refusal(error: discord.HTTPException, wording: Wording, job: Job) -> None:
    """Say that Discord refused; that a member takes no direct messages is its own choice."""
    if wording.mode == DM and error.code in (DMS_CLOSED, UNKNOWN_USER):
        log.info("member %s takes no direct messages", job.move.user_id)
        return
    channel_id = None if wording.mode == DM else job.move.channel_id or wording.channel_id
    if wording.mode not in (SAME, DM):
        channel_id = wording.channel_id
    tell_refusal("an announcement", error, guild_id=job.guild_id, channel_id=channel_id)
