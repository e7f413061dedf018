"""Changes of several namespaces: wherever one is stopped, what is said is what is so, and the
next command leaves all of it or nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from robo_xp import RoboXP
from robo_xp.errors import ChangeUnfinished, RoboXPError, VaultDamaged
from robo_xp.vault.files.vault import FileVault
from tests.vault.acts import ANN, BOB, GUILD, Content, content
from tests.vault.care.test_check import check
from tests.vault.care.test_repair import open_with, repair
from tests.vault.faults import Fault, FaultyFiles, Stop
from tests.vault.power import PowerFiles, lay_out

OTHER = "888888888888888888"
THIRD = "777777777777777777"
STEEP = {"type": "linear", "params": {"xpPerLevel": 10}}
Act = Callable[[RoboXP], Any]


def fill(root: Path) -> None:
    """Two guilds and a second store, with settings and an archive, and a backup of it beside."""
    with RoboXP.open(root, durability="os") as robo:
        for guild_id, user_id, xp in ((GUILD, ANN, 100), (GUILD, BOB, 30), (OTHER, ANN, 55)):
            robo.xp.add(guild_id, user_id, xp)
        robo.xp.add(GUILD, ANN, 40, store="old")
        robo.config.set(GUILD, {"cooldownSeconds": 7}, store="old")
        robo.vault.namespace(f"xp/default/{GUILD}").compact()
        robo.maintenance.create_backup(str(root.with_name("backup.tar.gz")))
        robo.xp.add(GUILD, ANN, 1)
        robo.xp.add(OTHER, BOB, 1)
        robo.xp.add(THIRD, BOB, 1)
        robo.xp.add(THIRD, ANN, 3, store="was")
        robo.stores.rename(THIRD, "was", "is")


def rename(robo: RoboXP) -> None:
    robo.stores.rename(GUILD, "old", "new")


def restore(robo: RoboXP) -> None:
    root = Path(robo.maintenance.backups_folder.removesuffix("-backups"))
    robo.maintenance.restore(str(root.with_name("backup.tar.gz")))


def set_curve(robo: RoboXP) -> bool:
    """Whether all stores follow at once."""
    return not robo.curves.set(None, STEEP).behind


def apply(robo: RoboXP) -> None:
    settings = {"xpRate": 2, "giveaways": {"limits": {"maxWinners": 9}}}
    robo.guild_file.apply(GUILD, settings)


def undo(robo: RoboXP) -> None:
    robo.history.undo(f"xp/is/{THIRD}", 1)


def erase(robo: RoboXP) -> None:
    robo.members.erase(GUILD, ANN)


@pytest.fixture(autouse=True)
def _one_pseudonym(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is erased is called the same each time."""
    monkeypatch.setattr("robo_xp.ports.SystemSecrets.token_bytes", lambda _self, size: bytes(size))


def contents(root: Path) -> dict[str, Content]:
    """All that is stored, but for empty namespaces."""
    vault = FileVault(root)
    found = {name: content(vault.namespace(name)) for name in vault.names()}
    vault.close()
    return {name: tables for name, tables in found.items() if tables}


@dataclass
class Walk:
    """One act, stopped at each call to the disk in turn, in each way."""

    act: Act
    place: Path
    figures: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.origin = self.place / "origin" / "data"
        fill(self.origin)
        self.before = contents(self.origin)
        root = self.fresh("wanted")
        with RoboXP.open(root) as robo:
            self.act(robo)
        self.after = contents(root)

    def fresh(self, name: str) -> Path:
        """The data folder as it is before the act, under another name."""
        target = self.place / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self.origin.parent, target)
        return target / "data"

    def stop_everywhere(self, kind: str, *, lasting: bool, stride: int) -> None:
        """Try each ``stride``-th call until the act comes to its end untouched."""
        at = 1
        while self.stop_at(Fault(at, kind, lasting=lasting)):
            at += stride

    def stop_at(self, fault: Fault) -> bool:
        """One try; whether the act came so far."""
        root = self.fresh("try")
        files = FaultyFiles(fault)
        said = ""
        try:
            is_all = self.act(open_with(root, files))
            said = "done" if is_all in (None, True) else "behind"
        except Stop:
            said = "killed"
        except ChangeUnfinished:
            said = "unfinished"
        except RoboXPError as error:
            said = "unchanged" if "nothing was changed" in error.advice else error.code
        left = contents(root)
        with RoboXP.open(root) as robo:
            told = robo.taken_up
        now = contents(root)
        assert now in (self.before, self.after), (fault, said, told)
        if said == "unchanged":
            assert (left, now, told) == (self.before, self.before, ()), fault
        if said == "done":
            assert left == self.after, fault
        if said in ("unfinished", "behind"):
            assert told or left == self.after, fault
        assert check(root).damaged == []
        assert not (root / "intent.json").exists() and not (root / "levels.json").exists()
        with RoboXP.open(root) as robo:
            assert robo.taken_up == ()
            robo.xp.add(GUILD, ANN, 1)
            robo.xp.add(GUILD, ANN, 1, store="new")
        self.figures[said] += 1
        self.figures["points"] += 1
        return files.count >= fault.at


