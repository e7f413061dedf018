"""Commands while somebody else changes the guild's XP, and with the real program."""

from __future__ import annotations

import signal
from pathlib import Path

from robo_xp import RoboXP
from robo_xp.vault import Origin
from tests.daemon.loopback import Loopback, Permission
from tests.daemon.process import daemon
from tests.daemon.scene import scene
from tests.daemon.stage import played


@played
async def test_a_busy_vault(tmp_path: Path) -> None:
    """Discord hears at once that an answer will come, and it comes when the lock is free."""
    async with scene(tmp_path) as at:
        options = {"user": at.member("bob"), "amount": 5}
        with RoboXP.open(tmp_path) as other:
            namespace = other.vault.namespace(f"xp/default/{at.guild_id}")
            with namespace.transaction(Origin("test", "hold")):
                answer = await at.guild.slash("ann", "xp give", options=options, wait=False)
                await at.stage.until(lambda: answer.type == 5)
                waited = answer.loading
        await answer.changed()

        assert waited and answer.answered_in < 0.3
        assert at.xp("bob") == 5


@played
async def test_the_end_with_a_command_in_hand(tmp_path: Path) -> None:
    """On SIGTERM what was begun is answered first, and who comes now is asked to come again."""
    async with Loopback() as discord, daemon(discord, tmp_path) as program:
        guild = discord.add_guild("G", members=["ann"])
        mods = guild.add_role("Mods", permissions=Permission.MANAGE_GUILD)
        guild.change_roles("ann", add=[mods])
        await program.start()
        await discord.until(lambda: "xp" in discord.commands, 10.0)
        options = {"user": guild.member("ann"), "amount": 200}
        with program.vault() as other:
            with other.vault.namespace(f"xp/default/{guild.id}").transaction(
                Origin("test", "hold")
            ):
                begun = await guild.slash("ann", "xp give", options=options, wait=False)
                await discord.until(lambda: begun.type == 5)
                program.send(signal.SIGTERM)
                await discord.until(lambda: "finishing what is in hand" in program.log)
                late = await guild.slash("ann", "rank")
            assert await program.ended() == 0
            given = other.xp.get(str(guild.id), str(guild.member("ann").id))

        assert "200 XP given" in begun.text and given == 200
        assert late.ephemeral and "being restarted" in late.text
        assert len(discord.calls("POST", "/interactions/*/callback")) == 2
    assert "Traceback" not in program.log


@played
async def test_the_real_program(tmp_path: Path) -> None:
    """A panel opened by one process is used after kill -9 with the next one."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", members=["ann"])
        mods = guild.add_role("Mods", permissions=Permission.MANAGE_GUILD)
        guild.change_roles("ann", add=[mods])
        async with daemon(discord, tmp_path) as program:
            await program.start()
            await discord.until(lambda: "xp" in discord.commands, 10.0)
            ann = guild.member("ann")
            await guild.slash("ann", "xp give", options={"user": ann, "amount": 200})
            board = await guild.slash("ann", "leaderboard")
            panel = await guild.slash("ann", "xp config")
            await program.kill()
            await program.start()
            custom_id = f"xp_config_category_{ann.id}"
            answer = await guild.select("ann", panel, custom_id, ["rewards"])
            await answer.changed()

            assert "200" in board.text
            assert panel.text.startswith("## Role rewards")
            assert len(discord.calls("PUT", "/applications/*/commands")) == 1
