"""``robo-xp doctor``: what it looks at, what it says to do, and which exit code that has."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from robo_xp import RoboXP
from robo_xp.errors import VaultUnavailable
from robo_xp.machine.daemon_lock import DaemonLock
from robo_xp_cli.daemon_link import process as daemon_process
from robo_xp_cli.nouns.daemon import service_units
from robo_xp_cli.nouns.doctor import machine as doctor_machine
from tests.cli.nouns.daemon.test_verbs import holding
from tests.cli.program import ANN, GUILD, XP, Program
from tests.cli.stand_in import standing_in
from tests.cli.terminal import watched

CHECKS = (
    "python packages clock configuration disk vault backups token daemon waiting discord rewards"
    " systemd completion manual cards"
).split()
TOKEN = "abc.def.ghi"


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a vault with one member."""
    with RoboXP.open(data_dir, durability="os", by="test") as robo:
        robo.xp.add(GUILD, ANN, 100)
    return Program(data_dir)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The path of a configuration file that is not there yet."""
    return tmp_path / "robo-xp.toml"


def looked(program: Program, *words: str, **env: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Exit code and rows by check."""
    done = program("doctor", "--json", *words, env=env)
    rows = json.loads(done.stdout)
    return done.returncode, {row["check"]: row for row in rows}


def test_a_sound_machine_has_no_failure(program: Program) -> None:
    """Every check has a row with the same four keys, and warnings leave the exit code at 0."""
    code, rows = looked(program)

    assert code == 0
    assert set(rows) == {*CHECKS, "data folder"}
    assert {tuple(row) for row in rows.values()} == {("check", "status", "message", "advice")}
    fine = ("python", "packages", "data folder", "disk", "vault")
    assert {rows[name]["status"] for name in fine} == {"ok"}
    assert "discord.py" in rows["packages"]["message"]


def test_before_the_first_change_nothing_is_wrong(tmp_path: Path) -> None:
    """A data folder that is not there yet is skipped, as is what would be in it."""
    code, rows = looked(Program(tmp_path / "none"))

    skipped = {name for name, row in rows.items() if row["status"] == "skipped"}
    assert code == 0
    assert skipped >= {"configuration", "data folder", "vault", "backups", "waiting"}
    assert not (tmp_path / "none").exists()


def test_a_faulty_configuration_is_a_row_like_others(program: Program, config: Path) -> None:
    """The other checks are made all the same; the exit code is that of a wrong configuration."""
    config.write_text("colour = 'red'\n")
    code, rows = looked(program, "--config", str(config))

    assert (code, rows["configuration"]["status"]) == (2, "failed")
    assert "colour: unknown key" in rows["configuration"]["message"]
    assert rows["vault"]["status"] == "ok"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[daemon]\nlog_level = 'loud'\n", "loud"),
        ("[daemon]\nmembers = true\n", "members_intent"),
        ("get_curve = 'no.such:thing'\n", "no.such"),
    ],
)
def test_the_daemon_s_part_of_it_is_looked_at_too(
    program: Program, config: Path, text: str, word: str
) -> None:
    """What only the daemon would complain about shows before it is started."""
    config.write_text(text)
    code, rows = looked(program, "--config", str(config))

    assert code == 2
    assert word in rows["configuration"]["message"]


def test_a_configuration_that_is_not_there_has_its_own_exit_code(program: Program) -> None:
    """A file that was named and does not exist is exit code 3."""
    code, rows = looked(program, "--config", "/nonexistent/robo-xp.toml")

    assert (code, rows["configuration"]["status"]) == (3, "failed")


def test_a_configuration_that_others_may_write_is_told(program: Program, config: Path) -> None:
    """Whoever may write the file decides where data goes."""
    config.write_text("")
    config.chmod(0o666)
    _, rows = looked(program, "--config", str(config))

    assert rows["configuration"]["status"] == "warning"
    assert rows["configuration"]["advice"] == f"chmod go-w {config}"


@pytest.mark.parametrize(
    ("mode", "status", "word"),
    [(0o700, "ok", "0700"), (0o755, "warning", "others may look into it"),
     (0o777, "warning", "others may change what is in it"), (0o2770, "ok", "2770"),
     (0o770, "warning", "g+s")],
)  # fmt: skip
def test_the_mode_of_the_data_folder(program: Program, mode: int, status: str, word: str) -> None:
    """Private, or a group's with the setgid bit; all else is a warning."""
    program.data_dir.chmod(mode)
    _, rows = looked(program)

    row = rows["data folder"]
    assert row["status"] == status
    assert word in f"{row['message']} {row['advice']}"


