"""The recipes in the documents: each is run as it is written, in a guild full of members."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.vault import Origin
from tests.pages import GUILD, ROOT, lay_out

PAGE = ROOT / "docs" / "recipes.md"
NAMESPACE = f"xp/default/{GUILD}"
CHANNEL = "123456789012345678"
SILENT, GONE = "855634504312179323", "341251674692969418"
ADA, WINNERS = "160686414550454520", 3
HOSTILE = (
    'Ada $(touch pwned) "the, 1st"', "'; touch pwned #", "`touch pwned`", "$(touch pwned)",
    "-rf", "--all", "=1+1", "tab\tand, comma", "\u202egnp.exe", "*", "\\", "Zoë 🎉",
)  # fmt: skip
"""Names that begin like another's, would be commands or options, or part cells and lines."""
UNTYPED = ("two\nlines", "<@160686414550454520>", "160686414550454520", "\x1b[2J")
"""Names that no line of a list can stand for."""
_SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def recipes() -> dict[str, list[str]]:
    """The scripts of the page by heading."""
    return {title: _BLOCK.findall(text) for title, text in _SECTION.findall(PAGE.read_text())}


@dataclass(frozen=True)
class Kitchen:
    """A folder with a vault and the files that the recipes speak of."""

    folder: Path
    said: list[str]

    def cook(self, script: str) -> None:
        """Run a script; it has to succeed."""
        done = subprocess.run(
            ["sh", "-eu", "-c", script],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        self.said.append(done.stdout)

    def robo(self) -> RoboXP:
        """The vault as the scripts left it."""
        return RoboXP.open(self.folder / "vault", by="test")

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "cli")]),
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "ROBO_XP_DATA_DIR": str(self.folder / "vault"),
            "ROBO_XP_GUILD": GUILD,
            "CHANNEL": CHANNEL,
        }


