"""Every call to the file system fails, or is the last one, once: nothing acknowledged is lost."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from robo_xp.errors import RoboXPError, VaultDamaged
from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.migrations import Migrations
from robo_xp.vault.state import Tables
from tests.vault.acts import ANN, BOB, CARL, NAME, ORIGIN, Content, content, disk_content, give
from tests.vault.faults import KINDS, Fault, FaultyFiles, Stop

Step = Callable[[FileVault], Any]


def rename_xp(name: str, tables: Tables) -> None:
    """A step to schema 2: ``xp`` becomes ``points``."""
    for doc_id, record in tables.get("users", {}).items():
        tables["users"][doc_id] = {
            "points" if key == "xp" else key: value for key, value in record.items()
        }


SCHEMA_2 = Migrations(current=2, steps={2: rename_xp})


def give_ann(vault: FileVault) -> None:
    give(vault.namespace(NAME), ANN)


def give_bob(vault: FileVault) -> None:
    give(vault.namespace(NAME), BOB, 5)


def give_thousand(vault: FileVault) -> None:
    with vault.namespace(NAME).transaction(ORIGIN) as transaction:
        for number in range(1000):
            transaction.put("users", str(10**17 + number), {"xp": number})


def compact(vault: FileVault) -> None:
    vault.namespace(NAME).compact()


def give_points(vault: FileVault) -> None:
    with vault.namespace(NAME).transaction(ORIGIN) as transaction:
        transaction.put("users", BOB, {"points": 5})


@dataclass(frozen=True)
class Scenario:
    """What is done before, without faults, and what is done with them."""

    steps: tuple[Step, ...]
    before: tuple[Step, ...] = ()
    migrations: Migrations = field(default_factory=Migrations)
    compact_from: int = 1 << 20


SCENARIOS = {
    "give": Scenario((give_ann, give_bob, give_ann)),
    "bulk": Scenario((give_thousand, give_ann), before=(give_bob,)),
    "compact": Scenario(
        (give_ann, compact, give_bob, compact, give_ann), before=(give_ann, give_bob)
    ),
    "compact in passing": Scenario((give_ann,) * 4, compact_from=600),
    "migrate": Scenario(
        (give_points, give_points), before=(give_ann, compact, give_ann), migrations=SCHEMA_2
    ),
}


@dataclass
class Figures:
    """What a walk through all points found."""

    tried: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    damaged: int = 0


@dataclass
class Walk:
    """One scenario with one fault, and what must be true after it."""

    scenario: Scenario
    root: Path
    origin: Path
    figures: Figures

    def open(self, files: FaultyFiles | None = None) -> FileVault:
        return FileVault(
            self.root,
            files=files,
            archive_days=1,
            migrations=self.scenario.migrations,
            compact_from=self.scenario.compact_from,
        )

    def reset(self) -> None:
        """The files as they are before the scenario."""
        shutil.rmtree(self.root, ignore_errors=True)
        if self.origin.exists():
            shutil.copytree(self.origin, self.root)

    def expected(self) -> list[Content]:
        """The content before the first step and after each, without faults."""
        self.reset()
        vault = self.open(FaultyFiles())
        found = [content(vault.namespace(NAME))]
        for step in self.scenario.steps:
            step(vault)
            found.append(content(vault.namespace(NAME)))
        vault.close()
        return found

    def points(self) -> int:
        """How many calls the scenario makes without faults."""
        self.reset()
        files = FaultyFiles()
        vault = self.open(files)
        for step in self.scenario.steps:
            step(vault)
        vault.close()
        return files.count

    def fresh_content(self) -> Content | None:
        """What a new process reads; None when it is refused as damaged."""
        vault = self.open()
        try:
            return content(vault.namespace(NAME))
        except VaultDamaged:
            return None
        finally:
            vault.close()

    def judge(self, found: Content | None, allowed: list[Content]) -> None:
        """Count a content that must not be."""
        if found is None:
            self.figures.damaged += 1
        elif found not in allowed:
            self.figures.lost += 1

    def try_fault(self, fault: Fault, expected: list[Content]) -> bool:
        """Run the scenario into the fault and judge what is left; whether the fault came."""
        self.reset()
        files = FaultyFiles(fault)
        done, ahead = 0, 2
        vault: FileVault | None = None
        try:
            vault = self.open(files)
            for step in self.scenario.steps:
                step(vault)
                done += 1
        except (RoboXPError, Stop) as error:
            assert isinstance(error, Stop) == files.stopped
            if isinstance(error, RoboXPError) and "nothing was changed" in error.advice:
                ahead = 1
        allowed = expected[done : done + ahead]
        self.judge(self.fresh_content(), allowed)
        if vault is not None and not files.stopped:
            files.heal()
            self.go_on(vault, allowed)
        if vault is not None:
            with suppress(Stop):
                vault.close()
        if files.stopped:
            self.go_on(self.open(FaultyFiles()), allowed)
        return files.fired > 0

    def go_on(self, vault: FileVault, allowed: list[Content]) -> None:
        """The handle agrees with the disk, and one more commit arrives there."""
        namespace = vault.namespace(NAME)
        before = content(namespace)
        self.judge(before, allowed)
        give(namespace, CARL, 1)
        after = {"users": {**before.get("users", {}), CARL: {"xp": 1}}}
        self.judge(content(namespace), [after])
        self.judge(self.fresh_content(), [after])
        vault.close()


def faults(points: int) -> Iterator[Fault]:
    """Each kind at each point; errors once and from there on."""
    for at in range(1, points + 1):
        for kind in KINDS:
            yield Fault(at, kind)
            if kind.startswith("E"):
                yield Fault(at, kind, lasting=True)


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_fault_loses_or_damages_anything(name: str, tmp_path: Path) -> None:
    """At whichever call it comes: acknowledged batches stay, whole, and the vault goes on."""
    scenario, figures = SCENARIOS[name], Figures()
    vault = FileVault(tmp_path / "origin", durability="os")
    for step in scenario.before:
        step(vault)
    vault.close()
    walk = Walk(scenario, tmp_path / "data", tmp_path / "origin", figures)
    expected, points = walk.expected(), walk.points()
    for fault in faults(points):
        if walk.try_fault(fault, expected):
            figures.tried[fault.kind] += 1

    print(f"\n{name}: {points} calls, faults tried {dict(figures.tried)},")
    print(f"acknowledged batches lost {figures.lost}, damaged {figures.damaged}")
    assert figures.tried["stop"] == points
    assert set(figures.tried) == set(KINDS)
    assert (figures.lost, figures.damaged) == (0, 0)


def test_the_judge_finds_a_lost_batch(tmp_path: Path) -> None:
    """The figures are not zero because nobody looks: a batch that is cut away is counted."""
    figures = Figures()
    walk = Walk(SCENARIOS["give"], tmp_path / "data", tmp_path / "none", figures)
    expected = walk.expected()
    walk.judge(walk.fresh_content(), expected[2:3])
    walk.judge(None, expected)

    assert (figures.lost, figures.damaged) == (1, 1)
    assert disk_content(tmp_path / "data") == expected[3]


@pytest.mark.parametrize("kind", ["ENOSPC", "EIO", "EROFS", "EMFILE"])
def test_an_error_says_what_is_wrong(kind: str, tmp_path: Path) -> None:
    """The message names the file and the trouble in words."""
    words = {
        "ENOSPC": "the disk is full",
        "EIO": "the disk reported an error",
        "EROFS": "the file system is read-only",
        "EMFILE": "this process has too many open files",
    }
    vault = FileVault(tmp_path, files=FaultyFiles(Fault(1, kind, lasting=True)))
    with pytest.raises(RoboXPError, match=words[kind]) as caught:
        give_ann(vault)

    assert str(tmp_path) in caught.value.message
    assert not vault.namespace(NAME).exists()
