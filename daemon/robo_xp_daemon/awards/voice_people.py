"""Members in voice of whom Discord did not tell who they are: it is asked for them, once each.

With a guild Discord tells who is in which channel, and of most of them neither roles nor whether
they are bots.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace

import aiohttp
import discord

from robo_xp.rules.voice import VoiceRoom
from robo_xp_daemon.client.port import Discord, Member

log = logging.getLogger("robo_xp_daemon")

_AT_ONCE = 100


class VoicePeople:
    """What was asked for, guild by guild; ``answered`` is called with a guild that is known now."""

    def __init__(self, port: Discord, answered: Callable[[str], None]) -> None:
        self._discord = port
        self._answered = answered
        self._known: dict[str, dict[str, Member]] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}

    def completed(self, guild_id: str, rooms: Iterable[VoiceRoom]) -> list[VoiceRoom]:
        """The rooms with all that is known of who is in them; the rest is asked for."""
        known = self._known.get(guild_id, {})
        found = [_completed_room(room, known) for room in rooms]
        missing = [one.user_id for room in found for one in room.occupants if not one.is_known]
        if missing and guild_id not in self._asking:
            self._asking[guild_id] = asyncio.create_task(self._ask(guild_id, missing))
        return found

    def forget(self, guild_id: str) -> None:
        """Nobody is in voice in the guild."""
        self._known.pop(guild_id, None)

    def finish(self) -> None:
        """Ask no more."""
        for task in self._asking.values():
            task.cancel()

    async def _ask(self, guild_id: str, user_ids: list[str]) -> None:
        known = self._known.setdefault(guild_id, {})
        try:
            for first in range(0, len(user_ids), _AT_ONCE):
                known |= await self._discord.members(guild_id, user_ids[first : first + _AT_ONCE])
        except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
            # asked again at the next look
            log.debug("who is in voice in guild %s cannot be asked: %s", guild_id, error)
        finally:
            self._asking.pop(guild_id, None)
        if not known.keys().isdisjoint(user_ids):
            self._answered(guild_id)


def _completed_room(room: VoiceRoom, known: dict[str, Member]) -> VoiceRoom:
    occupants = tuple(
        replace(one, role_ids=found.role_ids, is_bot=found.is_bot, is_known=True)
        if not one.is_known and (found := known.get(one.user_id)) is not None
        else one
        for one in room.occupants
    )
    return replace(room, occupants=occupants)
