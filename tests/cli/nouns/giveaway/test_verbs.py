"""``robo-xp giveaway``: the contract of its JSON, its exit codes, and how it looks."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from robo_xp import RoboXP
from tests.cli.program import ANN, BOB, GUILD, Program
from tests.cli.stand_in import standing_in
from tests.rules.giveaway import second_draw
from tests.usecases.small import HandClock

CHANNEL = "300000000000000001"
ROLE = "400000000000000001"
THOUSAND = "\n".join(str(500000000000000000 + n) for n in range(1000)).encode()
LIMIT_SECONDS = 2.0


@pytest.fixture
def program(data_dir: Path) -> Program:
    return Program(data_dir)


def started(program: Program, *words: str) -> str:
    """The id of a new giveaway."""
    made = program.json(
        "giveaway", "start", "Nitro", "--channel", CHANNEL, "--duration", "2d", *words
    )
    return str(made["id"])


def test_a_giveaway_from_start_to_second_reroll(program: Program, tmp_path: Path) -> None:
    """From the terminal alone, with a thousand entries, proved at every step."""
    made = program.json(
        "giveaway", "start", "Nitro", "--channel", CHANNEL, "--duration", "2d", "--winners", "3"
    )
    giveaway = made["id"]
    assert made["status"] == "active" and made["pending"] == ["message", "announcement"]
    assert made["seq"] == 1
    assert made["secret"] is None and len(made["commitment"]) == 64
    assert program.json("giveaway", "verify", giveaway)["valid"]

    entered = program.json("giveaway", "enter", giveaway, "-", stdin=THOUSAND)
    receipts = entered.pop("receipts")
    assert len(set(receipts.values())) == 1000
    assert entered == {
        "id": giveaway,
        "entered": 1000,
        "already": 0,
        "refused": [],
        "entries": 1000,
        "seq": 2,
        "dryRun": False,
    }
    assert program.json("giveaway", "verify", giveaway)["valid"]

    ended = program.json("giveaway", "end", giveaway, "--yes")
    assert ended["status"] == "ended" and len(ended["winners"]) == 3 and ended["rerolls"] == []
    assert ended["pending"] == ["message", "announcement", "dm"] and ended["finalizedAt"]
    assert ended["commitment"] == made["commitment"]
    assert program.json("giveaway", "verify", giveaway)["winners"] == ended["winners"]

    program.json("giveaway", "reroll", giveaway, "--yes")
    again = program.json("giveaway", "reroll", giveaway, "--count", "2", "--yes")
    assert [len(batch) for batch in again["rerolls"]] == [3, 2]
    drawn = [*again["winners"], *(user for batch in again["rerolls"] for user in batch)]
    assert len(set(drawn)) == 8

    info = program.json("giveaway", "info", giveaway)
    assert info["entryCount"] == len(info["entries"]) == 1000
    assert second_draw.is_valid(info)
    found = program.json("giveaway", "verify", giveaway)
    assert found["valid"] and found["rerolls"] == again["rerolls"]

    file = tmp_path / "draw.json"
    file.write_text(program("giveaway", "export", giveaway).stdout)
    assert program.json("giveaway", "verify", str(file))["valid"]
    winner = ended["winners"][0]
    file.write_text(file.read_text().replace(f'"{winner}": 1', f'"{winner}": 2'))
    forged = program("giveaway", "verify", str(file), "--json")
    assert forged.returncode == 4
    assert json.loads(forged.stdout)["valid"] is False


def test_what_has_ended_is_refused_and_unchanged(program: Program) -> None:
    """Ending twice exits with 4 and changes no byte; so do entering, leaving and editing."""
    giveaway = started(program)
    program.json("giveaway", "enter", giveaway, ANN, BOB)
    program.json("giveaway", "end", giveaway, "--yes")
    before = program.bytes()

    for words in (
        ["end"],
        ["cancel", "--yes"],
        ["enter", CHANNEL],
        ["leave", ANN],
        ["edit", "--prize", "x"],
    ):
        verb, *rest = words
        code, name, _ = program.refused("giveaway", verb, giveaway, *rest)
        assert (code, name) == (4, "GIVEAWAY_NOT_ACTIVE"), words
    assert program.bytes() == before


@pytest.mark.parametrize(
    ("words", "code", "name"),
    [
        (["start", "x", "--channel", "<@12>"], 2, "INVALID_ID"),
        (["start", "x", "--channel", "#nowhere"], 3, "NOT_FOUND"),
        (["start", "x", "--channel", CHANNEL, "--duration", "5"], 2, "INVALID_DURATION"),
        (["start", "x", "--channel", CHANNEL, "--winners", "21"], 4, "LIMIT_EXCEEDED"),
        (["start", "x", "--channel", CHANNEL, "--bonus", ROLE], 2, "INVALID_VALUE"),
        (["start", "x", "--channel", CHANNEL, "--claim-rounds", "2"], 2, "INVALID_VALUE"),
        (["start", "x", "--channel", CHANNEL, "--drop", "--beacon", "drand"], 2, "INVALID_VALUE"),
        (["start", "x", "--channel", CHANNEL, "--require", "boosters"], 2, "INVALID_VALUE"),
        (["info", "01M7YJJ94WC4Q3344FK42H5P8Y"], 3, "GIVEAWAY_NOT_FOUND"),
        (["verify", "no-such-file.json"], 3, "FILE_NOT_FOUND"),
        (["list", "--active", "--all"], 2, "USAGE"),
        (["settings", "set", "limits.maxWinners", "101"], 2, "INVALID_CONFIG"),
    ],
)
def test_what_is_wrong_has_its_exit_code(
    program: Program, words: list[str], code: int, name: str
) -> None:
    """Nothing is stored, and scripts can tell why."""
    assert program.refused("giveaway", *words)[:2] == (code, name)
    assert not program.data_dir.exists() or set(program.bytes()) <= {"format.json"}


def test_without_a_guild_nothing_goes(data_dir: Path) -> None:
    """Which guild has to be said: exit code 7."""
    assert Program(data_dir, guild="").refused("giveaway", "list")[0] == 7


def test_entries_are_added_and_taken_out(program: Program) -> None:
    """Operators enter and take out; who may not enter is told why, with exit code 4."""
    giveaway = started(
        program, "--allow-role", ROLE, "--min-account-age", "30", "--bonus", f"{ROLE}=4"
    )
    young = str((int(time.time() * 1000) - 1_420_070_400_000) << 22)

    done = program("giveaway", "enter", giveaway, ANN, young, "--role", ROLE, "--json")
    assert done.returncode == 4
    result = json.loads(done.stdout)
    assert (result["entered"], result["refused"][0]["userId"]) == (1, young)
    assert [f["requirement"] for f in result["refused"][0]["faults"]] == ["accountAge"]

    again = program.json(
        "giveaway", "enter", giveaway, "-", stdin=f"{ANN}\n\n <@{BOB}>\r\n".encode()
    )
    assert (again["entered"], again["already"]) == (1, 1)
    rows = program.json("giveaway", "entries", giveaway)
    assert [(row["userId"], row["weight"]) for row in rows] == [(ANN, 5), (BOB, 1)]
    left = program.json("giveaway", "leave", giveaway, ANN, CHANNEL)
    assert (left["left"], left["absent"], left["entries"]) == (1, 1, 1)
    assert program("giveaway", "entries", giveaway, "-o", "ids").stdout == f"{BOB}\n"


@pytest.mark.parametrize("verb", ["info", "edit", "end", "cancel", "entries", "export"])
def test_an_empty_id_is_not_the_only_giveaway(program: Program, verb: str) -> None:
    """A script whose variable is empty is refused; only an ID that is left out means the one."""
    giveaway = started(program)
    more = {"edit": ["--prize", "Tea"], "end": ["--yes"], "cancel": ["--yes"]}.get(verb, [])
    before = program.bytes()

    for empty in ("", " "):
        assert program.refused("giveaway", verb, empty, *more)[:2] == (2, "INVALID_VALUE")
    assert program.bytes() == before
    found = program.json("giveaway", verb, *more)
    assert verb == "entries" or found["id"] == giveaway


@pytest.mark.parametrize("verb", ["enter", "leave"])
def test_an_empty_id_enters_nobody(program: Program, verb: str) -> None:
    """Where the ID has to be given, an empty one is refused too."""
    started(program)
    before = program.bytes()

    assert program.refused("giveaway", verb, "", ANN)[:2] == (2, "INVALID_VALUE")
    assert program.bytes() == before


def test_a_giveaway_is_verified_by_the_beginning_of_its_id(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As others find it; a file of that name comes first."""
    giveaway = started(program)
    program.json("giveaway", "end", giveaway, "--yes")
    begin = giveaway[:8]

    assert program.json("giveaway", "verify", begin)["id"] == giveaway
    assert program.refused("giveaway", "verify", "7ZZZZZ")[:2] == (3, "GIVEAWAY_NOT_FOUND")
    monkeypatch.chdir(tmp_path)
    (tmp_path / begin).write_text("no document")
    assert program.refused("giveaway", "verify", begin)[0] == 2


