"""Giveaways with the real programs: started and ended in a terminal, killed at every boundary."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.model.giveaway import Giveaway
from robo_xp.usecases.giveaways.book import doc_id_of
from robo_xp.vault import Origin
from tests.daemon.giveaways.scenes import Fair, everybody
from tests.daemon.loopback import Loopback
from tests.daemon.process import Daemon, daemon
from tests.daemon.stage import played


@dataclass(frozen=True)
class Run:
    """A daemon, and the guild that it looks after."""

    daemon: Daemon
    fair: Fair

    async def until_told(self, giveaway: Giveaway) -> None:
        """Return when Discord was told everything about the giveaway."""
        await self.fair.discord.until(lambda: self.fair.is_told(giveaway), 10.0, 0.01)

    def only(self) -> Giveaway:
        """The one giveaway that there is."""
        (listed,) = self.fair.robo.giveaways.list(self.fair.guild_id, which="all")
        return listed.giveaway

    def end_in_a_moment(self, giveaway: Giveaway) -> None:
        """Its end is right now, sooner than an edit may move it."""
        namespace = self.fair.robo.vault.namespace(f"giveaways/{self.fair.guild_id}")
        with namespace.transaction(Origin("test", "edit")) as transaction:
            doc_id = doc_id_of(giveaway.id)
            record = transaction.get("giveaways", doc_id)
            transaction.put("giveaways", doc_id, {**(record or {}), "endsAt": transaction.ts})

    def is_consistent(self, giveaway: Giveaway) -> None:
        """Members have seen one message, one announcement, and one direct message each winner."""
        ended = self.fair.now(giveaway)
        assert len(self.fair.messages(giveaway)) == 1
        assert len(self.fair.announced(giveaway)) == 1
        assert [len(self.fair.dms(user_id)) for user_id in ended.winners] == [1] * len(
            ended.winners
        )
        assert not self.fair.has_buttons(giveaway)
        assert self.fair.robo.giveaways.verify(self.fair.guild_id, giveaway.id).valid


@asynccontextmanager
async def a_run(folder: Path) -> AsyncIterator[Run]:
    """The guild with four members and a daemon that was not started yet."""
    async with Loopback() as discord, daemon(discord, folder) as made:
        guild = discord.add_guild("G", members=["m0", "m1", "m2", "m3"])
        with RoboXP.open(made.data_dir, durability="os", by="cli:test") as robo:
            yield Run(made, Fair(discord, robo, guild))


@played
async def test_a_terminal_beside_the_daemon(tmp_path: Path) -> None:
    """``giveaway start`` and ``giveaway end`` are seen on Discord within a second each."""
    async with a_run(tmp_path) as run:
        await run.daemon.start()
        words = ["Book", "--channel", str(run.fair.channel.id), "--duration", "1h"]
        await run.daemon.cli(run.fair.guild, "giveaway", "start", *words)
        began = time.monotonic()
        book = run.only()
        await run.fair.discord.until(lambda: run.fair.messages(book))
        assert time.monotonic() - began < 1.0
        run.fair.enter(book, everybody(run.fair))
        await run.daemon.cli(run.fair.guild, "giveaway", "end", book.id, "--yes")
        began = time.monotonic()
        await run.fair.discord.until(lambda: run.fair.announced(book))
        assert time.monotonic() - began < 1.0
        await run.until_told(book)

        run.is_consistent(book)
        assert await run.daemon.stop() == 0


@played
async def test_a_terminal_without_a_daemon(tmp_path: Path) -> None:
    """What was started and ended while it was stopped is on Discord after its next start."""
    async with a_run(tmp_path) as run:
        words = ["Book", "--channel", str(run.fair.channel.id), "--duration", "1h"]
        await run.daemon.cli(run.fair.guild, "giveaway", "start", *words)
        book = run.only()
        run.fair.enter(book, everybody(run.fair))
        await run.daemon.cli(run.fair.guild, "giveaway", "end", book.id, "--yes")
        await run.daemon.start()
        await run.until_told(book)

        run.is_consistent(book)
        assert await run.daemon.stop() == 0


@played
async def test_a_terminal_leaves_out_who_has_left(tmp_path: Path) -> None:
    """``giveaway end`` and ``reroll`` draw among those who are still there, since the daemon looks;
    without a daemon they say that nobody can look, and draw nothing unasked.
    """
    async with a_run(tmp_path) as run:
        fair, guild = run.fair, run.fair.guild
        await run.daemon.start()
        book, tea, mug = fair.start(), fair.start("Tea", winners=4), fair.start("Mug")
        people = [str(member.id) for member in everybody(fair)]
        for one in (book, tea, mug):
            fair.enter(one, everybody(fair))
        first = str(guild.leave("m0").id)
        for one in (book, tea, mug):
            await run.daemon.cli(guild, "giveaway", "end", one.id, "--yes")
        (won,) = fair.now(book).winners
        second = next(one for one in people if one not in (first, won))
        guild.leave(int(second))
        await run.daemon.cli(guild, "giveaway", "reroll", book.id, "--count", "3", "--yes")
        (rest,) = set(people) - {first, won, second}

        assert set(fair.now(tea).winners) == set(people) - {first}
        assert fair.now(book).rerolls[0] == (rest,)
        assert fair.robo.giveaways.verify(fair.guild_id, book.id).valid
        await run.daemon.stop()
        cake = fair.start("Cake")
        fair.enter(cake, everybody(fair))
        before = fair.now(mug), fair.now(cake)
        for words in (("end", cake.id), ("reroll", mug.id)):
            with pytest.raises(AssertionError, match="so who has left the server can win"):
                await run.daemon.cli(guild, "giveaway", *words)
        assert (fair.now(mug), fair.now(cake)) == before


@pytest.mark.parametrize("after", [False, True])
@played
async def test_killed_while_it_posts(tmp_path: Path, after: bool) -> None:
    """Killed before or after Discord has the giveaway's message, there is one in the end."""
    async with a_run(tmp_path) as run:
        hold = run.fair.discord.hold_rest("POST */messages", after=after, skip=1)
        await run.daemon.start()
        book = run.fair.start()
        await run.fair.discord.until(lambda: hold.waiting)
        await run.daemon.kill()
        hold.drop()
        assert len(run.fair.messages(book)) == (1 if after else 0)
        assert run.fair.now(book).message_id is None
        await run.daemon.start()
        await run.until_told(book)

        assert run.fair.now(book).message_id == str(run.fair.message(book).id)
        assert run.fair.has_buttons(book)


