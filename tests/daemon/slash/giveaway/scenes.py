"""Two guilds with giveaways, and members of every kind of right who use the slash commands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robo_xp.model.giveaway import Giveaway
from tests.daemon.loopback import Answer, Guild, Loopback, Member, Permission
from tests.daemon.scene import Scene, at_work

UNKNOWN = (
    "This server has no such giveaway; choose one that is offered while you type,"
    " or give the link to its message."
)
REFUSED = "You need the permission Manage Server, or a role that may host giveaways"


@dataclass(frozen=True)
class Table:
    """``ann`` manages the guild, ``bob`` holds the host role, ``eve`` and ``dan`` hold nothing.

    In ``other``, a guild with the same bot, ``ann`` is a plain member.
    """

    at: Scene
    other: Guild

    @property
    def guild_id(self) -> str:
        """The guild as the vault knows it."""
        return self.at.guild_id

    def member(self, name: str) -> Member:
        """A member of the first guild."""
        return self.at.member(name)

    def role(self, name: str) -> Any:
        """A role of the first guild."""
        return self.at.guild.role(name)

    def role_id(self, name: str) -> str:
        """Its id, as the vault knows it."""
        return str(self.role(name).id)

    async def give(
        self, who: str | None = "eve", guild: Guild | None = None, **how: Any
    ) -> Giveaway:
        """A giveaway that a member has started, as soon as it is posted."""
        place = guild or self.at.guild
        host = None if who is None else str(place.member(who).id)
        terms = {"prize": "Nitro", "duration": "1h", "channel_id": str(place.channel("general").id)}
        made = self.at.stage.robo.giveaways.create(
            str(place.id), started_by=host, **{**terms, **how}
        )
        await self.at.stage.until(lambda: self.get(made.id, place).message_id)
        return self.get(made.id, place)

    def get(self, giveaway_id: str, guild: Guild | None = None) -> Giveaway:
        """A giveaway as it stands now."""
        place = guild or self.at.guild
        return self.at.stage.robo.giveaways.get(str(place.id), giveaway_id)

    def only(self) -> Giveaway:
        """The one giveaway of the first guild."""
        (listed,) = self.at.stage.robo.giveaways.list(self.guild_id)
        return listed.giveaway

    def enter(self, giveaway: Giveaway, *names: str) -> None:
        """Members enter, as an operator would let them, so that nobody looks at their roles."""
        ids = [str(self.member(name).id) for name in names]
        self.at.stage.robo.giveaways.enter(giveaway.guild_id, giveaway.id, ids)

    def seq(self, guild: Guild) -> int:
        """The number of the last batch about giveaways of a guild."""
        return self.at.stage.robo.vault.namespace(f"giveaways/{guild.id}").read().seq

    def acts(self, who: str) -> list[tuple[str, str | None]]:
        """What a member has changed about giveaways of the first guild, first to last."""
        rows = self.at.stage.robo.history.rows(f"giveaways/{self.guild_id}")
        by = f"discord:{self.member(who).id}"
        return [(row.cmd, row.reason) for row in rows if row.by == by][::-1]

    def settings(self) -> dict[str, Any]:
        """The settings of giveaways that hold in the first guild."""
        return self.at.stage.robo.giveaways.settings.get(self.guild_id)

    def set(self, **settings: Any) -> None:
        """An operator changes settings of giveaways in a terminal."""
        self.at.stage.robo.giveaways.settings.set(self.guild_id, settings)

    async def slash(self, who: str, words: str, **options: object) -> Answer:
        """A member uses a command of giveaways, and waits until all is said."""
        return await self.at.slash(who, f"giveaway {words}", **options)

    async def offered(self, who: str, words: str, option: str, text: str = "") -> dict[str, str]:
        """What a member is offered while typing: values by their names."""
        words = f"giveaway {words}"
        choices = await self.at.guild.autocomplete(who, words, option, text)
        return {choice["name"]: choice["value"] for choice in choices}


@asynccontextmanager
async def table(data_dir: Path, *, admin_permission: str = "manage_guild") -> AsyncIterator[Table]:
    """Both guilds, with the client connected and its commands known."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", members=["ann", "bob", "eve", "dan"], roles=["Red", "Blue"])
        mods = guild.add_role("Mods", permissions=Permission.MANAGE_GUILD)
        hosts = guild.add_role("Hosts")
        guild.change_roles("ann", add=[mods])
        guild.change_roles("bob", add=[hosts])
        other = discord.add_guild("H", members=[guild.member("ann").user, "zoe"])
        async with at_work(discord, guild, data_dir, admin_permission=admin_permission) as at:
            made = Table(at, other)
            made.set(hostRoleIds=[str(hosts.id)])
            yield made
