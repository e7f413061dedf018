"""What a guild consists of: looking its parts up, and how Discord writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from tests.daemon.loopback.flags import EVERYONE, THREADS, Json
from tests.daemon.loopback.people import Channel, Member, Role, User

if TYPE_CHECKING:
    from tests.daemon.loopback.guild import Guild
    from tests.daemon.loopback.world import World

RoleLike = Role | int | str
ChannelLike = Channel | int | str
MemberLike = Member | int | str
T = TypeVar("T")


class Roster:
    """Roles, channels and members of one guild."""

    def __init__(self, world: World, name: str, guild_id: int, owner: User) -> None:
        self.world = world
        self.id = guild_id
        self.name = name
        self.owner_id = owner.id
        self.is_dark = False
        itself = cast("Guild", self)
        self.everyone = Role(guild_id, itself, "@everyone", EVERYONE)
        self.roles: dict[int, Role] = {guild_id: self.everyone}
        self.channels: dict[int, Channel] = {}
        self.members: dict[int, Member] = {}
        self.voice_states: dict[int, Json] = {}
        self.afk_channel_id: int | None = None
        self.enter(owner)

    def role(self, wanted: RoleLike) -> Role:
        """A role by name or id."""
        return _one(wanted, self.roles, [(role.name, role) for role in self.roles.values()])

    def channel(self, wanted: ChannelLike) -> Channel:
        """A channel or thread by name or id."""
        return _one(wanted, self.channels, [(one.name, one) for one in self.channels.values()])

    def member(self, wanted: MemberLike) -> Member:
        """A member by name or id."""
        named = [(one.user.name, one) for one in self.members.values()]
        return _one(wanted, self.members, named)

    @property
    def owner(self) -> Member:
        """The member who owns the guild."""
        return self.members[self.owner_id]

    @property
    def me(self) -> Member:
        """The bot."""
        return self.members[self.world.bot.id]

    @property
    def commands(self) -> dict[str, Json]:
        """The guild's own commands, as synced, by name."""
        return {command["name"]: command for command in self.world.commands.get(self.id, [])}

    def payload(self) -> Json:
        """The guild as REST answers it."""
        return {
            "id": str(self.id),
            "name": self.name,
            "owner_id": str(self.owner_id),
            "icon": None,
            "features": [],
            "preferred_locale": "en-US",
            "roles": [role.payload() for role in self.roles.values()],
            "emojis": [],
            "stickers": [],
            "verification_level": 0,
            "default_message_notifications": 1,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "premium_progress_bar_enabled": False,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "afk_channel_id": None if self.afk_channel_id is None else str(self.afk_channel_id),
            "afk_timeout": 300,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
        }

    def created(self) -> Json:
        """The guild as GUILD_CREATE tells it: of the members, the bot alone."""
        threads = [one for one in self.channels.values() if one.type in THREADS]
        channels = [one for one in self.channels.values() if one.type not in THREADS]
        return {
            **self.payload(),
            "joined_at": self.me.joined_at,
            "large": len(self.members) > 250,
            "unavailable": False,
            "member_count": len(self.members),
            "members": [self.me.payload()],
            "channels": [channel.payload() for channel in channels],
            "threads": [thread.payload() for thread in threads],
            "presences": [],
            "voice_states": list(self.voice_states.values()),
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def enter(self, user: User, roles: Iterable[Role] = ()) -> Member:
        """Makes a member of a user, without a word to the sessions."""
        member = Member(user, cast("Guild", self), list(roles), self.world.ids.now())
        self.members[user.id] = member
        return member


def _one(wanted: T | int | str, by_id: Mapping[int, T], named: Iterable[tuple[str, T]]) -> T:
    """The thing itself, or the one with this id, or the first of this name."""
    if isinstance(wanted, int):
        return by_id[wanted]
    if isinstance(wanted, str):
        found = dict(reversed(list(named)))
        if wanted not in found:
            raise LookupError(f"{wanted!r} is none of {', '.join(found)}")
        return found[wanted]
    return wanted
