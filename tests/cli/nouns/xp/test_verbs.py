"""``xp`` and ``rank``: JSON keys, exit codes, dry runs, and what people see."""

from __future__ import annotations

from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.machine.daemon_lock import DaemonLock
from robo_xp.vault import Origin
from tests.cli.program import ANN, BOB, CARL, GUILD, Program

HOSTILE = "\x1b[2J\u202eZo\u00eb[red]"
WHERE = {"guildId": GUILD, "storeId": "default"}


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a store with three members, one of them with a name that is an attack."""
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.xp.add(GUILD, ANN, 5_500)
        robo.xp.award(GUILD, BOB, channel_id="300000000000000001", at=1_750_000_000_000)
        robo.xp.set(GUILD, CARL, 0)
        robo.names.remember(GUILD, {ANN: "Ann", BOB: HOSTILE})
    return Program(data_dir)


# -- changes --------------------------------------------------------------------------------


def test_give_remove_set(data_dir: Path) -> None:
    """Each says the totals and levels before and after, and the number of its change."""
    program = Program(data_dir)
    given = program.json("xp", "give", f"<@{ANN}>", "1.5k", "--reason", "quiz")
    taken = program.json("xp", "remove", ANN, "1_000")
    fixed = program.json("xp", "set", ANN, "0")

    assert given == {
        **WHERE,
        "userId": ANN,
        "oldXp": 0,
        "newXp": 1_500,
        "delta": 1_500,
        "oldLevel": 0,
        "newLevel": 4,
        "leveledUp": True,
        "leveledDown": False,
        "capped": False,
        "seq": 1,
        "dryRun": False,
    }
    assert (taken["newXp"], taken["leveledUp"], taken["leveledDown"]) == (500, False, True)
    assert (fixed["newXp"], fixed["newLevel"], fixed["seq"]) == (0, 0, 3)
    [first, *_] = reversed(program.json("history"))
    assert (first["cmd"], first["reason"], first["by"][:4]) == ("xp give", "quiz", "cli:")


@pytest.mark.parametrize(
    "words",
    [
        ("xp", "give", ANN, "5"),
        ("xp", "remove", ANN, "5"),
        ("xp", "set", CARL, "5"),
        ("xp", "recalc", "--all"),
        ("xp", "delete", "--all"),
    ],
)
def test_a_dry_run_leaves_every_byte(program: Program, words: tuple[str, ...]) -> None:
    """The result is marked, and no file differs."""
    before = program.bytes()
    result = program.json(*words, "--dry-run")

    assert (result["seq"], result["dryRun"]) == (None, True)
    assert program.bytes() == before


def test_what_is_refused(program: Program) -> None:
    """Each refusal has its exit code, and changes nothing."""
    before = program.bytes()
    refusals = {
        ("xp", "give", ANN, "0"): (2, "INVALID_AMOUNT"),
        ("xp", "give", ANN, "9007199254740991"): (4, "LIMIT_EXCEEDED"),
        ("xp", "remove", "200000000000000009", "5"): (3, "USER_NOT_FOUND"),
        ("xp", "set", "nobody", "5"): (3, "USER_NOT_FOUND"),
        ("xp", "recalc"): (2, "USAGE"),
        ("xp", "delete", ANN, "--all", "--yes"): (2, "USAGE"),
        ("xp", "delete", ANN): (4, "NEEDS_CONFIRMATION"),
        ("xp", "delete", ANN, "200000000000000009", "--yes"): (3, "USER_NOT_FOUND"),
        ("rank", "200000000000000009"): (3, "USER_NOT_FOUND"),
        ("xp", "list", "--sort", "name"): (2, "USAGE"),
    }

    assert {words: program.refused(*words)[:2] for words in refusals} == refusals
    assert program.bytes() == before


def test_recalc(program: Program) -> None:
    """One member is the object itself, several are results, and all are those of the store."""
    one = program.json("xp", "recalc", "Ann")
    two = program.json("xp", "recalc", ANN, BOB)
    everybody = program.json("xp", "recalc", "--all")

    levels = {"oldLevel": 9, "newLevel": 9, "totalXp": 5_500, "reconciled": False}
    assert one == {
        **WHERE,
        "userId": ANN,
        "name": "Ann",
        **levels,
        "seq": one["seq"],
        "dryRun": False,
    }
    assert two["results"][0] == {"userId": ANN, **levels}
    assert [row["userId"] for row in two["results"]] == [ANN, BOB]
    assert {row["userId"] for row in everybody["results"]} == {ANN, BOB, CARL}
    assert set(everybody) == {"guildId", "storeId", "seq", "dryRun", "results"}


def test_deleting_and_having_them_back(program: Program) -> None:
    """The question names whom; the way back is told, and works."""
    asked = program.on_terminal("xp", "delete", ANN, BOB, columns=250, answers=["y"])
    bob = rf"\x1b[2J\u202eZoë[red] ({BOB})"
    assert f"Delete the records of Ann ({ANN}), {bob} in store default" in asked.lines[0]
    assert asked.lines[-1].startswith("to have them back: robo-xp undo ")
    assert [row["userId"] for row in program.json("xp", "list")] == [CARL]

    program.json(*asked.lines[-1].split()[-2:])
    deleted = program.json("xp", "delete", "--all", "--yes")
    assert deleted == {**WHERE, "deleted": 3, "seq": deleted["seq"], "dryRun": False}


def test_saying_no(program: Program) -> None:
    """Whoever does not say yes keeps everything."""
    before = program.bytes()
    asked = program.on_terminal("xp", "delete", "--all", answers=["n"])

    assert asked.code == 4
    assert program.bytes() == before


# -- looking --------------------------------------------------------------------------------


def test_rank(program: Program) -> None:
    """A member by name, with rank and progress; without XP the rank is null."""
    assert program.json("rank", "ann") == {
        "userId": ANN,
        "name": "Ann",
        "xp": 5_500,
        "level": 9,
        "messages": 0,
        "xpMessages": 0,
        "voiceSeconds": 0,
        "lastAwardedAt": 0,
        "hidden": False,
        "rank": 1,
        "total": 2,
        "progress": {"level": 9, "inLevel": 925, "toNext": 175, "percentage": 84.1},
    }
    carl = program.json("xp", "show", CARL)
    assert (carl["rank"], carl["total"], "name" in carl) == (None, 2, False)


def test_rank_for_people(program: Program) -> None:
    """Level, bar, XP with separators, rank and last award fit 80 columns; nothing hides."""
    seen = program.on_terminal("rank", BOB)
    text = "\n".join(seen.lines)

    assert b"\x1b[2J" not in seen.raw
    assert f"\\x1b[2J\\u202eZo\u00eb[red] ({BOB})" in text
    assert "0  \u2588\u2588" in text
    assert "rank        2 of 2" in text
    assert "(2025-06-15 15:06)" in text
    ann = "\n".join(program.on_terminal("rank", ANN).lines)
    assert "175 XP to go, 925 of 1,100 done" in ann
    assert "last award  never" in ann


def test_list(program: Program) -> None:
    """Bounds, orders and cuts; what was cut off is told on stderr; ids are for scripts."""
    rows = program.json("xp", "list", "--sort", "last")
    assert [row["userId"] for row in rows] == [BOB, ANN, CARL]
    assert rows[2] == {
        "userId": CARL,
        "xp": 0,
        "level": 0,
        "messages": 0,
        "xpMessages": 0,
        "voiceSeconds": 0,
        "lastAwardedAt": 0,
        "hidden": False,
    }
    assert program("xp", "list", "--min-level", "1", "-o", "ids").stdout == f"{ANN}\n"
    cut = program("xp", "list", "--max-xp", "5k", "--limit", "1", "-o", "csv")
    header, row = cut.stdout.splitlines()
    assert header == "userId,name,xp,level,messages,xpMessages,lastAwardedAt,hidden,voiceSeconds"
    assert row.split(",")[0] == BOB
    assert cut.stderr == "1 of 2 members shown\n"
    assert program.refused("xp", "list", "--store", "season-2")[:2] == (3, "STORE_NOT_FOUND")
    nobody = Program(program.data_dir, "100000000000000008")
    assert nobody.refused("xp", "list")[:2] == (3, "GUILD_NOT_FOUND")


@pytest.mark.parametrize("columns", [80, 200])
def test_list_for_people(program: Program, columns: int) -> None:
    """The table fits the terminal, ids whole, attacks visible."""
    seen = program.on_terminal("xp", "list", columns=columns)

    assert b"\x1b[2J" not in seen.raw
    assert all(len(line) <= columns for line in seen.lines)
    assert sum(ANN in line or BOB in line or CARL in line for line in seen.lines) == 3
    assert any("earning XP" in line for line in seen.lines) == (columns == 200)


# -- what Discord is told later ---------------------------------------------------------------

LATER = "the daemon is not running, Discord will be updated when it starts"
ROLE = "300000000000000009"


def followed(data_dir: Path, *, rewards: bool = False, announced: bool = False) -> Program:
    """The program on a vault that a daemon followed before, and that is not followed now."""
    with RoboXP.open(data_dir, durability="os") as robo:
        with robo.vault.namespace("cursors").transaction(Origin("daemon", "follow")) as transaction:
            transaction.put("starts", "1", {"at": transaction.ts})
        if rewards:
            robo.rewards.add(GUILD, 3, ROLE)
        if announced:
            robo.config.set(GUILD, {"announcements": {"mode": "same"}})
    return Program(data_dir)


def test_who_moves_a_level_hears_that_discord_is_told_later(data_dir: Path) -> None:
    """With role rewards and no daemon each command that moves levels says so, on stderr only."""
    program = followed(data_dir, rewards=True)
    told = [
        program(*words)
        for words in (
            ("xp", "give", ANN, "1000"),
            ("xp", "remove", ANN, "900"),
            ("xp", "set", ANN, "2000"),
            ("xp", "recalc", ANN),
            ("xp", "recalc", "--all"),
            ("xp", "delete", ANN, "--yes"),
            ("undo", "7", "--yes"),
        )
    ]
    rows = program("xp", "apply", "-", stdin=f"user,op,amount\n{BOB},give,500\n".encode())

    for run in (*told, rows):
        assert run.returncode == 0, run.stderr
        assert (LATER in run.stderr, LATER in run.stdout) == (True, False), run.args


@pytest.mark.parametrize(
    ("rewards", "announced", "words", "is_told"),
    [
        (True, False, ("give", ANN, "1000"), True),
        (False, True, ("give", ANN, "1000"), True),
        (False, True, ("remove", CARL, "900"), False),  # a fall is not announced
        (False, False, ("give", ANN, "1000"), False),  # nothing follows from levels
        (True, True, ("give", ANN, "1"), False),  # no level moved
        (True, True, ("give", ANN, "1000", "--dry-run"), False),
        (True, True, ("give", ANN, "1000", "--quiet"), False),
        (True, False, ("give", ANN, "1000", "--store", "other"), False),  # it earns no roles
    ],
)
def test_when_discord_is_told_later(
    data_dir: Path, rewards: bool, announced: bool, words: tuple[str, ...], is_told: bool
) -> None:
    """Only where a level moved and something follows from that."""
    program = followed(data_dir, rewards=rewards, announced=announced)
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.xp.set(GUILD, CARL, 1000)
    done = program("xp", *words)

    assert done.returncode == 0, done.stderr
    assert (LATER in done.stderr) == is_told


def test_nobody_hears_of_a_daemon_that_is_there_or_never_was(data_dir: Path) -> None:
    """A running daemon does it at once; one that never ran begins with the vault's present."""
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.rewards.add(GUILD, 3, ROLE)
    never = Program(data_dir)("xp", "give", ANN, "1000")
    program, lock = followed(data_dir), DaemonLock(data_dir)
    lock.take()
    running = program("xp", "give", BOB, "1000")
    lock.release()

    assert LATER not in never.stderr + running.stderr


