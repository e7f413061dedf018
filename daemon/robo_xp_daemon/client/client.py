"""The client: what it hears from Discord, told as plain values to whoever listens."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

import aiohttp
import discord
from discord import app_commands

from robo_xp.model.shards import Shards
from robo_xp.text import count_text
from robo_xp_daemon.base import counters
from robo_xp_daemon.base.backoff import Backoff
from robo_xp_daemon.base.locks import Locks
from robo_xp_daemon.base.throttle import Throttle
from robo_xp_daemon.client import innards
from robo_xp_daemon.client.convert import arrival_of, dangerous_in, is_countable
from robo_xp_daemon.client.identify import SECONDS, IdentifySlots
from robo_xp_daemon.client.in_hand import InHand
from robo_xp_daemon.client.port import CHANNELS, GUILDS, ROLES, Listener
from robo_xp_daemon.client.refusals import is_passing, tell
from robo_xp_daemon.client.trace import trace_of
from robo_xp_daemon.context import Context

log = logging.getLogger("robo_xp_daemon")

CONNECT_SECONDS = 30.0
_UNKNOWN_LIMIT = 1000
_EVENT_SECONDS = 3600.0
"""How often the same event that cannot be read is told."""

_CLICKS = (discord.InteractionType.component, discord.InteractionType.modal_submit)


def _range_of(shards: Shards) -> dict[str, Any]:
    """What discord.py is told of the shards; nothing where Discord says how many there are."""
    if not shards.count:
        return {}
    ids = list(range(shards.first, shards.last + 1))
    return {"shard_count": shards.count, "shard_ids": ids}


class Tree(app_commands.CommandTree["Client"]):
    """The slash commands; what goes wrong in one is told to its member alone."""

    async def interaction_check(self, interaction: discord.Interaction[Client], /) -> bool:
        """Whether to carry it out: each once, and none after the end has begun."""
        return await interaction.client.in_hand.takes(interaction)

    async def on_error(
        self, interaction: discord.Interaction[Client], error: app_commands.AppCommandError, /
    ) -> None:
        """Let the listener answer."""
        await interaction.client.listener.command_failed(interaction, error)


class Client(discord.AutoShardedClient):
    """One connection to Discord, in which ``listener`` hears what happens.

    A client that lost its connection for good is replaced by a new one; what is in ``context``
    outlives it. ``unauthorized`` is set when Discord knows the token no more.
    """

    listener: Listener

    def __init__(
        self,
        context: Context,
        *,
        members_intent: bool = False,
        slots: IdentifySlots | None = None,
    ) -> None:
        """``slots`` say when one of several shards may identify, in whatever daemon."""
        self.unauthorized = asyncio.Event()
        super().__init__(
            intents=discord.Intents(
                guilds=True,
                guild_messages=True,
                moderation=True,
                voice_states=True,
                members=members_intent,
            ),
            allowed_mentions=discord.AllowedMentions.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            shard_connect_timeout=CONNECT_SECONDS + SECONDS * context.shards.count,
            **_range_of(context.shards),
            http_trace=trace_of(context.counters, context.pace, self.unauthorized.set),
        )
        self.context = context
        self.tree = Tree(self)
        self.in_hand = InHand()
        self._slots = slots
        self._at_once = 0
        innards.shield_events(self, Throttle(_EVENT_SECONDS))
        self._turns = Locks()
        self._unknown: dict[int, asyncio.Task[object]] = {}

    async def setup_hook(self) -> None:
        """Let the listener start; called once, before the gateway is reached."""
        await self.listener.start()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait until the shard may identify."""
        is_alone = not self.context.shards.count and (self.shard_count or 1) == 1
        if self._slots is None or shard_id is None or is_alone:
            await super().before_identify_hook(shard_id, initial=initial)
            return
        if not self._at_once:
            ids = self.shard_ids or range(self.shard_count or 1)
            await asyncio.to_thread(self._slots.announce, ids)
            self._at_once = (await self.fetch_session_start_limits()).max_concurrency
        await self._slots.take(shard_id, self._at_once)

    async def close(self) -> None:
        """Close the connection, after those that speak through it."""
        await self.listener.finish(0.0)
        await super().close()

    @property
    def guild_count(self) -> int:
        """How many guilds the bot is in."""
        return len(self.guilds)

    @property
    def connected_shards(self) -> int:
        """How many shards have connected once."""
        return len(self.shards)

    def is_open(self) -> bool:
        """Whether every shard has a session and a socket that is not known to be closed."""
        return innards.is_open(self)

    def is_beating(self, patience: float) -> bool:
        """Whether every shard is open and answered; ``patience`` counts heartbeats."""
        return innards.is_beating(self, patience)

    def has_guild(self, guild_id: str) -> bool:
        """Whether the bot is in the guild, as far as Discord has told."""
        return self.get_guild(int(guild_id)) is not None

    def dangerous_permissions(self, guild_id: str, role_id: str) -> tuple[str, ...]:
        """The role's permissions to manage the guild or its members, as far as Discord has told."""
        guild = self.get_guild(int(guild_id))
        role = guild.get_role(int(role_id)) if guild is not None and role_id.isdecimal() else None
        return () if role is None else dangerous_in(role.permissions)

    async def on_ready(self) -> None:
        """Say that it works; this may come again after a new session."""
        log.info("connected to Discord as %s; %s", self.user, count_text(len(self.guilds), "guild"))
        for guild in self.guilds:
            self._look_at_everyone(guild)

    async def on_shard_connect(self, shard_id: int) -> None:
        """Count a new session."""
        self.context.counters.connections.add(counters.NEW)
        if self._slots is not None and self._at_once:
            with suppress(OSError):
                await asyncio.to_thread(self._slots.confirm, shard_id)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        """Say that a connection was lost; it is made again."""
        if not self.is_closed():
            log.info("shard %d lost its connection to Discord", shard_id)
        for guild_id in self._guild_ids_of(shard_id):
            self.listener.guild_lost(guild_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        """Count a session that went on after its connection was lost."""
        self.context.counters.connections.add(counters.RESUMED)
        log.info("shard %d goes on with its session", shard_id)
        for guild_id in self._guild_ids_of(shard_id):
            self.listener.guild_changed(guild_id)

    async def on_app_command_completion(
        self, _interaction: discord.Interaction[Client], command: Any
    ) -> None:
        """Count a slash command that was answered."""
        self.context.counters.commands.add(command.qualified_name, counters.DONE)

    async def on_message(self, message: discord.Message) -> None:
        """A member's message, in its channel; those of one member keep their order."""
        if not is_countable(message):
            return
        assert message.guild is not None
        async with self._turns.of(f"{message.guild.id} {message.author.id}"):
            channel: object = message.channel
            if isinstance(channel, discord.PartialMessageable):
                channel = await self._channel_of(channel.id)
            # of a channel that is not shown nobody knows whether it gives XP
            if channel is not None:
                self.listener.message(arrival_of(message, channel))

    async def on_interaction(self, interaction: discord.Interaction[Client]) -> None:
        """A click or a form; the tree hears of slash commands by itself."""
        if interaction.type in _CLICKS and not await self.in_hand.takes(interaction):
            return
        await self.listener.interaction(interaction)

    async def on_member_join(self, member: discord.Member) -> None:
        """A member that came, or came back; heard with the members intent only."""
        if not member.bot:
            self.listener.member_joined(str(member.guild.id), str(member.id), member.display_name)

    async def on_raw_member_remove(self, payload: discord.RawMemberRemoveEvent) -> None:
        """A member left, or was made to; heard with the members intent only."""
        if not payload.user.bot:
            self.listener.member_left(str(payload.guild_id), str(payload.user.id))

    async def on_member_ban(
        self, guild: discord.Guild, user: discord.User | discord.Member
    ) -> None:
        """A member was banned."""
        if not user.bot:
            self.listener.member_banned(str(guild.id), str(user.id))

    async def on_voice_state_update(
        self, member: discord.Member, before: discord.VoiceState, after: discord.VoiceState
    ) -> None:
        """A member came into a voice channel, left one, or is heard or hears no more."""
        there = {str(one.channel.id) for one in (before, after) if one.channel is not None}
        self.listener.voice_changed(str(member.guild.id), there)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot was invited."""
        self._look_at_everyone(guild)
        self._tell_names(guild)
        self.listener.guild_changed(str(guild.id))

    async def on_guild_channel_update(
        self, _before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        """The channel's permissions may be others, or its name."""
        self.listener.named(str(after.guild.id), CHANNELS, {str(after.id): after.name})
        self.listener.guild_changed(str(after.guild.id))

    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        """The thread may have been opened again."""
        if not payload.data["thread_metadata"]["archived"]:
            self.listener.guild_changed(str(payload.guild_id))

    async def on_guild_role_update(self, _before: discord.Role, after: discord.Role) -> None:
        """The role's permissions may be others, or its name."""
        self.listener.named(str(after.guild.id), ROLES, {str(after.id): after.name})
        if after.is_default():
            self._look_at_everyone(after.guild)
        self.listener.guild_changed(str(after.guild.id))

    async def on_member_update(self, _before: discord.Member, after: discord.Member) -> None:
        """The bot may have got a role, or somebody in a voice channel."""
        if self.user is not None and after.id == self.user.id:
            self.listener.guild_changed(str(after.guild.id))
        elif after.voice is not None and after.voice.channel is not None:
            self.listener.voice_changed(str(after.guild.id), {str(after.voice.channel.id)})

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:
        """Log what one event could not be heard for; the others go on."""
        log.exception("the event %s could not be dealt with", event_method)

    def _tell_names(self, guild: discord.Guild) -> None:
        """Have the names of guild, roles and channels remembered, for people at a terminal."""
        roles = {str(role.id): role.name for role in guild.roles if not role.is_default()}
        channels = {str(one.id): one.name for one in (*guild.channels, *guild.threads)}
        self.listener.named(str(guild.id), GUILDS, {str(guild.id): guild.name})
        self.listener.named(str(guild.id), ROLES, roles)
        self.listener.named(str(guild.id), CHANNELS, channels)

    def _look_at_everyone(self, guild: discord.Guild) -> None:
        """Warn where every member has the permission that administrators should have."""
        permission = self.context.admin_permission
        if guild.default_role is not None and getattr(guild.default_role.permissions, permission):
            tell("everyone", f"every member may change XP and settings: @everyone has {permission}",
                 "take it from @everyone, or name a rarer admin_permission in [daemon]",
                 guild_id=guild.id)  # fmt: skip

    async def on_guild_role_create(self, role: discord.Role) -> None:
        """A role may be there again."""
        self.listener.named(str(role.guild.id), ROLES, {str(role.id): role.name})
        self.listener.guild_changed(str(role.guild.id))

    async def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        """A channel is there."""
        self.listener.named(str(channel.guild.id), CHANNELS, {str(channel.id): channel.name})
        self.listener.guild_changed(str(channel.guild.id))

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Nobody is in the channel any more."""
        self.listener.voice_changed(str(channel.guild.id), {str(channel.id)})

    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """Nobody has the role any more."""
        self.listener.guild_changed(str(role.guild.id))

    async def on_guild_update(self, _before: discord.Guild, after: discord.Guild) -> None:
        """The guild may have another name, or another channel for who is away."""
        self.listener.named(str(after.id), GUILDS, {str(after.id): after.name})
        self.listener.guild_changed(str(after.id))

    async def on_guild_unavailable(self, guild: discord.Guild) -> None:
        """An outage at Discord took the guild away."""
        self.listener.guild_lost(str(guild.id))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was thrown out."""
        self.listener.guild_lost(str(guild.id))

    def _guild_ids_of(self, shard_id: int) -> list[str]:
        return [str(guild.id) for guild in self.guilds if guild.shard_id == shard_id]

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """The guild is there, at the start or after an outage."""
        self._tell_names(guild)
        self.listener.guild_changed(str(guild.id))

    async def _channel_of(self, channel_id: int) -> object:
        """A channel or thread that Discord did not tell of; None if it cannot be had."""
        task = self._unknown.get(channel_id)
        if task is None:
            if len(self._unknown) >= _UNKNOWN_LIMIT:
                self._unknown.clear()
            task = self._unknown[channel_id] = asyncio.create_task(self._fetch(channel_id))
        return await asyncio.shield(task)

    async def _fetch(self, channel_id: int) -> object:
        """Ask until Discord answers; what it refuses is asked for again the next time."""
        backoff = Backoff()
        while True:
            try:
                return await self.fetch_channel(channel_id)
            except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
                log.debug("channel %s cannot be looked at: %s", channel_id, error)
                if not is_passing(error):
                    self._unknown.pop(channel_id, None)
                    return None
            await asyncio.sleep(backoff.seconds())
