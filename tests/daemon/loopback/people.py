"""Users, members, roles and channels: what they hold and how Discord writes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.daemon.loopback.flags import (
    ALL_PERMISSIONS,
    THREADS,
    VOCAL,
    ChannelType,
    Json,
    Permission,
)

if TYPE_CHECKING:
    from tests.daemon.loopback.guild import Guild
    from tests.daemon.loopback.messages import Message


@dataclass(eq=False, slots=True)
class User:
    """An account, with or without a guild."""

    id: int
    name: str
    bot: bool = False
    dms_closed: bool = False
    dm: Channel | None = None

    @property
    def mention(self) -> str:
        """The text that notifies this user."""
        return f"<@{self.id}>"

    def payload(self) -> Json:
        """The user as JSON."""
        return {
            "id": str(self.id),
            "username": self.name,
            "global_name": None,
            "discriminator": "0000" if self.bot else "0",
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
        }


@dataclass(eq=False, slots=True)
class Role:
    """A role of a guild; the one with the guild's id is @everyone."""

    id: int
    guild: Guild
    name: str
    permissions: Permission = Permission(0)
    position: int = 0
    managed: bool = False
    bot_id: int | None = None

    @property
    def mention(self) -> str:
        """The text that notifies those who hold it."""
        return f"<@&{self.id}>"

    @property
    def rank(self) -> tuple[int, int]:
        """Its place in the hierarchy: of two at one position the older is higher."""
        return (self.position, -self.id)

    def payload(self) -> Json:
        """The role as JSON."""
        tags = {"tags": {"bot_id": str(self.bot_id)}} if self.bot_id else {}
        return {
            "id": str(self.id),
            "name": self.name,
            "permissions": str(int(self.permissions)),
            "position": self.position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": self.managed,
            "mentionable": False,
            "icon": None,
            "unicode_emoji": None,
            "flags": 0,
            **tags,
        }


@dataclass(eq=False, slots=True)
class Member:
    """A user in a guild."""

    user: User
    guild: Guild
    roles: list[Role]
    joined_at: str
    nick: str | None = None

    @property
    def id(self) -> int:
        """The user's id."""
        return self.user.id

    @property
    def mention(self) -> str:
        """The text that notifies this member."""
        return self.user.mention

    def has(self, role: Role | str) -> bool:
        """Whether the member holds a role, given as object or name."""
        return any(role is held or role == held.name for held in self.roles)

    @property
    def top(self) -> tuple[int, int]:
        """The rank of the member's highest role."""
        return max(role.rank for role in [*self.roles, self.guild.everyone])

    @property
    def permissions(self) -> Permission:
        """What the roles allow in the whole guild."""
        if self.guild.owner_id == self.id:
            return ALL_PERMISSIONS
        held = self.guild.everyone.permissions
        for role in self.roles:
            held |= role.permissions
        return ALL_PERMISSIONS if Permission.ADMINISTRATOR in held else held

    def permissions_in(self, channel: Channel) -> Permission:
        """What is left in a channel after its overwrites; threads have those of their parent."""
        held = self.permissions
        if held == ALL_PERMISSIONS:
            return held
        while channel.type in THREADS and channel.parent is not None:
            channel = channel.parent
        for ids in ([self.guild.id], [role.id for role in self.roles], [self.id]):
            for _, deny in [channel.overwrites.get(i, (0, 0)) for i in ids]:
                held = Permission(int(held) & ~int(deny))
            for allow, _ in [channel.overwrites.get(i, (0, 0)) for i in ids]:
                held |= Permission(allow)
        return held if Permission.VIEW_CHANNEL in held else Permission(0)

    def payload(self, *, user: bool = True) -> Json:
        """The member as JSON, on request without the user."""
        base: Json = {
            "roles": [str(role.id) for role in self.roles],
            "nick": self.nick,
            "avatar": None,
            "joined_at": self.joined_at,
            "premium_since": None,
            "communication_disabled_until": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
        }
        return {**base, "user": self.user.payload()} if user else base


@dataclass(eq=False, slots=True)
class Channel:
    """A place for messages: of a guild, a thread, or between the bot and a user."""

    id: int
    type: int
    name: str = ""
    guild: Guild | None = None
    parent: Channel | None = None
    recipient: User | None = None
    position: int = 0
    overwrites: dict[int, tuple[int, int]] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    nonces: dict[str, Message] = field(default_factory=dict)

    @property
    def mention(self) -> str:
        """The text that links here."""
        return f"<#{self.id}>"

    @property
    def last(self) -> Message:
        """The newest message that stands."""
        return self.messages[-1]

    def payload(self) -> Json:
        """The channel as JSON."""
        base: Json = {"id": str(self.id), "type": int(self.type)}
        if self.type == ChannelType.DM and self.recipient is not None:
            return {**base, "recipients": [self.recipient.payload()], "last_message_id": None}
        parent = str(self.parent.id) if self.parent else None
        base |= {"name": self.name, "parent_id": parent}
        base["guild_id"] = str(self.guild.id) if self.guild else None
        return {**base, **(self._thread() if self.type in THREADS else self._place())}

    def _thread(self) -> Json:
        return {
            "owner_id": str(self.guild.owner_id) if self.guild else None,
            "message_count": len(self.messages),
            "member_count": 1,
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": 1440,
                "archive_timestamp": "2020-01-01T00:00:00+00:00",
                "locked": False,
            },
        }

    def _place(self) -> Json:
        pairs = self.overwrites.items()
        return {
            "position": self.position,
            "topic": None,
            "nsfw": False,
            "rate_limit_per_user": 0,
            "permission_overwrites": [self._overwrite(i, *pair) for i, pair in pairs],
            **({"bitrate": 64_000, "user_limit": 0} if self.type in VOCAL else {}),
        }

    def _overwrite(self, target: int, allow: int, deny: int) -> Json:
        is_member = self.guild is not None and target in self.guild.members
        parts = {"allow": str(int(allow)), "deny": str(int(deny))}
        return {"id": str(target), "type": int(is_member), **parts}