ACTS: dict[str, Act] = {
    "rename": rename, "restore": restore, "curve": set_curve, "apply": apply, "erase": erase,
    "undo": undo,
}  # fmt: skip
WAYS = [("EIO", False), ("EIO", True), ("ENOSPC", False), ("ENOSPC", True), ("stop", False)]


@pytest.mark.parametrize(("kind", "lasting"), WAYS)
@pytest.mark.parametrize("name", ACTS)
def test_some_points(name: str, kind: str, lasting: bool, tmp_path: Path) -> None:
    """A few points of each act in each way: all or nothing, and said as it is."""
    walk = Walk(ACTS[name], tmp_path)

    walk.stop_everywhere(kind, lasting=lasting, stride={"restore": 47}.get(name, 19))

    assert walk.figures["done"] and walk.figures["points"] > 2


@pytest.mark.long
@pytest.mark.parametrize("name", ACTS)
def test_every_point(name: str, tmp_path: Path) -> None:
    """Every call to the disk of each act, in each way."""
    walk = Walk(ACTS[name], tmp_path)

    for kind, lasting in WAYS:
        walk.stop_everywhere(kind, lasting=lasting, stride=1)

    print(name, dict(walk.figures))
    assert walk.figures["points"] > 150


def power_cuts(name: str, place: Path, stride: int) -> tuple[int, int]:
    """Cut the power at each ``stride``-th call of an act; how many calls and states there were."""
    walk, chance, seen = Walk(ACTS[name], place), Random(1), set[tuple[object, ...]]()
    stop_at, is_done = 1 - stride, False
    while not is_done:
        stop_at += stride
        root = walk.fresh("try")
        files = PowerFiles(root.parent, stop_at)
        files.learn()
        with suppress(Stop):
            is_done = ACTS[name](open_with(root, files)) in (None, True)
        for _ in range(10):
            state = files.some_state(chance)
            left = {path: data for path, data in state.items() if not path.endswith(".lock")}
            key = (is_done, *sorted(left.items()))
            if key in seen:
                continue
            seen.add(key)
            shutil.rmtree(root.parent)
            lay_out(left, root.parent)
            RoboXP.open(root, durability="os").close()
            now = contents(root)
            assert now == walk.after or (now == walk.before and not is_done), stop_at
            assert check(root).damaged == []
    return stop_at, len(seen)


@pytest.mark.parametrize(
    ("name", "stride"),
    [("rename", 2), ("restore", 29), ("curve", 2), ("apply", 2), ("erase", 3), ("undo", 1)],
)
def test_a_power_cut_leaves_all_or_nothing(name: str, stride: int, tmp_path: Path) -> None:
    """Wherever the power is cut, the next command leaves all of the act or nothing; and what was
    acknowledged stays.
    """
    calls, states = power_cuts(name, tmp_path, stride)

    assert calls > 20 and states > 15


@pytest.mark.long
@pytest.mark.parametrize("name", ACTS)
def test_power_cuts_at_every_call_leave_all_or_nothing(name: str, tmp_path: Path) -> None:
    """The same at each call to the disk."""
    print(name, power_cuts(name, tmp_path, 1))


@pytest.mark.parametrize("name", ["rename", "restore"])
def test_a_writer_finishes_what_was_left_first(name: str, tmp_path: Path) -> None:
    """A handle that was open before, such as a daemon's, writes to no half of a change."""
    walk = Walk(ACTS[name], tmp_path)
    seen: Counter[bool] = Counter()
    for at in range(1, 400, 9):
        root = walk.fresh("try")
        daemon = RoboXP.open(root)
        daemon.xp.get(GUILD, ANN)
        with pytest.raises(Stop):
            ACTS[name](open_with(root, FaultyFiles(Fault(at, "stop"))))
            raise Stop
        is_left = (root / "intent.json").exists()
        seen[is_left] += 1

        daemon.xp.add(GUILD, ANN, 1, store="new")
        daemon.xp.add(GUILD, ANN, 1)
        daemon.close()

        assert not (root / "intent.json").exists()
        now = contents(root)
        old = now.get(f"xp/old/{GUILD}", {}).get("users", {}).get(ANN)
        new = now[f"xp/new/{GUILD}"]["users"][ANN]["xp"]
        is_done = name == "rename" and new == 41
        assert (new, old is None) == ((41, True) if is_done else (1, False))
        assert check(root).damaged == []

    assert seen[True] and seen[False]


