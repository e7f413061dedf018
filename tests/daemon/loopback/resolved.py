"""The ``resolved`` part of interactions: every entity that a value names, spelled out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tests.daemon.loopback.flags import THREADS, Json
from tests.daemon.loopback.people import Channel, Member

if TYPE_CHECKING:
    from tests.daemon.loopback.guild import Guild


def resolved(guild: Guild, ids: Iterable[str], actor: Member, channel: Channel) -> Json:
    """Users, members, roles and channels with these ids, as far as they exist."""
    found: Json = {}
    for text in ids:
        number = int(text)
        if number in guild.world.users:
            found.setdefault("users", {})[text] = guild.world.users[number].payload()
        if number in guild.members:
            found.setdefault("members", {})[text] = partial_member(guild.members[number], channel)
        if number in guild.roles:
            found.setdefault("roles", {})[text] = guild.roles[number].payload()
        if number in guild.channels:
            found.setdefault("channels", {})[text] = partial_channel(guild.channels[number], actor)
    return found


def partial_member(member: Member, channel: Channel) -> Json:
    """A member without the user, with the permissions in the channel."""
    base = member.payload(user=False)
    base.pop("deaf"), base.pop("mute")
    return {**base, "permissions": str(int(member.permissions_in(channel)))}


def partial_channel(channel: Channel, actor: Member) -> Json:
    """A channel as the actor sees it."""
    base = {
        "id": str(channel.id),
        "name": channel.name,
        "type": int(channel.type),
        "position": channel.position,
        "permissions": str(int(actor.permissions_in(channel))),
        "parent_id": str(channel.parent.id) if channel.parent else None,
    }
    if channel.type in THREADS:
        whole = channel.payload()
        names = ("thread_metadata", "owner_id", "message_count", "member_count")
        base |= {name: whole[name] for name in names}
    return base
