"""``robo-xp member decay``, by the words of the terminal."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from robo_xp import RoboXP
from tests.cli.program import ANN, BOB, GUILD, Program
from tests.cli.stand_in import standing_in

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


def away_with_exempt_roles(data_dir: Path) -> Program:
    """Ann and Bob are away for long with 1,000 XP each, and a role is exempt."""
    with RoboXP.open(data_dir) as robo:
        for who in (ANN, BOB):
            long_ago = int(time.time() * 1000) - 40 * A_DAY
            robo.xp.award(GUILD, who, channel_id="300000000000000001", at=long_ago)
            robo.xp.set(GUILD, who, 1_000)
        exempt = {"afterDays": 30, "amount": 50, "exemptRoleIds": [ROLE]}
        robo.config.set(GUILD, {"decay": exempt})
    return Program(data_dir)


def test_a_running_daemon_says_who_is_exempt(data_dir: Path) -> None:
    """It takes what the day takes, or shows it; its answer is the command's."""
    program, heard = away_with_exempt_roles(data_dir), []

    def by_the_daemon(said: Any) -> Any:
        heard.append(said)
        with RoboXP.open(data_dir, by="rest:unix:root") as robo:
            done = robo.decay.run(GUILD, exempt=[ANN], dry_run=said["dryRun"])
        return {"decayed": done.decayed, "xp": done.xp, "alreadyDone": done.already_done,
                "seq": done.seq, "dryRun": done.dry_run}  # fmt: skip

    with standing_in(data_dir) as daemon:
        daemon.change = by_the_daemon
        shown = program.json("member", "decay", "--dry-run")
        done = program.json("member", "decay", "--reason", "by hand")
        assert daemon.asked == [f"POST /api/xp/decay/{GUILD}?store=default"] * 2

    result = {"decayed": 1, "xp": 50, "alreadyDone": False}
    assert shown == {**result, "seq": None, "dryRun": True}
    assert done == {**result, "seq": done["seq"], "dryRun": False}
    assert heard == [{"dryRun": True}, {"dryRun": False, "reason": "by hand"}]
    assert [program.json("rank", who)["xp"] for who in (ANN, BOB)] == [1_000, 950]


def test_without_a_daemon_it_needs_a_yes(data_dir: Path) -> None:
    """The question says as of when exempt members are known; those seen then lose nothing."""
    program = away_with_exempt_roles(data_dir)
    assert program.json("member", "decay", "--dry-run")["decayed"] == 2
    before = program.bytes()
    code, name, said = program.refused("member", "decay")
    assert (code, name) == (4, "NEEDS_CONFIRMATION")
    assert "the daemon looked never, so nobody is exempt" in said
    assert "Take 100 XP from 2 members?" in said
    assert program.bytes() == before

    done = program("member", "decay", "--yes")

    assert done.returncode == 0
    assert "never, so nobody is exempt" in done.stderr
    assert [program.json("rank", who)["xp"] for who in (ANN, BOB)] == [950, 950]


def test_where_no_role_is_exempt_nobody_is_asked(data_dir: Path) -> None:
    """Neither the daemon that runs nor the operator."""
    program = away_with_exempt_roles(data_dir)
    program("config", "set", "decay.exemptRoleIds", "[]")
    with standing_in(data_dir) as daemon:
        assert program.json("member", "decay")["decayed"] == 2
        assert daemon.asked == []