@pytest.mark.parametrize("system", ["nfs4", "cifs", "fuse.sshfs", "ext4"])
def test_a_data_folder_of_another_machine_is_named(
    program: Program, system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a file system where locks and syncs may not hold, doctor says on which."""
    place = program.data_dir.resolve()
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "1 0 8:1 / / rw - ext4 /dev/sda rw\n"
        f"2 1 0:9 / {place.parent} rw - {system} server:/x rw\n"
        f"3 1 0:9 / {place}-other rw - nfs server:/y rw\n"
    )
    monkeypatch.setattr("robo_xp.mounts.MOUNTS", str(mounts))
    _, rows = looked(program)

    row = rows["data folder"]
    assert row["status"] == ("ok" if system == "ext4" else "warning")
    assert (f"on {system}:" in row["message"]) == (system != "ext4")


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o777])
def test_its_advice_mends_it_when_pasted(program: Program, mode: int) -> None:
    """Whatever is in the path, a shell runs the advice as it stands, and all is well then."""
    place = program.data_dir.rename(program.data_dir.with_name("a 'b'\n$(c)"))
    place.chmod(mode)
    there = Program(place)
    _, before = looked(there)
    subprocess.run(["sh", "-c", before["data folder"]["advice"]], check=True)
    _, after = looked(there)

    assert (before["data folder"]["status"], after["data folder"]["status"]) == ("warning", "ok")


def test_advice_is_a_command_for_this_place(program: Program, config: Path) -> None:
    """Each advice begins with a program; ours get the options that name what was looked at."""
    config.write_text("[daemon]\ntoken_file = 'none'\n")
    options = ("--config", str(config), "--data-dir", str(program.data_dir))
    _, rows = looked(program, *options)
    commands = [shlex.split(row["advice"]) for row in rows.values() if row["advice"]]
    [backup] = [words for words in commands if words[1] == "backup"]

    known = {"robo-xp", "robo-xpd", "export", "timedatectl", "systemctl", "du"}
    assert {words[0] for words in commands} <= known
    assert tuple(backup) == ("robo-xp", "backup", "create", *options)
    assert program(*backup[1:], env={"ROBO_XP_DATA_DIR": "/nonexistent"}).returncode == 0


def test_the_advice_stores_a_token_when_pasted(program: Program, config: Path) -> None:
    """What doctor says of a missing token mends it, in a file that named none."""
    program.json("init", "--config", str(config))
    _, before = looked(program, "--config", str(config))
    words = shlex.split(before["token"]["advice"])
    done = program(*words[1:], stdin=TOKEN.encode())
    _, after = looked(program, "--config", str(config))

    assert (done.returncode, before["token"]["status"]) == (0, "warning")
    assert after["token"]["status"] == "ok"


def test_a_folder_of_another_account_fails_without_a_crash(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be looked at is said, and every other check is made."""
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    monkeypatch.setattr(daemon_process, "check_visible", _unseen)
    code, rows = looked(program)

    assert (code, rows["data folder"]["status"]) == (1, "failed")
    assert {rows[name]["status"] for name in ("backups", "daemon", "token")} == {"skipped"}


def _unseen(data_dir: Path) -> None:
    raise VaultUnavailable("not for this account")


def test_a_data_folder_that_is_a_file_fails(tmp_path: Path) -> None:
    """Nothing can be stored in a file."""
    place = tmp_path / "file"
    place.write_text("")
    code, rows = looked(Program(place))

    assert (code, rows["data folder"]["status"]) == (1, "failed")


def test_damage_has_the_exit_code_of_damage(program: Program, config: Path) -> None:
    """Damaged data is exit code 6, whatever else failed before it."""
    config.write_text("colour = 'red'\n")
    journal = program.data_dir / f"{XP}.journal"
    lines = journal.read_bytes().split(b"\n")
    journal.write_bytes(b"\n".join([*lines[:-2], lines[-2].replace(b"100", b"101"), b"", b"x\n"]))
    code, rows = looked(program, "--config", str(config))

    assert (code, rows["vault"]["status"]) == (6, "failed")
    assert str(journal) in rows["vault"]["message"]


def test_lost_data_is_a_warning(program: Program) -> None:
    """A namespace of which only the lock file is left is named, and the check that says more."""
    lost = program.data_dir / "xp" / "default" / f"{GUILD}.journal"
    lost.unlink()
    code, rows = looked(program)

    assert (code, rows["vault"]["status"]) == (0, "warning")
    assert f"nothing is left of xp/default/{GUILD}" in rows["vault"]["message"]
    assert "vault check" in rows["vault"]["advice"]


def test_full_reads_every_line(program: Program) -> None:
    """``--full`` finds what reading the present state does not show: damage in the archive."""
    program("vault", "compact")
    program("xp", "give", ANN, "1")
    folded = next((program.data_dir / "archive").rglob("*.gz"))
    folded.write_bytes(folded.read_bytes()[:-9])
    quick, _ = looked(program)
    code, rows = looked(program, "--full")

    assert (quick, code) == (0, 6)
    assert "damaged place" in rows["vault"]["message"]


@pytest.mark.parametrize(
    ("mode", "text", "status", "code"),
    [(0o600, TOKEN, "ok", 0), (0o644, TOKEN, "failed", 2), (0o600, "", "failed", 7),
     (None, TOKEN, "failed", 7)],
)  # fmt: skip
def test_the_token_file(
    program: Program, config: Path, mode: int | None, text: str, status: str, code: int
) -> None:
    """A token file is there, for its owner alone, and not empty; what it says never shows."""
    place = config.parent / "token"
    config.write_text("[daemon]\ntoken_file = 'token'\n")
    if mode is not None:
        place.write_text(text)
        place.chmod(mode)
    found, rows = looked(program, "--config", str(config))

    assert (found, rows["token"]["status"]) == (code, status)
    assert str(place) in rows["token"]["message"]
    assert TOKEN not in json.dumps(rows)


@pytest.mark.parametrize(
    ("drop_in", "file"),
    [
        ("", "token"),
        ("LoadCredential=\nLoadCredentialEncrypted=discord-token:{}/token.cred\n", "token.cred"),
        ("LoadCredential=other:{}/other\n", "token"),
        ("LoadCredential=\n", None),
    ],
)
def test_drop_ins_of_the_unit_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drop_in: str, file: str | None
) -> None:
    """The credential is the one that systemd would hand over, sealed or not."""
    unit = installed_unit(tmp_path, monkeypatch)
    extra = unit.with_name(f"{unit.name}.d") / "own.conf"
    extra.parent.mkdir()
    extra.write_text(f"[Service]\n{drop_in}".replace("{}", str(tmp_path)))

    found = doctor_machine.credential_of_unit({})
    assert found == (None if file is None else tmp_path / file)


