"""What people read at 60, 80 and 200 columns: no line is longer than the terminal is wide."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from robo_xp import RoboXP
from tests.cli.program import ANN, BOB, CARL, GUILD, Program

NEWS, REGULAR = "300000000000000003", "400000000000000001"
COMMANDS = (
    "xp list",
    "leaderboard",
    "rank Zoë",
    "xp why Zoë --channel #news",
    "history",
    "history --giveaways",
    "history show 1",
    "config show",
    "curve show",
    "curve table",
    "reward list",
    "multiplier list",
    "no-xp list",
    "boost list",
    "giveaway list",
    "giveaway info GIVEAWAY",
    "giveaway entries GIVEAWAY",
    "giveaway verify GIVEAWAY",
    "store list",
    "store stats",
    "guild list",
    "doctor",
)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A guild with long names, a long prize and several winners."""
    data_dir: Path = tmp_path_factory.mktemp("widths") / "data"
    names = {ANN: "Zoë", BOB: "a name of many words that goes on", CARL: "日本語の名前"}
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.names.remember(GUILD, names)
        robo.names.remember(GUILD, {GUILD: "A guild whose name is long"}, "guilds")
        robo.names.remember(GUILD, {REGULAR: "Regular"}, "roles")
        robo.names.remember(GUILD, {NEWS: "news"}, "channels")
    made = Program(data_dir)
    made("xp", "give", ANN, BOB, CARL, "1234567", "--reason", "a contest that took all summer")
    for words in (
        ["reward", "add", "10", REGULAR],
        ["multiplier", "channel", NEWS, "2"],
        ["no-xp", "add-role", REGULAR],
        ["boost", "add", "2", "--name", "Weekend", "--for", "2d"],
        ["giveaway", "start", "A prize of many words", "--channel", NEWS, "--winners", "3"],
    ):
        assert made(*words).returncode == 0
    giveaway = made.json("giveaway", "list")[0]["id"]
    made("giveaway", "enter", giveaway, ANN, BOB, CARL)
    made("giveaway", "end", giveaway, "--yes")
    return made


@pytest.mark.parametrize("columns", [60, 80, 200])
@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_broken_by_the_terminal(program: Program, command: str, columns: int) -> None:
    """Tables that have no room are drawn row below row, and long values fold between words.

    Only what is one word, such as a commitment of 64 digits or a path, may be longer.
    """
    giveaway = program.json("giveaway", "list")[0]["id"]
    words = [giveaway if word == "GIVEAWAY" else word for word in command.split()]
    done = program.for_people(*words, "--no-color", env={"COLUMNS": str(columns)})

    assert done.returncode in (0, 1, 2, 3, 7), done.stderr
    too_long = [
        line
        for line in done.stdout.splitlines()
        if cell_len(line) > columns and max(map(cell_len, line.split())) + 4 <= columns - 16
    ]
    assert too_long == []


@pytest.mark.parametrize(
    "words",
    [
        ["xp", "give", "Nobody of this name", "5"],  # an error and a hint
        ["giveaway", "cancel", "日本語の名前", "--dry-run"],  # wide letters
        ["xp", "delete", ANN],  # a question
    ],
    ids=" ".join,
)
def test_no_word_is_broken(program: Program, words: list[str]) -> None:
    """Hints, notes, questions and results break between words, and say the same as ever."""
    answers = ("n",) if words[1] == "delete" else ("",)

    narrow, wide = (program.on_terminal(*words, columns=n, answers=answers) for n in (60, 250))

    said, whole = (" ".join(seen.lines).split() for seen in (narrow, wide))
    assert len(narrow.lines) > len(wide.lines)
    assert said == whole
