"""A guild whose giveaways the client in this process looks after, and what members see of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from robo_xp import RoboXP
from robo_xp.model.giveaway import CLOSE, COMMITMENT, Giveaway
from robo_xp.ports import SystemClock
from robo_xp_daemon.giveaways import announcement_text as texts
from robo_xp_daemon.giveaways.card import enter_id
from tests.daemon.loopback import Channel, Guild, Loopback, Member, Message
from tests.daemon.loopback.people import User
from tests.daemon.stage import Stage, giveaways, on_stage

DAY_MS = 86_400_000


@dataclass
class MovedClock:
    """The machine's clock, put forward or back by ``moved_ms``."""

    moved_ms: int = 0
    _clock: SystemClock = field(default_factory=SystemClock)

    def now_ms(self) -> int:
        """The present instant, as far as the client knows."""
        return self._clock.now_ms() + self.moved_ms


@dataclass(frozen=True)
class Fair:
    """The guild, its vault and Discord; with a client, or between two."""

    discord: Loopback
    robo: RoboXP
    guild: Guild

    @property
    def guild_id(self) -> str:
        """The guild as the vault knows it."""
        return str(self.guild.id)

    @property
    def channel(self) -> Channel:
        """Where giveaways are."""
        return self.guild.channel("general")

    def start(self, prize: str = "Book", **options: Any) -> Giveaway:
        """An operator starts a giveaway, of an hour unless told otherwise."""
        terms = {"duration": "1h", "channel_id": str(self.channel.id), **options}
        return self.robo.giveaways.create(self.guild_id, prize=prize, **terms).giveaway

    def enter(self, giveaway: Giveaway, who: Iterable[Member | str]) -> None:
        """Members enter, as an operator may have them do."""
        ids = [str((self.guild.member(one) if isinstance(one, str) else one).id) for one in who]
        self.robo.giveaways.enter(self.guild_id, giveaway.id, ids)

    def end(self, giveaway: Giveaway) -> Giveaway:
        """An operator ends it."""
        return self.robo.giveaways.end(self.guild_id, giveaway.id).giveaway

    def now(self, giveaway: Giveaway) -> Giveaway:
        """The giveaway as it is in the vault now."""
        return self.robo.giveaways.get(self.guild_id, giveaway.id)

    def messages(self, giveaway: Giveaway) -> list[Message]:
        """The giveaway's own messages on Discord."""
        return [one for one in self._own() if any(_is_of(giveaway, e) for e in one.embeds)]

    def message(self, giveaway: Giveaway) -> Message:
        """The one message of the giveaway."""
        (found,) = self.messages(giveaway)
        return found

    def is_posted(self, giveaway: Giveaway) -> bool:
        """Whether its message is there, and the vault knows it."""
        return self.now(giveaway).message_id is not None and self.is_told(giveaway)

    def is_told(self, giveaway: Giveaway) -> bool:
        """Whether nothing is pending."""
        return not self.now(giveaway).pending

    def announced(self, giveaway: Giveaway) -> list[Message]:
        """What was said about it in the channel beside its message and what binds its draws."""
        return [one for one in self.told(giveaway) if not is_binding(one.content)]

    def binding(self, giveaway: Giveaway) -> list[Message]:
        """What was told about it before the outcome: the commitment and the close."""
        return [one for one in self.told(giveaway) if is_binding(one.content)]

    def told(self, giveaway: Giveaway) -> list[Message]:
        """All that was said about it in the channel beside its message."""
        return [one for one in self._own() if giveaway.id in texts.marker_of(one.content)]

    def dms(self, user_id: int | str) -> list[Message]:
        """What the user was told privately."""
        user: User = self.discord.world.users[int(user_id)]
        return self.discord.dms(user)

    def has_buttons(self, giveaway: Giveaway) -> bool:
        """Whether members can enter."""
        return self.message(giveaway).find(enter_id(giveaway.id)) is not None

    def shown(self, giveaway: Giveaway, name: str) -> str:
        """What a field of its message shows."""
        fields = self.message(giveaway).embeds[0]["fields"]
        return next(str(one["value"]) for one in fields if one["name"] == name)

    def _own(self) -> list[Message]:
        return [one for one in self.channel.messages if one.author is self.discord.bot]


@asynccontextmanager
async def a_client(fair: Fair, data_dir: Path, **options: Any) -> AsyncIterator[Stage]:
    """A client that looks after the giveaways of the vault."""
    async with on_stage(fair.discord, data_dir, begin=giveaways, **options) as stage:
        yield stage


@asynccontextmanager
async def a_fair(
    data_dir: Path, *, members: int = 3, clock: MovedClock | None = None
) -> AsyncIterator[Fair]:
    """The guild without a client; its vault is opened as another process would."""
    async with Loopback() as discord:
        names = [f"m{number}" for number in range(members)]
        guild = discord.add_guild("G", roles=["Fan"], members=names)
        with RoboXP.open(data_dir, durability="os", by="cli:test", clock=clock) as robo:
            yield Fair(discord, robo, guild)


def is_binding(text: str) -> bool:
    """Whether this tells of a draw what binds it, before its outcome."""
    about = texts.marker_of(text).rpartition(" · ")[2]
    return about.partition(" ")[0] in (COMMITMENT, CLOSE)


def everybody(fair: Fair) -> list[Member]:
    """All members that may win."""
    return [member for name, member in _named(fair) if name.startswith("m")]


def _named(fair: Fair) -> list[tuple[str, Member]]:
    return [(member.user.name, member) for member in fair.guild.members.values()]


def _is_of(giveaway: Giveaway, embed: dict[str, Any]) -> bool:
    return giveaway.id in (embed.get("footer") or {}).get("text", "")