def test_requirements_that_are_mistyped(program: Program) -> None:
    """A key in the wrong case names the right one, and no value takes another's place unseen."""
    words = ["giveaway", "start", "x", "--channel", CHANNEL]

    code, _, message = program.refused(*words, "--require", "minlevel=5")
    twice = program.refused(*words, "--require", "minLevel=3", "--require", "minLevel=5")

    assert code == 2 and "did you mean 'minLevel'?" in message
    assert twice == (2, "INVALID_VALUE", "--require minLevel is there twice")


def test_lines_of_stdin_that_are_no_text(program: Program) -> None:
    """Bytes that are not UTF-8 are a fault of the input: nobody enters."""
    giveaway = started(program)
    before = program.bytes()

    for words in (["giveaway", "enter", giveaway, "-"], ["xp", "give", "-", "10"]):
        said = program.refused(*words, stdin=f"{ANN}\n".encode() + b"\xff\n")
        assert said == (2, "INVALID_VALUE", "stdin is not UTF-8 text")
    assert program.bytes() == before


def test_bad_lines_of_stdin_are_all_named(program: Program) -> None:
    """One line that names nobody enters nobody."""
    giveaway = started(program)
    before = program.bytes()

    code, name, message = program.refused(
        "giveaway",
        "enter",
        giveaway,
        "-",
        stdin=f"{ANN}\n12345678901234567890123\n@nobody\n".encode(),
    )

    assert (code, name) == (2, "INVALID_ROWS")
    assert "line 2" in message and "line 3" in message and "line 1:" not in message
    assert program.bytes() == before


