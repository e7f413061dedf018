"""``client.port.Discord`` in memory: guilds, members, channels, and refusals that a test asks for.

What Discord itself refuses is refused here too: a channel or message that is not there, a role
that the bot may not give, a second message with the nonce of the first.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, cast

import discord

from robo_xp.ports import Clock, SystemClock
from robo_xp.rules.voice import VoiceRoom
from robo_xp_daemon.client.port import Attachment, Card, Guild, Holders, Member, OwnMessage, Role

GUILD, CHANNEL = "100000000000000001", "200000000000000001"


def refusal(status: int, code: int = 0) -> discord.HTTPException:
    """What discord.py raises for an answer with this status and code of Discord's."""
    kinds = {403: discord.Forbidden, 404: discord.NotFound}
    kind = discord.DiscordServerError if status >= 500 else kinds.get(status, discord.HTTPException)
    response = cast("Any", SimpleNamespace(status=status, reason="refused"))
    return kind(response, {"code": code, "message": "no"})


@dataclass
class Message:
    """A message of the bot's; ``pings`` are those whom it notified."""

    id: str
    channel_id: str
    content: str = ""
    card: Card | None = None
    pings: frozenset[str] = frozenset()
    files: tuple[Attachment, ...] = ()
    at: int = 0


class FakeDiscord:
    """One guild with one channel at the start; ``calls`` counts operations by their names."""

    def __init__(self, *roles: str, clock: Clock | None = None) -> None:
        self.guilds = {GUILD: Guild(GUILD, "G", roles=dict.fromkeys(roles, Role()))}
        self.members_by_id: dict[tuple[str, str], Member] = {}
        self.channels = {CHANNEL: GUILD}
        self.rooms: dict[str, VoiceRoom] = {}
        self.messages: dict[str, Message] = {}
        self.reasons: list[tuple[str, str, str]] = []
        self.calls: Counter[str] = Counter()
        self._clock = clock or SystemClock()
        self._nonces: dict[tuple[str, str], Message] = {}
        self._refusals: list[tuple[str, str, BaseException | None, list[int]]] = []

    def join(self, user_id: str, *role_ids: str, is_bot: bool = False) -> str:
        """A member is in the guild."""
        self.members_by_id[GUILD, user_id] = Member(user_id, role_ids, is_bot)
        return user_id

    def refuse(
        self, operation: str, error: BaseException | None, *, of: str = "", times: int = 10**9
    ) -> None:
        """Raise this from so many calls, of one id if it is given; None never answers."""
        self._refusals.append((operation, of, error, [times]))

    def restore(self) -> None:
        """Refuse nothing any more."""
        self._refusals.clear()

    def forget_nonces(self) -> None:
        """As Discord does after some minutes."""
        self._nonces.clear()

    def said_in(self, channel_id: str) -> list[Message]:
        """What stands in the channel, oldest first."""
        return [one for one in self.messages.values() if one.channel_id == channel_id]

    async def _call(self, operation: str, *ids: str) -> None:
        self.calls[operation] += 1
        await asyncio.sleep(0)
        for name, of, error, left in self._refusals:
            if name == operation and left[0] and (not of or of in ids):
                left[0] -= 1
                if error is None:
                    await asyncio.Event().wait()
                raise cast("BaseException", error)

    async def guild(self, guild_id: str) -> Guild | None:
        await self._call("guild", guild_id)
        return self.guilds.get(guild_id)

    async def member(self, guild_id: str, user_id: str) -> Member | None:
        await self._call("member", guild_id, user_id)
        return self.members_by_id.get((guild_id, user_id))

    async def members(self, guild_id: str, user_ids: Sequence[str]) -> Mapping[str, Member]:
        await self._call("members", guild_id, *user_ids)
        found = (self.members_by_id.get((guild_id, user_id)) for user_id in user_ids)
        return {one.id: one for one in found if one is not None}

    async def channel(self, guild_id: str, channel_id: str) -> str | None:
        await self._call("channel", guild_id, channel_id)
        if channel_id not in self.channels:
            raise refusal(404, 10003)
        return channel_id if self.channels[channel_id] == guild_id else None

    def voice_rooms(
        self, guild_id: str, channel_ids: Collection[str] | None = None
    ) -> list[VoiceRoom]:
        self.calls["voice_rooms"] += 1
        wanted = self.rooms if channel_ids is None else channel_ids
        there = [self.rooms[one] for one in wanted if one in self.rooms and guild_id == GUILD]
        return [room for room in there if room.occupants]

    async def missing_permissions(self, guild_id: str, channel_id: str) -> tuple[str, ...]:
        await self._call("missing_permissions", guild_id, channel_id)
        return ()

    async def holders(self, guild_id: str, role_id: str, user_ids: Sequence[str]) -> Holders:
        await self._call("holders", guild_id, role_id)
        members = self.members_by_id.values()
        return Holders(tuple([one.id for one in members if role_id in one.role_ids]), True)

    async def private_channel(self, user_id: str) -> str:
        await self._call("private_channel", user_id)
        self.channels[f"9{user_id}"] = ""
        return f"9{user_id}"

    async def give_role(self, guild_id: str, user_id: str, role_id: str, reason: str) -> None:
        held = await self._held("give_role", guild_id, user_id, role_id, reason)
        role_ids = (*held.role_ids, role_id)
        self.members_by_id[guild_id, user_id] = replace(held, role_ids=role_ids)

    async def take_role(self, guild_id: str, user_id: str, role_id: str, reason: str) -> None:
        held = await self._held("take_role", guild_id, user_id, role_id, reason)
        role_ids = tuple(one for one in held.role_ids if one != role_id)
        self.members_by_id[guild_id, user_id] = replace(held, role_ids=role_ids)

    async def set_roles(
        self, guild_id: str, user_id: str, role_ids: Sequence[str], reason: str
    ) -> None:
        self.calls["set_calls"] += 1
        held = self.members_by_id[guild_id, user_id]
        for role_id in {*held.role_ids} ^ {*role_ids}:
            held = await self._held("set_roles", guild_id, user_id, role_id, reason)
        self.members_by_id[guild_id, user_id] = replace(held, role_ids=tuple(role_ids))

    async def _held(self, operation: str, guild_id: str, *ids: str) -> Member:
        user_id, role_id, reason = ids
        await self._call(operation, guild_id, *ids)
        guild = self.guilds[guild_id]
        if not guild.may_manage_roles or not guild.roles[role_id].is_below:
            raise refusal(403, 50013)
        self.reasons.append((operation, role_id, reason))
        return self.members_by_id[guild_id, user_id]

    async def say(
        self,
        channel_id: str,
        text: str,
        *,
        user_ids: Iterable[str] = (),
        role_ids: Iterable[str] = (),
        files: Sequence[Attachment] = (),
        nonce: str,
    ) -> None:
        await self._call("say", channel_id)
        if files:
            await self._call("attach", channel_id)
        pings = frozenset((*user_ids, *role_ids))
        self._show(channel_id, nonce, content=text, pings=pings, files=tuple(files))

    async def post(self, channel_id: str, card: Card, *, nonce: str) -> str:
        await self._call("post", channel_id)
        return self._show(channel_id, nonce, card=card).id

    def _show(self, channel_id: str, nonce: str, **shown: Any) -> Message:
        if channel_id not in self.channels:
            raise refusal(404, 10003)
        if (channel_id, nonce) not in self._nonces:
            made = Message(str(300_000_000_000_000_000 + len(self.messages)), channel_id, **shown)
            made.at = self._clock.now_ms()
            self.messages[made.id] = self._nonces[channel_id, nonce] = made
        return self._nonces[channel_id, nonce]

    async def change(self, channel_id: str, message_id: str, card: Card) -> None:
        await self._call("change", channel_id, message_id)
        if message_id not in self.messages:
            raise refusal(404, 10008)
        self.messages[message_id].card = card

    async def own_messages(
        self, channel_id: str, *, since: int, limit: int
    ) -> AsyncIterator[OwnMessage]:
        await self._call("own_messages", channel_id)
        for one in self.said_in(channel_id)[:limit]:
            if one.at >= since:
                footer = one.card.embed.footer.text or "" if one.card else ""
                yield OwnMessage(one.id, one.content, (footer,))
