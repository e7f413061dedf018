"""``backup restore`` of a part, ``backup show``, ``backup create --keep``, names of the list."""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path

import pexpect
import pytest

from robo_xp import RoboXP
from tests.cli.program import ANN, BOB, GUILD, Program
from tests.usecases.small import CHANNEL

OTHER = "100000000000000008"


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on two guilds, the first of them with two stores."""
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.xp.add(GUILD, ANN, 100)
        robo.xp.add(GUILD, BOB, 10, store="season")
        robo.xp.add(OTHER, ANN, 7)
        robo.config.set_global({"cooldownSeconds": 5})
    return Program(data_dir)


def everywhere(program: Program) -> list[int]:
    """The XP in each store."""
    with RoboXP.open(program.data_dir) as robo:
        return [
            robo.xp.get(GUILD, ANN),
            robo.xp.get(GUILD, BOB, store="season"),
            robo.xp.get(OTHER, ANN),
            robo.config.get_global()["cooldownSeconds"],
        ]


@pytest.mark.parametrize(
    ("part", "then"),
    [
        ((), [100, 10, 7, 5]),
        (("-g", GUILD), [100, 10, 8, 6]),
        (("-s", "season"), [101, 10, 8, 6]),
        (("-g", GUILD, "-s", "default"), [100, 11, 8, 6]),
        (("-g", OTHER), [101, 11, 7, 6]),
    ],
)
@pytest.mark.parametrize("source", ["file", "name", "latest", "moment"])
def test_a_part_comes_back_alone(
    source: str, part: tuple[str, ...], then: list[int], program: Program
) -> None:
    """One guild or one store goes back, from a file or in the past, and the rest stays."""
    made = program.json("backup", "create")
    where = {
        "file": (made["file"],),
        "name": (Path(made["file"]).name,),
        "latest": ("latest",),
        "moment": ("--at", str(made["createdAt"])),
    }[source]
    with RoboXP.open(program.data_dir, durability="os") as robo:
        while time.time() * 1000 < made["createdAt"] + 1:
            pass  # what is made in the same millisecond is of that moment too
        robo.xp.add(GUILD, ANN, 1)
        robo.xp.add(GUILD, BOB, 1, store="season")
        robo.xp.add(OTHER, ANN, 1)
        robo.config.set_global({"cooldownSeconds": 6})

    done = program.json("backup", "restore", *where, *part, "--yes")

    assert everywhere(program) == then
    changed = sum(now != old for now, old in zip(then, [101, 11, 8, 6], strict=True))
    assert len(done["namespaces"]) == changed
    assert program.json("vault", "check")["damaged"] == []


def test_what_is_not_in_a_backup(program: Program) -> None:
    """A guild or store that it does not hold, and a name that there is none of, are not found,
    before any question; nothing is changed.
    """
    program.json("backup", "create")
    with RoboXP.open(program.data_dir) as robo:
        robo.xp.add(GUILD, ANN, 1, store="later")
    before = program.bytes()

    for words, code in (
        (("latest", "-g", "100000000000000007"), "GUILD_NOT_FOUND"),
        (("latest", "-s", "later"), "STORE_NOT_FOUND"),
        (("nope",), "FILE_NOT_FOUND"),
    ):
        assert program.refused("backup", "restore", *words)[:2] == (3, code)
    assert program.refused("backup", "show", "nope")[:2] == (3, "FILE_NOT_FOUND")
    assert program.bytes() == before


def test_the_question_names_the_part(program: Program) -> None:
    """Whoever is asked reads which guild or store is replaced."""
    program.json("backup", "create")

    for words, named in (
        ((), "everything"),
        (("-g", GUILD), f"all of guild {GUILD}"),
        (("-s", "season"), f"store season of guild {GUILD}"),
    ):
        code, _, message = program.refused("backup", "restore", "latest", *words)
        assert code == 4 and f"Replace {named} in {program.data_dir} by" in message


def test_show_tells_what_is_inside(program: Program) -> None:
    """Date, guilds, stores and members, as of the backup; by a name of the list."""
    with RoboXP.open(program.data_dir) as robo:
        robo.xp.add(GUILD, ANN, 5, store="season")
        robo.giveaways.create(GUILD, prize="Nitro", channel_id=CHANNEL, duration="1d")
    made = program.json("backup", "create")
    with RoboXP.open(program.data_dir) as robo:
        robo.xp.delete(GUILD, ANN)

    shown = program.json("backup", "show", Path(made["file"]).name)

    assert shown == program.json("backup", "show", "latest")
    assert {key: shown[key] for key in ("file", "size", "createdAt", "batches")} == {
        key: made[key] for key in ("file", "size", "createdAt", "batches")
    }
    first, second = shown["guilds"]
    assert (first["guildId"], first["members"], first["stores"][0]["totalXp"]) == (OTHER, 1, 7)
    assert (second["members"], second["giveaways"], second["activeGiveaways"]) == (2, 1, 1)
    assert [(one["storeId"], one["members"], one["totalXp"]) for one in second["stores"]] == [
        ("default", 1, 100), ("season", 2, 15),
    ]  # fmt: skip
    assert shown["members"] == 3


def test_so_many_backups_are_kept(program: Program, tmp_path: Path) -> None:
    """``--keep`` removes the oldest that were named by the time, and nothing else."""
    place = tmp_path / "kept"
    own = program.json("backup", "create", str(place / "own.tar.gz"))["file"]
    made = [program.json("backup", "create", f"{place}/")["file"] for _ in range(3)]
    cut = Path(made[0])
    cut.write_bytes(cut.read_bytes()[:-9])

    last = program.json("backup", "create", f"{place}/", "--keep", "2")

    assert last["removed"] == [made[1]]
    assert sorted(map(str, place.iterdir())) == sorted([own, made[0], made[2], last["file"]])
    assert program.refused("backup", "create", own + "x", "--keep", "2")[0] == 2
    assert program.refused("backup", "create", "--keep", "0")[0] == 2


def test_a_backup_with_damage_drives_none_away(program: Program) -> None:
    """Where a namespace is damaged nothing is removed, since older backups have it whole."""
    first = program.json("backup", "create")["file"]
    (program.data_dir / "xp" / "default" / f"{OTHER}.journal").write_bytes(b"x\n" * 3)

    done = program("backup", "create", "--keep", "1", "--json")

    assert (done.returncode, json.loads(done.stdout)["removed"]) == (6, [])
    assert Path(first).exists()
    assert program.json("backup", "show", "latest")["file"] == first


def test_the_last_backup_with_something_stays(
    program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    """What a newer backup lacks, or has of another life only, keeps its last backup; the note
    names both, and what all newer ones have goes.
    """
    makes = ("backup", "create", "--keep", "1", "--json")
    first = json.loads(program(*makes).stdout)["file"]
    season = program.data_dir / "xp" / "season" / f"{GUILD}.journal"
    season.unlink()
    second = json.loads(program(*makes).stdout)["file"]
    for _ in range(4):
        program("xp", "give", BOB, "1", "-g", GUILD, "-s", "season")
    done = program(*makes)

    assert [f"xp/season/{GUILD} begins anew" in line for line in caplog.messages] == [True]
    assert json.loads(done.stdout)["removed"] == [second]
    assert f"{first} stays: no newer backup has xp/season/{GUILD} as it is there" in done.stderr
    assert program.json("backup", "restore", first, "-g", GUILD, "-s", "season", "--yes")
    assert everywhere(program)[1] == 10


def test_what_a_killed_restore_left_is_removed(program: Program) -> None:
    """While a restore runs its folder stays and is no warning; once it was killed the folder is
    one warning, one copy that names a person, and gone after the next restore.
    """
    program("backup", "create")
    program("xp", "give", ANN, "1", "-g", GUILD)
    child = pexpect.spawn(
        sys.executable,
        ["-m", "robo_xp_cli", "backup", "restore", "latest"],
        env=program.environment(),
        timeout=30,
    )
    child.expect("Replace")
    [folder] = program.data_dir.glob("restore-*.new")
    assert program.json("vault", "check")["warnings"] == []
    program.json("vault", "repair", "--yes")
    assert folder.is_dir()
    child.kill(signal.SIGKILL)
    child.wait()

    [warning] = program.json("vault", "check")["warnings"]
    assert warning["file"] == str(folder)
    done = program.json("member", "erase", ANN, "-g", OTHER, "--yes")
    assert [one for one in done["backups"] if "restore-" in one] == [str(folder)]
    assert program.json("backup", "restore", "latest", "--yes")["namespaces"]
    assert not folder.exists()


def test_giveaways_that_are_over_are_named_before_the_question(program: Program) -> None:
    """They stay over; with ``--reopen-giveaways`` they open again, and the record says so."""
    with RoboXP.open(program.data_dir) as robo:
        one = robo.giveaways.create(GUILD, prize="Nitro", channel_id=CHANNEL, duration="1d").id
        robo.giveaways.enter(GUILD, one, [ANN, BOB])
    program.json("backup", "create")
    winners = program.json("giveaway", "end", one, "--yes")["winners"]

    asked = program("backup", "restore", "latest")
    kept = program.json("backup", "restore", "latest", "--yes")
    status = program.json("giveaway", "info", one)["status"]
    opened = program.json("backup", "restore", "latest", "--yes", "--reopen-giveaways")

    assert asked.returncode == 4
    lines = asked.stderr.splitlines()
    assert f"Nitro ({one})" in lines[0] and "1 giveaway over" in lines[0]
    row = {"guildId": GUILD, "id": one, "prize": "Nitro", "status": "ended", "reopened": False}
    assert (kept["giveaways"], status) == ([row], "ended")
    assert opened["giveaways"] == [{**row, "reopened": True}]
    with RoboXP.open(program.data_dir) as robo:
        found = robo.giveaways.get(GUILD, one)
    assert found.is_active and found.restored is not None
    assert (found.restored["status"], found.restored["winners"]) == ("ended", winners)


def test_a_draw_is_known_after_any_chain_of_restores(program: Program) -> None:
    """Going back to before a giveaway, and then to a backup of it, forgets none of its winners."""
    program.json("backup", "create", str(program.data_dir.parent / "before.tar.gz"))
    with RoboXP.open(program.data_dir) as robo:
        one = robo.giveaways.create(GUILD, prize="Nitro", channel_id=CHANNEL, duration="1d").id
        robo.giveaways.enter(GUILD, one, [ANN, BOB])
    program.json("backup", "create", str(program.data_dir.parent / "open.tar.gz"))
    winners = program.json("giveaway", "end", one, "--yes")["winners"]

    for name in ("before", "before", "open"):
        program.json("backup", "restore", str(program.data_dir.parent / f"{name}.tar.gz"), "--yes")
        assert program("vault", "check").returncode == 0
        if name == "before":
            assert program("giveaway", "info", one).returncode == 3

    told = program.json("giveaway", "info", one)["restored"]
    assert (told["status"], told["winners"]) == ("ended", winners)
    for words in (["verify", one], ["end", one, "--yes"], ["verify", one]):
        done = program("giveaway", *words, "--json")
        assert done.returncode == (4 if words[0] == "verify" else 0)
    assert winners[0] in json.loads(done.stdout)["faults"][0]["message"]
    assert program("vault", "check").returncode == 0
    assert program("vault", "compact").returncode == 0
    assert program("vault", "check").returncode == 0