def test_the_only_guild_needs_no_name(program: Program) -> None:
    """A vault with one guild means that one; with two the refusal lists them."""
    nobody = Program(program.data_dir, guild="")
    assert nobody.json("rank", ANN)["userId"] == ANN

    other = "100000000000000008"
    program("xp", "give", ANN, "5", "--guild", other)
    done = nobody("rank", ANN)
    assert done.returncode == 7
    assert f"the vault holds {other}, {GUILD}" in done.stderr


def test_many_members_are_one_change(program: Program) -> None:
    """Several members, also from stdin, are moved in one batch that says what became of each."""
    done = program.json("xp", "give", ANN, "-", "1,000", stdin=f"{BOB}\n\n{CARL}\n".encode())
    assert [one["userId"] for one in done["changes"]] == [ANN, BOB, CARL]
    assert {one["newXp"] - one["oldXp"] for one in done["changes"]} == {1_000}
    assert {one["seq"] for one in done["changes"]} == {done["seq"]}
    program.json("undo", str(done["seq"]))

    leveled = program.json("xp", "set", ANN, BOB, "--level", "3")
    assert [one["newLevel"] for one in leveled["changes"]] == [3, 3]
    assert program.json("xp", "set", ANN, "--level", "2")["newLevel"] == 2
    before = program.bytes()
    code, name, message = program.refused("xp", "give", "-", "5", stdin=b"nobody\n1234567890123456")
    assert (code, name) == (2, "INVALID_ROWS")
    assert "line 1" in message and "line 2" in message
    assert program.refused("xp", "give", "-", "5", stdin=b"\n") == (
        2, "INVALID_VALUE", "stdin names nobody",
    )  # fmt: skip
    assert program.refused("xp", "remove", ANN, "200000000000000099", "5")[0] == 3
    assert program.refused("xp", "set", "5")[:2] == (2, "USAGE")
    assert program.bytes() == before