def test_dry_runs_change_no_byte(program: Program) -> None:
    """Every change can be tried; a draw that is tried draws nobody."""
    giveaway = started(program)
    program.json("giveaway", "enter", giveaway, ANN, BOB)
    before = program.bytes()

    tried: dict[str, Any] = {
        verb: program.json("giveaway", verb, *rest, "--dry-run")
        for verb, *rest in (
            ["start", "x", "--channel", CHANNEL],
            ["enter", giveaway, CHANNEL],
            ["leave", giveaway, ANN],
            ["edit", giveaway, "--prize", "Book"],
            ["end", giveaway],
            ["cancel", giveaway],
            ["settings", "set", "defaults.winners", "2"],
        )
    }

    assert program.bytes() == before
    assert {(one["seq"], one["dryRun"]) for one in tried.values()} == {(None, True)}
    assert (tried["end"]["status"], tried["end"]["winners"]) == ("ended", [])
    assert tried["end"]["secret"] is None


def test_overdue_looks_overdue(program: Program) -> None:
    """A giveaway whose end has passed and that nobody has drawn is told as overdue."""
    long_ago = HandClock()
    with RoboXP.open(program.data_dir, clock=long_ago) as robo:
        late = robo.giveaways.create(GUILD, prize="Mug", channel_id=CHANNEL, duration="10m").id
    giveaway = started(program)
    listed = program.for_people("giveaway", "list").stdout
    assert listed.count("overdue since") == 1 and listed.count("until ") == 1
    assert "overdue" in program.for_people("giveaway", "info", late).stdout
    assert "overdue" not in program.for_people("giveaway", "info", giveaway).stdout


