"""Several daemons on one folder, each for some shards, as processes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.machine.daemon_lock import daemons_of
from tests.daemon.http.stage import TOKENS, WRITER, Answer, ask_at, bearer
from tests.daemon.loopback import Guild, Loopback
from tests.daemon.process import Daemon, daemon
from tests.daemon.stage import played

MEMBERS = ["ann", "bob", "cleo"]


@dataclass(frozen=True)
class Fleet:
    """Guilds of all shards, and the vault that their daemons work on."""

    discord: Loopback
    folder: Path
    robo: RoboXP
    guilds: list[Guild]
    stack: AsyncExitStack

    async def start(
        self,
        shards: str,
        *,
        connected: bool = True,
        rest: Mapping[str, str] | None = None,
        address: str = "",
    ) -> Daemon:
        """A daemon for these shards, which ends with the test at the latest."""
        made = await self.stack.enter_async_context(daemon(self.discord, self.folder))
        made.shards, made.rest, made.address = shards, dict(rest or {}), address
        made.environ = {"STATE_DIRECTORY": str(self.folder / "state")} if address else {}
        await made.start(connected=connected)
        return made

    def prepare(self) -> None:
        """Let level 1 be a role, and every level be announced in the first channel."""
        for guild in self.guilds:
            channel = {"mode": "channel", "channelId": str(guild.channel("general").id)}
            self.robo.config.set(str(guild.id), {"announcements": channel})
            self.robo.rewards.add(str(guild.id), 1, str(guild.role("One").id))

    def give(self, name: str) -> None:
        """Let the member of each guild rise to level 1, in a terminal."""
        for guild in self.guilds:
            self.robo.xp.add(str(guild.id), str(guild.member(name).id), 155)

    async def until_told(self, name: str) -> None:
        """Return when Discord was told of the member in every guild."""
        await self.discord.until(
            lambda: (
                all(guild.member(name).has("One") for guild in self.guilds)
                and all(self.said(guild, name) for guild in self.guilds)
            ),
            30.0,
        )

    def said(self, guild: Guild, name: str) -> int:
        """How often the member's rise was announced."""
        mention = guild.member(name).mention
        texts = [
            one.content
            for one in guild.channel("general").messages
            if one.author is self.discord.bot
        ]
        return sum(mention in text for text in texts)

    def are_giveaways_told(self) -> bool:
        """Whether Discord was told all about every giveaway, and of every end."""
        found = [
            listed.giveaway
            for guild in self.guilds
            for listed in self.robo.giveaways.list(str(guild.id), which="all")
        ]
        return all(not one.is_active and not one.pending for one in found)

    def are_told_once(self, *names: str) -> None:
        """Every member has one role by one call, and was announced once."""
        for guild in self.guilds:
            for name in names:
                role = f"/guilds/{guild.id}/members/{guild.member(name).id}/roles/*"
                assert len(self.discord.calls("PUT", role)) == 1, (guild.id, name)
                assert self.said(guild, name) == 1, (guild.id, name)


@asynccontextmanager
async def fleet(folder: Path, guilds: int, shards: int = 2) -> AsyncIterator[Fleet]:
    """So many guilds, which take turns over the shards, and no daemon yet."""
    async with (
        Loopback(shards=shards, max_concurrency=shards) as discord,
        AsyncExitStack() as stack,
    ):
        made = [
            discord.add_guild(f"G{number}", roles=["One"], members=MEMBERS)
            for number in range(guilds)
        ]
        (folder / "data").mkdir()
        with RoboXP.open(folder / "data", durability="os", by="test") as robo:
            yield Fleet(discord, folder, robo, made, stack)


@played
async def test_two_daemons_share_a_folder(tmp_path: Path) -> None:
    """Each message, role, announcement and giveaway once; a third that overlaps is refused."""
    async with fleet(tmp_path, guilds=4) as here:
        one, two = await here.start("0-0/2"), await here.start("1-1/2")
        here.prepare()
        await here.discord.connected(2)
        for guild in here.guilds:
            guild.say(guild.member("ann"), "general", "hello")
        here.give("bob")
        await here.until_told("bob")
        for guild in here.guilds:
            words = ["Book", "--channel", str(guild.channel("general").id), "--duration", "1h"]
            await one.cli(guild, "giveaway", "start", *words)
            (listed,) = here.robo.giveaways.list(str(guild.id))
            cleo = str(guild.member("cleo").id)
            here.robo.giveaways.enter(str(guild.id), listed.giveaway.id, cleo)
            await one.cli(guild, "giveaway", "end", listed.giveaway.id, "--yes")
        await here.discord.until(here.are_giveaways_told, 30.0)
        for overlapping in ("1-1/4", "0-1/2", ""):
            third = await here.start(overlapping, connected=False)
            assert await third.ended() == 5
        assert [holder.shards for holder in daemons_of(one.data_dir)] == ["0-0/2", "1-1/2"]
        assert (await one.stop(), await two.stop()) == (0, 0)

        here.are_told_once("bob")
        for guild in here.guilds:
            said = [message.text for message in guild.channel("general").messages]
            assert len(said) == len(set(said)) > 3
            assert len(here.discord.dms(guild.member("cleo").user)) == 1
            assert one.counted(here.robo, guild, guild.member("ann")) == (1, 1)
        assert "another daemon, process" in one.log
        assert sorted(session.shard for session in here.discord.sessions) == [(0, 2), (1, 2)]