def test_list_by_level_name_and_silence(program: Program) -> None:
    """Members are chosen by the highest level, a part of the name, and how long they are silent.

    Who never had an award is not silent: nothing is known of them.
    """
    with RoboXP.open(program.data_dir) as robo:
        robo.names.remember(GUILD, {ANN: "Ada Lovelace", BOB: "adam"})
    ids = ("-o", "ids")
    assert set(program("xp", "list", "--name", "ADA", *ids).stdout.split()) == {ANN, BOB}
    low = program.json("xp", "list", "--max-level", "0")
    assert low and all(row["level"] == 0 for row in low)
    silent = program.json("xp", "list", "--inactive", "1")
    assert {row["userId"] for row in silent} == {BOB}


def test_a_new_store_is_told(program: Program) -> None:
    """A change that begins a store or a guild says so, also in a dry run; a known one does not."""
    words = ("xp", "give", ANN, "5", "--store", "sesaon")
    assert "new store 'sesaon' begins here" in program(*words, "--dry-run").stderr
    assert "new store 'sesaon' begins here" in program(*words).stderr
    assert "begins here" not in program(*words).stderr
    elsewhere = program("config", "set", "xpRate", "2", "--guild", "100000000000000008")
    assert "new guild 100000000000000008 begins here" in elsewhere.stderr
    assert program("config", "set", "xpRate", "2", "--global").stderr == ""


