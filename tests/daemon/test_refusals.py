"""What Discord refuses, with the real programs: told at once, told later, gone when mended."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robo_xp import RoboXP
from tests.daemon.loopback import Channel, Guild, Loopback, Permission
from tests.daemon.process import CONFIG, Daemon, daemon, environment
from tests.daemon.stage import played

NOWHERE = "399999999999999999"
START = ("giveaway", "start", "Nitro", "--duration", "2d", "--channel")
GONE_WITHIN = 2.0


@dataclass(frozen=True)
class Said:
    """What a command answered and what it noted beside it."""

    data: Any
    notes: str


@dataclass(frozen=True)
class Operator:
    """Somebody at a terminal on the daemon's machine."""

    run: Daemon
    guild: Guild
    robo: RoboXP

    @property
    def quiet(self) -> Channel:
        """The channel where nobody may write."""
        return self.guild.channel("quiet")

    @property
    def ann(self) -> str:
        """The id of the only member."""
        return str(self.guild.member("ann").id)

    async def says(self, *words: str) -> Said:
        """What a command says; doctor may find something and is no failure then."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "robo_xp_cli", *words, "-g", str(self.guild.id), "--json",
            "--config", str(self.run.folder / CONFIG),
            env=environment(),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        assert process.returncode == 0 or words[0] == "doctor", err.decode()
        return Said(json.loads(out), err.decode())

    def refused(self) -> list[str]:
        """The kinds of what is refused now."""
        return [one.kind for one in self.robo.outbox.refused(str(self.guild.id))]

    async def until_refused(self, *kinds: str) -> None:
        """Wait until all of these are refused."""
        await self.run.discord.until(lambda: sorted(self.refused()) == sorted(kinds))

    async def passes(self, mend: Callable[[], Awaitable[object]]) -> float:
        """How many seconds after it was mended nothing is refused any more."""
        assert self.refused()
        await mend()
        began = time.monotonic()
        await self.run.discord.until(lambda: not self.refused())
        return time.monotonic() - began

    async def told_beside(self, words: str, *commands: str) -> None:
        """Each of the commands has the words in a note or in its result."""
        for command in commands:
            said = await self.says(*command.split())
            assert words in said.notes + json.dumps(said.data), (command, said)

    async def told_no_more(self, words: str, *commands: str) -> None:
        """None of the commands has the words."""
        for command in commands:
            said = await self.says(*command.split())
            assert words not in said.notes + json.dumps(said.data), (command, said)


@asynccontextmanager
async def an_operator(folder: Path) -> AsyncIterator[Operator]:
    """A guild with a channel where nobody writes and a role above the bot, and a daemon."""
    async with Loopback() as discord, daemon(discord, folder) as run:
        guild = discord.add_guild(
            "G", roles=["One"], members=["ann"], channels=["general", "quiet"]
        )
        guild.add_role("Top", position=200)
        nobody_writes = {guild.id: (0, int(Permission.SEND_MESSAGES))}
        guild.set_overwrites(guild.channel("quiet"), nobody_writes)
        await run.start()
        with run.vault() as robo:
            operator = Operator(run, guild, robo)
            while (await operator.says("daemon", "status")).data["state"] != "connected":
                await asyncio.sleep(0)
            yield operator
        await run.stop()


@played
async def test_roles_and_announcements(tmp_path: Path) -> None:
    """A reward above the bot and announcements where it cannot write: said by the commands that
    set them, and by others with the daemon down; gone two seconds after the mending.
    """
    async with an_operator(tmp_path) as operator:
        top = operator.guild.role("Top")
        await operator.says("config", "set", "announcements.channelId", str(operator.quiet.id))
        channel = await operator.says("config", "set", "announcements.mode", "channel")
        role = await operator.says("reward", "add", "1", str(top.id))
        await operator.says("xp", "give", operator.ann, "200")
        await operator.until_refused("roles", "announcement")
        await operator.run.stop()
        everywhere = ("config show", "doctor", "top --once")
        await operator.told_beside("not below the bot's", "reward list", *everywhere)
        await operator.told_beside("an announcement", *everywhere)
        await operator.run.start()
        await operator.told_beside("not below the bot's", "daemon status")

        async def mend() -> None:
            operator.guild.set_overwrites(operator.quiet, {})
            operator.guild.change_role(top, position=1)

        seconds = await operator.passes(mend)
        await operator.told_no_more("not below the bot's", "reward list", *everywhere)
        await operator.told_no_more("an announcement", *everywhere)

    assert "careful: Discord would refuse it: the bot cannot post" in channel.notes
    assert "Send Messages" in channel.notes
    assert "not below the bot's" in role.notes
    assert seconds < GONE_WITHIN
    assert operator.guild.member("ann").has("Top")


@played
async def test_giveaways(tmp_path: Path) -> None:
    """One in an unknown channel and one where the bot may not write: message and commitment of
    each.
    """
    async with an_operator(tmp_path) as operator:
        nowhere = await operator.says(*START, NOWHERE)
        silent = await operator.says(*START, str(operator.quiet.id))
        await operator.until_refused(*["giveaway"] * 4)
        await operator.run.stop()
        for one in (nowhere, silent):
            await operator.told_beside("Discord refuses", f"giveaway info {one.data['id']}")
        await operator.told_beside("Discord refuses", "giveaway list")
        await operator.told_beside("giveaway", "doctor")
        await operator.run.start()
        cancel = ("giveaway", "cancel", nowhere.data["id"], "--yes")

        async def mend() -> None:
            operator.guild.set_overwrites(operator.quiet, {})
            await operator.says(*cancel)

        seconds = await operator.passes(mend)
        shown = f"giveaway info {silent.data['id']}"
        await operator.told_no_more("Discord refuses", "giveaway list", shown)

    assert "no channel of this guild" in nowhere.notes
    assert "the bot cannot post" in silent.notes
    assert seconds < GONE_WITHIN
    assert len(operator.quiet.messages) == 2


@played
async def test_a_deleted_role(tmp_path: Path) -> None:
    """It is missed by whoever adds it, and by the members who should have it."""
    async with an_operator(tmp_path) as operator:
        one = operator.guild.role("One")
        before = await operator.says("reward", "add", "2", str(one.id))
        operator.guild.delete_role(one)
        after = await operator.says("reward", "add", "3", str(one.id))
        await operator.says("xp", "give", operator.ann, "3000")
        await operator.until_refused("roles")
        await operator.run.stop()
        told = ("reward list", "doctor", "config show", "top --once")
        await operator.told_beside("the role does not exist", *told)
        advice = "robo-xp reward remove 2, then robo-xp reward remove 3"
        await operator.told_beside(advice, "reward list")
        await operator.run.start()

        async def mend() -> None:
            await operator.says("reward", "remove", "2")
            await operator.says("reward", "remove", "3")

        seconds = await operator.passes(mend)
        await operator.told_no_more("the role does not exist", *told)

    assert "careful" not in before.notes
    assert "the role does not exist" in after.notes and advice in after.notes
    assert seconds < GONE_WITHIN