@pytest.fixture(scope="module")
def pantry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What all recipes start from, made once."""
    folder = tmp_path_factory.mktemp("pantry")
    lay_out(folder)
    program = folder / "bin" / "robo-xp"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m robo_xp_cli "$@"\n')
    program.chmod(0o755)
    with RoboXP.open(folder / "vault", by="test") as robo:
        robo.xp.apply(
            GUILD, [{"op": "give", "user": user, "amount": xp} for user, xp in _members(folder)]
        )
        for kind, others in (("roles", 2), ("channels", 3)):
            called = {f"{others}{n:017}": name for n, name in enumerate((*HOSTILE, *UNTYPED))}
            robo.names.remember(GUILD, called, kind)
        robo.names.remember(GUILD, hostile(folder))
    lines = ["Ada", "341251674692969418", "<@855634504312179323>", *HOSTILE]
    (folder / "winners.txt").write_text("".join(f"{line}\n" for line in lines))
    (folder / "gone.txt").write_text(f"{GONE}\n")
    (folder / "entrants.txt").write_text("".join(f"{10**17 + n}\n" for n in range(40)))
    return folder


def _members(folder: Path) -> list[tuple[str, int]]:
    rows = (folder / "event.csv").read_text().splitlines()[1:]
    return [(row.split(",")[1], 100_000 - number) for number, row in enumerate(rows)]


def hostile(folder: Path) -> dict[str, str]:
    """Who is called how; the first ten keep the names that they have."""
    ids = [user for user, _ in _members(folder) if user not in (SILENT, GONE)]
    return dict(zip(ids[10:], (*HOSTILE, *UNTYPED), strict=False))


@pytest.fixture
def kitchen(pantry: Path, tmp_path: Path) -> Kitchen:
    """A copy of it."""
    folder = tmp_path / "a kitchen"
    shutil.copytree(pantry, folder)
    return Kitchen(folder, [])


def prizes(kitchen: Kitchen) -> None:
    with kitchen.robo() as robo:
        assert robo.xp.get(GUILD, ADA) == 100_500
        last = next(robo.history.rows(NAMESPACE))
        won = 3 + len(HOSTILE)
        assert (last.reason, last.members, last.delta) == ("quiz night", won, 500 * won)
        before = dict(_members(kitchen.folder))
        for user_id, name in hostile(kitchen.folder).items():
            extra = 500 if name in HOSTILE else 0
            assert robo.xp.get(GUILD, user_id) == before[user_id] + extra


def summer(kitchen: Kitchen) -> None:
    with kitchen.robo() as robo:
        assert robo.xp.get(GUILD, ADA) == 100_500


def weekend(kitchen: Kitchen) -> None:
    with kitchen.robo() as robo:
        (boost,) = robo.boosts.list(GUILD)
        length = boost.document["until"] - boost.document["from"]
    assert (boost.document["factor"], length) == (2, 2 * 86_400_000)
    assert "Weekend" in kitchen.said[1]


def silence(kitchen: Kitchen) -> None:
    """One member has earned nothing since 2017; of the others nothing is known."""
    with (
        kitchen.robo() as robo,
        robo.vault.namespace(NAMESPACE).transaction(Origin("test", "test")) as transaction,
    ):
        record = transaction.get("users", SILENT)
        assert record is not None
        transaction.put("users", SILENT, {**record, "lastAwardedAt": 1_500_000_000_000})


def clean(kitchen: Kitchen) -> None:
    with kitchen.robo() as robo:
        everybody = {user_id for user_id, _ in _members(kitchen.folder)}
        assert {one.user_id for one in robo.xp.records(GUILD)} == everybody - {SILENT, GONE}
        [last] = [row for row in robo.history.rows(NAMESPACE) if row.reason == "spring clean"]
        robo.history.undo(NAMESPACE, last.seq)
        expected = {user: xp for user, xp in _members(kitchen.folder) if user != GONE}
        assert expected == {one.user_id: one.xp for one in robo.xp.records(GUILD)}


def newcomers(kitchen: Kitchen) -> None:
    assert len(kitchen.said[0].split()) == 10
    kitchen.cook(recipes()["Who is new among the first ten"][0])
    assert kitchen.said[1] == ""


def spreadsheet(kitchen: Kitchen) -> None:
    with (kitchen.folder / "members.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert [",".join(row) for row in rows[:2]] == [
        "userId,name,xp,level,messages",
        f"{ADA},Ada,100000,33,0",
    ]
    assert len(rows) == 101
    called = {row[0]: row[1] for row in rows}
    for user_id, name in hostile(kitchen.folder).items():
        harmless = name.replace("\x1b", r"\x1b")
        assert called[user_id] == (f"'{name}" if name[0] in "=+-@" else harmless)


def levels(kitchen: Kitchen) -> None:
    assert f"{ADA}\t0\t33" in kitchen.said[0]
    assert (kitchen.folder / "levels.since").read_text().strip().isdigit()


def season(kitchen: Kitchen) -> None:
    assert ADA in kitchen.said[0]
    with kitchen.robo() as robo:
        assert robo.xp.get(GUILD, ADA) == 10_000
        assert robo.xp.get(GUILD, ADA, store="season-1") == 100_000


def one_setting(kitchen: Kitchen) -> None:
    with kitchen.robo() as robo:
        assert robo.config.get(GUILD)["cooldownSeconds"] == 45


def proof(kitchen: Kitchen) -> None:
    with kitchen.robo() as robo:
        [listed] = robo.giveaways.list(GUILD)
        assert len(listed.giveaway.winners) == WINNERS
        assert robo.giveaways.verify(GUILD, listed.giveaway.id).valid
    assert all(winner in kitchen.said[0] for winner in listed.giveaway.winners)


def weekly(kitchen: Kitchen) -> None:
    with kitchen.robo() as robo:
        [listed] = robo.giveaways.list(GUILD)
    planned = listed.giveaway
    assert (planned.status, planned.winners_count) == ("scheduled", 2)
    assert planned.series is not None and planned.series.left == 3
    assert planned.requirements.document() == {"minLevel": 5, "minMessages": 20}
    assert "scheduled" in kitchen.said[0]


def backups(kitchen: Kitchen) -> None:
    assert len(list((kitchen.folder / "backups").glob("*.tar.gz"))) == 1
    for number in range(20):
        (kitchen.folder / "backups" / f"0000-{number:02}.tar.gz").touch()
    (script,) = recipes()["Nightly backups, two weeks of them"]
    kitchen.cook(script.replace("robo-xp backup list", "true"))
    assert len(list((kitchen.folder / "backups").glob("*.tar.gz"))) == 14


def check(kitchen: Kitchen) -> None:
    with kitchen.robo() as robo:
        robo.xp.add(GUILD, ADA, 1)
    [journal] = (kitchen.folder / "vault" / "xp" / "default").glob("*.journal")
    journal.write_bytes(journal.read_bytes().replace(b'"xp":100000', b'"xp":100009'))
    with pytest.raises(AssertionError, match="the vault is damaged"):
        kitchen.cook(recipes()["A check that speaks up"][0])


def patience(kitchen: Kitchen) -> None:
    with kitchen.robo() as robo:
        assert robo.xp.get(GUILD, ADA) == 100_100


def month(kitchen: Kitchen) -> None:
    with kitchen.robo() as robo:
        holds = robo.config.get(GUILD)["periods"]
    assert holds["timezone"] == "Europe/Berlin"
    assert holds["prizes"] == [{"kind": "month", "xp": 500, "roleId": "200000000000000005"}]


OTHER = "746807687960896581"
EQUAL = {"cooldownSeconds": 45, "labels": {"xpDisplayName": 'a "b" # c'}}


def drift(kitchen: Kitchen) -> None:
    with kitchen.robo() as robo:
        robo.config.set(GUILD, EQUAL)
        robo.xp.add(OTHER, ADA, 5)
        robo.config.set(OTHER, {"cooldownSeconds": 10, "xpRate": 3})


def equal(kitchen: Kitchen) -> None:
    with kitchen.robo() as robo:
        assert robo.config.own(GUILD) == robo.config.own(OTHER) == EQUAL
        last = next(robo.history.rows(f"xp/default/{OTHER}"))
        assert last.reason == "as in guild.toml"
        assert len([*robo.history.rows(f"xp/default/{OTHER}")]) == 3
    kitchen.cook(f"robo-xp config diff guild.toml --prune --exit-code --guild {OTHER}")
    kitchen.cook(f"robo-xp undo last --yes --guild {OTHER}")
    with kitchen.robo() as robo:
        assert robo.config.own(OTHER) == {"cooldownSeconds": 10, "xpRate": 3}


TRUE_AFTERWARDS: dict[str, Callable[[Kitchen], None]] = {
    "Prizes for a list of winners": prizes,
    "Look before a large change": summer,
    "A weekend of double XP": weekend,
    "A prize for the month": month,
    "Spring clean": clean,
    "Who is new among the first ten": newcomers,
    "A table for a spreadsheet": spreadsheet,
    "New levels since the last look": levels,
    "A new season": season,
    "One setting in every guild": one_setting,
    "Guilds kept equal by one file": equal,
    "A giveaway from start to proof": proof,
    "A giveaway each week, for those who are around": weekly,
    "Nightly backups, two weeks of them": backups,
    "A check that speaks up": check,
    "Patience with a busy vault": patience,
}


TRUE_BEFORE: dict[str, Callable[[Kitchen], None]] = {
    "Spring clean": silence,
    "Guilds kept equal by one file": drift,
}


def test_every_recipe_has_its_proof() -> None:
    """The page and the table below name the same recipes, and each has a script."""
    assert list(recipes()) == list(TRUE_AFTERWARDS)
    assert all(recipes().values())


def test_no_recipe_cuts_lines_apart_by_itself() -> None:
    """What reads members takes names whole, so no recipe needs a language to pick columns."""
    scripts = "\n".join(script for blocks in recipes().values() for script in blocks)
    assert not re.search(r"\b(awk|sed|cut|perl|python)\b", scripts)


@pytest.mark.parametrize("title", TRUE_AFTERWARDS)
def test_recipe(title: str, kitchen: Kitchen) -> None:
    """Run as written, the recipe does what its heading says."""
    if title in TRUE_BEFORE:
        TRUE_BEFORE[title](kitchen)
    for script in recipes()[title]:
        kitchen.cook(script)
    TRUE_AFTERWARDS[title](kitchen)
    assert not list(kitchen.folder.rglob("pwned"))