def test_near_names_are_offered(program: Program) -> None:
    """A name that was not seen gets the nearest ones as a hint."""
    with RoboXP.open(program.data_dir) as robo:
        robo.names.remember(GUILD, {ANN: "Ada Lovelace"})
        robo.names.remember(GUILD, {GUILD[:-1] + "5": "Regular"}, "roles")
    assert "did you mean 'Ada Lovelace'?" in program("rank", "ada lovelase").stderr
    done = program("multiplier", "role", "@Regulr", "2")
    assert (done.returncode, "did you mean 'Regular'?" in done.stderr) == (3, True)
    assert program("multiplier", "role", "@regular", "2").returncode == 0


def test_a_gift_below_zero_leads_to_the_command_that_takes(program: Program) -> None:
    """The hint is the command to type, with what was typed."""
    done = program("xp", "give", ANN, BOB, "-1.5k", "--reason", "a b")

    assert done.returncode == 2
    assert f"to take XP away: robo-xp xp remove {ANN} {BOB} 1.5k --reason 'a b'" in done.stderr


def test_a_missing_option_stands_in_the_usage(program: Program) -> None:
    """A command that cannot do without an option says how it is written with it."""
    hint = program("xp", "why", ANN).stderr.splitlines()[1]

    assert hint == "hint: usage: robo-xp xp why [OPTIONS] USER --channel CHANNEL"
