"""What somebody of the folder's group plants in it, and root comes by."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.descent import folder_at, make_folder
from robo_xp.errors import RoboXPError
from robo_xp.machine.account import become_owner
from robo_xp.machine.daemon_lock import DaemonLock, daemon_of
from robo_xp.model.shards import Shards
from robo_xp.vault.files.vault import FileVault
from tests.vault.acts import ANN, GUILD, NAME

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="ONLY ROOT CAN BE LED ASTRAY: run as root"
)

OWNER, GROUP, SECONDS = 61001, 61000, 20
SECRET = b"root:$6$known:to:root:alone\n"
FILES = (
    f"{NAME}.journal", f"{NAME}.json", f"{NAME}.lock", f"{NAME}.journal.torn", f"{NAME}.json.new",
    f"archive/{NAME}/000000000001-000000000002.jsonl.gz", f"archive/{NAME}/000000000002.json",
    f"names/{GUILD}.journal", f"giveaways/{GUILD}.lock", "global.journal", "format.json",
    "intent.json", "intent.lock", "levels.json", "levels.lock", "cursors.journal",
    "../data-backups/robo-xp-20260101T000000Z.tar.gz",
)  # fmt: skip
FOLDERS = ("xp", "xp/default", "names", "giveaways", "archive", f"archive/{NAME}")
FOLDER_CASES = [
    *((place, kind) for place in FOLDERS for kind in ("link", "dangling", "pipe")),
    # a link beside the data folder is the operator's own, to another disk
    ("../data-backups", "dangling"), ("../data-backups", "pipe"),
]  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """A data folder of a group, and beside it what is root's alone."""

    root: Path
    secret: Path
    outside: Path

    def seen(self) -> tuple[object, ...]:
        """All that must stay as it is."""
        found = self.secret.stat()
        within = sorted(path.name for path in self.outside.rglob("*"))
        outside = self.outside.stat()
        return (
            self.secret.read_bytes(), found.st_mode, found.st_uid, found.st_gid,
            within, outside.st_mode, outside.st_uid, outside.st_gid,
        )  # fmt: skip

    def copies(self) -> list[Path]:
        """The files in the folder that say the secret and are another file than it."""
        found = []
        for path in self.root.rglob("*"):
            there = path.lstat()
            is_other = there.st_ino != self.secret.stat().st_ino
            if stat.S_ISREG(there.st_mode) and is_other and SECRET in path.read_bytes():
                found.append(path)
        return found


@pytest.fixture
def scene() -> Iterator[Scene]:
    """A vault with some of everything in it, of an account and a group."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        top = Path(name)
        top.chmod(0o755)
        root, secret, outside = top / "data", top / "secret", top / "outside"
        root.mkdir()
        os.chown(root, OWNER, GROUP)
        root.chmod(0o2770)
        with RoboXP.open(root, durability="os") as robo:
            robo.names.remember(GUILD, {ANN: "Ann"})
            robo.config.set_global({"cooldownSeconds": 5})
            for _ in range(2):
                robo.xp.add(GUILD, ANN, 10)
                robo.vault.namespace(NAME).compact()
            robo.xp.add(GUILD, ANN, 10)
            robo.maintenance.create_backup()  # with all that it imports, where the owner may not
        shutil.rmtree(f"{root}-backups")
        secret.write_bytes(SECRET)
        secret.chmod(0o600)
        outside.mkdir(mode=0o700)
        yield Scene(root, secret, outside)


def plant(scene: Scene, place: str, kind: str) -> None:
    """Put something else where the vault has, or makes, a file or folder."""
    path = scene.root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    if kind == "link":
        path.symlink_to(scene.outside if place in FOLDERS else scene.secret)
    elif kind == "dangling":
        path.symlink_to(scene.outside / "made")
    elif kind == "hard link":
        path.hardlink_to(scene.secret)
    elif kind == "pipe":
        os.mkfifo(path, 0o660)
    else:
        try:
            os.mknod(path, 0o660 | stat.S_IFCHR, os.makedev(1, 5))
        except PermissionError:
            pytest.skip("NO DEVICES CAN BE MADE HERE")
    if kind != "hard link":
        os.chown(path, OWNER, GROUP, follow_symlinks=False)


def everything(root: Path) -> None:
    """What root may do with a vault, each for itself."""
    acts: list[Callable[[RoboXP], object]] = [
        lambda robo: robo.xp.add(GUILD, ANN, 1),
        lambda robo: robo.config.set_global({"cooldownSeconds": 6}),
        lambda robo: robo.curves.set(None, {"type": "linear", "params": {"xpPerLevel": 50}}),
        lambda robo: robo.names.remember(GUILD, {ANN: "Anne"}),
        lambda robo: robo.giveaways.list(GUILD),
        lambda robo: robo.vault.namespace(NAME).compact(),
        lambda robo: list(robo.vault.namespace(NAME).batches()),
        lambda robo: robo.maintenance.check(),
        lambda robo: robo.maintenance.create_backup(),
        lambda robo: robo.maintenance.repair(salvage=True),
        lambda robo: robo.maintenance.restore(at=robo.vault.clock.now_ms()),
        lambda robo: robo.maintenance.backups(),
    ]
    for act in acts:
        with suppress(RoboXPError), RoboXP.open(root, durability="os", to_mend=True) as robo:
            act(robo)


def as_root(act: Callable[[], object]) -> int:
    """The exit code of a process of root's that does it; killed when it hangs."""
    child = os.fork()
    if child == 0:
        code = 9
        signal.alarm(SECONDS)
        try:
            act()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("becomes", [False, True], ids=["root", "owner"])
