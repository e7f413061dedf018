"""Power cuts, simulated at every call: with durability ``batch`` no acknowledged batch is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from robo_xp.errors import RoboXPError
from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.port import Durability
from tests.vault.acts import ANN, BOB, CARL, GUILD, NAME, Content, content, give
from tests.vault.faults import FaultyFiles, Stop
from tests.vault.power import PowerFiles, UnsafeFiles, lay_out

Step = Callable[[FileVault], object]


def give_to(user_id: str) -> Step:
    return lambda vault: give(vault.namespace(NAME), user_id, 1)


def compact(vault: FileVault) -> None:
    vault.namespace(NAME).compact()


LIFE: tuple[Step, ...] = (
    give_to(ANN), give_to(BOB), compact, give_to(ANN), give_to(CARL), compact, give_to(BOB),
)  # fmt: skip


@dataclass
class Figures:
    """How many different states were opened, and what was wrong with them."""

    seen: set[tuple[tuple[tuple[str, bytes], ...], int]] = field(default_factory=set)
    lost: int = 0
    damaged: int = 0


@dataclass
class Cutter:
    """Cuts the power at points of a vault's life and looks at what is left."""

    folder: Path
    figures: Figures = field(default_factory=Figures)

    def cut(self, files: PowerFiles, allowed: list[Content], *, every_byte: bool) -> None:
        """Open each state that a cut may leave now; its content must be one of ``allowed``."""
        for state in files.states(every_byte=every_byte):
            # lock files have no content, and what lies beside is never read
            relevant = {name: data for name, data in state.items() if not name.endswith(".lock")}
            telling = {
                name: b"" if name.endswith(".new") else data for name, data in relevant.items()
            }
            key = (tuple(sorted(telling.items())), len(allowed[0].get("users", {})))
            if key not in self.figures.seen:
                self.figures.seen.add(key)
                self.judge(relevant, allowed)

    def judge(self, state: dict[str, bytes], allowed: list[Content]) -> None:
        """Count the state if it is not as it must be."""
        shutil.rmtree(self.folder, ignore_errors=True)
        lay_out(state, self.folder)
        try:
            vault = FileVault(self.folder / "data", files=FaultyFiles())  # makes no real syncs
            found = content(vault.namespace(NAME))
            give(vault.namespace(NAME), "899999999999999999", 1)
        except RoboXPError:
            self.figures.damaged += 1
        else:
            self.figures.lost += found not in allowed
            vault.close()


def contents_of(steps: tuple[Step, ...], root: Path) -> list[Content]:
    """The content before the first step and after each."""
    vault = FileVault(root, files=FaultyFiles())
    found: list[Content] = [{}]
    for step in steps:
        step(vault)
        found.append(content(vault.namespace(NAME)))
    vault.close()
    return found


def live(tmp_path: Path, durability: Durability, *, every_byte: bool = False) -> Figures:
    """Cut the power before each call of a vault's life, and once after each step."""
    cutter = Cutter(tmp_path / "cut")
    contents = contents_of(LIFE, tmp_path / "plain")
    stop_at, done = 0, 0
    while done < len(LIFE):
        stop_at += 1
        work = tmp_path / f"work-{stop_at}"
        work.mkdir()
        files = PowerFiles(work, stop_at)
        vault = FileVault(work / "data", files=files, durability=durability)
        done = 0
        with suppress(Stop):
            for step in LIFE:
                step(vault)
                done += 1
                if files.calls + 1 == stop_at:
                    cutter.cut(files, contents[done : done + 1], every_byte=every_byte)
        cutter.cut(files, contents[done : done + 2], every_byte=every_byte)
        vault.close()
        shutil.rmtree(work)
    return cutter.figures


def test_no_power_cut_loses_an_acknowledged_batch(tmp_path: Path) -> None:
    """Whatever unsynced writes and renames are lost, each acknowledged batch is there, whole."""
    figures = live(tmp_path, "batch", every_byte=True)

    print(f"\n{len(figures.seen)} states opened,")
    print(f"acknowledged batches lost {figures.lost}, damaged {figures.damaged}")
    assert len(figures.seen) > 500
    assert (figures.lost, figures.damaged) == (0, 0)


def test_weaker_durability_may_lose_but_never_damages(tmp_path: Path) -> None:
    """Without a sync per batch the last batches can be lost, and what is left is whole."""
    figures = live(tmp_path, "os")

    assert figures.lost > 0
    assert figures.damaged == 0


def test_what_was_synced_is_safe_with_any_durability(tmp_path: Path) -> None:
    """After ``sync`` all batches before it are on the disk, and the folders that lead there."""
    cutter = Cutter(tmp_path / "cut")
    (tmp_path / "work").mkdir()
    files = PowerFiles(tmp_path / "work")
    vault = FileVault(tmp_path / "work" / "data", files=files, durability="os")
    for step in LIFE:
        step(vault)
        vault.sync()
        cutter.cut(files, [content(vault.namespace(NAME))], every_byte=True)
    vault.close()

    assert (cutter.figures.lost, cutter.figures.damaged) == (0, 0)


def test_the_model_finds_a_missing_sync(tmp_path: Path) -> None:
    """With syncs that do nothing the same look finds lost and damaged states."""
    cutter = Cutter(tmp_path / "cut")
    (tmp_path / "work").mkdir()
    files = UnsafeFiles(tmp_path / "work")
    vault = FileVault(tmp_path / "work" / "data", files=files)
    for step in LIFE[:2]:
        step(vault)
    cutter.cut(files, [content(vault.namespace(NAME))], every_byte=False)
    vault.close()

    assert cutter.figures.lost > 0
    assert cutter.figures.damaged > 0


def test_a_kill_and_then_a_power_cut_lose_nothing(tmp_path: Path) -> None:
    """A batch built on files that a killed process left unsynced is as safe as any other."""
    cutter = Cutter(tmp_path / "cut")
    stop_at, stopped = 0, True
    while stopped:
        stop_at += 1
        work = tmp_path / f"work-{stop_at}"
        work.mkdir()
        files = PowerFiles(work, stop_at)
        stopped = False
        try:
            killed = FileVault(work / "data", files=files)
            for step in (give_to(ANN), compact, give_to(BOB)):
                step(killed)
        except Stop:
            stopped = True
        files.stop_at = 0
        killed.close()
        after = FileVault(work / "data", files=files)
        give_to(CARL)(after)
        expected = content(after.namespace(NAME))
        cutter.cut(files, [expected], every_byte=False)
        after.close()
        shutil.rmtree(work)

    assert stop_at > 30
    assert (cutter.figures.lost, cutter.figures.damaged) == (0, 0)


def test_a_power_cut_between_namespaces_keeps_both(tmp_path: Path) -> None:
    """A second namespace in a new folder is as safe as the first."""
    files = PowerFiles(tmp_path)
    vault = FileVault(tmp_path / "data", files=files)
    give(vault.namespace(f"giveaways/{GUILD}"))
    give(vault.namespace("global"))
    give(vault.namespace(NAME))
    vault.close()

    for number, state in enumerate(files.states(every_byte=False)):
        lay_out(state, tmp_path / str(number))
        left = FileVault(tmp_path / str(number) / "data")
        assert left.names() == sorted([f"giveaways/{GUILD}", "global", NAME])
        assert content(left.namespace("global")) == {"users": {ANN: {"xp": 10}}}
        left.close()
