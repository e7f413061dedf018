"""``client.port.Discord`` by means of a client: the only place that changes anything at Discord."""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncIterator,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from io import BytesIO
from typing import Any

import discord

from robo_xp.rules.voice import VoiceRoom
from robo_xp_daemon.client.convert import VOICE_CHANNELS, dangerous_in, room_of, snowflake_of
from robo_xp_daemon.client.plain_member import member_of
from robo_xp_daemon.client.port import Attachment, Card, Guild, Holders, Member, OwnMessage, Role
from robo_xp_daemon.client.refusals import UNKNOWN_MEMBER, UNKNOWN_USER, readable

_QUIET = discord.AllowedMentions.none()
_AT_ONCE = 100
_READY_SECONDS, _EARLY_SECONDS = 1.0, 0.05


class LiveDiscord:
    """Discord as one client sees it."""

    def __init__(self, client: discord.AutoShardedClient) -> None:
        self._client = client

    async def guild(self, guild_id: str) -> Guild | None:
        """The guild as soon as Discord has told of it; None when the bot is not in it."""
        while True:
            guild, is_ready = self._client.get_guild(int(guild_id)), self._client.is_ready()
            if guild is not None and not guild.unavailable:
                return _guild(guild)
            if guild is None and is_ready:
                return None
            await asyncio.sleep(_READY_SECONDS if is_ready else _EARLY_SECONDS)

    @readable
    async def member(self, guild_id: str, user_id: str) -> Member | None:
        """The member, from what the client remembers where that is kept up to date."""
        guild = self._client.get_guild(int(guild_id))
        member = guild.get_member(int(user_id)) if guild and self._hears_of_members(guild) else None
        if member is None:
            try:
                member = await _guild_here(guild, guild_id).fetch_member(int(user_id))
            except discord.NotFound as error:
                if error.code in (UNKNOWN_MEMBER, UNKNOWN_USER):
                    return None
                raise
        return member_of(member)

    @readable
    async def members(self, guild_id: str, user_ids: Sequence[str]) -> Mapping[str, Member]:
        """Up to 100 members as they are now, by id, asked for over the gateway."""
        guild = _guild_here(self._client.get_guild(int(guild_id)), guild_id)
        wanted = [int(user_id) for user_id in user_ids]
        found = await guild.query_members(user_ids=wanted, limit=len(wanted), cache=False)
        return {str(one.id): member_of(one) for one in found}

    def _hears_of_members(self, guild: discord.Guild) -> bool:
        """Whether what the client remembers of members is kept up to date now."""
        shard = self._client.get_shard(guild.shard_id)
        return self._client.intents.members and shard is not None and not shard.is_closed()

    @readable
    async def channel(self, guild_id: str, channel_id: str) -> str | None:
        """The id of the channel or thread; None unless it takes messages in this guild."""
        guild = self._client.get_guild(int(guild_id))
        channel: Any = guild.get_channel_or_thread(int(channel_id)) if guild else None
        if channel is None:
            channel = await self._client.fetch_channel(int(channel_id))
        is_here = getattr(getattr(channel, "guild", None), "id", None) == int(guild_id)
        return channel_id if is_here and isinstance(channel, discord.abc.Messageable) else None

    def voice_rooms(
        self, guild_id: str, channel_ids: Collection[str] | None = None
    ) -> list[VoiceRoom]:
        """The voice channels and stages with anybody in them, of these if any are named."""
        guild = self._client.get_guild(int(guild_id))
        if guild is None or guild.unavailable:
            return []
        found: list[discord.abc.GuildChannel | None]
        if channel_ids is None:
            found = [*guild.voice_channels, *guild.stage_channels]
        else:
            found = [guild.get_channel(int(channel_id)) for channel_id in channel_ids]
        rooms = [room_of(one) for one in found if isinstance(one, VOICE_CHANNELS)]
        return [room for room in rooms if room.occupants]

    @readable
    async def missing_permissions(self, guild_id: str, channel_id: str) -> tuple[str, ...]:
        """What the bot would need to post a card in the channel, by Discord's names."""
        guild = _guild_here(self._client.get_guild(int(guild_id)), guild_id)
        channel: Any = guild.get_channel_or_thread(int(channel_id))
        is_thread = isinstance(channel, discord.Thread)
        if channel is None or guild.me is None or (is_thread and channel.parent is None):
            return ()
        speaking = "send_messages_in_threads" if is_thread else "send_messages"
        allowed = channel.permissions_for(guild.me)
        needed = ("view_channel", speaking, "embed_links")
        return tuple(name for name in needed if not getattr(allowed, name))

    @readable
    async def holders(self, guild_id: str, role_id: str, user_ids: Sequence[str]) -> Holders:
        """Who has the role now: of all members where the bot may see them, else of these."""
        guild = _guild_here(self._client.get_guild(int(guild_id)), guild_id)
        if self._client.intents.members:
            found = [
                str(one.id)
                async for one in guild.fetch_members(limit=None)
                if not one.bot and role_id in member_of(one).role_ids
            ]
            return Holders(tuple(found), is_complete=True)
        found = []
        for first in range(0, len(user_ids), _AT_ONCE):
            some = await self.members(guild_id, user_ids[first : first + _AT_ONCE])
            found += [
                id_ for id_, one in some.items() if not one.is_bot and role_id in one.role_ids
            ]
        return Holders(tuple(found), is_complete=False)

    @readable
    async def private_channel(self, user_id: str) -> str:
        """The id of the channel for direct messages to the user."""
        return str((await self._client.create_dm(discord.Object(int(user_id)))).id)

    @readable
    async def give_role(self, guild_id: str, user_id: str, role_id: str, reason: str) -> None:
        """The member has the role; done before, it is done again without harm."""
        http: Any = self._client.http
        _check_empty(await http.add_role(int(guild_id), int(user_id), int(role_id), reason=reason))

    @readable
    async def take_role(self, guild_id: str, user_id: str, role_id: str, reason: str) -> None:
        """The member has the role no more."""
        http: Any = self._client.http
        _check_empty(
            await http.remove_role(int(guild_id), int(user_id), int(role_id), reason=reason)
        )

    @readable
    async def set_roles(
        self, guild_id: str, user_id: str, role_ids: Sequence[str], reason: str
    ) -> None:
        """The member has these roles and no others."""
        http, wanted = self._client.http, [int(role_id) for role_id in role_ids]
        changed = await http.edit_member(int(guild_id), int(user_id), reason=reason, roles=wanted)
        if {str(one) for one in changed["roles"]} != set(role_ids):
            raise ValueError("Discord's answer has other roles")

    @readable
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
        """The channel shows the text, which notifies these members and roles and nobody else."""
        users = [discord.Object(int(user_id)) for user_id in user_ids]
        roles = [discord.Object(int(role_id)) for role_id in role_ids]
        allowed = discord.AllowedMentions(everyone=False, roles=roles, users=users)
        sent = [discord.File(BytesIO(file.content), file.name) for file in files]
        await self._place(channel_id).send(text, allowed_mentions=allowed, nonce=nonce, files=sent)

    @readable
    async def post(self, channel_id: str, card: Card, *, nonce: str) -> str:
        """The id of the channel's new message, or of the one with this nonce before."""
        place, embed = self._place(channel_id), card.embed
        if card.view is None:
            message = await place.send(embed=embed, allowed_mentions=_QUIET, nonce=nonce)
        else:
            message = await place.send(
                embed=embed, view=card.view, allowed_mentions=_QUIET, nonce=nonce
            )
        return str(message.id)

    @readable
    async def change(self, channel_id: str, message_id: str, card: Card) -> None:
        """The message shows this, and nothing below it without a view."""
        message = self._place(channel_id).get_partial_message(int(message_id))
        await message.edit(embed=card.embed, view=card.view, allowed_mentions=_QUIET)

    async def own_messages(
        self, channel_id: str, *, since: int, limit: int
    ) -> AsyncIterator[OwnMessage]:
        """What the bot wrote among so many messages since then (epoch ms), oldest first."""
        me, after = self._client.user, discord.Object(snowflake_of(since))
        place = self._place(channel_id)
        async for message in place.history(limit=limit, after=after, oldest_first=True):
            if me is not None and message.author.id == me.id:
                footers = tuple(embed.footer.text or "" for embed in message.embeds)
                yield OwnMessage(str(message.id), message.content, footers)

    def _place(self, channel_id: str) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(int(channel_id))


