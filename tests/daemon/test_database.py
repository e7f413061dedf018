"""The daemon and the command line on a vault in PostgreSQL, as processes."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from robo_xp.machine.daemon_lock import daemon_of
from robo_xp.machine.places import daemon_dir
from robo_xp.vault.postgres.leases import LEASE_SECONDS
from robo_xp_daemon.levels.cursors import Cursors
from tests.daemon.loopback import Loopback
from tests.daemon.process import daemon
from tests.daemon.stage import played


@played
async def test_a_daemon_works_on_a_vault_in_postgresql(
    tmp_path: Path, postgresql_address: str
) -> None:
    """Messages are counted, and what a terminal gives is a role, as on files."""
    state = {"STATE_DIRECTORY": str(tmp_path / "state")}
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        run.address, run.environ = postgresql_address, state
        guild = discord.add_guild("G", roles=["One"], members=["ann", "bob"])
        ann, bob = guild.member("ann"), guild.member("bob")
        await run.start()
        assert daemon_of(daemon_dir(postgresql_address, state)) is not None
        guild.say(ann, "general", "hello")
        await run.cli(guild, "reward", "add", "1", str(guild.role("One").id))
        await run.cli(guild, "xp", "give", str(bob.id), "200")
        await discord.until(lambda: bob.has("One"))

        assert await run.stop() == 0
        with run.vault() as robo:
            assert run.counted(robo, guild, ann) == (1, 1)


@pytest.mark.long
@played
async def test_a_daemon_that_stood_still_does_nothing_when_it_wakes(
    tmp_path: Path, postgresql_address: str
) -> None:
    """Stopped for twice the time of its lease, with another in its place: it moves no cursor,
    awards nothing, ends no giveaway, tells Discord nothing twice, and ends.
    """
    async with (
        Loopback() as discord,
        daemon(discord, tmp_path) as sleeper,
        daemon(discord, tmp_path) as other,
    ):
        for number, run in enumerate((sleeper, other)):
            run.address = postgresql_address
            run.environ = {"STATE_DIRECTORY": str(tmp_path / f"host{number}")}
        guild = discord.add_guild("G", roles=["One"], members=["ann", "bob", "cleo"])
        gid, channel = str(guild.id), str(guild.channel("general").id)
        ann, bob, cleo = (guild.member(name) for name in ("ann", "bob", "cleo"))
        await sleeper.start()
        with sleeper.vault() as robo:
            robo.config.set(
                gid,
                {"announcements": {"mode": "channel", "channelId": channel}, "cooldownSeconds": 0},
            )
            robo.rewards.add(gid, 1, str(guild.role("One").id))
            made = robo.giveaways.create(gid, prize="Book", duration="40s", channel_id=channel)
            robo.giveaways.enter(gid, made.id, str(cleo.id))
            await discord.until(lambda: robo.giveaways.get(gid, made.id).message_id)
            sleeper.send(signal.SIGSTOP)
            began = time.monotonic()
            for number in range(5):
                guild.say(ann, "general", f"nobody hears {number}")
            robo.xp.add(gid, str(bob.id), 200)
            await other.start(connected=False)
            await discord.until(lambda: len(discord.sessions) == 2, 30.0)
            await discord.until(lambda: bob.has("One"))
            for number in range(5):
                guild.say(ann, "general", f"the other hears {number}")
            await discord.until(lambda: robo.xp.get(gid, str(ann.id)) > 0)
            await discord.until(lambda: not robo.giveaways.get(gid, made.id).is_active, 60.0)
            await discord.until(lambda: not robo.giveaways.get(gid, made.id).pending, 30.0)
            await discord.until(lambda: time.monotonic() - began > 2 * LEASE_SECONDS, 60.0)
            before = {name: robo.vault.namespace(name).read().seq for name in robo.vault.names()}
            cursors = Cursors(robo).load()
            calls = len(discord.requests)

            sleeper.send(signal.SIGCONT)
            assert await sleeper.ended(60.0) == 0
            assert "another daemon has taken over" in sleeper.log
            after = {name: robo.vault.namespace(name).read().seq for name in robo.vault.names()}
            # the other may store its cursors meanwhile, and a new session asks for its commands
            del before["cursors"], after["cursors"]
            assert after == before
            now = Cursors(robo).load()
            assert all(now[name].rewarded >= one.rewarded for name, one in cursors.items())
            writes = [one.name for one in discord.requests[calls:] if one.method != "GET"]
            assert writes == []
            assert sleeper.counted(robo, guild, ann) == (5, 5)
            assert len(robo.giveaways.get(gid, made.id).draws) == 1
        assert await other.stop() == 0
        said = [
            one.content for one in guild.channel("general").messages if one.author is discord.bot
        ]
        assert len(said) == len(set(said))