CALLS_OF_AN_END = 9
"""With three winners: close, message, announcement; for each the channel and the words."""


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(CALLS_OF_AN_END))
@played
async def test_killed_at_every_boundary_of_an_end(tmp_path: Path, step: int, after: bool) -> None:
    """Killed when the nth call arrives, or when it was done and is not marked yet: after the
    restart there is one announcement, and one direct message for each winner.
    """
    async with a_run(tmp_path) as run:
        discord, fair = run.fair.discord, run.fair
        await run.daemon.start()
        book = fair.start(winners=3)
        await run.until_told(book)
        fair.enter(book, everybody(fair)[:3])
        before = len(changes(discord))
        # calls of an end come one by one, so the nth of any kind is the nth call
        hold = discord.hold_rest("P* /*", after=after, skip=step)
        fair.end(book)
        await discord.until(lambda: hold.waiting, 10.0)
        await run.daemon.kill()
        hold.drop()
        assert len(changes(discord)) - before == step + 1
        await run.daemon.start()
        await run.until_told(book)

        run.is_consistent(book)


@played
async def test_killed_while_it_looks_at_members(tmp_path: Path) -> None:
    """Killed in the middle of the look before the draw, it looks again and draws once."""
    async with a_run(tmp_path) as run:
        fair = run.fair
        hold = fair.discord.hold_rest("GET */members/*", None)
        await run.daemon.start()
        book = fair.start(winners=3)
        fair.enter(book, everybody(fair))
        gone = fair.guild.leave("m0")
        run.end_in_a_moment(book)
        await fair.discord.until(lambda: hold.waiting)
        await run.daemon.kill()
        hold.drop()
        assert fair.now(book).is_active
        await run.daemon.start()
        await fair.discord.until(lambda: not fair.now(book).is_active)
        await run.until_told(book)

        run.is_consistent(book)
        assert set(fair.now(book).draws[0].dropped) <= {str(gone.id)}
        assert str(gone.id) not in fair.now(book).winners


@played
async def test_an_end_that_passed_while_it_was_down(tmp_path: Path) -> None:
    """A giveaway whose time came while nobody was there ends at the start."""
    async with a_run(tmp_path) as run:
        fair = run.fair
        await run.daemon.start()
        book = fair.start(winners=2)
        await run.until_told(book)
        fair.enter(book, everybody(fair))
        await run.daemon.kill()
        run.end_in_a_moment(book)
        await run.daemon.start()
        await fair.discord.until(lambda: not fair.now(book).is_active)
        await run.until_told(book)

        run.is_consistent(book)


def changes(discord: Loopback) -> list[str]:
    """Every call so far that changes something."""
    return [call.name for call in discord.requests if call.method in ("POST", "PATCH")]
