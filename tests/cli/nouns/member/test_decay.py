"""``robo-xp member decay``, by the words of the terminal."""

from __future__ import annotations

import time
from pathlib import Path

from robo_xp import RoboXP
from tests.cli.program import ANN, BOB, GUILD, Program

A_DAY = 86_400_000
ROLE = "500000000000000001"


def test_a_day_is_shown_taken_and_done(data_dir: Path) -> None:
    """A dry run shows the same; the second run of a day says so; undo gives all back."""
    program = Program(data_dir)
    with RoboXP.open(data_dir) as robo:
        long_ago = int(time.time() * 1000) - 40 * A_DAY
        robo.xp.award(GUILD, ANN, channel_id="300000000000000001", at=long_ago)
        robo.xp.set(GUILD, ANN, 1_000)
        robo.xp.award(GUILD, BOB, channel_id="300000000000000001")
    assert program.refused("member", "decay")[0] == 4
    program("config", "set", "decay.afterDays", "30")
    program("config", "set", "decay.percent", "2.5")

    result = {"decayed": 1, "xp": 25, "alreadyDone": False}
    assert program.json("member", "decay", "--dry-run") == {**result, "seq": None, "dryRun": True}
    done = program.json("member", "decay")
    assert done == {**result, "seq": done["seq"], "dryRun": False}
    assert program.json("member", "decay") == {
        "decayed": 0, "xp": 0, "alreadyDone": True, "seq": None, "dryRun": False,
    }  # fmt: skip
    assert "today had its decay already" in program.for_people("member", "decay").stdout
    assert program.json("rank", ANN)["xp"] == 975
    assert program("undo", str(done["seq"])).returncode == 0
    assert program.json("rank", ANN)["xp"] == 1_000
    program("config", "set", "decay.exemptRoleIds", ROLE)
    assert "never, so nobody is exempt" in program("member", "decay").stderr