@played
async def test_the_first_answers_http_for_all_guilds(tmp_path: Path) -> None:
    """Whoever has a token asks one address: about guilds of other shards their daemon answers,
    which looks at who is about to win; without it the vault is told all the same.
    """
    async with fleet(tmp_path, guilds=2) as here:
        (tmp_path / "tokens").touch(mode=0o600)
        (tmp_path / "tokens").write_text(TOKENS)
        rest = {"tokens_file": '"tokens"', "listen": '"127.0.0.1:0"'}
        one, two = [await here.start(text, rest=rest) for text in ("0-0/2", "1-1/2")]
        await here.discord.until(lambda: one.log.count("connected to Discord as") == 2)
        (address,) = re.findall(r"answering on \S+, (\S+)", one.log)

        async def ask(method: str, path: str, body: object = None) -> Answer:
            return await asyncio.to_thread(ask_at, address, method, path, body, bearer(WRITER))

        for guild in here.guilds:
            ann, channel = str(guild.member("ann").id), str(guild.channel("general").id)
            terms = {"prize": "Book", "duration": "1h", "channelId": channel}
            made = await ask("POST", f"/api/giveaways/{guild.id}", terms)
            giveaway_id = made.data["giveaway"]["id"]
            here.robo.giveaways.enter(str(guild.id), giveaway_id, ann)
            path = f"/api/giveaways/{guild.id}/giveaway/{giveaway_id}"
            ended = await ask("PATCH", path, {"action": "end"})
            assert (ended.status, ended.data["winners"]) == (200, [ann])
            (draw,) = here.robo.giveaways.get(str(guild.id), giveaway_id).draws
            assert draw.rechecked
            batches = list(here.robo.vault.namespace(f"giveaways/{guild.id}").batches())
            assert [one.by for one in batches if one.cmd == "giveaway end"] == ["rest:token:panel"]
        nobody = str(here.guilds[1].id + (2 << 22))
        assert (await ask("GET", f"/api/giveaways/{nobody}")).code == "GUILD_NOT_FOUND"
        assert await two.stop() == 0
        told = await ask("GET", f"/api/giveaways/{here.guilds[1].id}")
        assert [one["prize"] for one in told.data["recent"]] == ["Book"]
        assert await one.stop() == 0
        # both write into the same file, and who only passes a request on says nothing
        assert one.log.count("PATCH /api/giveaways/") == 2


@played
async def test_one_of_two_is_killed(tmp_path: Path) -> None:
    """The other goes on, and after its start it acts on what happened meanwhile, once each."""
    async with fleet(tmp_path, guilds=4) as here:
        one, two = await here.start("0-0/2"), await here.start("1-1/2")
        here.prepare()
        here.give("ann")
        await here.until_told("ann")
        await two.kill()
        here.give("bob")
        others = here.guilds[::2]
        await here.discord.until(lambda: all(guild.member("bob").has("One") for guild in others))
        assert not any(guild.member("bob").has("One") for guild in here.guilds[1::2])
        await two.start()
        await here.until_told("bob")
        assert (await one.stop(), await two.stop()) == (0, 0)

        here.are_told_once("ann", "bob")


@played
async def test_from_two_ranges_to_four(tmp_path: Path) -> None:
    """Guilds that change their daemon between two starts lose nothing and see nothing twice."""
    async with fleet(tmp_path, guilds=8, shards=4) as here:
        before = [await here.start(text) for text in ("0-0/2", "1-1/2")]
        here.prepare()
        here.give("ann")
        await here.until_told("ann")
        here.give("bob")
        for run in before:
            assert await run.stop() == 0
        here.give("cleo")
        after = [await here.start(f"{number}-{number}/4") for number in range(4)]
        await here.until_told("bob")
        await here.until_told("cleo")
        for run in after:
            assert await run.stop() == 0

        here.are_told_once("ann", "bob", "cleo")


@pytest.mark.parametrize("engine", ["files", "postgresql"])
@played
async def test_shards_identify_in_order(
    tmp_path: Path, postgresql_address: str, engine: str
) -> None:
    """Of four daemons that start together, the last first, never two of a bucket identify within
    five seconds as the server sees it, and they do so in the order of their shards.
    """
    async with fleet(tmp_path, guilds=4, shards=4) as here:
        here.discord.max_concurrency = 2
        address = postgresql_address if engine == "postgresql" else ""
        runs = [
            await here.start(f"{number}-{number}/4", connected=False, address=address)
            for number in reversed(range(4))
        ]
        await here.discord.connected(4, timeout=60.0)
        for run in runs:
            assert await run.stop() == 0

        seen = sorted((one.identified_at, one.shard[0]) for one in here.discord.sessions)
        assert [shard_id for _, shard_id in seen] == [0, 1, 2, 3]
        for bucket in (0, 1):
            first, second = (at for at, shard_id in seen if shard_id % 2 == bucket)
            assert second - first >= 5.0


@played
async def test_shards_of_one_daemon_identify_one_after_the_other(tmp_path: Path) -> None:
    """Also without ``--shards``, at the start and when all sessions are lost at once."""
    async with fleet(tmp_path, guilds=2) as here:
        here.discord.max_concurrency = 1
        run = await here.start("", connected=False)
        await here.discord.connected(2, timeout=30.0)
        here.discord.send_op9(resumable=False)
        await here.discord.until(lambda: len(here.discord.sessions) == 4, 30.0)
        assert await run.stop() == 0

        instants = sorted(one.identified_at for one in here.discord.sessions)
        gaps = [after - before for before, after in pairwise(instants)]
        assert min(gaps) >= 5.0, gaps