def test_two_renames_at_once_wait_for_each_other(tmp_path: Path) -> None:
    """``a`` to ``b`` beside ``b`` to ``a``: one after the other, and nothing is lost."""
    from threading import Thread

    root = tmp_path / "data"
    fill(root)

    def swap(source: str, target: str) -> None:
        with RoboXP.open(root) as robo:
            for _ in range(20):
                try:
                    robo.stores.rename(GUILD, source, target)
                except RoboXPError as error:
                    assert error.code in ("REFUSED", "STORE_NOT_FOUND")

    threads = [Thread(target=swap, args=pair) for pair in (("old", "new"), ("new", "old"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with RoboXP.open(root) as robo:
        totals = [robo.xp.get(GUILD, ANN, store=store) for store in ("old", "new")]
    assert sorted(totals) == [0, 40]


FEW_FILES = """
import resource, sys
from robo_xp import RoboXP
with RoboXP.open(sys.argv[1]) as robo:
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    print(len(robo.maintenance.restore(sys.argv[2]).namespaces))
"""


def test_a_restore_needs_a_few_open_files(tmp_path: Path) -> None:
    """More guilds than a process may have open files are restored all the same."""
    root = tmp_path / "data"
    with RoboXP.open(root, durability="os") as robo:
        for number in range(80):
            robo.xp.add(str(10**17 + number), ANN, 5)
        made = robo.maintenance.create_backup(str(tmp_path / "b.tar.gz")).path
        robo.xp.add(str(10**17), ANN, 5)

    done = subprocess.run(
        [sys.executable, "-c", FEW_FILES, str(root), made],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("80\n", "")
    with RoboXP.open(root) as robo:
        assert robo.xp.get(str(10**17), ANN) == 5


WHOLE = '{"cmd":"store rename","by":"cli:ann","ts":1,"names":["NAME"],"lines":["LINE"]}'
BAD_INTENTS = {
    "empty": "",
    "cut": WHOLE[:40],
    "no JSON": "\x00" * 64,
    "nested": '{"cmd":' + "[" * 100_000,
    "another shape": '{"cmd":1}',
    "a changed line": WHOLE,
    "lines without names": WHOLE.replace('"NAME"', ""),
    "a name that leads out": WHOLE.replace("NAME", "../../etc"),
    "a folder that leads out": WHOLE.replace(
        '"lines":["LINE"]',
        '"placing":{"scratch":"../other","kept":null,"archived":[],"isReady":true}',
    ),
    "a kept folder that leads out": WHOLE.replace(
        '"lines":["LINE"]',
        '"placing":{"scratch":"restore-20260101T000000Z.1.new","kept":"..","archived":[],'
        '"isReady":false}',
    ),
}


@pytest.mark.parametrize("content", BAD_INTENTS.values(), ids=BAD_INTENTS)
def test_an_intent_that_cannot_be_used(content: str, tmp_path: Path) -> None:
    """Writers refuse; a check names it; a repair sets it aside, and all goes on from there."""
    root = tmp_path / "data"
    fill(root)
    before = contents(root)
    path = root / "intent.json"
    content = content.replace("NAME", f"xp/default/{GUILD}")
    path.write_text(content)
    other = tmp_path / "other"
    other.mkdir()
    with RoboXP.open(root) as robo, pytest.raises(VaultDamaged, match="the intent cannot be read"):
        robo.xp.add(GUILD, ANN, 1)
    (damage,) = check(root).damaged
    tried = repair(root, dry_run=True)
    is_left = path.exists()
    done = repair(root)

    assert damage.file == tried.intent_copy == str(path)
    assert is_left and not path.exists() and other.is_dir()
    assert Path(done.intent_copy or "").read_text() == content.replace(
        "NAME", f"xp/default/{GUILD}"
    )
    assert check(root).damaged == []
    assert contents(root) == before
    with RoboXP.open(root) as robo:
        assert robo.taken_up == ()
        rename(robo)


def test_what_a_restore_got_ready_stays_where_its_intent_is_lost(tmp_path: Path) -> None:
    """The repair that sets the intent aside leaves the folder, which tells what was meant."""
    root = tmp_path / "data"
    fill(root)
    scratch = root / "restore-20260101T000000Z.1.new"
    scratch.mkdir()
    os.utime(scratch, (0, 0))
    (root / "intent.json").write_text("{")
    repair(root)
    is_left = scratch.is_dir()
    repair(root)

    assert is_left and not scratch.exists()
