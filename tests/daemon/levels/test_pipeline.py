"""What follows from the vault's journals, over restarts of the client."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

from robo_xp import RoboXP
from robo_xp.vault import name_of
from robo_xp_daemon.base.work import THREADS
from robo_xp_daemon.levels.cursors import Cursor, Cursors
from robo_xp_daemon.levels.journal_reader import Asked, JournalReader
from tests.daemon.loopback import Loopback
from tests.daemon.stage import Stage, on_stage, played

READER = "robo-xp-journal-reader"
XP = {1: 155, 2: 375, 3: 670}


def reading_threads() -> int:
    """How many threads of this process follow a vault."""
    return sum(thread.name == READER for thread in threading.enumerate())


@asynccontextmanager
async def all_busy(stage: Stage) -> AsyncIterator[None]:
    """All threads for the vault have something else to do."""
    free = threading.Event()
    held = [asyncio.create_task(stage.session.context.work(free.wait)) for _ in range(THREADS)]
    try:
        yield
    finally:
        free.set()
        await asyncio.gather(*held)


@played
async def test_the_first_start_ever_begins_at_the_present(tmp_path: Path) -> None:
    """What was in the vault before anybody followed it changes no role; what comes later does."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", roles=["One"], members=["ann", "bob"])
        gid, ann, bob = str(guild.id), guild.member("ann"), guild.member("bob")
        with RoboXP.open(tmp_path) as robo:
            robo.rewards.add(gid, 1, str(guild.role("One").id))
            robo.xp.add(gid, str(ann.id), XP[1])
        async with on_stage(discord, tmp_path) as stage:
            await stage.until(stage.session.pipeline.cursors)  # the present is its first look
            stage.give(guild, bob, XP[1])
            await stage.all_done()

            assert (ann.roles, bob.has("One")) == ([], True)


@played
async def test_what_happened_meanwhile_is_done_once(tmp_path: Path) -> None:
    """Changes without a client are done at its start, the last level only, and never again."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", roles=["One", "Two"], members=["ann"])
        gid, ann, place = str(guild.id), guild.member("ann"), guild.channel("general")
        async with on_stage(discord, tmp_path) as stage:
            stage.set(guild, announcements={"mode": "channel", "channelId": str(place.id)})
            stage.set(guild, rewardsMode="replace")
            for level, name in enumerate(["One", "Two"], 1):
                stage.reward(guild, level, guild.role(name))
            await stage.all_done()
        with RoboXP.open(tmp_path) as robo:
            for total in (XP[1], XP[2], XP[3]):
                robo.xp.set(gid, str(ann.id), total)
            robo.xp.add(gid, str(ann.id), 1, store="new-store")
        for _ in range(2):
            async with on_stage(discord, tmp_path) as stage:
                await stage.all_done()

        assert [role.name for role in ann.roles] == ["Two"]
        assert len(discord.calls("PUT", "*/roles/*")) == 1
        assert [message.content for message in place.messages] == [
            f"{ann.mention} has reached level 3!"
        ]


@played
async def test_how_far_it_got_is_stored_in_the_rush_of_the_end(tmp_path: Path) -> None:
    """A cursor that waits for a free thread when the end comes is stored all the same."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", roles=["One"], members=["ann"])
        name = f"xp/default/{guild.id}"
        async with on_stage(discord, tmp_path) as stage:
            stage.reward(guild, 1, guild.role("One"))
            await stage.all_done()
            discord.delay_rest(0.3, matching="PUT */roles/*")
            stage.give(guild, guild.member("ann"), XP[1])
            await stage.until(lambda: discord.calls("PUT", "*/roles/*"))
            following = reading_threads()
            async with all_busy(stage):
                ending = asyncio.create_task(stage.session.pipeline.finish(5.0))
                await stage.until(lambda: stage.session.pipeline.cursors()[name].rewarded == 2)
                await stage.until(lambda: reading_threads() < following)
                for _ in range(20):
                    await asyncio.sleep(0)
            await ending

            assert Cursors(stage.robo).load()[name].rewarded == 2