@pytest.mark.parametrize("kind", ["link", "dangling", "hard link", "pipe", "device"])
@pytest.mark.parametrize("place", FILES)
def test_root_is_led_nowhere_by_a_file(scene: Scene, place: str, kind: str, becomes: bool) -> None:
    """Whatever stands in the place of a file, nothing of root's is read, changed or waited for;
    neither by root itself nor by the owner that root becomes.
    """
    plant(scene, place, kind)
    before = scene.seen()

    def act() -> None:
        if becomes:
            assert become_owner(scene.root) == str(OWNER)
        everything(scene.root)

    assert as_root(act) == 0
    assert scene.seen() == before
    assert scene.copies() == []


@pytest.mark.parametrize(("place", "kind"), FOLDER_CASES)
def test_root_is_led_nowhere_by_a_folder(scene: Scene, place: str, kind: str) -> None:
    """Whatever stands in the place of a folder, nothing is read, made or changed behind it."""
    plant(scene, place, kind)
    before = scene.seen()

    assert as_root(lambda: everything(scene.root)) == 0
    assert scene.seen() == before


@pytest.mark.parametrize("place", ["xp", "xp/default", "names", "global.journal"])
@pytest.mark.parametrize("kind", ["dangling", "pipe"])
def test_what_is_planted_is_never_read_as_nothing(scene: Scene, place: str, kind: str) -> None:
    """Where a link or a pipe stands, the vault says so; it does not say that there is no data."""
    plant(scene, place, kind)
    name = {"names": f"names/{GUILD}", "global.journal": "global"}.get(place, NAME)
    vault = FileVault(scene.root)

    with pytest.raises(RoboXPError):
        vault.namespace(name).read()
    vault.close()


@pytest.mark.parametrize("kind", ["link", "dangling", "hard link", "pipe", "device"])
def test_the_daemons_lock_writes_to_its_own_file_only(scene: Scene, kind: str) -> None:
    """A daemon of root's refuses a lock file that is, or leads to, something else."""
    plant(scene, "daemon.lock", kind)
    before = scene.seen()

    def act() -> None:
        assert daemon_of(scene.root) is None
        with pytest.raises(RoboXPError):
            DaemonLock(scene.root).take()

    assert as_root(act) == 0
    assert scene.seen() == before


@pytest.mark.parametrize("name", ["shards.lock", "daemon.lock", "daemon-0-1-2.lock"])
@pytest.mark.parametrize("kind", ["link", "dangling", "hard link", "pipe", "device"])
def test_the_locks_of_shards_write_to_their_own_files_only(
    scene: Scene, name: str, kind: str
) -> None:
    """The same for each file that a daemon of some shards takes."""
    shards = Shards.of("0-1/2")
    plant(scene, name, kind)
    before = scene.seen()

    def act() -> None:
        with pytest.raises(RoboXPError):
            DaemonLock(scene.root, shards).take()

    assert as_root(act) == 0
    assert scene.seen() == before


