"""One effect of a giveaway on Discord: its message, an announcement, a winner's direct message.

Each may be carried out twice, after a crash, and is seen once: messages carry a nonce, and what
may have been said too long ago for that is looked for first.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import discord

from robo_xp.model.giveaway import DM, MESSAGE, Effect, Giveaway
from robo_xp_daemon.client import perform
from robo_xp_daemon.client.refusals import is_passing, tell
from robo_xp_daemon.giveaways import announcement_text as texts
from robo_xp_daemon.giveaways import card as message
from robo_xp_daemon.giveaways import refusals as obstacles
from robo_xp_daemon.giveaways.entry_counter import Counting
from robo_xp_daemon.giveaways.guild_queue import Door
from robo_xp_daemon.giveaways.sent_before import Seen

if TYPE_CHECKING:
    from robo_xp_daemon.client.client import Bot

log = logging.getLogger("robo_xp_daemon")

SLOWER_SECONDS: Final = 60.0
"""So long nobody is written to after Discord said that it was too fast."""


class _NoPlace(Exception):
    """The giveaway has no channel: for good, or until an operator acts."""

    def __init__(self, *, for_good: bool) -> None:
        """What the caller has to know."""
        super().__init__()
        self.for_good = for_good


class Carrier:
    """Carries out effects through a client."""

    def __init__(self, bot: Bot, door: Door, counting: Counting) -> None:
        """``door`` leads to the vault; ``counting`` knows what messages show."""
        self._bot = bot
        self._door = door
        self._counting = counting
        self._seen = Seen(bot)
        # posted, and not noted in the record yet
        self._unattached: dict[str, str] = {}

    async def carry(self, giveaway: Giveaway, effect: Effect) -> bool:
        """Whether this is over: done, or impossible for good. Else an operator has to act.

        Raises what ``is_passing`` when Discord cannot be reached, and what the vault raises.
        """
        try:
            if effect.kind == DM:
                await self._dm(giveaway, effect)
                return True
            channel = await self._channel(giveaway)
            if effect.kind == MESSAGE:
                await self._message(giveaway, channel)
            else:
                await self._announce(giveaway, effect, channel)
            return True
        except _NoPlace as no_place:
            return no_place.for_good
        except discord.HTTPException as error:
            if is_passing(error):
                raise
            if error.code == obstacles.TOO_FAST:
                raise discord.RateLimited(SLOWER_SECONDS) from error
            return _is_over(giveaway, effect, error)

    async def _channel(self, giveaway: Giveaway) -> discord.abc.Messageable:
        """The giveaway's channel; raises _NoPlace after telling why there is none."""
        guild = await self._bot.guild_when_there(giveaway.guild_id)
        if guild is None:
            tell("guild", "a giveaway is not shown: the bot is not in the guild",
                 "invite the bot again", guild_id=giveaway.guild_id,
                 giveaway_id=giveaway.id)  # fmt: skip
            raise _NoPlace(for_good=False)
        channel: Any = guild.get_channel_or_thread(int(giveaway.channel_id))
        if channel is None:
            channel = await self._bot.fetch_channel(int(giveaway.channel_id))
        is_here = getattr(getattr(channel, "guild", None), "id", None) == guild.id
        if is_here and isinstance(channel, discord.abc.Messageable):
            return channel
        tell("channel", "a giveaway is not shown: that is no channel of this guild for messages",
             "cancel it, and start another one elsewhere: robo-xp giveaway cancel ID",
             guild_id=guild.id, channel_id=giveaway.channel_id,
             giveaway_id=giveaway.id)  # fmt: skip
        raise _NoPlace(for_good=True)

    async def _message(self, giveaway: Giveaway, channel: discord.abc.Messageable) -> None:
        """The giveaway's message shows what its record says; it is posted where there is none."""
        counted = self._bot.robo.giveaways.counted
        async with self._counting.locks.of(giveaway.id):
            listed = await self._bot.work(counted, giveaway.guild_id, giveaway.id)
            giveaway, shown = listed.giveaway, message.shown(listed.giveaway, listed.entries)
            is_edit = giveaway.message_id is not None
            message_id = giveaway.message_id or await self._posted(giveaway, channel, shown)
            # what was posted before may have been posted in an earlier state
            if is_edit or giveaway.revision > 1:
                await self._edit(channel, message_id, shown)
                self._counting.edited(giveaway.id)
            self._counting.shows(listed)

    async def _posted(
        self, giveaway: Giveaway, channel: discord.abc.Messageable, shown: message.Shown
    ) -> str:
        """The id of the message, after it was posted, or found, and noted in the record."""
        found = self._unattached.get(giveaway.id)
        if found is None and self._seen.may_be_there(giveaway.created_at):
            found = await self._seen.message_of(channel, giveaway.id, giveaway.created_at)
        if found is None:
            nonce = perform.nonce_of("giveaway", giveaway.id)
            found = str((await perform.post(channel, shown.embed, shown.view, nonce=nonce)).id)
        self._unattached[giveaway.id] = found
        attach = self._bot.robo.giveaways.attach_message
        await self._door(giveaway.guild_id, attach, giveaway.guild_id, giveaway.id, found)
        del self._unattached[giveaway.id]
        return found

    async def _edit(
        self, channel: discord.abc.Messageable, message_id: str, shown: message.Shown
    ) -> None:
        place: Any = channel
        await perform.change(place.get_partial_message(int(message_id)), shown.embed, shown.view)

    async def _announce(
        self, giveaway: Giveaway, effect: Effect, channel: discord.abc.Messageable
    ) -> None:
        """Every part of the announcement is said, in its order."""
        if effect.number is None:
            parts = texts.cancelled(giveaway)
        else:
            parts = texts.announcement(giveaway, effect.number)
        said = await self._said(giveaway, effect, channel)
        for part in parts:
            if texts.told_by(part) in said:
                continue
            nonce = perform.nonce_of("giveaway", giveaway.id, effect.key, *texts.told_by(part))
            await perform.tell(channel, part, user_ids=texts.users_of(part), nonce=nonce)

    async def _dm(self, giveaway: Giveaway, effect: Effect) -> None:
        """The winner is told privately."""
        assert effect.user_id is not None
        number = effect.number or 0
        channel = await self._bot.create_dm(discord.Object(int(effect.user_id)))
        text = texts.dm(giveaway, number)
        if texts.told_by(text) in await self._said(giveaway, effect, channel):
            return
        nonce = perform.nonce_of("giveaway", giveaway.id, effect.key)
        await perform.tell(channel, text, nonce=nonce)

    async def _said(
        self, giveaway: Giveaway, effect: Effect, channel: discord.abc.Messageable
    ) -> set[tuple[str, ...]]:
        """What was told before, where that cannot be left to nonces."""
        asked_at = _asked_at(giveaway, effect)
        if not self._seen.may_be_there(asked_at):
            return set()
        return await self._seen.told(channel, asked_at)


def _asked_at(giveaway: Giveaway, effect: Effect) -> int:
    """When the effect was asked for, in epoch milliseconds."""
    if effect.number is None:
        return giveaway.finalized_at or giveaway.created_at
    return giveaway.draws[effect.number].at


def _is_over(giveaway: Giveaway, effect: Effect, error: discord.HTTPException) -> bool:
    """Whether a refusal is for good; it is told, with what mends it."""
    if effect.kind == DM and error.code in obstacles.UNREACHABLE:
        log.info("winner %s of giveaway %s takes no direct messages", effect.user_id, giveaway.id)
        return True
    return obstacles.told(giveaway, effect.kind, error, effect.user_id)