def _check_empty(answer: object) -> None:
    """Raises ValueError where something else than Discord answered."""
    if answer:
        raise ValueError("an answer where Discord gives none")


def _guild_here(guild: discord.Guild | None, guild_id: str) -> discord.Guild:
    """The guild, which the bot may have left a moment ago."""
    if guild is None:
        raise ConnectionError(f"Discord has taken guild {guild_id} away for now")
    return guild


def _guild(guild: discord.Guild) -> Guild:
    me = guild.me
    may_manage_roles = me is not None and me.guild_permissions.manage_roles
    return Guild(str(guild.id), guild.name, may_manage_roles, _Roles(guild))


class _Roles(Mapping[str, Role]):
    """The roles of a guild as they are at each look."""

    def __init__(self, guild: discord.Guild) -> None:
        self._guild = guild

    def __getitem__(self, role_id: str) -> Role:
        """The role; KeyError when there is none."""
        role, me = self._guild.get_role(int(role_id)), self._guild.me
        if role is None:
            raise KeyError(role_id)
        is_below = me is not None and role < me.top_role
        return Role(role.managed or role.is_default(), is_below, dangerous_in(role.permissions))

    def __iter__(self) -> Iterator[str]:
        """All ids."""
        return (str(role.id) for role in self._guild.roles)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._guild.roles)
