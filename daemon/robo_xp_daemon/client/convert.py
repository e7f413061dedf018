"""Discord's objects as plain values; the only place that reads what a message is made of."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime

import discord

from robo_xp.model import Message, Post
from robo_xp.rules.voice import Occupant, VoiceRoom

_COUNTABLE = (discord.MessageType.default, discord.MessageType.reply)
_DANGEROUS = (
    "administrator",
    "ban_members",
    "kick_members",
    "moderate_members",
    "mention_everyone",
)
VOICE_CHANNELS = (discord.VoiceChannel, discord.StageChannel)
_FIRST_DAY = 1_420_070_400_000  # epoch ms; Discord counts from the first of January 2015


@dataclass(frozen=True, slots=True)
class Arrival:
    """A member's message on its way to the vault; ``received_at`` is monotonic seconds.

    ``joined_at`` is when the member came last (epoch ms), 0 where Discord does not say.
    """

    guild_id: str
    post: Post
    name: str
    joined_at: int = 0
    received_at: float = field(default_factory=time.monotonic)


def is_countable(message: discord.Message) -> bool:
    """Whether a member of a guild wrote this: no bot, webhook, system message or private one."""
    author = message.author
    return (
        message.guild is not None
        and not author.bot
        and message.webhook_id is None
        and message.type in _COUNTABLE
        and isinstance(author, discord.Member)
    )


def arrival_of(message: discord.Message, channel: object) -> Arrival:
    """The message of a member, which ``is_countable``, in its channel as far as that is known."""
    assert message.guild is not None and isinstance(message.author, discord.Member)
    parent_id, category_id = places_above(channel)
    return Arrival(
        str(message.guild.id),
        Post(
            str(message.author.id),
            Message(
                str(message.channel.id),
                parent_id,
                category_id,
                role_ids_of(message.author),
                instant_of(message.id),
            ),
            str(message.id),
        ),
        message.author.display_name,
        _epoch_ms(message.author.joined_at),
    )


def places_above(channel: object) -> tuple[str | None, str | None]:
    """The channel of a thread or post, and the category; None for what there is not."""
    if isinstance(channel, discord.Thread):
        return str(channel.parent_id), _text(channel.category_id if channel.parent else None)
    return None, _text(getattr(channel, "category_id", None))


def room_of(channel: discord.VoiceChannel | discord.StageChannel) -> VoiceRoom:
    """The channel with all who are in it, as far as the client knows them."""
    afk, is_stage = channel.guild.afk_channel, isinstance(channel, discord.StageChannel)
    return VoiceRoom(
        channel_id=str(channel.id),
        category_id=_text(channel.category_id),
        is_afk=afk is not None and afk.id == channel.id,
        is_stage=is_stage,
        occupants=tuple(
            _occupant(user_id, channel.guild.get_member(user_id), state)
            for user_id, state in channel.voice_states.items()
        ),
    )


def _occupant(user_id: int, member: discord.Member | None, state: discord.VoiceState) -> Occupant:
    return Occupant(
        user_id=str(user_id),
        role_ids=() if member is None else role_ids_of(member),
        is_bot=member is not None and member.bot,
        is_known=member is not None,
        deaf=state.deaf or state.self_deaf,
        muted=state.mute or state.self_mute,
        is_listening=state.suppress,
    )


def dangerous_in(permissions: discord.Permissions) -> tuple[str, ...]:
    """Those among the permissions with which a member manages the guild or its members."""
    return tuple(
        name
        for name, is_held in permissions
        if is_held and (name in _DANGEROUS or name.startswith("manage_"))
    )


def role_ids_of(member: discord.Member) -> tuple[str, ...]:
    """The ids of the member's roles, without the one that everybody has."""
    return tuple([str(role.id) for role in member.roles if not role.is_default()])


def instant_of(snowflake: int) -> int:
    """When Discord made the id, in epoch milliseconds."""
    return (snowflake >> 22) + _FIRST_DAY


def snowflake_of(epoch_ms: int) -> int:
    """The first id that Discord makes at that instant."""
    return max(epoch_ms - _FIRST_DAY, 0) << 22


def _epoch_ms(at: datetime | None) -> int:
    return 0 if at is None else int(at.timestamp() * 1000)


def _text(snowflake: int | None) -> str | None:
    return None if snowflake is None else str(snowflake)
