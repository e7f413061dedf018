"""Members as they are now, for a draw: only those who are about to win are looked at.

Nobody is dropped because Discord could not be asked: the draw is made without the look then, and
the record says so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import discord

from robo_xp.rules.eligibility import Entrant
from robo_xp_daemon.convert import role_ids_of
from robo_xp_daemon.refusals import NETWORK, UNKNOWN_MEMBER, UNKNOWN_USER, is_passing

if TYPE_CHECKING:
    from robo_xp_daemon.bot import Bot

log = logging.getLogger("robo_xp_daemon")

AT_ONCE: Final = 8
PAUSE_SECONDS = 2.0
NOT_ASKED: Final = "members were not checked again: Discord could not be asked"


@dataclass(slots=True)
class Checked:
    """What is known of members: None for one who has left; a note where it is not all."""

    members: dict[str, Entrant | None] = field(default_factory=dict)
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A draw that is to be made: ``count`` winners, else as many as the giveaway has.

    ``seconds`` is how long Discord may be out of reach before the draw goes on without it.
    """

    guild_id: str
    giveaway: str
    count: int | None = None
    seconds: float = 300.0


class Recheck:
    """Looks at members through a client."""

    def __init__(self, bot: Bot) -> None:
        """Ask this client's cache, where it has one, and Discord."""
        self._bot = bot
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def checked(self, question: Question) -> Checked:
        """Everybody who is about to win, as they are now. Raises what the vault raises."""
        found = Checked()
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + question.seconds
        while wanted := await self._wanted(question, found.members):
            guild = await self._guild(question.guild_id, give_up_at - loop.time())
            if guild is None:
                found.note = NOT_ASKED
                break
            asked, trouble = await self._look(guild, wanted)
            found.members.update(asked)
            if asked:
                give_up_at = loop.time() + question.seconds
            if trouble is not None:
                if not is_passing(trouble) or loop.time() >= give_up_at:
                    found.note = NOT_ASKED
                    break
                await asyncio.sleep(min(PAUSE_SECONDS, question.seconds))
        if found.note is not None:
            log.warning("giveaway %s of guild %s: %s", question.giveaway, question.guild_id,
                        found.note, extra={"guild_id": question.guild_id})  # fmt: skip
        return found

    async def _wanted(
        self, question: Question, members: Mapping[str, Entrant | None]
    ) -> tuple[str, ...]:
        """Who is about to win and was not looked at."""
        to_check = self._bot.robo.giveaways.to_check
        return await self._bot.work(
            to_check, question.guild_id, question.giveaway, dict(members), count=question.count
        )

    async def _guild(self, guild_id: str, seconds: float) -> discord.Guild | None:
        """The guild, if Discord tells of it in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0.1)):
                return await self._bot.guild_when_there(guild_id)
        return None

    async def _look(
        self, guild: discord.Guild, user_ids: Sequence[str]
    ) -> tuple[dict[str, Entrant | None], Exception | None]:
        """What is known of these members, and what went wrong with the others."""
        found: dict[str, Entrant | None] = {}
        trouble: Exception | None = None
        looks = [self._member(guild, user_id) for user_id in user_ids]
        for user_id, seen in zip(
            user_ids, await asyncio.gather(*looks, return_exceptions=True), strict=True
        ):
            if isinstance(seen, (*NETWORK, discord.HTTPException)):
                trouble = seen
            elif isinstance(seen, BaseException):
                raise seen
            else:
                found[user_id] = seen
        return found, trouble

    def _hears_of_members(self, guild: discord.Guild) -> bool:
        """Whether what the client remembers of members is kept up to date now."""
        shard = self._bot.get_shard(guild.shard_id)
        return self._bot.intents.members and shard is not None and not shard.is_closed()

    async def _member(self, guild: discord.Guild, user_id: str) -> Entrant | None:
        """The member as an entrant; None when it is not in the guild any more."""
        member = guild.get_member(int(user_id)) if self._hears_of_members(guild) else None
        if member is None:
            try:
                async with self._at_once:
                    member = await guild.fetch_member(int(user_id))
            except discord.NotFound as error:
                if error.code in (UNKNOWN_MEMBER, UNKNOWN_USER):
                    return None
                raise
        return Entrant(user_id, frozenset(role_ids_of(member)), is_bot=member.bot)
