"""All that exists on the loopback: users, guilds, channels, commands, open interactions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from tests.daemon.loopback.clockwork import Bell, Snowflakes
from tests.daemon.loopback.errors import api_error
from tests.daemon.loopback.flags import PRIVILEGED, ChannelType, Intent, Json
from tests.daemon.loopback.people import Channel, User

if TYPE_CHECKING:
    from tests.daemon.loopback.answers import Answer
    from tests.daemon.loopback.guild import Guild


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell the sessions that asked for it."""

    name: str
    data: Json
    intent: Intent = Intent(0)
    guild_id: int | None = None
    # what a session without the message content intent is told instead
    bare: Json | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long Discord waits for a callback and keeps an interaction's token, in seconds."""

    answer_within: float = 3.0
    token_lives: float = 900.0


@dataclass(eq=False)
class World:
    """The state that REST and gateway share."""

    clock: Callable[[], float]
    limits: Limits = Limits()
    privileged: Intent = Intent.GUILD_MEMBERS
    users: dict[int, User] = field(default_factory=dict)
    guilds: dict[int, Guild] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    answers: dict[int, Answer] = field(default_factory=dict)
    # None holds the global commands
    commands: dict[int | None, list[Json]] = field(default_factory=dict)
    listeners: list[Callable[[Event], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Makes the bot's own account, whose id is the application's too."""
        self.bell = Bell()
        self.ids = Snowflakes(self.clock)
        self.bot = self.add_user("robo", bot=True)
        self.keeper = self.add_user("keeper")

    def add_user(
        self,
        name: str,
        *,
        created_at: datetime | None = None,
        bot: bool = False,
        dms_closed: bool = False,
    ) -> User:
        """A new account, of the year 2020 unless told otherwise."""
        user_id = self.ids.at(created_at) if created_at else self.ids.settled()
        user = User(user_id, name, bot=bot, dms_closed=dms_closed)
        self.users[user.id] = user
        return user

    def dm_with(self, user: User) -> Channel:
        """The channel between the bot and a user, made when it is first asked for."""
        if user.dm is None:
            user.dm = Channel(self.ids.settled(), ChannelType.DM, recipient=user)
            self.channels[user.dm.id] = user.dm
        return user.dm

    def guild(self, guild_id: int) -> Guild:
        """A guild that the bot is in; else 10004."""
        guild = self.guilds.get(guild_id)
        if guild is None or self.bot.id not in guild.members:
            raise api_error(10004)
        return guild

    def emit(self, event: Event) -> None:
        """Tells the sessions, and wakes the tests."""
        for listener in self.listeners:
            listener(event)
        self.bell.ring()

    def application(self) -> Json:
        """The application as the developer portal has it set up."""
        allowed = self.privileged & PRIVILEGED
        # the "limited" bits: a bot in fewer than 100 guilds
        bits = {Intent.GUILD_PRESENCES: 13, Intent.GUILD_MEMBERS: 15, Intent.MESSAGE_CONTENT: 19}
        return {
            "id": str(self.bot.id),
            "name": self.bot.name,
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "owner": self.keeper.payload(),
            "team": None,
            "rpc_origins": [],
            "flags": sum(1 << bit for intent, bit in bits.items() if intent in allowed),
        }
