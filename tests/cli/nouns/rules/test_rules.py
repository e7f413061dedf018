"""``reward``, ``multiplier`` and ``no-xp``: settings by their own nouns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import ANN, GUILD, Program
from tests.cli.stand_in import standing_in

BRONZE, SILVER = "400000000000000001", "400000000000000002"
CHANNEL = "300000000000000001"


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on nothing."""
    return Program(data_dir)


def done(seq: int | None, *keys: str) -> dict[str, object]:
    """What every change of settings says."""
    where = {"guildId": GUILD, "storeId": "default"}
    return {**where, "changed": list(keys), "seq": seq, "dryRun": seq is None}


def test_rewards(program: Program) -> None:
    """Added by id or mention, listed by level, removed, and switched."""
    ten, two = {"level": 10, "roleId": BRONZE}, {"level": 2, "roleId": SILVER}
    assert program.json("reward", "list") == []
    assert program.json("reward", "add", "10", f"<@&{BRONZE}>") == {
        **done(1, "roleRewards"),
        "rewards": [ten],
    }
    assert program.json("reward", "add", "2", SILVER)["rewards"] == [two, ten]
    assert program.json("reward", "list") == [two, ten]
    assert program.json("reward", "remove", "10")["rewards"] == [two]
    assert program.json("reward", "mode", "replace") == {
        **done(4, "rewardsMode"),
        "rewardsMode": "replace",
    }
    assert program.json("reward", "on-loss", "on", "--dry-run") == {
        **done(None, "removeRewardOnXpLoss"),
        "removeRewardOnXpLoss": True,
    }
    assert program("reward", "list", "-o", "ids").stdout == f"{SILVER}\n"


def test_dangerous_roles(program: Program, data_dir: Path) -> None:
    """The daemon is asked what the role may; the option says that it is meant."""
    with standing_in(data_dir) as daemon:
        daemon.answers[f"/api/daemon/roles/{GUILD}/{BRONZE}"] = {
            "success": True,
            "data": {"roleId": BRONZE, "dangerous": ["ban_members", "manage_roles"]},
        }
        refused = program("reward", "add", "5", BRONZE)
        added = program.json("reward", "add", "5", BRONZE, "--dangerous")
        listed = program("reward", "list")
    again = program.json("reward", "add", "5", BRONZE)

    assert refused.returncode == 4
    assert f"who has role {BRONZE} may ban members, manage roles" in refused.stderr
    assert "--dangerous" in refused.stderr
    may = f"careful: who has role {BRONZE} of level 5 may ban members, manage roles"
    assert f"{may}; it is given all the same\n" in listed.stderr
    entry = {"level": 5, "roleId": BRONZE, "dangerous": True}
    assert added["rewards"] == again["rewards"] == program.json("reward", "list") == [entry]


def test_no_way_of_setting_rewards_takes_a_dangerous_role(
    program: Program, data_dir: Path, tmp_path: Path
) -> None:
    """Neither settings nor a guild as a file; one that calls itself dangerous, or that was there
    before its permissions, passes, and doctor tells of it.
    """
    role = f"/api/daemon/roles/{GUILD}/{BRONZE}"
    entry = {"level": 5, "roleId": BRONZE}
    program("xp", "give", ANN, "1")
    file = tmp_path / "guild.json"
    file.write_text(json.dumps({"roleRewards": [entry]}))
    ways = (
        ("config", "set", "roleRewards", f"5={BRONZE}"),
        ("config", "set", "periods.prizes", json.dumps([{"kind": "week", "roleId": BRONZE}])),
        ("config", "set", "--global", "roleRewards", json.dumps([entry])),
        ("config", "import", str(file)),
        ("config", "apply", str(file), "--yes"),
    )
    with standing_in(data_dir) as daemon:
        daemon.answers[role] = {
            "success": True,
            "data": {"roleId": BRONZE, "dangerous": ["ban_members"], "obstacle": None},
        }
        refused = [program(*way) for way in ways]
        before = program.json("reward", "list")
        file.write_text(json.dumps({"roleRewards": [{**entry, "dangerous": True}]}))
        program("config", "import", str(file))
        meant = program.json("reward", "list")
        daemon.answers[role]["data"]["dangerous"] = []
        program("reward", "remove", "5")
        program("reward", "add", "5", BRONZE)
        daemon.answers[role]["data"]["dangerous"] = ["ban_members"]
        again = program("config", "set", "roleRewards", json.dumps([entry]))
        rows = {row["check"]: row for row in program.json("doctor")}

    assert [one.returncode for one in refused] == [4] * len(ways) and before == []
    assert meant == [{**entry, "dangerous": True}]
    assert again.returncode == 0
    assert rows["rewards"]["status"] == "warning"
    assert f"role {BRONZE} of guild {GUILD}" in rows["rewards"]["message"]
    assert "ban members" in rows["rewards"]["message"]


