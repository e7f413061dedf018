"""The daemon as a process: signals, restarts, one a vault, and the command line beside it."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from robo_xp.machine.daemon_lock import daemon_of
from tests.daemon.loopback import Intent, Loopback
from tests.daemon.process import daemon
from tests.daemon.stage import played


@played
async def test_a_level_given_in_a_terminal_is_a_role_within_a_second(tmp_path: Path) -> None:
    """``robo-xp xp give`` over a reward level changes the member's roles at once."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        guild = discord.add_guild("G", roles=["One"], members=["ann"])
        ann = guild.member("ann")
        await run.start()
        await run.cli(guild, "reward", "add", "1", str(guild.role("One").id))
        await run.cli(guild, "xp", "give", str(ann.id), "200")
        given_at = time.monotonic()
        await discord.until(lambda: ann.has("One"))

        assert time.monotonic() - given_at < 1.0
        assert await run.stop() == 0


@played
async def test_a_level_given_while_it_is_down_is_a_role_soon_after_its_start(
    tmp_path: Path,
) -> None:
    """Done while nobody follows, the role is there two seconds after the connection, once."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        guild = discord.add_guild("G", roles=["One"], members=["ann", "bob"])
        ann, bob = guild.member("ann"), guild.member("bob")
        await run.start()
        await run.cli(guild, "reward", "add", "1", str(guild.role("One").id))
        assert await run.stop() == 0
        await run.cli(guild, "xp", "give", str(ann.id), "100")
        await run.cli(guild, "xp", "give", str(ann.id), "100")
        await run.start()
        connected_at = time.monotonic()
        await discord.until(lambda: ann.has("One"))
        assert time.monotonic() - connected_at < 2.0
        await run.stop()
        await run.start()
        await run.cli(guild, "xp", "give", str(ann.id), "1")
        # what comes later is done later: with bob's role, everything of ann is behind us
        await run.cli(guild, "xp", "give", str(bob.id), "200")
        await discord.until(lambda: bob.has("One"))
        assert await run.stop() == 0

    assert len(discord.calls("PUT", f"*/members/{ann.id}/roles/*")) == 1


@played
async def test_killed_and_started_again_it_goes_on(tmp_path: Path) -> None:
    """After kill -9 the lock is free, every committed message is there, and a replay adds none."""
    async with (
        Loopback() as discord,
        daemon(
            discord,
            tmp_path,
        ) as run,
    ):
        guild = discord.add_guild("G", members=["ann"])
        ann = guild.member("ann")
        await run.start()
        said = [guild.say(ann, "general") for _ in range(20)]
        with run.vault() as robo:
            await discord.until(lambda: run.counted(robo, guild, ann)[0] == 20)
            await run.kill()
            assert daemon_of(run.data_dir) is None
            await run.start()
            for message in said:
                guild.say(ann, "general", extra={"id": str(message.id)})
            guild.say(ann, "general")
            await discord.until(lambda: run.counted(robo, guild, ann)[0] >= 21)
            assert run.counted(robo, guild, ann)[0] == 21
        assert await run.stop() == 0


@played
async def test_sigterm_finishes_a_role_that_is_under_way(tmp_path: Path) -> None:
    """A change that Discord is slow to answer is waited for, and not repeated by the next start."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        guild = discord.add_guild("G", roles=["One"], members=["ann", "bob"])
        await run.start()
        await run.cli(guild, "reward", "add", "1", str(guild.role("One").id))
        discord.delay_rest(1.0, matching="PUT */roles/*")
        await run.cli(guild, "xp", "give", str(guild.member("ann").id), "200")
        await discord.until(lambda: discord.calls("PUT", "*/roles/*"))
        assert await run.stop() == 0
        assert guild.member("ann").has("One")
        guild.change_roles("ann", remove=["One"])
        await run.start()
        await run.cli(guild, "xp", "give", str(guild.member("bob").id), "200")
        await discord.until(lambda: discord.calls("PUT", f"*/{guild.member('bob').id}/roles/*"))
        assert await run.stop() == 0

    assert len(discord.calls("PUT", f"*/{guild.member('ann').id}/roles/*")) == 1


@played
async def test_one_daemon_a_vault(tmp_path: Path) -> None:
    """A second daemon ends with 5 and names the first, which goes on."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        await run.start()
        assert run.process is not None
        async with daemon(discord, tmp_path) as second:
            await second.start(connected=False)
            assert await second.ended() == 5
        holder = daemon_of(run.data_dir)

        assert holder is not None and holder.pid == run.process.pid
        assert f"process {holder.pid}" in run.log
        run.send(signal.SIGINT)
        assert await run.ended() == 0
        assert daemon_of(run.data_dir) is None


@played
async def test_sighup_reads_the_configuration_again(tmp_path: Path) -> None:
    """New settings count after SIGHUP, a faulty file changes nothing, and another intent makes
    another session.
    """
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        await run.start()
        run.write_config(log_format='"json"')
        run.send(signal.SIGHUP)
        await discord.until(lambda: '"message": "reloaded the configuration"' in run.log)
        run.write_config(log_format='"xml"')
        run.send(signal.SIGHUP)
        await discord.until(lambda: "not reloaded" in run.log)
        run.durability = "interval"
        run.write_config(log_format='"text"', members_intent="true")
        run.send(signal.SIGHUP)
        await discord.until(lambda: len(discord.sessions) == 2, 10.0)

        assert "durability will count after a restart" in run.log
        assert await run.stop() == 0


@pytest.mark.parametrize("fault", ["token", "intent", "away"])
@played
async def test_a_reload_that_discord_refuses_ends_nothing(tmp_path: Path, fault: str) -> None:
    """What Discord would not take is told, and the connection that works goes on."""
    async with Loopback(privileged=Intent(0)) as discord, daemon(discord, tmp_path) as run:
        guild, token = discord.add_guild("G", members=["ann"]), tmp_path / "token"
        token.touch(0o600)
        token.write_text(discord.token)
        run.table["token_file"], run.environ["ROBO_XP_TOKEN"] = f'"{token}"', ""
        await run.start()
        match fault:
            case "token":
                token.write_text(discord.token + "x")
                told = "Discord refused the token"
            case "intent":
                run.write_config(members_intent="true")
                told = "does not grant the members intent"
            case _:
                discord.refuse_rest(503, matching="GET /users/@me")
                run.write_config(admin_permission='"manage_messages"')
                told = "cannot be asked about the new connection"
        run.send(signal.SIGHUP)
        await discord.until(lambda: "not reloaded" in run.log, 30.0)
        guild.say("ann", "general", "hello")
        with run.vault() as robo:
            await discord.until(lambda: robo.xp.record(str(guild.id), str(guild.member("ann").id)))

        assert told in run.log and "the earlier connection goes on" in run.log
        assert len(discord.sessions) == 1
        assert await run.stop() == 0
