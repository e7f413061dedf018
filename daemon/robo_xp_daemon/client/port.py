"""What the daemon wants of Discord, as plain values: features see this and never the client.

Ids are text, as in the vault. What Discord refuses is raised as discord.py's own exceptions, which
``client.refusals`` tells apart; rate limits are waited for behind the port.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import discord

from robo_xp.rules.voice import VoiceRoom
from robo_xp_daemon.client.convert import Arrival

MESSAGE_LIMIT = 2000
FILES_LIMIT = 9_000_000
"""How many bytes of files Discord takes with one message, with room for the rest of it."""
NONCE_LENGTH = 25


ROLES, CHANNELS, GUILDS = "roles", "channels", "guilds"
"""What has names beside members; a guild's own name stands among them under its id."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role of a guild; ``is_own`` ones belong to Discord or an integration, and nobody gives
    them; ``is_below`` says whether the bot's own role is above it, and ``dangerous`` names its
    permissions to manage the guild or its members.
    """

    is_own: bool = False
    is_below: bool = True
    dangerous: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guild:
    """A guild that the bot is in; ``roles`` are those that it has at each look, by id."""

    id: str
    name: str
    may_manage_roles: bool = True
    roles: Mapping[str, Role] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a guild, with the ids of its roles but the one that everybody has.

    ``joined_at`` is epoch ms, None where Discord does not say.
    """

    id: str
    role_ids: tuple[str, ...] = ()
    is_bot: bool = False
    joined_at: int | None = None
    is_booster: bool = False


@dataclass(frozen=True, slots=True)
class Holders:
    """Who has a role; not ``is_complete`` where only those who were asked about can be seen."""

    user_ids: tuple[str, ...]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Card:
    """What a message shows; without a view there is nothing below it."""

    embed: discord.Embed
    view: discord.ui.View | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OwnMessage:
    """A message that the bot wrote: its text, and the last lines of its embeds."""

    id: str
    content: str
    footers: tuple[str, ...] = ()


class Discord(Protocol):
    """Discord, as far as features need it. Each call raises what discord.py raises."""

    async def guild(self, guild_id: str) -> Guild | None:
        """The guild as soon as Discord has told of it; None when the bot is not in it."""

    async def member(self, guild_id: str, user_id: str) -> Member | None:
        """The member as it is now; None for one who is not in the guild."""

    async def members(self, guild_id: str, user_ids: Sequence[str]) -> Mapping[str, Member]:
        """Up to 100 members as they are now, by id; nothing of those who are not in the guild."""

    async def channel(self, guild_id: str, channel_id: str) -> str | None:
        """The id of the channel or thread; None unless it takes messages in this guild."""

    def voice_rooms(
        self, guild_id: str, channel_ids: Collection[str] | None = None
    ) -> Sequence[VoiceRoom]:
        """The voice channels and stages with anybody in them, of these channels if any are named.

        As far as Discord has told; empty while it has not told of the guild.
        """

    async def missing_permissions(self, guild_id: str, channel_id: str) -> tuple[str, ...]:
        """What the bot would need to post a card in the channel, by Discord's names."""

    async def holders(self, guild_id: str, role_id: str, user_ids: Sequence[str]) -> Holders:
        """Who has the role now: of all members where the bot may see them, else of these."""

    async def private_channel(self, user_id: str) -> str:
        """The id of the channel for direct messages to the user."""

    async def give_role(self, guild_id: str, user_id: str, role_id: str, reason: str) -> None:
        """The member has the role; done before, it is done again without harm."""

    async def take_role(self, guild_id: str, user_id: str, role_id: str, reason: str) -> None:
        """The member has the role no more."""

    async def set_roles(
        self, guild_id: str, user_id: str, role_ids: Sequence[str], reason: str
    ) -> None:
        """The member has these roles and no others."""

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
        """The channel shows the text, which notifies these members and roles and nobody else.

        Discord keeps messages with the same nonce apart for some minutes: a second one is not
        shown.
        """

    async def post(self, channel_id: str, card: Card, *, nonce: str) -> str:
        """The id of the channel's new message, or of the one with this nonce before."""

    async def change(self, channel_id: str, message_id: str, card: Card) -> None:
        """The message shows this."""

    def own_messages(self, channel_id: str, *, since: int, limit: int) -> AsyncIterator[OwnMessage]:
        """What the bot wrote among so many messages since then (epoch ms), oldest first."""


class Connection(Protocol):
    """The connection to Discord, for those who watch it."""

    @property
    def latency(self) -> float:
        """The mean of all shards in seconds; not finite while one of them has none."""

    @property
    def guild_count(self) -> int:
        """How many guilds the bot is in."""

    @property
    def connected_shards(self) -> int:
        """How many shards have connected once."""

    def is_ready(self) -> bool:
        """Whether Discord has told of all guilds."""

    def is_open(self) -> bool:
        """Whether every shard has a session and a socket that is not known to be closed."""

    def is_beating(self, patience: float) -> bool:
        """Whether every shard is open and answered; ``patience`` counts heartbeats."""

    def has_guild(self, guild_id: str) -> bool:
        """Whether the bot is in the guild, as far as Discord has told."""

    def dangerous_permissions(self, guild_id: str, role_id: str) -> tuple[str, ...]:
        """The role's permissions to manage the guild or its members, as far as Discord has told."""


class Listener(Protocol):
    """Who hears from the client, from its login to its end."""

    async def start(self) -> None:
        """The client has logged in and is about to connect; called once."""

    async def finish(self, seconds: float) -> None:
        """Finish what is in hand for Discord, in so many seconds at most; quick when done."""

    def message(self, arrival: Arrival) -> None:
        """A member wrote a message."""

    def member_joined(self, guild_id: str, user_id: str, name: str) -> None:
        """A member came, or came back; heard with the members intent only."""

    def member_left(self, guild_id: str, user_id: str) -> None:
        """A member left, or was made to; heard with the members intent only."""

    def member_banned(self, guild_id: str, user_id: str) -> None:
        """A member was banned; that it left is told besides."""

    def named(self, guild_id: str, kind: str, names: Mapping[str, str]) -> None:
        """Roles or channels (``kind``) of the guild are called so, by id."""

    def guild_changed(self, guild_id: str) -> None:
        """The bot was invited, or a permission may have changed in the guild."""

    def voice_changed(self, guild_id: str, channel_ids: Collection[str]) -> None:
        """Somebody came into these channels, left them, or may do something else in them."""

    def guild_lost(self, guild_id: str) -> None:
        """What happens in the guild is not heard, until it changes."""

    async def interaction(self, interaction: discord.Interaction[Any]) -> None:
        """A member used something of the bot's. Must not raise."""

    async def command_failed(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        """A slash command raised this. Must not raise."""


def nonce_of(*parts: object) -> str:
    """A nonce that is always the same for the same parts, as long as Discord allows."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return base64.b32encode(digest).decode()[:NONCE_LENGTH]
