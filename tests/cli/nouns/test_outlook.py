"""What a running daemon knows of Discord: said at once by whatever would be refused there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import ANN, BOB, CARL, GUILD, Program
from tests.cli.stand_in import StandIn, standing_in

ROLE, CHANNEL = "400000000000000001", "300000000000000001"
TOO_HIGH = {"code": "hierarchy", "what": "the role is too high", "mend": "drag the bot's above it"}
NO_CHANNEL = {"code": "channel", "what": "that is no channel", "mend": "choose another one"}


@pytest.fixture
def program(data_dir: Path) -> Program:
    """A vault in which Ann and Bob have XP."""
    made = Program(data_dir)
    made("xp", "give", ANN, BOB, "100")
    return made


@pytest.fixture
def daemon(program: Program) -> Iterator[StandIn]:
    """A daemon whose Discord refuses a role and a channel, and has two members with the role."""
    base = "/api/daemon"
    with standing_in(program.data_dir) as made:
        made.answers |= {
            f"{base}/roles/{GUILD}/{ROLE}": answer(roleId=ROLE, dangerous=[], obstacle=TOO_HIGH),
            f"{base}/roles/{GUILD}/{ROLE}/members?store=default": answer(
                roleId=ROLE, userIds=[BOB, CARL], complete=False
            ),
        }
        for purpose in ("giveaway", "announcement"):
            where = f"{base}/channels/{GUILD}/{CHANNEL}?purpose={purpose}"
            made.answers[where] = answer(channelId=CHANNEL, obstacle=NO_CHANNEL)
        yield made


def answer(**data: Any) -> dict[str, Any]:
    """A success of the daemon."""
    return {"success": True, "data": data}


ROLE_DOUBT = f"careful: Discord would refuse it: the role is too high (role {ROLE}); drag"
CHANNEL_DOUBT = f"careful: Discord would refuse it: that is no channel (channel {CHANNEL}); choose"


@pytest.mark.parametrize(
    ("words", "doubt"),
    [
        (["reward", "add", "10", ROLE], ROLE_DOUBT),
        (["config", "set", "roleRewards", f"10={ROLE}"], ROLE_DOUBT),
        (["giveaway", "start", "Nitro", "--channel", CHANNEL, "--duration", "2d"], CHANNEL_DOUBT),
    ],
)
def test_doubts_are_told_at_once(
    program: Program, daemon: StandIn, words: list[str], doubt: str
) -> None:
    """The change is made, and what Discord would refuse stands beside it; in a dry run too."""
    for options in (["--dry-run"], []):
        done = program(*words, *options)

        assert done.returncode == 0
        assert doubt in done.stderr


def test_announcements_are_looked_at_when_both_are_set(program: Program, daemon: StandIn) -> None:
    """A channel alone is not announced in yet, and other settings ask nothing."""
    first = program("config", "set", "announcements.channelId", CHANNEL)
    program("config", "set", "cooldownSeconds", "30")
    assert not [one for one in daemon.asked if "/channels/" in one]

    second = program("config", "set", "announcements.mode", "channel")

    assert "careful" not in first.stderr
    assert CHANNEL_DOUBT in second.stderr


def test_a_file_is_looked_at_too(program: Program, daemon: StandIn, tmp_path: Path) -> None:
    """What applying it would set is asked about as a whole."""
    file = tmp_path / "guild.json"
    file.write_text(json.dumps({"roleRewards": [{"level": 5, "roleId": ROLE}]}))

    assert ROLE_DOUBT in program("config", "apply", str(file), "--yes").stderr


def test_nothing_is_asked_of_nobody(program: Program) -> None:
    """Without a daemon the same commands say nothing of Discord."""
    assert "careful" not in program("reward", "add", "10", ROLE).stderr


def test_xp_for_who_has_a_role(program: Program, daemon: StandIn) -> None:
    """One batch for all of them; from those without a record nothing can be taken."""
    given = program("xp", "give", "--role", ROLE, "50", "--json")
    taken = program.json("xp", "remove", "--role", f"<@&{ROLE}>", "150")
    made = program.json("xp", "set", "--role", ROLE, "--level", "1")
    program("xp", "delete", CARL, "--yes")
    program("xp", "delete", BOB, "--yes")

    moved = json.loads(given.stdout)
    assert [one["userId"] for one in moved["changes"]] == [BOB, CARL]
    assert [one["newXp"] for one in taken["changes"]] == [0, 0]
    assert [one["newLevel"] for one in made["changes"]] == [1, 1]
    assert len({moved["seq"], taken["seq"], made["seq"]}) == 3
    assert "members intent" in given.stderr
    assert program.refused("xp", "remove", "--role", ROLE, "5")[0] == 4


def test_a_role_needs_the_daemon(program: Program) -> None:
    """Without one it is refused (exit 4); beside members, or without either, it is wrong usage."""
    assert program.refused("xp", "give", "--role", ROLE, "5")[:2] == (4, "REFUSED")
    assert program.refused("xp", "give", ANN, "--role", ROLE, "5")[0] == 2
    assert program.refused("xp", "set", "5")[0] == 2
    assert program.refused("xp", "set", ANN)[0] == 2
    assert program.refused("xp", "give", "5")[0] == 2


def test_a_minus_leads_to_the_command_that_is_meant(program: Program) -> None:
    """Who gives less than nothing is told what takes XP away."""
    assert f"robo-xp xp remove {ANN} 500" in program("xp", "give", ANN, "-500").stderr
