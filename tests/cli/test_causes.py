"""What is said of trouble leads somewhere: each cause has its own advice, in every command."""

from __future__ import annotations

import errno
import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.errors.causes import CAUSES
from robo_xp.vault import Batch
from robo_xp.vault.files.disk import Files
from robo_xp.vault.files.namespace import FileNamespace
from tests.cli.program import ANN, GUILD, XP, Program

NUMBERS = sorted(CAUSES)
NAMES = [errno.errorcode[number] for number in NUMBERS]
each_cause = pytest.mark.parametrize("number", NUMBERS, ids=NAMES)


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a store with a member."""
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.xp.add(GUILD, ANN, 1_000)
    return Program(data_dir)


def told(program: Program, *words: str) -> tuple[int, str, str, str]:
    """Exit code, code, message and hint of a run that fails."""
    done = program(*words, "--json")
    error = json.loads(done.stderr.splitlines()[-1])["error"]
    return done.returncode, error["code"], error["message"], error["hint"]


def failing(number: int) -> Callable[..., int]:
    """A call of the system that fails with this number."""

    def fail(*_: object, **__: object) -> int:
        raise OSError(number, os.strerror(number))

    return fail


@each_cause
def test_a_file_of_the_vault_that_the_system_refuses(
    number: int, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says what is wrong, the hint what helps against that, and that all is as was."""
    before = program.bytes()
    monkeypatch.setattr(Files, "write", failing(number))
    code, name, message, hint = told(program, "xp", "give", ANN, "5")

    assert (code, name) == (1, "VAULT_UNAVAILABLE")
    assert message.endswith(f"{XP}.journal: {CAUSES[number].said}")
    assert hint == f"nothing was changed; {CAUSES[number].advice}"
    assert program.bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        "xp apply FOLDER --op give",
        "config import FOLDER",
        "config apply FOLDER",
        "config diff FOLDER",
        "giveaway settings import FOLDER",
        "giveaway verify FOLDER",
        "giveaway import FOLDER",
        "import csv FOLDER",
        "import auto FOLDER",
        "backup show FOLDER",
        "backup restore FOLDER --yes",
        "export FOLDER --force",
        f"card {ANN} --output x.png --avatar FOLDER",
        f"card {ANN} --output x.png --template FOLDER",
        "xp list --config FOLDER",
    ],
)
def test_a_folder_where_a_file_is_wanted(words: str, program: Program, tmp_path: Path) -> None:
    """It is wrong usage in every command, and the message calls it a folder, or says what of it
    is missing; a folder in a wrong place is not taken for a trouble of the disk.
    """
    folder = tmp_path / "folder"
    folder.mkdir()
    before = program.bytes()
    code, _, message, hint = told(program, *words.replace("FOLDER", str(folder)).split())

    assert code == 2
    assert "folder" in message and hint
    assert program.bytes() == before
    assert list(folder.iterdir()) == []


