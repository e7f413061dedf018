"""A vault in daily use: sixty changes of all kinds, told apart by the history alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from robo_xp import RoboXP
from tests.cli.program import ANN, BOB, CARL, GUILD, Program

REGULAR, MUTED, CHANNEL = "400000000000000001", "400000000000000002", "300000000000000003"

# what an operator types, with the giveaways by the order of their start
CHANGES = f"""
xp give Ann 100 --reason quiz
xp give Ann 150
xp give Ann Bob 25
xp give Carl 5k
xp remove Ann 20
xp remove Bob Carl 5
xp set Bob 900
xp set Ann --level 4
xp set Ann Carl 777
xp delete Bob --yes
xp give Bob 10
xp recalc --all
config set cooldownSeconds 30
config set cooldownSeconds 45
config set xpRate 1.5
config set leaderboard.public true
config set leaderboard.page public
config set announcements.mode same
config set announcements.template {{member}}-is-{{level}}
config set announcements.channelId #news
config set announcements.mode channel
config set labels.xpDisplayName Sparks
config set theme.embedColor #ff8800
config unset theme.embedColor
config unset cooldownSeconds
config set xpRate 2 --global
config set cooldownSeconds 90 --global
config unset xpRate --global
reward add 5 @Regular
reward add 10 {MUTED}
reward remove 10
reward mode replace
reward on-loss on
multiplier server 2
multiplier role @Regular 1.5
multiplier channel #news 3
multiplier user Ann 0.5
multiplier remove-role @Regular
no-xp add-role @Muted
no-xp add-channel #news
no-xp remove-role @Muted
curve set linear xpPerLevel=50 --yes
curve set mee6 --yes
curve reset --yes
boost add 2 --name Weekend --for 2d
boost add 3 --name Party --for 1h
giveaway settings set limits.maxWinners 9
giveaway settings set defaults.duration 2d
giveaway settings unset defaults.duration
giveaway start Nitro --channel #news --duration 2d --winners 3
giveaway start Book --channel #news --duration 1d
giveaway enter GIVEAWAY0 Ann Bob
giveaway enter GIVEAWAY0 Carl
giveaway leave GIVEAWAY0 Bob
giveaway edit GIVEAWAY0 --winners 1
giveaway edit GIVEAWAY0 --prize Nitro-Classic
giveaway end GIVEAWAY0 --yes
giveaway reroll GIVEAWAY0 --yes
giveaway cancel GIVEAWAY1 --yes
undo last --yes
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A guild whose names Discord told, after all the changes."""
    data_dir: Path = tmp_path_factory.mktemp("daily") / "data"
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.names.remember(GUILD, {ANN: "Ann", BOB: "Bob", CARL: "Carl"})
        robo.names.remember(GUILD, {REGULAR: "Regular", MUTED: "Muted"}, "roles")
        robo.names.remember(GUILD, {CHANNEL: "news"}, "channels")
    made = Program(data_dir)
    play(made)
    return made


def play(program: Program) -> None:
    """Make all the changes."""
    started: list[str] = []
    for line in CHANGES.strip().splitlines():
        words = line.split()
        for number, giveaway in enumerate(started):
            words = [giveaway if word == f"GIVEAWAY{number}" else word for word in words]
        done = program(*words, "--json")
        assert done.returncode == 0, (line, done.stderr)
        if words[:2] == ["giveaway", "start"]:
            rows = program.json("giveaway", "list")
            started += [row["id"] for row in rows if row["id"] not in started]


def listed(program: Program, *where: str) -> list[dict[str, Any]]:
    """The history of a namespace."""
    rows: list[dict[str, Any]] = program.json("history", "--limit", "1000", *where)
    return rows


def test_sixty_changes_can_be_told_apart(program: Program) -> None:
    """No two rows of ``history`` say the same, and ``history show`` has old and new of each."""
    assert len(CHANGES.strip().splitlines()) == 60
    rows = [
        (where, row)
        for where in ((), ("--giveaways",), ("--global",))
        for row in listed(program, *where)
    ]
    told = [(where, row["cmd"], row["what"]) for where, row in rows]

    # a recalculation that moved nothing is no change
    assert len(told) >= 59
    assert [one for one in told if told.count(one) > 1] == []
    assert not [what for _, _, what in told if not what or what.isdigit()]
    for where, row in rows:
        shown = program.json("history", "show", str(row["seq"]), *where)
        assert shown["changes"], row
        assert all({"kind", "old", "new"} <= change.keys() for change in shown["changes"])


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ((), "cooldownSeconds 30 → 45"),
        ((), "role @Regular at level 5"),
        ((), "multipliers.channel.#news not set → 3"),
        ((), "noXpRoleIds not set → @Muted"),
        ((), "theme.embedColor not set → #ff8800"),
        ((), "boost Weekend: 2 times"),
        ((), "boost Party is gone"),
        ((), "Ann, Bob: +50 XP in all"),
        (("--global",), "cooldownSeconds not set → 90"),
        (("--giveaways",), "Nitro: 3 winners"),
        (("--giveaways",), "Nitro-Classic: won by "),
        (("--giveaways",), "Book: cancelled"),
        (("--giveaways",), "limits.maxWinners not set → 9"),
    ],
)
def test_what_is_said_by_name(program: Program, where: tuple[str, ...], words: str) -> None:
    """Settings, roles, channels, members and prizes stand there as people call them."""
    assert any(words in row["what"] for row in listed(program, *where))
