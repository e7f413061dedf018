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
from typing import Final

import discord

from robo_xp import RoboXP
from robo_xp.model.draws import Entrant
from robo_xp.model.giveaway import ACTIVE, Giveaway
from robo_xp_daemon.base.backoff import Backoff
from robo_xp_daemon.client.port import Discord, Guild, Member
from robo_xp_daemon.client.refusals import NETWORK, is_passing
from robo_xp_daemon.context import Context

log = logging.getLogger("robo_xp_daemon")

AT_ONCE: Final = 8
MOST_SPARE: Final = 32
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 15.0
NOT_ASKED: Final = "members were not checked again: Discord could not be asked"


@dataclass(slots=True)
class CheckedMembers:
    """What is known of members: None for one who has left; a note where it is not all."""

    members: dict[str, Entrant | None] = field(default_factory=dict)
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A draw that is to be made: ``count`` winners, else as many as the giveaway has.

    ``status`` is what the giveaway has to be for it, ``signature`` that of the round that the draw
    waited for, where it did. ``seconds`` is how long Discord may be out
    of reach before the draw goes on without it.
    """

    guild_id: str
    giveaway: str
    count: int | None = None
    status: str = ACTIVE
    seconds: float = 300.0
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class _AboutToWin:
    """The members of a giveaway that are to be looked at."""

    giveaway: Giveaway
    user_ids: Sequence[str]


class Recheck:
    """Looks at members on Discord."""

    def __init__(self, context: Context, port: Discord) -> None:
        self._context = context
        self._discord = port
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def look(self, question: Question, found: CheckedMembers) -> None:
        """Add to ``found`` everybody who is about to win, as they are now.

        Raises what the vault raises.
        """
        loop = asyncio.get_running_loop()
        give_up_at, spare = loop.time() + question.seconds, 0
        backoff = Backoff(FIRST_PAUSE, LONGEST_PAUSE)
        while wanted := await self._about_to_win(question, found.members, spare):
            guild = await self._guild(question.guild_id, give_up_at - loop.time())
            if guild is None:
                found.note = NOT_ASKED
                break
            known = len(found.members)
            trouble = await self._add(found, guild, wanted, give_up_at - loop.time())
            if len(found.members) > known:
                give_up_at = loop.time() + question.seconds
                backoff.reset()
            # where many are passed over, the next ones are looked at together
            spare = min(2 * spare + 1, MOST_SPARE)
            if trouble is not None:
                if not is_passing(trouble) or loop.time() >= give_up_at:
                    found.note = NOT_ASKED
                    break
                await asyncio.sleep(min(backoff.seconds(), question.seconds))
        if found.note is not None:
            log.warning("giveaway %s of guild %s: %s", question.giveaway, question.guild_id,
                        found.note, extra={"guild_id": question.guild_id})  # fmt: skip

    async def _about_to_win(
        self, question: Question, members: Mapping[str, Entrant | None], spare: int
    ) -> _AboutToWin | None:
        """Who is about to win and was not looked at, if there is anybody."""
        context = self._context
        return await context.work(_about_to_win, context.robo, question, dict(members), spare)

    async def _guild(self, guild_id: str, seconds: float) -> Guild | None:
        """The guild, if Discord tells of it in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0.1)):
                return await self._discord.guild(guild_id)
        return None

    async def _add(
        self, found: CheckedMembers, guild: Guild, wanted: _AboutToWin, seconds: float
    ) -> Exception | None:
        """Add what is known of these members in time; what went wrong with others comes back."""
        looks = [asyncio.create_task(self._member(guild.id, one)) for one in wanted.user_ids]
        try:
            await asyncio.wait(looks, timeout=max(seconds, 0.1))
        finally:
            is_late = [look.cancel() for look in looks]
        trouble: Exception | None = TimeoutError("Discord did not answer") if any(is_late) else None
        answers = await asyncio.gather(*looks, return_exceptions=True)
        forgiven = _deleted_roles(guild, wanted.giveaway)
        for user_id, seen in zip(wanted.user_ids, answers, strict=True):
            if seen is None or isinstance(seen, Member):
                found.members[user_id] = None if seen is None else entrant_of(seen, forgiven)
            elif isinstance(seen, (*NETWORK, discord.HTTPException)):
                trouble = seen
            elif not isinstance(seen, asyncio.CancelledError):
                raise seen
        return trouble

    async def _member(self, guild_id: str, user_id: str) -> Member | None:
        """The member; None when it is not in the guild any more."""
        async with self._at_once:
            return await self._discord.member(guild_id, user_id)


def _about_to_win(
    robo: RoboXP, question: Question, members: Mapping[str, Entrant | None], spare: int
) -> _AboutToWin | None:
    giveaway = robo.giveaways.get(question.guild_id, question.giveaway)
    if giveaway.status != question.status:
        return None
    user_ids = robo.giveaways.to_check(
        question.guild_id,
        giveaway.id,
        members,
        count=question.count,
        spare=spare,
        signature=question.signature,
    )
    return _AboutToWin(giveaway, user_ids) if user_ids else None


def _deleted_roles(guild: Guild, giveaway: Giveaway) -> frozenset[str]:
    """The roles that the giveaway asks for and that nobody can have any more."""
    asked = (*giveaway.allow_role_ids, *giveaway.requirements.all_role_ids)
    return frozenset(role_id for role_id in asked if role_id not in guild.roles)


def entrant_of(member: Member, forgiven: frozenset[str] = frozenset()) -> Entrant:
    """The member as an entrant, to whom the lack of these roles does no harm."""
    return Entrant(
        member.id,
        frozenset(member.role_ids) | forgiven,
        is_bot=member.is_bot,
        joined_at=member.joined_at,
        is_booster=member.is_booster,
    )
