"""Large guilds, many namespaces, hostile content, foreign owners, vanished folders, full disks.

Each has a quick form here; the large ones are run by hand: ``./dev test -m long -s`` prints
their figures.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.errors import InvalidId, InvalidValue, RoboXPError, VaultDamaged, VaultUnavailable
from robo_xp.vault import Origin
from robo_xp.vault.files.vault import FileVault
from tests.cli.program import Program
from tests.vault.acts import ANN, BOB, GUILD, NAME, ORIGIN, content, disk_content, path_of
from tests.vault.care.test_check import check, files_of
from tests.vault.care.test_repair import give, member

ROOT = Path(__file__).parents[2]
AWAY = 65534
FIRST = 2 * 10**17
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def populate(root: Path, members: int) -> None:
    """A guild of so many members, each with another total, in a snapshot."""
    vault = FileVault(root, durability="os")
    namespace = vault.namespace(NAME)
    with namespace.transaction(ORIGIN) as transaction:
        for number in range(members):
            transaction.put("users", str(FIRST + number), member(number))
    namespace.compact()
    vault.close()


# what a process of its own does with a large guild; its last line tells seconds and megabytes
ACTS = f"""
import json, re, sys, time
from robo_xp import RoboXP
told, last = {{}}, time.perf_counter()
def lap(name):
    global last
    told[name] = round(time.perf_counter() - last, 4)
    last = time.perf_counter()