def test_a_draw_asks_for_a_yes(program: Program) -> None:
    """Ends and rerolls are asked about, with what no daemon means; what is wrong comes first."""
    giveaway = started(program)
    program.json("giveaway", "enter", giveaway, ANN, BOB)
    before = program.bytes()
    code, name, message = program.refused("giveaway", "end", giveaway)
    assert (code, name) == (4, "NEEDS_CONFIRMATION")
    assert "No daemon runs, so who has left the server can win." in message
    assert program.refused("giveaway", "reroll", giveaway)[1] == "GIVEAWAY_NOT_ENDED"
    assert program.bytes() == before


def test_a_running_daemon_draws(program: Program) -> None:
    """The draw is left to the daemon, who sees which members are there; its answer is shown."""
    giveaway = started(program)
    program.json("giveaway", "enter", giveaway, ANN, BOB)

    def draw(said: Any) -> Any:
        assert said == {"action": "end", "reason": "now"}
        with RoboXP.open(program.data_dir, by="rest:unix:root") as robo:
            done = robo.giveaways.end(GUILD, giveaway, reason="now")
        return {"seq": done.seq, "missing": 1}

    with standing_in(program.data_dir) as daemon:
        daemon.change = draw
        done = program.json("giveaway", "end", giveaway, "--yes", "--reason", "now")
        assert daemon.asked[1:] == [f"PATCH /api/giveaways/{GUILD}/giveaway/{giveaway}"]
    assert (done["status"], done["missing"], len(done["winners"])) == ("ended", 1, 1)
    assert program.json("history", "--giveaways")[0]["by"] == "rest:unix:root"


def test_a_daemon_without_discord_is_told_of(program: Program) -> None:
    """While it is not connected the question says who could win, as without any daemon."""
    giveaway = started(program)
    program.json("giveaway", "enter", giveaway, ANN, BOB)
    with standing_in(program.data_dir, state="reconnecting"):
        message = program.refused("giveaway", "end", giveaway)[2]

    assert message.startswith(
        "The daemon is reconnecting, not connected to Discord, so who has left"
    )


def test_cancelling_asks_and_cannot_be_undone(program: Program) -> None:
    """Without a terminal it needs a yes; undo refuses it, as it refuses a draw."""
    giveaway = started(program)
    assert program.refused("giveaway", "cancel", giveaway)[:2] == (4, "NEEDS_CONFIRMATION")

    seen = program.on_terminal("giveaway", "cancel", giveaway, answers=("y",))

    assert seen.code == 0
    assert program.json("giveaway", "info", giveaway)["status"] == "cancelled"
    assert program.refused("undo", "2", "--giveaways")[:2] == (4, "REFUSED")


def test_entries_and_settings_are_undone(program: Program) -> None:
    """History and undo speak of giveaways with --giveaways."""
    giveaway = started(program)
    program.json("giveaway", "enter", giveaway, ANN, BOB, "--reason", "by hand")
    program.json("giveaway", "settings", "set", "defaults.winners", "3")

    rows = program.json("history", "--giveaways")
    assert [(row["seq"], row["cmd"], row["reason"]) for row in rows] == [
        (3, "giveaway settings set", None),
        (2, "giveaway enter", "by hand"),
        (1, "giveaway start", None),
    ]
    assert program.json("undo", "2", "--giveaways")["members"] == 2
    program.json("undo", "3", "--giveaways")
    assert program.json("giveaway", "entries", giveaway) == []
    assert program.json("giveaway", "settings", "show")["defaults"]["winners"] == 1


