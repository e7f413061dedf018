"""Old archives go while the daemon runs, also those of guilds where nothing happens."""

from __future__ import annotations

import os
from pathlib import Path

from robo_xp import RoboXP
from tests.daemon.http.serving import serving
from tests.daemon.loopback import Loopback
from tests.daemon.process import DATA
from tests.daemon.stage import played

GUILD, MEMBER = "100000000000000009", "200000000000000001"


@played
async def test_an_idle_guild_keeps_no_archive_for_ever(tmp_path: Path) -> None:
    """What was folded long ago is removed without a batch in its namespace."""
    with RoboXP.open(tmp_path / DATA, durability="os") as robo:
        robo.xp.add(GUILD, MEMBER, 10)
        robo.vault.namespace(f"xp/default/{GUILD}").compact()
    [folded] = (tmp_path / DATA / "archive/xp/default" / GUILD).iterdir()
    for path in (folded, tmp_path / DATA / f"xp/default/{GUILD}.json"):
        os.utime(path, (0, 0))
    async with Loopback() as discord, serving(discord, tmp_path) as service:
        await discord.until(lambda: not folded.exists())

        assert service.context.robo.xp.get(GUILD, MEMBER) == 10
