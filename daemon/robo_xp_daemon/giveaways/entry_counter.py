"""The number of entries on the messages of giveaways, kept up to date without flooding Discord.

Only numbers are kept, and in memory: what was shown last. After a start they are unknown, so each
message is brought up to date once.
"""

from __future__ import annotations

import asyncio
from typing import Final

import discord

from robo_xp.errors import NotFound
from robo_xp.model.giveaway import MESSAGE
from robo_xp.model.giveaway_results import Listed
from robo_xp_daemon.base.counters import GIVEAWAYS
from robo_xp_daemon.base.locks import Locks
from robo_xp_daemon.client.port import Discord
from robo_xp_daemon.client.refusals import is_passing
from robo_xp_daemon.context import Context
from robo_xp_daemon.giveaways import refusals
from robo_xp_daemon.giveaways.card import card_of
from robo_xp_daemon.giveaways.timer import Key
from robo_xp_daemon.outbox.drain import Drain

GATHER_SECONDS = 1.0
"""Who enters so soon after another is counted in the same edit."""

SPACING_SECONDS = 10.0
AT_ONCE: Final = 5


class EntryCounter:
    """What each message shows, and the edits that bring it up to date; ``drain`` makes them.

    ``locks`` keeps edits of one message apart, by the giveaway's id: an edit with buttons must not
    come after the one that takes them away.
    """

    def __init__(self, context: Context, port: Discord) -> None:
        self.locks = Locks()
        self._context = context
        self._discord = port
        self._shown: dict[str, int] = {}
        self._edited_at: dict[str, float] = {}
        self._gone: set[str] = set()
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self.drain: Drain[Key] = Drain(context, GIVEAWAYS, self._show)
        self._rounds = self.drain.rounds

    def look(self, listed: Listed) -> None:
        """Bring the message of an active giveaway up to date, if it is not."""
        giveaway, key = listed.giveaway, _key(listed)
        if giveaway.message_id is None or giveaway.id in self._gone or self.drain.refused(key):
            return
        if self._shown.get(giveaway.id) != listed.entries:
            self._rounds.ask(key)

    def shows(self, listed: Listed) -> None:
        """The message was posted or edited just now, and shows this."""
        giveaway, key = listed.giveaway, _key(listed)
        if not giveaway.is_active:
            self.forget(key)
            return
        self._gone.discard(giveaway.id)
        self.drain.allow(key, [MESSAGE])
        self._shown[giveaway.id] = listed.entries

    def note_edit(self, giveaway_id: str) -> None:
        """The message was edited just now; the next edit waits."""
        self._edited_at[giveaway_id] = asyncio.get_running_loop().time()

    def forget(self, key: Key) -> None:
        """The giveaway is over."""
        giveaway_id = key[1]
        self._shown.pop(giveaway_id, None)
        self._edited_at.pop(giveaway_id, None)
        self._gone.discard(giveaway_id)
        self.drain.allow(key, [MESSAGE])

    async def _show(self, key: Key) -> None:
        """One edit of one message, when it may come."""
        guild_id, giveaway_id = key
        edited_at = self._edited_at.get(giveaway_id, -SPACING_SECONDS)
        pause = edited_at + SPACING_SECONDS - asyncio.get_running_loop().time()
        await self._rounds.nap(max(pause, GATHER_SECONDS))
        if self._rounds.is_ending:
            return
        async with self._at_once, self.locks.of(giveaway_id):
            try:
                counted = self._context.robo.giveaways.counted
                listed = await self._context.work(counted, guild_id, giveaway_id)
            except NotFound:
                return
            giveaway = listed.giveaway
            if not giveaway.is_active or giveaway.message_id is None:
                return
            if self._shown.get(giveaway_id) != listed.entries:
                await self._edit(listed)

    async def _edit(self, listed: Listed) -> None:
        giveaway = listed.giveaway
        card = card_of(giveaway, listed.entries)
        try:
            await self._discord.change(giveaway.channel_id, giveaway.message_id or "", card)
        except discord.HTTPException as error:
            if is_passing(error):
                raise
            is_final, _ = refusals.tell_whether_final(giveaway, MESSAGE, error)
            if is_final:
                self._gone.add(giveaway.id)
            else:
                self.drain.refuse(_key(listed), MESSAGE)
            return
        finally:
            self.note_edit(giveaway.id)
        self.shows(listed)


def _key(listed: Listed) -> Key:
    return listed.giveaway.guild_id, listed.giveaway.id