def test_a_token_that_systemd_hands_over_needs_no_reader(
    program: Program, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator who may not read the service's token is not told to change that."""
    installed_unit(config.parent, monkeypatch)
    (config.parent / "token").write_text(TOKEN)
    (config.parent / "token").chmod(0o600)
    config.write_text("[daemon]\ntoken_file = 'token'\n")
    monkeypatch.setattr(os, "access", lambda path, *_, **__: "token" not in str(path))
    _, rows = looked(program, "--config", str(config))

    assert rows["token"]["status"] == "ok"
    assert rows["token"]["message"].endswith("which systemd hands to the daemon")


def installed_unit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A unit of the machine that takes the token from ``token`` in this folder."""
    places = (str(folder / "system"),)
    for module in (service_units, doctor_machine):
        monkeypatch.setattr(module, "UNIT_FOLDERS", places)
    unit = Path(places[0], service_units.UNIT)
    unit.parent.mkdir()
    unit.write_text(f"[Service]\nLoadCredential=discord-token:{folder}/token\n")
    return unit


def test_the_token_of_the_environment_counts(program: Program) -> None:
    """The variable is named, never its text."""
    _, rows = looked(program, ROBO_XP_TOKEN=TOKEN)

    assert rows["token"]["message"] == "in the variable ROBO_XP_TOKEN"
    assert TOKEN not in json.dumps(rows)


def test_the_token_of_an_installed_unit_is_found(program: Program, tmp_path: Path) -> None:
    """Where systemd hands the token to the daemon, the file that it takes it from is looked at."""
    folder = tmp_path / "conf" / "systemd" / "user"
    folder.mkdir(parents=True)
    line = "LoadCredential=discord-token:%E/robo-xp/token"
    (folder / "robo-xpd.service").write_text(f"[Service]\n{line}\n")
    code, rows = looked(program, XDG_CONFIG_HOME=str(tmp_path / "conf"))

    assert (code, rows["token"]["status"]) == (7, "failed")
    assert str(tmp_path / "conf/robo-xp/token") in rows["token"]["message"]


@pytest.mark.parametrize("is_there", [True, False])
def test_a_unit_of_which_systemd_says_nothing(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_there: bool
) -> None:
    """Where systemd answers nothing, an installed unit is not called missing."""
    unit = installed_unit(tmp_path, monkeypatch)
    monkeypatch.setattr(doctor_machine, "_SYSTEMD", tmp_path)
    monkeypatch.setattr(doctor_machine, "system_tool", lambda _: "/bin/false")
    if not is_there:
        unit.unlink()
    _, rows = looked(program)

    told = f"{unit} is there" if is_there else "robo-xpd.service is not installed"
    assert rows["systemd"]["message"].startswith(told)


def test_without_a_daemon_what_waits_is_told(program: Program) -> None:
    """A giveaway that nobody can post, and its commitment, are counted while no daemon runs."""
    channel = ("--channel", "300000000000000001", "--duration", "2d")
    program("giveaway", "start", "Nitro", *channel)
    _, rows = looked(program)

    assert (rows["daemon"]["status"], rows["waiting"]["status"]) == ("warning", "warning")
    assert rows["waiting"]["message"].startswith("2 messages")


@pytest.mark.parametrize(
    ("told", "status", "word"),
    [
        ({}, "ok", "connected"),
        ({"state": "starting", "healthy": False}, "warning", "starting"),
        ({"state": "reconnecting"}, "warning", "reconnecting"),
        ({"healthy": False}, "failed", "does not answer"),
        ({"version": "9.9"}, "warning", "9.9"),
    ],
)
def test_the_state_of_the_daemon(
    program: Program, told: dict[str, Any], status: str, word: str
) -> None:
    """What the daemon says of itself, through its socket."""
    with standing_in(program.data_dir, **told):
        code, rows = looked(program)

    assert (rows["daemon"]["status"], code) == (status, 1 if status == "failed" else 0)
    assert word in rows["daemon"]["message"]
    assert rows["waiting"]["status"] == "ok"


def test_a_daemon_that_does_not_answer_is_a_warning(program: Program) -> None:
    """The process of the lock is named where the socket gives no answer."""
    with holding(program.data_dir) as process:
        _, rows = looked(program)

    assert rows["daemon"]["status"] == "warning"
    assert f"process {process.pid}" in rows["daemon"]["message"]


@pytest.mark.parametrize(("days", "status"), [(None, "warning"), (1, "ok"), (30, "warning")])
def test_the_age_of_the_last_backup(program: Program, days: int | None, status: str) -> None:
    """No backup, or an old one, is a warning."""
    if days is not None:
        made = program.json("backup", "create")["file"]
        then = time.time() - days * 86_400
        os.utime(made, (then, then))
    _, rows = looked(program)

    assert rows["backups"]["status"] == status


def test_completions_are_found_where_they_were_installed(program: Program, tmp_path: Path) -> None:
    """After ``completion install`` the check is well."""
    env = {"SHELL": "/bin/bash", "HOME": str(tmp_path), "BASH_COMPLETION_USER_DIR": str(tmp_path)}
    assert program("completion", "install", env=env).returncode == 0
    _, rows = looked(program, **env)

    assert rows["completion"]["status"] == "ok"


def test_it_changes_nothing(program: Program) -> None:
    """Every file of the vault is byte for byte what it was."""
    before = program.bytes()
    looked(program, "--full")

    assert program.bytes() == before


def test_the_lock_of_this_account_stays_free(program: Program) -> None:
    """Looking does not keep a daemon from starting."""
    looked(program)
    lock = DaemonLock(program.data_dir)
    lock.take()
    lock.release()


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_on_a_terminal_nothing_is_wider_than_it(program: Program, columns: int) -> None:
    """Each check has its sign, its advice below it, and no line is broken by the terminal."""
    seen = watched(program, "doctor", size=(columns, 100))
    text = "\n".join(seen.lines)

    assert seen.code == 0
    assert max(map(len, seen.lines)) <= min(columns, 100)
    assert text.count("✓") + text.count("!") + text.count("·") == len(CHECKS) + 1
    assert "→ robo-xp backup create" in text
    assert seen.lines[-1].partition(" ")[2].startswith("ok, ")


def test_in_a_locale_without_them_the_signs_are_plain(program: Program) -> None:
    """A terminal that knows only ASCII gets ASCII."""
    seen = watched(
        program, "doctor", size=(80, 60), LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )

    assert all(byte < 128 for byte in seen.raw)
    assert any(line.startswith("+ python") for line in seen.lines)


def test_no_color_is_heeded(program: Program) -> None:
    """With NO_COLOR no escape sequence is written, not even by a bar on a slow machine."""
    assert b"\x1b" in watched(program, "doctor").raw
    assert b"\x1b" not in watched(program, "doctor", NO_COLOR="1").raw