def test_settings(program: Program) -> None:
    """Set, shown with their source, for all guilds or one, and reset."""
    program.json("giveaway", "settings", "set", "limits.maxWinners", "5", "--global")
    program.json("giveaway", "settings", "set", "hostRoleIds", ROLE)
    program.json("giveaway", "settings", "set", f"bonusEntries.{ROLE}", "3")
    changed = program.json("giveaway", "settings", "set", "defaults.buttonLabel", "5")
    assert changed["changed"] == ["defaults.buttonLabel"]

    shown = program.json("giveaway", "settings", "show")
    assert shown["hostRoleIds"] == [ROLE] and shown["bonusEntries"] == {ROLE: 3}
    assert shown["limits"]["maxWinners"] == 5 and shown["defaults"]["buttonLabel"] == "5"
    table = program("giveaway", "settings", "show").stdout.splitlines()
    assert "limits.maxWinners\t5\tglobal" in table and "defaults.winners\t1\tdefault" in table
    assert program.json("giveaway", "settings", "reset")["seq"] == 4
    assert program.json("giveaway", "settings", "show", "--own") == {}


def test_lists_and_editing(program: Program) -> None:
    """Rows have the keys of the contract; an edit shows in them."""
    giveaway = started(program, "--host", ANN)
    program.json("giveaway", "edit", giveaway, "--prize", "=Book", "--winners", "2", "--ends", "1h")

    (row,) = program.json("giveaway", "list", "--active")

    assert list(row) == [
        "id", "prize", "status", "entries", "winnersCount", "endsAt", "messageId", "channelId",
    ]  # fmt: skip
    assert (row["prize"], row["winnersCount"], row["entries"]) == ("=Book", 2, 0)
    assert program.json("giveaway", "list", "--recent") == []
    info = program.json("giveaway", "info", giveaway)
    assert (info["host"], info["entries"]) == (ANN, {})
    assert "'=Book" in program("giveaway", "list", "-o", "csv").stdout


def test_a_hostile_prize_does_no_harm_on_a_terminal(program: Program) -> None:
    """Escapes, direction marks and markup are shown, never obeyed; the commitment is not cut."""
    giveaway = program.json(
        "giveaway", "start", "\x1b[31m\u202eevil\n[red]x", "--channel", CHANNEL
    )["id"]

    for words in (["list"], ["info", giveaway]):
        seen = program.on_terminal("giveaway", *words)
        assert seen.code == 0
        assert r"\x1b[31m\u202eevil\n[red]x" in "".join(
            line.replace(" ", "") for line in seen.lines
        ) or (words == ["list"])
        assert b"\x1b[31m\xe2" not in seen.raw
    commitment = program.json("giveaway", "info", giveaway)["commitment"]
    assert any(line.endswith(commitment) for line in seen.lines)


@pytest.mark.long
def test_a_hundred_thousand_entries_are_quick(program: Program, tmp_path: Path) -> None:
    """Entering, ending and verifying them takes less than two seconds each, as whole processes."""
    giveaway = started(program, "--winners", "20")
    ids = "\n".join(str(500000000000000000 + 7919 * n) for n in range(100_000)).encode()
    file = tmp_path / "draw.json"
    took = {}
    for name, words, stdin in (
        ("enter", ["enter", giveaway, "-"], ids),
        ("end", ["end", giveaway, "--yes"], b""),
        ("verify", ["verify", giveaway], b""),
        ("reroll", ["reroll", giveaway, "--yes"], b""),
        ("export", ["export", giveaway], b""),
        ("verify file", ["verify", str(file)], b""),
    ):
        start = time.perf_counter()
        done = program("giveaway", *words, stdin=stdin)
        took[name] = time.perf_counter() - start
        assert done.returncode == 0, done.stderr
        if name == "export":
            file.write_text(done.stdout)

    print({name: round(seconds, 2) for name, seconds in took.items()})
    assert max(took.values()) < LIMIT_SECONDS