@each_cause
def test_a_file_elsewhere_that_the_system_refuses(
    number: int, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same holds for what is written outside the vault."""
    target = tmp_path / "members.csv"
    monkeypatch.setattr("robo_xp.machine.whole_file.os.fsync", failing(number))
    code, name, message, hint = told(program, "export", str(target))

    if number == errno.ENOENT:
        assert (code, name, hint) == (3, "FILE_NOT_FOUND", "check the path")
    elif number == errno.EISDIR:
        assert (code, name, hint) == (2, "FOLDER_GIVEN", CAUSES[number].advice)
    else:
        assert (code, name, hint) == (1, "FILE_FAILED", CAUSES[number].advice)
        assert message == f"{target} cannot be written: {CAUSES[number].said}"
    assert not target.exists()


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (OSError(number, os.strerror(number)), CAUSES[number].said, CAUSES[number].advice)
        for number in NUMBERS
        if number != errno.ENOENT
    ]
    + [(MemoryError(), CAUSES[errno.ENOMEM].said, CAUSES[errno.ENOMEM].advice)],
    ids=[*(name for name in NAMES if name != "ENOENT"), "memory"],
)
def test_trouble_of_the_machine_is_no_fault_of_the_program(
    error: Exception,
    message: str,
    hint: str,
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Wherever the system refuses without a path, nobody is asked to report it."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("robo_xp_cli.run.context.Run.robo", fail)

    assert told(program, "xp", "show", ANN) == (1, "FILE_FAILED", message, hint)


def test_output_to_a_full_disk(program: Program) -> None:
    """The output cannot be written; that is no fault to report, and nothing of the vault's."""
    code, name, _, hint = told(program, "export", "/dev/full")

    assert (code, name) == (1, "FILE_FAILED")
    assert hint == "make room on that disk, then try again"


@pytest.mark.parametrize(
    "content",
    [b"", b"x\n", gzip.compress(b"x\n"), gzip.compress(bytes(10_240)), gzip.compress(b"")[:8]],
    ids=["empty", "text", "packed text", "empty tar", "cut"],
)
@pytest.mark.parametrize("verb", [("restore", "--yes"), ("show",)], ids=["restore", "show"])
def test_a_bad_backup_leads_to_other_backups(
    content: bytes, verb: tuple[str, ...], program: Program, tmp_path: Path
) -> None:
    """The vault is well, so nobody is sent to repair it."""
    file = tmp_path / "bad.tar.gz"
    file.write_bytes(content)
    code, name, message, hint = told(program, "backup", verb[0], str(file), *verb[1:])

    assert (code, name) == (6, "VAULT_DAMAGED")
    assert str(file) in message
    assert hint == "nothing was changed; see 'robo-xp backup list' for the backups that are whole"


def test_undo_of_a_restore_names_the_restore_that_takes_it_back(program: Program) -> None:
    """What the hint says to do brings back what the restore replaced."""
    program.json("backup", "create")
    program.json("xp", "give", ANN, "50")
    program.json("backup", "restore", "latest", "--yes")
    code, name, message, hint = told(program, "undo", "3", "--yes")
    command = hint.removeprefix("restore what it replaced: robo-xp ").split()
    program.json(*command, "--yes")

    assert (code, name) == (4, "REFUSED")
    assert message == "batch 3 is a restore, which only another restore takes back"
    assert program.json("xp", "show", ANN)["xp"] == 1_050


def test_undo_of_a_restore_that_replaced_nothing(program: Program) -> None:
    """Into an empty folder a backup is restored; only another backup could take its place."""
    made = program.json("backup", "create")
    empty = Program(program.data_dir.with_name("empty"))
    empty.json("backup", "restore", made["file"], "--yes")

    hint = told(empty, "undo", "2", "--yes")[3]

    assert hint == "restore another backup; see 'robo-xp backup list' for those that there are"


def test_undo_of_a_repair_leads_to_backups(program: Program, data_dir: Path) -> None:
    """A repair that lost nothing to undo says where older states are."""
    program.json("xp", "give", ANN, "5")
    journal = data_dir / f"{XP}.journal"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([*lines[:-2], lines[-2].replace(b"1000", b"1001"), lines[-1]]))
    program.json("vault", "repair", "--yes")
    number = program.json("history", "--limit", "1")[0]["seq"]
    code, name, message, hint = told(program, "undo", str(number), "--yes")

    assert (code, name) == (4, "REFUSED")
    assert message == f"batch {number} is a repair of damaged files, which is not taken back"
    assert hint == "see 'robo-xp backup list' for the backups that could be restored"


def test_old_backups_that_cannot_be_removed(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new backup is named as made: only the old ones are still there."""
    program.json("backup", "create")
    remove = Files.remove

    def keep(files: Files, path: str) -> None:
        if path.endswith(".tar.gz"):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        remove(files, path)

    monkeypatch.setattr(Files, "remove", keep)
    code, _, message, hint = told(program, "backup", "create", "--keep", "1")
    whole = [row for row in program.json("backup", "list") if row["whole"]]

    assert code == 1
    assert "older backups in" in message
    assert hint.startswith("the backup itself was made, ")
    assert len(whole) == 2


@pytest.mark.parametrize("made", [0, 1, 2])
def test_a_stopped_command_says_what_was_committed(
    made: int, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C after so many commits: they stay, and are named; before the first nothing is said."""
    append = FileNamespace._append
    count: list[str] = []

    def stop(namespace: FileNamespace, batch: Batch) -> None:
        if len(count) == made:
            raise KeyboardInterrupt
        count.append(namespace.name)
        append(namespace, batch)

    for number in range(3):
        program.json("xp", "give", ANN, "10", "-s", f"s{number}")
    monkeypatch.setattr(FileNamespace, "_append", stop)
    done = program("curve", "set", "linear", "xpPerLevel=10", "--global", "--yes", "--json")
    monkeypatch.undo()

    assert done.returncode == 130
    if made:
        assert f"{made} change" in done.stderr
        assert "the last is batch" in done.stderr and f"of {count[-1]}: see" in done.stderr
    else:
        assert "stopped" not in done.stderr
