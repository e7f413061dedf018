"""A vault in daily use: sixty changes of all kinds, told apart by the history alone."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from robo_xp import RoboXP
from robo_xp_cli.framework.parse import walk
from robo_xp_cli.nouns import NOUNS
from tests.cli.nouns.giveaway.test_beacon import waiting_for_round_1000
from tests.cli.program import ANN, BOB, CARL, GUILD, Program
from tests.rules.giveaway.test_chain import ROUNDS

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


MORE = """
config apply FILE/guild.toml --yes
config import FILE/config.json
member hide Ann
member show Ann
member decay
member prune --below 50 --yes
period close
multiplier remove-channel #news
multiplier remove-user Ann
no-xp remove-channel #news
boost end BOOST
xp apply FILE/rows.csv --op give
import csv FILE/members.csv --merge replace --yes
store copy default season-1 --members
store rename season-1 season-2
store delete season-2 --yes
giveaway settings import FILE/giveaway-settings.json
giveaway settings reset limits.maxWinners
giveaway template save weekly --duration 2d
giveaway template remove weekly
giveaway import FILE/giveaways.json --yes
giveaway beacon GIVEAWAY0 SIGNATURE
giveaway handed-over GIVEAWAY1 Ann
backup restore FILE/backup.tar.gz --yes
member erase Carl --yes
"""
NO_CHANGE: Final = {
    "config edit": "as config import, with an editor before it",
    "giveaway settings edit": "as giveaway settings import, with an editor before it",
    "vault repair": "there has to be damage first",
    "vault compact": "the same content in other files",
    "vault move": "the same content elsewhere",
    "daemon reload": "nothing in the vault",
    "daemon stop": "nothing in the vault",
    "daemon sync": "nothing in the vault",
    "service install": "nothing in the vault",
    "service uninstall": "nothing in the vault",
    "completion install": "nothing in the vault",
    "init": "nothing in the vault",
}
"""Commands that may be tried dry and leave no row of history, and why."""
DAY_MS: Final = 86_400_000


@pytest.fixture
def lived_in(tmp_path: Path) -> Program:
    """A guild with a past: who wrote a month ago, what ran, what waits; files beside it."""
    program, now = Program(tmp_path / "data"), int(time.time() * 1000)
    waiting_for_round_1000(program.data_dir)
    with RoboXP.open(program.data_dir, durability="os") as robo:
        robo.names.remember(GUILD, {ANN: "Ann", BOB: "Bob", CARL: "Carl"})
        robo.names.remember(GUILD, {CHANNEL: "news"}, "channels")
        for user_id in (ANN, BOB, CARL):
            robo.xp.award(GUILD, user_id, channel_id=CHANNEL, at=now - 40 * DAY_MS)
            robo.xp.add(GUILD, user_id, 1000)
        robo.xp.set(GUILD, BOB, 5)
        robo.config.set(
            GUILD, {"decay": {"afterDays": 30, "percent": 1}, "noXpChannelIds": [CHANNEL]}
        )
        robo.multipliers.set_channel(GUILD, CHANNEL, 2)
        robo.multipliers.set_user(GUILD, ANN, 2)
        robo.giveaways.settings.set(GUILD, {"limits": {"maxWinners": 9}})
        claimed = robo.giveaways.create(
            GUILD, prize="Tea", channel_id=CHANNEL, duration="1d", claim="1d"
        )
        robo.giveaways.enter(GUILD, claimed.id, [ANN])
        robo.giveaways.end(GUILD, claimed.id)
    program.json("boost", "add", "2", "--name", "Weekend")
    program.json("backup", "create", str(tmp_path / "backup.tar.gz"))
    texts: Mapping[str, object] = {
        "config.json": {"xpRate": 2},
        "giveaway-settings.json": {"limits": {"maxWinners": 12}},
        "giveaways.json": [{
            "messageId": "500000000000000001", "channelId": CHANNEL, "guildId": GUILD,
            "startAt": now - DAY_MS, "endAt": now + DAY_MS, "ended": False, "winnerCount": 1,
            "prize": "Mug", "hostedBy": f"<@{ANN}>",
        }],
    }  # fmt: skip
    for name, content in texts.items():
        (tmp_path / name).write_text(json.dumps(content))
    (tmp_path / "guild.toml").write_text(
        "cooldownSeconds = 45\n[giveaways]\nlimits.maxWinners = 8\n"
    )
    (tmp_path / "rows.csv").write_text(f"user,amount\n{ANN},5\n")
    (tmp_path / "members.csv").write_text(f"userId,xp\n{ANN},77\n")
    return program


def heads(program: Program) -> dict[str, int]:
    """The number of the last change in each namespace."""
    with RoboXP.open(program.data_dir) as robo:
        names = robo.vault.names()
        return {name: robo.vault.namespace(name).read().seq for name in names}


def test_no_change_is_without_a_word(lived_in: Program) -> None:
    """Each further change says in its row what it did, and ``history show`` has old and new; a
    field that its result has not is refused before it is made.
    """
    with RoboXP.open(lived_in.data_dir) as robo:
        known = {one.giveaway.prize: one.giveaway.id for one in robo.giveaways.list(GUILD)}
        [boost] = robo.boosts.list(GUILD)
        drawing = next(
            one.giveaway.id
            for one in robo.giveaways.list(GUILD, which="all")
            if one.giveaway.status == "drawing"
        )
    meant = {
        "BOOST": boost.id, "GIVEAWAY0": drawing, "GIVEAWAY1": known["Tea"],
        "SIGNATURE": ROUNDS[1000][0],
    }  # fmt: skip
    told = []
    for line in MORE.strip().splitlines():
        words = [meant.get(word, word) for word in line.split()]
        words = [word.replace("FILE/", f"{lived_in.data_dir.parent}/") for word in words]
        before = heads(lived_in)
        wrong = lived_in(*words, "--fields", "nope", "--json")
        assert wrong.returncode == 2 and "no field 'nope'" in wrong.stderr, (line, wrong.stderr)
        assert heads(lived_in) == before, line
        done = lived_in(*words, "--json")
        assert done.returncode == 0, (line, done.stderr)
        with RoboXP.open(lived_in.data_dir) as robo:
            new = [
                (name, robo.history.show(name, seq))
                for name, last in heads(lived_in).items()
                if not name.startswith(("names/", "cursors", "outbox"))
                for seq in range(before.get(name, 0) + 1, last + 1)
            ]
        assert new, line
        for name, one in new:
            assert one.row.what and one.row.what != one.row.cmd and not one.row.what.isdigit(), line
            assert one.changes, line
            told.append((name, one.row.cmd, one.row.what))

    assert [one for one in told if told.count(one) > 1] == []


def test_every_command_that_changes_is_played() -> None:
    """What takes ``--dry-run`` is in one of the two lists, or has a reason not to be."""
    lines = [line.split() for line in (CHANGES + MORE).splitlines() if line]
    wanted = {" ".join(node.path) for node in walk(NOUNS) if node.changes and not node.is_group}
    played = {" ".join(line[:words]) for line in lines for words in (1, 2, 3)}

    assert wanted - played == set(NO_CHANGE)
