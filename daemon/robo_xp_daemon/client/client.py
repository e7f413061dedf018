"""The client: what it hears from Discord, and the vault that it offers to its parts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands

from robo_xp import RoboXP
from robo_xp.ports import Clock, SystemClock
from robo_xp.text import counted
from robo_xp_daemon.additions import Addition
from robo_xp_daemon.awards.seen_names import NameBook
from robo_xp_daemon.awards.writer import Writer
from robo_xp_daemon.base import counters as counts
from robo_xp_daemon.base.work import Work
from robo_xp_daemon.client.convert import arrival_of
from robo_xp_daemon.client.convert import counts as is_counted
from robo_xp_daemon.giveaways.lifecycle import Life
from robo_xp_daemon.interactions import errors
from robo_xp_daemon.interactions.clicks import Clicks
from robo_xp_daemon.levels.pipeline import Following
from robo_xp_daemon.ops.counters_wiring import trace_of

log = logging.getLogger("robo_xp_daemon")

CONNECT_SECONDS = 30.0
_UNKNOWN_LIMIT = 1000


class Tree(app_commands.CommandTree["Bot"]):
    """The slash commands; what goes wrong in one is told to its member alone."""

    async def on_error(
        self, interaction: discord.Interaction[Bot], error: app_commands.AppCommandError, /
    ) -> None:
        """Answer privately."""
        name = "unknown" if interaction.command is None else interaction.command.qualified_name
        is_foreseen = errors.private_text(error) is not None
        outcome = counts.REFUSED if is_foreseen else counts.FAILED
        interaction.client.counts.commands.add(name, outcome)
        await errors.answer(interaction, error)


class Bot(discord.AutoShardedClient):
    """One connection to Discord. ``robo`` is the vault; ``work`` runs what blocks in a thread;
    ``counts`` is what was done.

    A client that lost its connection for good is replaced by a new one; the vault, the writer and
    the threads of ``work`` outlive it.
    """

    def __init__(
        self,
        robo: RoboXP,
        writer: Writer,
        work: Work,
        *,
        members_intent: bool = False,
        admin_permission: str = "manage_guild",
        additions: Sequence[Addition] = (),
        clock: Clock | None = None,
    ) -> None:
        """Prepare; ``members_intent`` asks Discord for who joins and leaves.

        ``admin_permission`` is what members need to change a guild's XP and settings. ``clock``
        says when giveaways end.
        """
        super().__init__(
            intents=discord.Intents(guilds=True, guild_messages=True, members=members_intent),
            allowed_mentions=discord.AllowedMentions.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            shard_connect_timeout=CONNECT_SECONDS,
            http_trace=trace_of(writer.counts),
        )
        self.counts = writer.counts
        self.robo = robo
        self.work = work
        self.admin_permission = admin_permission
        self.tree = Tree(self)
        self.clicks = Clicks()
        self.syncing: asyncio.Task[None] | None = None
        self.following = Following(self)
        self.clock = clock or SystemClock()
        self.giveaways = Life(self)
        self.names = NameBook(self._remember)
        self._writer = writer
        self._additions = additions
        self._naming: asyncio.Task[None] | None = None
        self._unknown: dict[int, asyncio.Task[object]] = {}

    async def setup_hook(self) -> None:
        """Start the parts; called once, before the gateway is reached."""
        for add in self._additions:
            await add(self)
        self._naming = asyncio.create_task(self.names.run())
        self.following.start()

    async def close(self) -> None:
        """Close the connection, after the parts that speak through it."""
        if self.syncing is not None:
            self.syncing.cancel()
        await self.wind_up(0.0)
        await super().close()

    async def wind_up(self, seconds: float) -> None:
        """Finish what is in hand for Discord, in so many seconds at most; quick when done."""
        await asyncio.gather(self.following.finish(seconds), self.giveaways.finish(seconds))
        naming, self._naming = self._naming, None
        if naming is not None:
            naming.cancel()
            await self.names.flush()

    async def on_ready(self) -> None:
        """Say that it works; this may come again after a new session."""
        log.info("connected to Discord as %s; %s", self.user, counted(len(self.guilds), "guild"))

    async def on_shard_connect(self, _shard_id: int) -> None:
        """Count a new session."""
        self.counts.connections.add(counts.NEW)

    async def on_shard_resumed(self, _shard_id: int) -> None:
        """Count a session that went on after its connection was lost."""
        self.counts.connections.add(counts.RESUMED)

    async def on_app_command_completion(
        self, _interaction: discord.Interaction[Bot], command: Any
    ) -> None:
        """Count a slash command that was answered."""
        self.counts.commands.add(command.qualified_name, counts.DONE)

    async def on_message(self, message: discord.Message) -> None:
        """Have a member's message counted."""
        if not is_counted(message):
            return
        channel: object = message.channel
        if isinstance(channel, discord.PartialMessageable):
            channel = await self._fetched(channel.id)
        arrival = arrival_of(message, channel)
        self._writer.put(arrival)
        self.names.note(arrival.guild_id, arrival.post.user_id, arrival.name)

    async def on_interaction(self, interaction: discord.Interaction[Bot]) -> None:
        """Have a click answered; the tree hears of slash commands by itself."""
        await self.clicks.hear(interaction)

    async def on_member_join(self, member: discord.Member) -> None:
        """Give a member that came back its roles; heard with the members intent only."""
        if not member.bot:
            self.names.note(str(member.guild.id), str(member.id), member.display_name)
            self.following.restore(str(member.guild.id), str(member.id))

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Show what waited for the bot to be invited."""
        self.giveaways.retry(str(guild.id))

    async def on_guild_channel_update(
        self, _before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        """Show what may have waited for a permission in the channel."""
        self.giveaways.retry(str(after.guild.id))

    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        """Show what may have waited for a thread to be opened again."""
        if not payload.data["thread_metadata"]["archived"]:
            self.giveaways.retry(str(payload.guild_id))

    async def on_guild_role_update(self, _before: discord.Role, after: discord.Role) -> None:
        """Show what may have waited for a permission of the role."""
        self.giveaways.retry(str(after.guild.id))

    async def on_member_update(self, _before: discord.Member, after: discord.Member) -> None:
        """Show what may have waited for a role of the bot's."""
        if self.user is not None and after.id == self.user.id:
            self.giveaways.retry(str(after.guild.id))

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:
        """Log what one event could not be heard for; the others go on."""
        log.exception("the event %s could not be dealt with", event_method)

    async def guild_when_there(self, guild_id: str) -> discord.Guild | None:
        """The guild as soon as Discord has told of it; None when the bot is not in it."""
        while True:
            guild = self.get_guild(int(guild_id))
            if guild is not None and not guild.unavailable:
                return guild
            if guild is None and self.is_ready():
                return None
            await asyncio.sleep(1.0 if self.is_ready() else 0.05)

    async def _fetched(self, channel_id: int) -> object:
        """A channel or thread that Discord did not tell of; None if it cannot be had."""
        task = self._unknown.get(channel_id)
        if task is None:
            if len(self._unknown) >= _UNKNOWN_LIMIT:
                self._unknown.clear()
            task = self._unknown[channel_id] = asyncio.create_task(self._fetch(channel_id))
        return await asyncio.shield(task)

    async def _fetch(self, channel_id: int) -> object:
        try:
            return await self.fetch_channel(channel_id)
        except (discord.DiscordException, OSError) as error:
            log.debug("channel %s cannot be looked at: %s", channel_id, error)
            return None

    async def _remember(self, guild_id: str, names: dict[str, str] | Any) -> object:
        return await self.work(self.robo.names.remember, guild_id, names)
