"""``history``, ``events`` and ``undo``."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests.cli.program import ANN, BOB, GUILD, Program

HOSTILE = "\x1b[2J[red]\u202e=1+1"
CHANNEL = "300000000000000001"


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a store with three changes and a message."""
    with RoboXP.open(data_dir, durability="os", by="cli:alice") as robo:
        robo.xp.add(GUILD, ANN, 200, reason=HOSTILE)
        robo.xp.award(GUILD, BOB, channel_id=GUILD)
        robo.xp.set(GUILD, ANN, 5)
        robo.config.set_global({"xpRate": 2.0})
        robo.names.remember(GUILD, {ANN: "Zoë"})
    return Program(data_dir)


@contextmanager
def following(program: Program, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """The event stream while it is followed; ended at the latest when the test ends."""
    child = subprocess.Popen(
        [sys.executable, "-m", "robo_xp_cli", "events", "--follow", *words],
        env=program.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def test_looking_creates_nothing(data_dir: Path) -> None:
    """Without a vault there is no guild to look at, and nothing is made."""
    program = Program(data_dir)

    assert program.refused("history")[:2] == (3, "GUILD_NOT_FOUND")
    assert program.refused("events")[:2] == (3, "GUILD_NOT_FOUND")
    assert program.json("history", "--giveaways") == []
    assert program("events", "--giveaways", "--limit", "3").stdout == ""
    assert program.refused("undo", "1", "--dry-run")[:2] == (3, "GUILD_NOT_FOUND")
    assert not data_dir.exists()


def test_history(program: Program) -> None:
    """Changes, newest first; awards, members, limits and the global defaults when asked for."""
    rows = program.json("history")
    assert [(row["seq"], row["cmd"], row["by"]) for row in rows] == [
        (3, "xp set", "cli:alice"),
        (1, "xp give", "cli:alice"),
    ]
    assert {*rows[0]} >= {"seq", "ts", "by", "cmd", "reason", "members", "delta", "undoes"}
    assert (rows[1]["reason"], rows[1]["members"], rows[1]["delta"]) == (HOSTILE, 1, 200)
    assert [row["seq"] for row in program.json("history", "--awards", "--limit", "2")] == [3, 2]
    assert [row["seq"] for row in program.json("history", "--awards", "--user", BOB)] == [2]
    [shared] = program.json("history", "--global")
    assert shared["cmd"] == "config set"


def test_history_tells_changes_apart(data_dir: Path) -> None:
    """Every change says what it did, by names where they are known; none reads like another."""
    program = Program(data_dir)
    role = "300000000000000002"
    with RoboXP.open(data_dir, durability="os", by="cli:alice") as robo:
        robo.names.remember(GUILD, {ANN: "Zoë"})
        robo.names.remember(GUILD, {role: "Regular"}, "roles")
        robo.xp.add(GUILD, ANN, 250)
        robo.xp.set(GUILD, BOB, 40)
        robo.rewards.add(GUILD, 10, role)
        robo.rewards.remove(GUILD, 10)
        robo.config.set(GUILD, {"cooldownSeconds": 60})
        robo.config.set(GUILD, {"cooldownSeconds": 30})
        robo.multipliers.set_role(GUILD, role, 2)
        robo.xp.delete(GUILD, [ANN, BOB])
    assert [row["what"] for row in reversed(program.json("history"))] == [
        "Zoë +250 XP, now 250, level 0 → 1",
        f"{BOB} 0 → 40 XP",
        "role @Regular at level 10",
        "no role @Regular at level 10",
        "cooldownSeconds not set → 60",
        "cooldownSeconds 60 → 30",
        "multipliers.role.@Regular not set → 2",
        f"Zoë, {BOB} deleted with 290 XP",
    ]
    [mine, _] = program.json("history", "--user", BOB)
    assert (mine["members"], mine["delta"]) == (1, -40)
    assert mine["what"] == f"{BOB} deleted with 40 XP"


def test_history_of_giveaways_tells_changes_apart(data_dir: Path) -> None:
    """Starts, entries, edits, draws and rerolls name the prize and what became of it."""
    program = Program(data_dir)
    program("giveaway", "start", "Nitro", "--channel", CHANNEL, "--duration", "2d")
    [row] = program.json("giveaway", "list")
    program("giveaway", "enter", row["id"], ANN, BOB)
    program("giveaway", "edit", row["id"], "--winners", "2")
    program("giveaway", "leave", row["id"], BOB)
    program("giveaway", "end", row["id"], "--yes")
    told = [row["what"] for row in reversed(program.json("history", "--giveaways"))]
    assert told == [
        "Nitro: 1 winner",
        f"Nitro: {ANN}, {BOB} entered",
        "Nitro: winners count 1 → 2",
        f"Nitro: {BOB} left",
        f"Nitro: won by {ANN}",
    ]


def test_times_are_told_as_times(data_dir: Path) -> None:
    """Of a giveaway and of a boost: no line for people has a number of milliseconds."""
    program = Program(data_dir)
    program("giveaway", "start", "Nitro", "--channel", CHANNEL, "--duration", "2d")
    [row] = program.json("giveaway", "list")
    program("giveaway", "edit", row["id"], "--ends", "5h")
    program("boost", "add", "2", "--from", "2030-01-02T03:04Z", "--for", "1h")

    shown = program.json("history", "show", "2", "--giveaways")
    time = "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}"
    assert re.fullmatch(f"Nitro: ends at {time} UTC → {time} UTC", shown["what"])
    for words in (("2", "--giveaways"), ("1",)):
        told = program.for_people("history", "show", *words).stdout
        assert not re.search(r"\b1[0-9]{12}\b|1,[0-9]{3},[0-9]{3}", told)


@pytest.mark.parametrize(
    ("words", "seqs"),
    [
        (("--by", "alice"), [3, 1]),
        (("--by", "cli:bob"), []),
        (("--cmd", "xp"), [3, 1]),
        (("--cmd", "xp set"), [3]),
        (("--cmd", "x"), []),
        (("--since", "2h", "--awards"), [3, 2, 1]),
        (("--until", "2h", "--awards"), []),
    ],
)
def test_history_by_time_actor_and_command(
    program: Program, words: tuple[str, ...], seqs: list[int]
) -> None:
    """Only the changes of that time, actor or command are listed."""
    assert [row["seq"] for row in program.json("history", *words)] == seqs


def test_history_show(program: Program) -> None:
    """One change is shown whole: who, when, and for each part the old and the new value."""
    shown = program.json("history", "show", "3")
    assert (shown["seq"], shown["cmd"], shown["members"]) == (3, "xp set", 1)
    xp, level = shown["changes"]
    assert xp == {
        "kind": "xpChange",
        "userId": ANN,
        "name": "Zoë",
        "old": 200,
        "new": 5,
        "delta": -195,
    }
    assert (level["kind"], level["old"], level["new"]) == ("levelDown", 1, 0)
    [setting] = program.json("history", "show", "1", "--global")["changes"]
    assert (setting["key"], setting["old"], setting["new"]) == ("xpRate", None, 2.0)
    assert program.refused("history", "show", "99")[:2] == (3, "BATCH_NOT_FOUND")
    assert program.refused("history", "show")[0] == 2
    seen = program.for_people("history", "show", "3").stdout
    assert "Zoë" in seen and "xp set" in seen


def test_undo_last(program: Program) -> None:
    """The newest change that stands is meant, an undo is none; without a word it is asked for."""
    assert program.refused("undo")[:2] == (4, "NEEDS_CONFIRMATION")
    assert program.json("undo", "last", "--dry-run")["undone"] == 3
    assert program.json("undo", "--yes")["undone"] == 3
    assert program.json("undo", "last")["undone"] == 1
    assert program.refused("undo", "last")[:2] == (3, "BATCH_NOT_FOUND")


@pytest.mark.parametrize("columns", [80, 200])
def test_history_on_a_terminal(program: Program, columns: int) -> None:
    """The table fits, and a reason is shown for what it is, without being obeyed."""
    program("undo", "3")
    seen = program.on_terminal("history", "--no-color", columns=columns)
    text = "".join(seen.lines)

    assert len({len(line) for line in seen.lines}) == 1
    assert len(seen.lines[0]) <= columns
    assert b"\x1b[2J" not in seen.raw and "\u202e".encode() not in seen.raw
    assert "undo of 3" in text
    assert r"\x1b[2J[red]\u202e=1+1" in text or columns == 80


def test_where_the_last_cannot_be_undone_the_one_before_is_named(program: Program) -> None:
    """After what nothing takes back, an erasure or the start of a giveaway, ``undo last`` is
    refused and names the newest change before it that can be taken back.
    """
    program("member", "erase", BOB, "--yes")
    erased = program("undo", "last")
    assert (erased.returncode, "robo-xp undo 3 (xp set" in erased.stderr) == (4, True)
    assert program.json("undo", "3")["undone"] == 3

    program("giveaway", "settings", "set", "defaults.winners", "3")
    started = program("giveaway", "start", "Nitro", "--channel", CHANNEL, "--duration", "1d")
    assert started.returncode == 0
    drawn = program("undo", "last", "--giveaways")
    assert (drawn.returncode, "robo-xp undo 1 --giveaways" in drawn.stderr) == (4, True)
    assert program.json("undo", "1", "--giveaways")["undone"] == 1


def test_undo(program: Program) -> None:
    """An undo says what it did, can be tried out before, and is undone by its number."""
    before = program.bytes()
    trial = program.json("undo", "3", "--dry-run")
    assert program.bytes() == before
    assert {key: trial[key] for key in ("undone", "seq", "members", "dryRun")} == {
        "undone": 3,
        "seq": None,
        "members": 1,
        "dryRun": True,
    }
    done = program.json("undo", "3", "--reason", "typo")
    assert (done["undone"], done["seq"], done["members"], done["delta"]) == (3, 4, 1, 195)
    [newest, undone, _] = program.json("history")
    assert (newest["cmd"], newest["undoes"], newest["reason"]) == ("undo", 3, "typo")
    assert undone["undoneBy"] == 4
    assert program.refused("undo", "3")[:2] == (4, "ALREADY_UNDONE")
    assert program.json("undo", "1", "--global")["seq"] == 2


@pytest.mark.parametrize(
    ("words", "code", "name"),
    [
        (("undo", "99"), 3, "BATCH_NOT_FOUND"),
        (("undo", "0"), 2, "INVALID_AMOUNT"),
        (("undo", "first"), 2, "INVALID_AMOUNT"),
        (("undo", "1"), 4, "UNDO_UNCLEAR"),
        (("undo", "1", "--giveaways", "--global"), 2, "USAGE"),
        (("events", "--type", "levelup"), 2, "USAGE"),
        (("events", "--since", "soon"), 2, "INVALID_VALUE"),
        (("history", "--user", "nobody"), 3, "USER_NOT_FOUND"),
    ],
)
def test_refusals(program: Program, words: tuple[str, ...], code: int, name: str) -> None:
    """What cannot be is refused with its exit code; an unclear undo names the later change."""
    found, told, message = program.refused(*words)

    assert (found, told) == (code, name)
    assert name != "UNDO_UNCLEAR" or "batch 3" in message


def test_past_events(program: Program) -> None:
    """One object on each line, narrowed by type, member, time and number."""
    lines = program("events").stdout.splitlines()
    assert [(json.loads(line)["seq"], json.loads(line)["type"]) for line in lines] == [
        (1, "xpChange"),
        (1, "levelUp"),
        (2, "xpChange"),
        (3, "xpChange"),
        (3, "levelDown"),
    ]
    words = ("--type", "levelUp", "--type", "levelDown", "--user", "Zoë", "--since", "1h")
    narrowed = program("events", *words, "--limit", "1").stdout.splitlines()
    assert [json.loads(line)["type"] for line in narrowed] == ["levelDown"]
    assert program("events", "--since", "2099-01-01").stdout == ""
    assert json.loads(program("events", "--global").stdout)["key"] == "xpRate"


def test_events_on_a_terminal(program: Program) -> None:
    """People get sentences with names, and no control character of a reason."""
    seen = program.on_terminal("events", columns=200)

    assert "#1 Zoë: +200 XP, now 200" in seen.lines[0]
    assert seen.lines[1].endswith("by cli:alice")
    assert b"\x1b[2J" not in seen.raw


def test_following_shows_new_events_at_once_and_ends_with_ctrl_c(program: Program) -> None:
    """After the past that was asked for, each event comes when it is committed."""
    with following(program, "--limit", "1") as child:
        assert child.stdout is not None and child.stderr is not None
        assert json.loads(child.stdout.readline())["type"] == "levelDown"
        with RoboXP.open(program.data_dir) as robo:
            robo.xp.add(GUILD, BOB, 7)
        assert json.loads(child.stdout.readline())["delta"] == 7
        child.send_signal(signal.SIGINT)

        assert child.wait(20) == 130
        assert child.stderr.read() == b""


def test_events_of_all_stores_and_guilds(program: Program) -> None:
    """Past events of all come in the order of time, and those of a store that begins are heard."""
    other = "100000000000000008"
    with RoboXP.open(program.data_dir, durability="os") as robo:
        robo.xp.add(GUILD, ANN, 9, store="season")
        robo.xp.add(other, ANN, 8)
    lines = program("events", "--all-stores", "--type", "xpChange").stdout.splitlines()
    stores = [json.loads(line)["storeId"] for line in lines]
    assert stores == ["default", "default", "default", "season"]
    last = program("events", "--all-stores", "--all-guilds", "--limit", "1").stdout
    assert json.loads(last)["guildId"] == other
    assert program.refused("events", "--global", "--all-guilds")[0] == 2
    with following(program, "--all-stores", "--limit", "1") as child:
        assert child.stdout is not None
        assert json.loads(child.stdout.readline())["storeId"] == "season"
        with RoboXP.open(program.data_dir) as robo:
            robo.xp.add(GUILD, BOB, 7, store="later")
        assert json.loads(child.stdout.readline())["storeId"] == "later"


def test_following_ends_when_nobody_reads_any_more(program: Program) -> None:
    """The program leaves as soon as the pipe is closed, though no event comes to be written."""
    with following(program, "--limit", "1") as child:
        assert child.stdout is not None and child.stderr is not None
        child.stdout.readline()
        child.stdout.close()

        assert child.wait(20) == 141
        assert child.stderr.read() == b""
        child.stdout = open(os.devnull, "rb")


def test_events_of_giveaways_say_what_happened(data_dir: Path) -> None:
    """On a terminal each names the prize as it was then, the members and the winners."""
    members = [f"20000000000000000{number}" for number in range(1, 6)]
    with RoboXP.open(data_dir, durability="os", by="test") as robo:
        robo.names.remember(GUILD, {members[0]: "Ada", members[1]: "Gr\x1b[2Jace"})
        mug = robo.giveaways.create(GUILD, prize="Mug", channel_id=CHANNEL, duration="2d")
        for member in members[:2]:
            robo.giveaways.enter(GUILD, mug.id, member)
        robo.giveaways.leave(GUILD, mug.id, members[1])
        robo.giveaways.edit(GUILD, mug.id, prize="Teapot")
        robo.giveaways.end(GUILD, mug.id)
        empty = robo.giveaways.create(GUILD, prize="Hat", channel_id=CHANNEL, duration="2d")
        robo.giveaways.end(GUILD, empty.id)
    seen = Program(data_dir).on_terminal("events", "--giveaways", columns=120)
    told = [line.split(" ", 3)[-1].removesuffix(" by test") for line in seen.lines]

    assert told[0].startswith("'Mug' started, 1 winner, until 2")
    assert told[1:6] == [
        "Ada entered 'Mug'",
        r"Gr\x1b[2Jace entered 'Mug'",
        r"Gr\x1b[2Jace left 'Mug'",
        "'Mug': prize Mug -> Teapot",
        "'Teapot' ended, won by Ada",
    ]
    assert told[7] == "'Hat' ended, nobody won"
