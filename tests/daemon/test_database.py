"""The daemon and the command line on a vault in PostgreSQL, as processes."""

from __future__ import annotations

from pathlib import Path

from robo_xp.machine.daemon_lock import daemon_of
from robo_xp.machine.places import daemon_dir
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
