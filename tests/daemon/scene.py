"""A guild in which members use the slash commands and the panel of the client in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robo_xp.usecases.history.history import HistoryRow
from tests.daemon.loopback import Answer, Guild, Loopback, Member, Permission
from tests.daemon.loopback.flags import Callback
from tests.daemon.stage import Stage, everything, on_stage

EXPIRED = "This has expired; please run `/xp config` again."


@dataclass(frozen=True)
class Scene:
    """``ann`` may administer and manage roles, ``bob`` and ``eve`` may not."""

    discord: Loopback
    stage: Stage
    guild: Guild

    @property
    def guild_id(self) -> str:
        """The guild as the vault knows it."""
        return str(self.guild.id)

    def member(self, name: str) -> Member:
        """A member by name."""
        return self.guild.member(name)

    def xp(self, name: str) -> int:
        """What a member has."""
        return self.stage.xp(self.guild, self.member(name))

    def give(self, name: str, amount: int) -> None:
        """An operator gives XP in a terminal."""
        self.stage.give(self.guild, self.member(name), amount)

    def settings(self) -> dict[str, Any]:
        """The settings that hold."""
        return self.stage.robo.config.get(self.guild_id)

    def set(self, **settings: object) -> None:
        """An operator changes settings in a terminal."""
        self.stage.set(self.guild, **settings)

    def seq(self) -> int:
        """The number of the last batch of the guild."""
        return self.stage.robo.vault.namespace(f"xp/default/{self.guild_id}").read().seq

    def last(self) -> HistoryRow:
        """The guild's last batch."""
        return next(self.stage.robo.history.rows(f"xp/default/{self.guild_id}"))

    async def slash(self, who: str, words: str, **options: object) -> Answer:
        """A member uses a command."""
        return await self.guild.slash(who, words, options=options)

    async def click(self, who: str, on: object, button: str, **how: object) -> Answer:
        """A member clicks a button, and waits for what becomes of it."""
        return await _settled(await self.guild.click(who, on, button, **how))

    async def select(
        self, who: str, on: object, name: str, values: Sequence[object], **how: object
    ) -> Answer:
        """A member chooses in a select, and waits for what becomes of it."""
        return await _settled(await self.guild.select(who, on, name, values, **how))

    async def submit(self, form: Answer, **fields: str) -> Answer:
        """``ann`` sends a form off, and waits for what becomes of it."""
        return await _settled(await self.guild.submit("ann", form, fields))

    async def open(self, view: str = "", who: str = "ann") -> Answer:
        """A member opens the panel, and one of its views."""
        panel = await self.slash(who, "xp config")
        if view:
            await self.select(who, panel, self.id("category", who), [view])
        return panel

    async def press(self, panel: Answer, words: str, payload: str = "") -> Answer:
        """``ann`` clicks a button of her panel."""
        return await self.click("ann", panel, self.id(words, "ann", payload))

    async def choose(
        self, panel: Answer, words: str, values: list[object], payload: str = ""
    ) -> Answer:
        """``ann`` chooses something on her panel."""
        return await self.select("ann", panel, self.id(words, "ann", payload), values)

    def id(self, words: str, who: str, payload: str = "") -> str:
        """The custom id of something on a member's panel."""
        tail = f"_{payload}" if payload else ""
        return f"xp_config_{words}_{self.member(who).id}{tail}"


@asynccontextmanager
async def scene(data_dir: Path, *, admin_permission: str = "manage_guild") -> AsyncIterator[Scene]:
    """The guild, with the client connected and its commands known."""
    async with Loopback() as discord:
        guild = discord.add_guild(
            "G", roles=["Bronze", "Silver"], members=["ann", "bob", "eve"], channels=["general"]
        )
        mods = guild.add_role("Mods", permissions=Permission.MANAGE_GUILD | Permission.MANAGE_ROLES)
        guild.change_roles("ann", add=[mods])
        async with at_work(discord, guild, data_dir, admin_permission=admin_permission) as made:
            yield made


@asynccontextmanager
async def at_work(
    discord: Loopback, guild: Guild, data_dir: Path, *, admin_permission: str = "manage_guild"
) -> AsyncIterator[Scene]:
    """A client with all that it offers, in a guild that is there already."""
    async with on_stage(
        discord, data_dir, admin_permission=admin_permission, begin=everything
    ) as stage:
        await discord.until(lambda: "xp" in discord.commands)
        assert stage.session.syncing is not None
        await stage.session.syncing
        yield Scene(discord, stage, guild)


async def _settled(answer: Answer) -> Answer:
    """The answer, after what a deferral put off has come."""
    if answer.type == Callback.DEFERRED_UPDATE:
        await answer.changed()
    return answer


def private(answer: Answer) -> str:
    """What only the member reads; nothing else was posted for others to see."""
    assert answer.ephemeral, answer.text
    return answer.text


def public(answer: Answer) -> str:
    """What everybody reads."""
    assert answer.is_shown and not answer.ephemeral
    return answer.text


def seen(answer: Answer) -> str:
    """What is read in the last thing that was posted: an answer, or what took its place."""
    return (answer.followups[-1] if answer.followups else answer.shown).text  # type: ignore[union-attr]