@played
async def test_a_new_guild_is_followed(tmp_path: Path) -> None:
    """The first XP of a guild that the vault did not know is followed from its first batch."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", roles=["One"], members=["ann"])
        async with on_stage(discord, tmp_path) as stage:
            stage.reward(guild, 1, guild.role("One"))
            stage.give(guild, guild.member("ann"), XP[1])
            await stage.until(lambda: guild.member("ann").has("One"))


def test_what_is_no_longer_kept_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Batches that went with their archive are named, and what comes after them is followed."""
    gid, ann = str(10**17), str(10**17 + 1)
    name = f"xp/default/{gid}"
    rounds: list[Asked] = []
    with RoboXP.open(tmp_path, archive_days=0) as robo:
        robo.config.set_global({"roleRewards": [{"level": 1, "roleId": gid}]})
        for _ in range(3):
            robo.xp.add(gid, ann, 1)
        robo.vault.namespace(name).compact()
        robo.xp.add(gid, ann, XP[1])
        follower = JournalReader(robo, {name: Cursor(1, 4)}, rounds.append)
        follower.start()
        deadline = time.monotonic() + 5.0
        while not rounds and time.monotonic() < deadline:
            time.sleep(0.005)
        follower.stop()

    assert "batches 2 to 3 of xp/default" in caplog.text
    assert rounds == [Asked(gid, "default", (ann,), ())]


def test_a_guild_that_cannot_be_followed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever is wrong with one, the others are, and it is tried again."""
    names = [f"xp/default/{guild_id}" for guild_id in (10**17, 10**17 + 1)]
    with RoboXP.open(tmp_path) as robo:
        for name in names:
            robo.xp.add(name_of(name).guild_id, str(10**17 + 9), XP[1])
        reader = JournalReader(robo, {}, lambda _: None)
        with patch.object(reader, "_keep", side_effect=[ValueError("odd"), None]):
            assert reader.look(names)
        assert set(reader.cursors().values()) == {Cursor(), Cursor.at(1)}
        assert not reader.look([])

    assert set(reader.cursors().values()) == {Cursor.at(1)}
    assert "ValueError: odd" in caplog.text


@played
async def test_a_damaged_vault_does_not_stop_the_counting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Where cursors cannot be read, messages are counted all the same, and it is told."""
    (tmp_path / "cursors.json").write_text("{")
    async with Loopback() as discord:
        guild = discord.add_guild("G", members=["ann"])
        async with on_stage(discord, tmp_path) as stage:
            guild.say("ann", "general")
            await stage.until(lambda: stage.messages(guild, guild.member("ann")) == 1)
    assert "the vault cannot be followed yet" in caplog.text


@played
async def test_a_vault_that_was_put_back_is_followed_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A namespace younger than its cursor is followed from its present, and all roles looked at."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", roles=["One"], members=["ann", "bob"])
        gid, ann, bob = str(guild.id), guild.member("ann"), guild.member("bob")
        async with on_stage(discord, tmp_path) as stage:
            for _ in range(5):
                stage.give(guild, ann, 1)
            await stage.all_done()
        for path in (tmp_path / "xp" / "default").iterdir():
            path.unlink()
        with RoboXP.open(tmp_path) as robo:
            robo.rewards.add(gid, 1, str(guild.role("One").id))
            robo.xp.add(gid, str(ann.id), XP[1])
        async with on_stage(discord, tmp_path) as stage:
            await stage.until(lambda: "put back to an earlier state" in caplog.text)
            stage.give(guild, bob, XP[1])
            await stage.until(lambda: ann.has("One") and bob.has("One"))


@played
async def test_roles_follow_a_restore(tmp_path: Path) -> None:
    """Levels that a backup puts back take along the roles that were earned since."""
    vault = tmp_path / "vault"
    async with Loopback() as discord:
        guild = discord.add_guild("G", roles=["One"], members=["ann"])
        ann = guild.member("ann")
        async with on_stage(discord, vault) as stage:
            stage.set(guild, removeRewardOnXpLoss=True)
            stage.reward(guild, 1, guild.role("One"))
            stage.give(guild, ann, 10)
            await stage.all_done()
            backup = stage.robo.maintenance.create_backup(str(tmp_path / "backup")).path
            stage.give(guild, ann, XP[1])
            await stage.until(lambda: ann.has("One"))
            await stage.all_done()
        with RoboXP.open(vault, to_mend=True) as robo:
            robo.maintenance.restore(backup)
        async with on_stage(discord, vault) as stage:
            await stage.until(lambda: not ann.has("One"))
            assert stage.xp(guild, ann) == 10