@pytest.mark.parametrize("place", [f"{NAME}.journal", f"{NAME}.lock", "intent.lock"])
def test_a_second_name_in_a_folder_of_roots_that_a_group_writes(scene: Scene, place: str) -> None:
    """Where the folder is root's own but a group's too, what the group may not read is no file of
    the vault, and the vault's own files with two names are still read.
    """
    for path in [scene.root, *scene.root.rglob("*")]:
        os.chown(path, 0, GROUP)
        path.chmod(0o2770 if path.is_dir() else 0o660)
    with RoboXP.open(scene.root, durability="os") as robo:
        assert robo.xp.add(GUILD, ANN, 1).new_xp == 31
        robo.vault.namespace(NAME).compact()
        assert robo.maintenance.check().damaged == []
    plant(scene, place, "hard link")
    before = scene.seen()

    assert as_root(lambda: everything(scene.root)) == 0
    assert scene.seen() == before
    assert scene.copies() == []


@pytest.mark.parametrize("mode", [0o700, 0o750, 0o2770])
def test_a_folder_that_is_swapped_is_not_given_away(scene: Scene, mode: int) -> None:
    """Owner and mode of a new folder are set on what was made, not on what stands at its path."""
    above = folder_at(str(scene.root))
    (scene.root / "fresh").symlink_to(scene.outside)
    before = scene.seen()
    make_folder(above, "fresh", mode)
    make_folder(above, "other", mode)
    os.close(above)

    assert scene.seen() == before
    made = (scene.root / "other").stat()
    assert (stat.S_IMODE(made.st_mode), made.st_uid) == (mode, OWNER)


@pytest.mark.parametrize("way", ["folder", "below a folder", "through a link"])
def test_root_becomes_whoever_owns_the_folder(scene: Scene, way: str) -> None:
    """User and groups change for good, also where the folder is still to be made, or where a link
    of somebody's leads to a folder of root's.
    """
    folder = scene.root
    if way == "below a folder":
        folder = scene.root / "still" / "to be made"
    if way == "through a link":
        folder = scene.root / "link"
        folder.symlink_to(scene.outside)
        os.lchown(folder, OWNER, GROUP)

    def act() -> None:
        assert become_owner(folder) == str(OWNER)
        assert os.getresuid() == (OWNER,) * 3
        assert os.getresgid() == (GROUP,) * 3
        assert os.getgroups() == []
        with pytest.raises(PermissionError):
            scene.secret.read_bytes()
        assert become_owner(folder) is None

    assert as_root(act) == 0


def test_root_stays_root_on_its_own_folder(scene: Scene) -> None:
    """Where the folder is root's, nothing changes."""

    def act() -> None:
        assert become_owner(scene.outside) is None
        assert os.geteuid() == 0

    assert as_root(act) == 0


def calls_by_path(trace: str, root: Path) -> list[str]:
    """The traced calls, after root was given up, that name a path below the folder."""
    _, _, after = trace.partition(f"setuid({OWNER})")
    return [line for line in after.splitlines() if f'"{root}/' in line]


@pytest.mark.skipif(shutil.which("strace") is None, reason="there is no strace")
@pytest.mark.parametrize(
    "command",
    [("xp", "give", ANN, "5"), ("vault", "check"), ("backup", "restore", "--at", "0m", "--yes")],
    ids=lambda command: " ".join(command[:2]),
)
def test_root_calls_nothing_by_path_below_the_folder(
    scene: Scene, tmp_path: Path, command: tuple[str, ...]
) -> None:
    """Traced from outside, a command of root's becomes the owner, and then reaches all that is
    below the folder from a descriptor of it.
    """
    trace = tmp_path / "trace"
    act = (
        "import sys, os, robo_xp_cli.run.context as context;"
        "from robo_xp.machine import account;"
        "from robo_xp_cli.main import main;"
        "import zoneinfo, robo_xp.vault.care.file_care, robo_xp.usecases.maintenance;"
        "import robo_xp_cli.run.progress;"
        "context.check_readable = lambda name: None;"
        "sys.exit(main(sys.argv[1:]))"
    )
    told = ("--data-dir", str(scene.root), "-g", GUILD, "-q")
    tracing = ("strace", "-f", "-e", "trace=%file,%desc,setuid", "-o", str(trace))
    subprocess.run(
        [*tracing, sys.executable, "-c", act, *command, *told],
        env={"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ["PATH"]},
        check=True,
    )
    text = trace.read_text(errors="replace")

    assert f"setuid({OWNER})" in text
    assert '"xp"' in text
    assert calls_by_path(text, scene.root) == []