def test_a_role_at_two_levels_is_told(program: Program) -> None:
    """It is allowed, and a note says which level counts, now and in the list."""
    program("reward", "add", "1", BRONZE)
    added = program("reward", "add", "5", BRONZE)
    listed = program("reward", "list")

    note = f"careful: role {BRONZE} is the reward of levels 1, 5: only level 5 counts\n"
    assert (added.returncode, added.stderr, listed.stderr) == (0, note, note)


def test_multipliers(program: Program) -> None:
    """For guild, role, channel and member; what is not set is null or absent."""
    assert program.json("multiplier", "list") == {
        "server": None,
        "role": {},
        "channel": {},
        "user": {},
    }
    assert program.json("multiplier", "server", "1.5") == {
        **done(1, "multipliers.server"),
        "multipliers": {"server": 1.5, "role": {}, "channel": {}, "user": {}},
    }
    program.json("multiplier", "role", f"<@&{BRONZE}>", "2")
    program.json("multiplier", "channel", f"<#{CHANNEL}>", "0.5")
    program.json("multiplier", "user", f"<@{ANN}>", "0")
    held = {"server": 1.5, "role": {BRONZE: 2}, "channel": {CHANNEL: 0.5}, "user": {ANN: 0}}
    assert program.json("multiplier", "list") == held
    assert program("multiplier", "list", "-o", "csv").stdout.splitlines() == [
        "kind,id,name,factor",
        f"guild,{GUILD},,1.5",
        f"role,{BRONZE},,2",
        f"channel,{CHANNEL},,0.5",
        f"member,{ANN},,0",
    ]
    program.json("multiplier", "remove-role", BRONZE)
    program.json("multiplier", "remove-channel", CHANNEL)
    last = program.json("multiplier", "remove-user", ANN)
    assert last["multipliers"] == {"server": 1.5, "role": {}, "channel": {}, "user": {}}


def test_zones(program: Program) -> None:
    """Roles and channels, one at a time; adding twice changes nothing."""
    first = program.json("no-xp", "add-role", f"<@&{BRONZE}>")
    assert first == {**done(1, "noXpRoleIds"), "noXpRoleIds": [BRONZE], "noXpChannelIds": []}
    program.json("no-xp", "add-channel", f"<#{CHANNEL}>")
    again = program.json("no-xp", "add-channel", CHANNEL)
    assert (again["changed"], again["seq"]) == ([], None)
    assert program.json("no-xp", "list") == [
        {"kind": "role", "id": BRONZE},
        {"kind": "channel", "id": CHANNEL},
    ]
    program.json("no-xp", "remove-role", BRONZE)
    assert program("no-xp", "list", "-o", "ids").stdout == f"{CHANNEL}\n"


def test_what_is_refused(program: Program) -> None:
    """Each refusal has its exit code, and changes nothing."""
    program.json("reward", "add", "1", BRONZE)
    before = program.bytes()
    refusals = {
        ("reward", "add", "1", SILVER): (4, "DUPLICATE_REWARD"),
        ("reward", "add", "0", SILVER): (2, "INVALID_AMOUNT"),
        ("reward", "add", "2", GUILD): (2, "INVALID_ID"),
        ("reward", "remove", "9"): (3, "REWARD_NOT_FOUND"),
        ("reward", "mode", "both"): (2, "USAGE"),
        ("multiplier", "server", "11"): (2, "INVALID_CONFIG"),
        ("multiplier", "role", f"<@{BRONZE}>", "2"): (2, "INVALID_ID"),
        ("multiplier", "remove-channel", CHANNEL): (3, "NOT_FOUND"),
        ("multiplier", "remove-user", ANN): (3, "NOT_FOUND"),
        ("no-xp", "remove-channel", CHANNEL): (3, "NOT_FOUND"),
    }

    assert {words: program.refused(*words)[:2] for words in refusals} == refusals
    assert program.bytes() == before


def test_for_people(program: Program) -> None:
    """What was changed is a sentence, and lists say what holds for all rewards."""
    added = program.on_terminal("reward", "add", "3", BRONZE)
    same = program.on_terminal("reward", "add", "3", BRONZE)
    listed = program.on_terminal("reward", "list")

    assert added.lines[-1:] == [f"level 3 gives role {BRONZE}"]
    assert same.lines == ["nothing changes: it is set like that already"]
    assert listed.lines[-2:] == [
        "members keep all roles that they earned",
        "members who fall below a level keep its role",
    ]


@pytest.mark.parametrize(
    "words", [("multiplier", "server"), ("multiplier", "role", BRONZE), ("boost", "add")]
)
def test_a_factor_of_ten_thousand_digits_is_too_large(
    words: tuple[str, ...], program: Program
) -> None:
    """It is an invalid value like any other."""
    rest = ("--for", "2d") if words[0] == "boost" else ()
    done = program(*words, "9" * 10_000, *rest)

    assert done.returncode == 2 and "is too large" in done.stderr