with RoboXP.open(sys.argv[1]) as robo:
    members = int(sys.argv[2])
    lap("import")
    assert robo.xp.get("{GUILD}", str({FIRST} + 5)) == 5
    lap("open")
    robo.xp.award("{GUILD}", str({FIRST} + 7), channel_id="333333333333333333", at=10**12)
    lap("first award")
    for number in range(100):
        robo.xp.award("{GUILD}", str({FIRST} + number + 100), channel_id="333333333333333333",
                      at=10**12)
    lap("100 awards")
    page = robo.leaderboard.page("{GUILD}", offset=members // 2, limit=10)
    assert page.total == members - 1 and len(page.entries) == 10
    lap("first page")
    assert robo.leaderboard.rank("{GUILD}", str({FIRST} + members - 1)).rank == 1
    robo.leaderboard.page("{GUILD}", offset=0, limit=10)
    lap("rank and page")
told["MB"] = int(re.search("VmHWM:[^0-9]*([0-9]+)", open("/proc/self/status").read())[1]) // 1024
print(json.dumps(told))
"""


def act_on(root: Path, members: int) -> dict[str, float]:
    """The figures of a process that opens a guild, awards and pages."""
    command = [sys.executable, "-c", ACTS, str(root), str(members)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def test_a_large_guild(data_dir: Path) -> None:
    """20,000 members are opened, awarded and paged in less than 200 MB."""
    populate(data_dir, 20_000)
    figures = act_on(data_dir, 20_000)

    assert figures["MB"] < 200


@pytest.mark.long
def test_a_million_members(data_dir: Path, tmp_path: Path) -> None:
    """A million members work: seconds to open, then milliseconds; check and backup too."""
    start = time.perf_counter()
    populate(data_dir, 1_000_000)
    print(f"\nwritten in {time.perf_counter() - start:.1f} s,", end=" ")
    print(f"{path_of(data_dir, '.json').stat().st_size / 1e6:.0f} MB of snapshot")
    figures = act_on(data_dir, 1_000_000)
    print(figures)
    program = Program(data_dir, GUILD)
    for words in (
        ("vault", "check"),
        ("backup", "create", str(tmp_path / "b.tar.gz")),
        ("backup", "restore", str(tmp_path / "b.tar.gz"), "--yes"),
        ("leaderboard",),
    ):
        start = time.perf_counter()
        assert program(*words).returncode == 0
        print(f"{' '.join(words[:2])}: {time.perf_counter() - start:.1f} s")

    assert program.json("leaderboard", "--limit", "1")["total"] == 999_999
    assert figures["open"] < 60 and figures["100 awards"] < 10
    assert figures["MB"] < 4_000


# runs a command, and tells megabytes and seconds of the processor that it took at most; a process
# in between, since one that comes of a large one has its size at first
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_maxrss / 1000, used.ru_utime + used.ru_stime)
"""


def costs_of(program: Program, *words: str) -> tuple[float, float]:
    """Megabytes and seconds of the processor that a run in a process of its own takes."""
    run = [sys.executable, "-m", "robo_xp_cli", *words]
    command = [sys.executable, "-c", MEASURE, *run]
    done = subprocess.run(command, env=program.environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    megabytes, seconds = map(float, done.stdout.split())
    return megabytes, seconds


@pytest.mark.parametrize(
    ("members", "most", "of_heads"),
    [(20_000, 80, 60), pytest.param(1_000_000, 1_200, 150, marks=pytest.mark.long)],
)
def test_one_change_of_many_members(
    data_dir: Path, tmp_path: Path, members: int, most: int, of_heads: int
) -> None:
    """To apply it, undo, check and restore takes so many megabytes; to list it a second and few,
    and what it did to one member, or its last events, no more than its line.
    """
    program, rows, saved = Program(data_dir, GUILD), tmp_path / "rows.csv", tmp_path / "saved"
    lines = (f"{FIRST + number},{100 + number % 900}\n" for number in range(members))
    rows.write_text("user,amount\n" + "".join(lines))
    print()
    for words in (
        ("xp", "apply", str(rows), "--op", "give"),
        ("history", "--limit", "3"),
        ("history", "--user", str(FIRST)),
        ("events", "--limit", "3"),
        ("vault", "check"),
        ("backup", "create", str(saved)),
        ("undo", "last", "--yes"),
        ("history", "--limit", "3"),
        ("backup", "restore", str(saved), "--yes"),
        ("vault", "check"),
        ("history", "--limit", "3"),
    ):
        megabytes, seconds = costs_of(program, *words)
        print(f"{' '.join(words[:2])}: {megabytes:.0f} MB, {seconds:.1f} s of the processor")
        is_list = words[:2] == ("history", "--limit")
        assert megabytes < (of_heads if is_list else most) and (seconds < 1 or not is_list)
        assert megabytes < most / 2 or words[0] not in ("history", "events")
    assert program.json("leaderboard", "--limit", "1")["total"] == members


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def many(root: Path, count: int, open_at_once: int) -> tuple[int, int]:
    """Write to so many namespaces twice over one handle: the most open files, the sum of XP."""
    vault = FileVault(root, durability="os", open_at_once=open_at_once)
    most = total = 0
    for _ in range(2):
        for number in range(count):
            give(vault.namespace(f"xp/default/{FIRST + number}"), ANN, 1)
            if number % 50 == 0:
                most = max(most, open_files())
    for name in vault.names():
        total += vault.namespace(name).read().records("users")[ANN]["xp"]
    vault.close()
    return most, total


def test_many_namespaces(data_dir: Path) -> None:
    """However many guilds there are, only so many stay open, and each keeps its own."""
    before = open_files()
    most, total = many(data_dir, 200, 16)

    assert most - before <= 2 * 17
    assert total == 400
    assert open_files() == before


@pytest.mark.long
def test_five_thousand_namespaces(data_dir: Path, tmp_path: Path) -> None:
    """Five thousand guilds fit a process with the usual 1,024 open files."""
    before = open_files()
    start = time.perf_counter()
    most, total = many(data_dir, 5_000, 256)
    print(f"\n10,000 batches in {time.perf_counter() - start:.1f} s, {most - before} open files")
    assert total == 10_000 and most - before <= 2 * 257
    for words in (
        ("vault", "check"),
        ("guild", "list"),
        ("backup", "create", str(tmp_path / "b.tar.gz")),
        ("backup", "restore", str(tmp_path / "b.tar.gz"), "--yes"),
        ("vault", "check"),
    ):
        start = time.perf_counter()
        done = run_limited(data_dir, words)
        assert done.returncode == 0, done.stderr[-500:]
        print(f"{' '.join(words[:2])}: {time.perf_counter() - start:.1f} s")


def run_limited(root: Path, words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """The program with the number of open files that systems allow by default."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 20_000))

    return subprocess.run(
        [sys.executable, "-m", "robo_xp_cli", *words],
        env=Program(root).environment(),
        capture_output=True,
        text=True,
        preexec_fn=limit,
    )


def test_a_long_journal(data_dir: Path) -> None:
    """A journal that was never compacted is opened, followed and compacted like any other."""
    vault = FileVault(data_dir, durability="os", compact_from=1 << 40)
    reader = FileVault(data_dir)
    for number in range(5_000):
        give(vault.namespace(NAME), str(FIRST + number % 50), 1)
        if number == 4_000:
            assert reader.namespace(NAME).read().seq == 4_001
    reader.close()
    before = disk_content(data_dir)
    assert check(data_dir).batches == 5_000
    vault.namespace(NAME).compact()
    vault.close()

    assert disk_content(data_dir) == before
    assert sum(user["xp"] for user in before["users"].values()) == 5_000


def test_a_very_long_line(data_dir: Path) -> None:
    """A reason of ten megabytes is refused from people; a line of that size can be read all
    the same, since a library may write it.
    """
    with RoboXP.open(data_dir, durability="os") as robo:
        with pytest.raises(InvalidValue, match="512 are allowed"):
            robo.xp.add(GUILD, ANN, 1, reason="x" * 10_000_000)
        with robo.vault.namespace(NAME).transaction(Origin("t", "t")) as transaction:
            transaction.reason = "y" * 10_000_000
            transaction.put("users", ANN, member(1))
        robo.xp.add(GUILD, ANN, 1)

    assert disk_content(data_dir)["users"][ANN]["xp"] == 2
    assert check(data_dir).damaged == []


def signed(body: bytes) -> bytes:
    """A line with the crc of its own content, as the vault would sign it."""
    return b'%b,"crc":"%08x"}\n' % (body[:-1], zlib.crc32(body))


LINE = b'{"seq":2,"ts":1,"by":"t","cmd":"t","ops":[["users","%d",%%b]],"events":[]}' % FIRST
HOSTILE: dict[str, bytes] = {
    "deep": LINE % (b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "not a number": LINE % b'{"xp":NaN}',
    "endless": LINE % b'{"xp":Infinity}',
    "lone surrogate": LINE % b'{"name":"\\ud800"}',
    "no text": LINE % b'{"name":"\xff\xfe"}',
    "no object": LINE % b"[1]",
    "number as text": LINE.replace(b'"seq":2', b'"seq":"2"') % b"{}",
    "huge number": LINE.replace(b'"seq":2', b'"seq":' + b"9" * 5000) % b"{}",
    "a list": b"[]",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_lines_are_damage(what: str, data_dir: Path) -> None:
    """A signed line that no vault writes is damage with its place, never a crash, and repair
    takes it out.
    """
    vault = FileVault(data_dir, durability="os")
    give(vault.namespace(NAME))
    vault.close()
    path = path_of(data_dir, ".journal")
    whole = path.read_bytes()
    path.write_bytes(whole + signed(HOSTILE[what]) + b"more\n")
    before = {"users": {ANN: member(10)}}

    with pytest.raises(VaultDamaged) as caught:
        disk_content(data_dir)
    assert caught.value.offset == len(whole)
    with RoboXP.open(data_dir) as robo:
        robo.maintenance.repair()
    assert disk_content(data_dir) == before
    assert check(data_dir).damaged == []


def test_a_hostile_snapshot_is_damage(data_dir: Path) -> None:
    """The same for a signed snapshot that is nested too deep."""
    populate(data_dir, 3)
    body = b'{"users":' + b'{"1":' * 100_000 + b"1" + b"}" * 100_000 + b',"meta":{"1":{"seq":1}}}'
    tail = b',"crc":"%08x"}}}' % zlib.crc32(body)
    path_of(data_dir, ".json").write_bytes(body[:-3] + tail)

    with pytest.raises(VaultDamaged):
        disk_content(data_dir)
    assert len(check(data_dir).damaged) == 1


@pytest.mark.parametrize(
    "store", ["..", ".", "../x", "a/b", "/etc", "a\0b", "A", "", "x" * 33, "a.b", "a\n", "ä", "~"]
)
def test_store_ids_lead_nowhere(store: str, data_dir: Path) -> None:
    """A store id that is a path, or anything odd, is refused, and no file is made."""
    with RoboXP.open(data_dir) as robo, pytest.raises(InvalidId):
        robo.xp.add(GUILD, ANN, 1, store=store)
    with RoboXP.open(data_dir) as robo, pytest.raises(InvalidId):
        robo.xp.add(f"{GUILD}/../x", ANN, 1)
    assert not data_dir.exists()


def test_lone_surrogates_are_refused(data_dir: Path) -> None:
    """Text that is no text is refused before anything is written."""
    with RoboXP.open(data_dir) as robo:
        with pytest.raises(InvalidValue):
            robo.xp.add(GUILD, ANN, 1, reason="\ud800")
        with pytest.raises(InvalidValue):
            robo.names.remember(GUILD, {ANN: "\udfff"})
    assert not list(data_dir.rglob("*.journal"))


# -- owners ----------------------------------------------------------------------------------------


def as_nobody(act: Callable[[], None]) -> str:
    """What happens when an unprivileged user does it: the error as text, or ``done``."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        said = "crashed"
        try:
            os.setgroups([])
            os.setgid(AWAY)
            os.setuid(AWAY)
            act()
            said = "done"
        except RoboXPError as error:
            said = f"{type(error).__name__}: {error.message}"
        except BaseException as error:
            said = f"crashed: {error!r}"
        finally:
            os.write(write, said.encode())
            os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as pipe:
        return pipe.read()


@pytest.fixture
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A vault of root in a place that everybody can reach."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        root = Path(folder) / "data"
        vault = FileVault(root, durability="os")
        give(vault.namespace(NAME))
        vault.namespace(NAME).compact()
        give(vault.namespace(NAME))
        vault.close()
        yield root


def read(root: Path) -> None:
    assert disk_content(root)["users"][ANN]["xp"] == 20


def write(root: Path) -> None:
    vault = FileVault(root)
    give(vault.namespace(NAME))


@as_root
@pytest.mark.parametrize("act", [read, write])
def test_a_private_folder_of_somebody_else(act: Callable[[Path], None], foreign: Path) -> None:
    """Neither reading nor writing passes for an empty vault: permission denied, nothing made."""
    before = files_of(foreign)

    assert "VaultUnavailable" in as_nobody(lambda: act(foreign))
    assert files_of(foreign) == before


@as_root
def test_files_of_somebody_else_can_be_read_where_allowed(foreign: Path) -> None:
    """With permission to read, reading works and writing says what is not permitted."""
    for path in [foreign, *foreign.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    before = files_of(foreign)

    assert as_nobody(lambda: read(foreign)) == "done"
    assert "permission denied" in as_nobody(lambda: write(foreign))
    assert files_of(foreign) == before


@as_root
def test_a_check_tells_what_it_could_not_read(foreign: Path) -> None:
    """One unreadable namespace is told, and the others are checked all the same."""
    vault = FileVault(foreign)
    give(vault.namespace(f"xp/default/{BOB}"))
    vault.close()
    for path in [foreign, *foreign.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    path_of(foreign, ".journal").chmod(0o600)

    def act() -> None:
        with RoboXP.open(foreign) as robo:
            found = robo.maintenance.check()
        assert found.batches == 1 and found.damaged == []
        assert [(note.file, "permission denied" in note.what) for note in found.unread] == [
            (NAME, True)
        ]

    assert as_nobody(act) == "done"


# -- what goes away --------------------------------------------------------------------------------


def test_a_folder_removed_under_a_handle(data_dir: Path) -> None:
    """A handle whose folder is gone says so, at every attempt, and makes no half vault."""
    vault = FileVault(data_dir)
    namespace = vault.namespace(NAME)
    give(namespace)
    kept = content(namespace)
    shutil.copytree(data_dir, data_dir.with_name("copy"))
    shutil.rmtree(data_dir)
    for _ in range(2):
        with pytest.raises(VaultDamaged, match="gone while it is in use"):
            namespace.read()
        with pytest.raises(RoboXPError):
            give(namespace)
    shutil.rmtree(data_dir, ignore_errors=True)
    data_dir.with_name("copy").rename(data_dir)

    assert content(namespace) == kept
    give(namespace)
    assert disk_content(data_dir)["users"][ANN]["xp"] == 20
    vault.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    place = tmp_path / "small"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m,mode=755", "tmpfs", str(place)],
        capture_output=True,
    )
    if done.returncode:
        pytest.skip("this machine does not allow mounts")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill_up(place: Path, *, leave: int = 0) -> Path:
    """Take all the room that is left but ``leave`` bytes; the file that does."""
    filler = place / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    if leave:
        os.truncate(filler, filler.stat().st_size - leave)
    return filler


def test_a_full_disk(small_disk: Path, tmp_path: Path) -> None:
    """Every command that writes fails with a clear error; the vault is read, and goes on when
    there is room.
    """
    program = Program(small_disk / "data", GUILD)
    assert program("xp", "give", ANN, "10").returncode == 0
    made = str(tmp_path / "b.tar.gz")
    assert program("backup", "create", made).returncode == 0
    filler = fill_up(small_disk)
    before = program.bytes()
    for words in (
        ("xp", "give", ANN, "5", "--reason", "x" * 500),
        ("xp", "give", BOB, "5", "--store", "other"),
        ("vault", "compact"),
        ("backup", "create", str(small_disk / "b.tar.gz")),
        ("backup", "restore", made, "--yes"),
    ):
        for _ in range(12):  # a journal has some room in its last block
            code, name, message = failing(program, *words)
            if code:
                break
        assert (code, name) == (1, "VAULT_UNAVAILABLE"), words
        assert "disk is full" in message
    found = program.json("xp", "show", ANN)["xp"]
    assert found >= 10 and (found - 10) % 5 == 0
    assert program("vault", "check").returncode == 0
    assert not list(small_disk.glob("b.tar.gz*")) and not list(small_disk.glob("data/restore-*"))
    assert set(program.bytes()) == set(before)
    filler.unlink()

    assert program.json("xp", "give", ANN, "5")["newXp"] == found + 5
    assert program("vault", "compact").returncode == 0
    assert program("backup", "restore", made, "--yes").returncode == 0
    assert program.json("xp", "show", ANN)["xp"] == 10
    assert program("vault", "check").returncode == 0


def failing(program: Program, *words: str) -> tuple[int, str, str]:
    """Exit code, code and message of a run; no code for one that succeeds."""
    done = program(*words, "--json")
    if done.returncode == 0:
        return 0, "", ""
    last = done.stderr.splitlines()[-1]
    if words == ("vault", "compact"):  # it goes on, and names what it left as it is
        return done.returncode, "VAULT_UNAVAILABLE", last
    error = json.loads(last)["error"]
    return done.returncode, error["code"], error["message"]


def test_a_write_that_fits_in_part(small_disk: Path) -> None:
    """A batch for which there is room for half leaves no trace, and the next one works."""
    root = small_disk / "data"
    vault = FileVault(root)
    namespace = vault.namespace(NAME)
    give(namespace)
    filler = fill_up(small_disk, leave=8192)
    with (
        pytest.raises(VaultUnavailable, match="disk is full"),
        namespace.transaction(ORIGIN) as transaction,
    ):
        for number in range(1_000):
            transaction.put("users", str(FIRST + number), member(number))
    assert content(namespace) == disk_content(root) == {"users": {ANN: member(10)}}
    filler.unlink()
    give(namespace)
    vault.close()

    assert disk_content(root) == {"users": {ANN: member(20)}}
