"""One member, asked for in three places: the numbers are the same."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.cli.program import Program
from tests.daemon.http.stage import serving
from tests.daemon.scene import public, scene


async def _ranked(folder: Path) -> tuple[str, str, str]:
    """Bob at two thirds of a level by hand, as ``/rank`` shows him: the guild, his id, the text."""
    async with scene(folder / "data") as at:
        at.set(levels={"type": "linear", "params": {"xpPerLevel": 300}})
        at.give("bob", 500)
        return at.guild_id, str(at.member("bob").id), public(await at.slash("bob", "rank"))


def test_a_member_is_told_with_the_same_numbers_everywhere(tmp_path: Path) -> None:
    """Never awarded is 0, two thirds of a level are 66.7 percent, and a name is there or absent."""
    guild, bob, text = asyncio.run(_ranked(tmp_path))
    shown = Program(tmp_path / "data", guild).json("xp", "show", bob)
    with serving(tmp_path) as served:
        told = served.ask("GET", f"/api/xp/users/{guild}/{bob}").data
        place = served.ask("GET", f"/api/xp/leaderboard/{guild}/{bob}").data
        [listed] = served.ask("GET", f"/api/xp/users/{guild}").data["users"]

    record = {key: value for key, value in shown.items() if key in told["user"]}
    assert shown["lastAwardedAt"] == 0
    assert shown["progress"] == {"level": 1, "inLevel": 200, "toNext": 100, "percentage": 66.7}
    assert told == {"user": record, "progress": shown["progress"], "percentage": 66.7}
    assert listed == place["user"] == record
    assert (place["rank"], place["total"]) == (shown["rank"], shown["total"]) == (1, 1)
    assert "1st of 1" in text
    assert " 66.7%\n200 / 300 XP · 100 to level 2" in text
    assert "Last earned" not in text


def test_a_name_is_beside_the_id_or_left_out(tmp_path: Path) -> None:
    """Both programs leave the key out while nobody has told a name, and add it afterwards."""
    with serving(tmp_path) as served:
        ann, path = served.ids["user"], f"/api/xp/users/{served.guild_id}/{served.ids['user']}"
        served.robo.xp.add(served.guild_id, ann, 5)
        program = Program(tmp_path / "data", served.guild_id)
        before = [served.ask("GET", path).data["user"], program.json("xp", "show", ann)]
        served.robo.names.remember(served.guild_id, {ann: "Ann"})
        after = [served.ask("GET", path).data["user"], program.json("xp", "show", ann)]

    assert ["name" in one for one in before] == [False, False]
    assert [one["name"] for one in after] == ["Ann", "Ann"]
