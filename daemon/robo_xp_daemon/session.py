"""One client and the features that live as long as it does: what each hears, starts and ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import discord

from robo_xp_daemon import slash
from robo_xp_daemon.awards.comings import Comings
from robo_xp_daemon.awards.days import Days
from robo_xp_daemon.awards.seen_names import SeenNames
from robo_xp_daemon.awards.voice import Voice
from robo_xp_daemon.awards.writer import Writer
from robo_xp_daemon.base import counters
from robo_xp_daemon.base.health_cause import Cause
from robo_xp_daemon.base.unfailing import unfailing
from robo_xp_daemon.client.client import Client
from robo_xp_daemon.client.convert import Arrival
from robo_xp_daemon.client.perform import LiveDiscord
from robo_xp_daemon.context import Context
from robo_xp_daemon.giveaways.entering import buttons, claiming
from robo_xp_daemon.giveaways.entering.cooldown import Cooldown
from robo_xp_daemon.giveaways.lifecycle import Lifecycle
from robo_xp_daemon.interactions import errors
from robo_xp_daemon.interactions.clicks import Clicks
from robo_xp_daemon.levels.pipeline import Pipeline
from robo_xp_daemon.outbox.alerts import Alerts
from robo_xp_daemon.outbox.drain import try_again_hourly
from robo_xp_daemon.panel import ids as panel_ids
from robo_xp_daemon.panel import press
from robo_xp_daemon.slash import sync


class Session:
    """Listens to ``client``. The context, the writer and what is in the vault outlive it."""

    def __init__(
        self,
        context: Context,
        client: Client,
        writer: Writer,
        causes: Callable[[], Sequence[Cause]] = tuple,
    ) -> None:
        """``causes`` says what ails the daemon, for operators on Discord."""
        self.context = context
        self.client = client
        self.discord = LiveDiscord(client)
        self.pipeline = Pipeline(context, self.discord)
        self._days = Days(context, self.discord, self.pipeline.announce)
        self.pipeline.settings_changed = self._days.again
        self.giveaways = Lifecycle(context, self.discord)
        self.voice = Voice(context, self.discord)
        self.names = SeenNames(self._remember)
        self.comings = Comings(context, self.pipeline.restore)
        self.clicks = Clicks()
        self.syncing: asyncio.Task[None] | None = None
        self._beside: list[asyncio.Task[None]] = []
        self._naming: asyncio.Task[None] | None = None
        self._writer = writer
        self._causes = causes
        client.listener = self

    async def start(self) -> None:
        """Answer members, look after giveaways, and carry to Discord what is in the vault."""
        self.answer_members()
        self.look_after_giveaways()
        self.tell_commands()
        self.carry_levels()
        self.try_again()
        self.tell_operators()
        self.count_voice()
        self.end_days()

    def answer_members(self) -> None:
        """Slash commands, their lists and the panel are answered."""
        slash.register(self.client.tree, self.clicks, self.giveaways, self.discord)
        self.clicks.add(panel_ids.PATTERN, press.answer_press)

    def look_after_giveaways(self) -> None:
        """The buttons of giveaways are answered, and all giveaways watched."""
        pressed = buttons.Buttons(self.context, self.giveaways, Cooldown()).pressed
        self.clicks.add(buttons.PATTERN, pressed)
        self.clicks.add(claiming.PATTERN, claiming.Claiming(self.context, self.giveaways).pressed)
        self.giveaways.start()

    def tell_commands(self) -> None:
        """Discord is told of the commands, by one daemon; members' messages do not wait for it."""
        if not self.context.shards.has_first:
            return
        telling = sync.sync_until_known(self.context, self.client.tree)
        self.syncing = asyncio.create_task(telling)
        self._beside.append(self.syncing)

    def count_voice(self) -> None:
        """Time in voice channels is counted."""
        self.voice.start()

    def end_days(self) -> None:
        """What is due at the end of a guild's day is done."""
        self._run_beside("the end of days", self._days.run)

    def carry_levels(self) -> None:
        """Roles and announcements are carried to Discord, and names to the vault."""
        self._naming = asyncio.create_task(unfailing("keeping names", self.names.run))
        self._hear_of_returns()
        self.pipeline.start()

    def _hear_of_returns(self) -> None:
        """Have members that came back get their roles with the first message that earns XP."""
        loop = asyncio.get_running_loop()

        def came_back(guild_id: str, user_id: str) -> None:
            # the loop may have ended before the thread has
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self.pipeline.restore, guild_id, user_id)

        self._writer.came_back = came_back

    def tell_operators(self) -> None:
        """Operators read on Discord what it refuses, where a channel is set for that."""
        alerts = Alerts(self.context, self.discord, self._causes)
        self._run_beside("telling operators", alerts.run)

    def try_again(self) -> None:
        """What Discord refuses is tried again, hourly at least."""
        parts = (self.pipeline, self.giveaways)
        self._run_beside("trying again what is refused", partial(try_again_hourly, *parts))

    def _run_beside(self, what: str, run: Callable[[], Awaitable[None]]) -> None:
        self._beside.append(asyncio.create_task(unfailing(what, run)))

    async def finish(self, seconds: float) -> None:
        """Finish what is in hand for Discord, in so many seconds at most; quick when done."""
        for task in self._beside:
            task.cancel()
        await self.voice.finish()
        await self.comings.finish()
        await asyncio.gather(self.pipeline.finish(seconds), self.giveaways.finish(seconds))
        naming, self._naming = self._naming, None
        if naming is not None:
            naming.cancel()
            await self.names.flush()

    def message(self, arrival: Arrival) -> None:
        """Count the message, and remember its author's name."""
        self._writer.put(arrival)
        self.names.note(arrival.guild_id, arrival.post.user_id, arrival.name)
        self.comings.wrote(arrival.guild_id, arrival.post.user_id)

    def member_joined(self, guild_id: str, user_id: str, name: str) -> None:
        """Give a member that came back its roles, and its place on boards."""
        self.names.note(guild_id, user_id, name)
        self.comings.came(guild_id, user_id)

    def member_left(self, guild_id: str, user_id: str) -> None:
        """Do what the guild wants of members who leave."""
        self.comings.left(guild_id, user_id)

    def member_banned(self, guild_id: str, user_id: str) -> None:
        """The same for one that was banned, where that counts."""
        self.comings.banned(guild_id, user_id)

    def named(self, guild_id: str, kind: str, names: Mapping[str, str]) -> None:
        """Remember what roles or channels are called."""
        for id_, name in names.items():
            self.names.note(guild_id, id_, name, kind)

    def guild_changed(self, guild_id: str) -> None:
        """Show what may have waited for this."""
        self.giveaways.retry(guild_id)
        self.pipeline.retry(guild_id)
        self.voice.changed(guild_id)

    def voice_changed(self, guild_id: str, channel_ids: Collection[str]) -> None:
        """Work out anew who earns in these channels."""
        self.voice.changed(guild_id, channel_ids)

    def guild_lost(self, guild_id: str) -> None:
        """Let nobody earn whom nobody sees."""
        self.voice.lost(guild_id)

    async def interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a click or a form; whoever acts has a name from now on."""
        if interaction.guild_id is not None:
            user = interaction.user
            self.names.note(str(interaction.guild_id), str(user.id), user.display_name)
        await self.clicks.hear(interaction)

    async def command_failed(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        """Tell the member alone."""
        name = "unknown" if interaction.command is None else interaction.command.qualified_name
        is_foreseen = errors.private_text(error) is not None
        outcome = counters.REFUSED if is_foreseen else counters.FAILED
        self.context.counters.commands.add(name, outcome)
        await errors.answer(interaction, error)

    async def _remember(self, guild_id: str, names: Mapping[str, str], kind: str) -> object:
        return await self.context.work(self.context.robo.names.remember, guild_id, names, kind)
