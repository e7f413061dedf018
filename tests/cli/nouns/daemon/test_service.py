"""The daemon as a service of systemd: what install writes, and what uninstall leaves alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from robo_xp.errors import FileMissing, InvalidValue, NotTheDaemon, Refused, UntrustedProgram
from robo_xp.machine import places
from robo_xp.model.shards import Shards
from robo_xp_cli.nouns.daemon import service_system as system
from robo_xp_cli.nouns.daemon import service_units
from robo_xp_cli.nouns.daemon.service_units import SYSTEM, Target, unit_text
from tests.cli.program import Program
from tests.cli.shell import environment

PROGRAM = ("--program", "/usr/bin/robo-xpd")
NAMES = {
    "usr/lib/systemd/system/robo-xp-backup.service",
    "usr/lib/systemd/system/robo-xp-backup.timer",
    "usr/lib/systemd/system/robo-xp-publish.service",
    "usr/lib/systemd/system/robo-xp-publish.timer",
    "usr/lib/systemd/system/robo-xpd.service",
    "usr/lib/systemd/system/robo-xpd@.service",
    "usr/lib/systemd/system/robo-xpd-shards@.service",
    "usr/lib/sysusers.d/robo-xp.conf",
}
LIVE = Target(False, "", {})


@pytest.fixture
def program(data_dir: Path) -> Program:
    """``robo-xp``; nothing here touches its vault."""
    return Program(data_dir)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The folder that a package is made in."""
    return tmp_path / "package"


def files_in(folder: Path) -> dict[str, str]:
    """Every file below the folder, with its text."""
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


ANSWERS = "#!/bin/sh\necho robo-xpd 0.1.0\n"


def executable(path: Path, text: str = ANSWERS) -> Path:
    """A program that answers as the daemon does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_a_package_holds_every_file(program: Program, package: Path) -> None:
    """``--root`` writes units, timer and account below the folder, with the program's path."""
    done = program.json("service", "install", "--root", str(package), *PROGRAM)
    files = files_in(package)

    assert {file["path"] for file in done["files"]} == {str(package / name) for name in NAMES}
    assert set(files) == NAMES
    assert done["changed"] == len(NAMES)
    unit = files["usr/lib/systemd/system/robo-xpd.service"]
    assert "\nExecStart=/usr/bin/robo-xpd\n" in unit
    assert "/opt/" not in "".join(files.values())
    assert {path.stat().st_mode & 0o777 for path in package.rglob("*.*") if path.is_file()} == {
        0o644
    }


def test_installing_again_changes_nothing(program: Program, package: Path) -> None:
    """The second time every file is as it should be, and none is written."""
    words = ("service", "install", "--root", str(package), *PROGRAM)
    program.json(*words)
    before = {path: path.stat().st_ino for path in package.rglob("*")}
    done = program.json(*words)

    assert done["changed"] == 0
    assert {file["change"] for file in done["files"]} == {"none"}
    assert {path: path.stat().st_ino for path in package.rglob("*")} == before


def test_a_dry_run_shows_the_files_and_writes_none(program: Program, package: Path) -> None:
    """``--dry-run`` has the whole text of each file, and there is no folder afterwards."""
    words = ("service", "install", "--root", str(package), *PROGRAM)
    done = program.json(*words, "--dry-run")
    existed = package.exists()
    program.json(*words)

    assert not existed
    texts = {file["path"]: file["text"] for file in done["files"]}
    assert texts == {str(package / name): text for name, text in files_in(package).items()}


def test_an_upgrade_replaces_what_install_wrote(program: Program, package: Path) -> None:
    """A unit that another version wrote is brought up to date without a question."""
    words = ("service", "install", "--root", str(package))
    program.json(*words, "--program", "/old/robo-xpd")
    done = program.json(*words, *PROGRAM)

    assert [file["change"] for file in done["files"]].count("replaced") == 5
    assert "/old/" not in "".join(files_in(package).values())


def test_a_foreign_file_is_replaced_after_a_yes_only(program: Program, package: Path) -> None:
    """A unit of somebody else stays without ``--yes``, and nothing else is written then."""
    unit = package / "usr/lib/systemd/system/robo-xpd.service"
    unit.parent.mkdir(parents=True)
    unit.write_text("[Service]\nExecStart=/bin/mine\n")
    words = ("service", "install", "--root", str(package), *PROGRAM)
    refused = program.refused(*words)
    after = files_in(package)
    program.json(*words, "--yes")

    assert refused[:2] == (4, "NEEDS_CONFIRMATION")
    assert list(after) == ["usr/lib/systemd/system/robo-xpd.service"]
    assert "ExecStart=/usr/bin/robo-xpd" in unit.read_text()


def test_uninstall_removes_what_install_wrote(program: Program, package: Path) -> None:
    """Files that install wrote go; foreign ones, drop-ins and data stay, and it says so."""
    program.json("service", "install", "--root", str(package), *PROGRAM)
    units = package / "usr/lib/systemd/system"
    (units / "robo-xp-backup.timer").write_text("[Timer]\nOnCalendar=weekly\n")
    drop_in = units / "robo-xpd.service.d/own.conf"
    drop_in.parent.mkdir()
    drop_in.write_text("[Service]\nNice=5\n")
    refused = program.refused("service", "uninstall", "--root", str(package))
    planned = program.json("service", "uninstall", "--root", str(package), "--dry-run")
    before = len(files_in(package))
    done = program.json("service", "uninstall", "--root", str(package), "--yes")
    again = program.json("service", "uninstall", "--root", str(package))

    assert refused[:2] == (4, "NEEDS_CONFIRMATION")
    assert before == len(NAMES) + 1
    assert planned["removed"] == done["removed"]
    assert len(done["removed"]) == len(NAMES) - 1
    assert done["kept"] == again["kept"] == [str(units / "robo-xp-backup.timer")]
    assert again["removed"] == []
    assert set(files_in(units)) == {"robo-xp-backup.timer", "robo-xpd.service.d/own.conf"}


def test_show_tells_how_each_file_is(program: Program, package: Path) -> None:
    """A file is missing, current, different or foreign; its path is told."""
    words = ("service", "show", "--root", str(package))
    missing = program.json(*words)
    program.json("service", "install", "--root", str(package), *PROGRAM)
    units = package / "usr/lib/systemd/system"
    with (units / "robo-xpd@.service").open("a") as unit:
        unit.write("# mine\n")
    (units / "robo-xp-backup.timer").write_text("[Timer]\n")
    states = {row["file"]: row["state"] for row in program.json(*words)}

    assert {row["state"] for row in missing} == {"missing"}
    assert states == {
        "robo-xpd.service": "current",
        "robo-xpd@.service": "differs",
        "robo-xpd-shards@.service": "current",
        "robo-xp-backup.service": "current",
        "robo-xp-backup.timer": "foreign",
        "robo-xp-publish.service": "current",
        "robo-xp-publish.timer": "current",
        "robo-xp.conf": "current",
    }


def test_show_fits_a_usual_terminal(program: Program) -> None:
    """On 80 columns each file has its line, unbroken."""
    done = program.for_people("service", "show", env={"NO_COLOR": "1", "COLUMNS": "80"})

    assert max(map(len, done.stdout.splitlines())) <= 80
    assert all(f" {name.rpartition('/')[2]} " in done.stdout for name in SYSTEM)


def test_show_prints_one_file(program: Program, package: Path) -> None:
    """With a name the file is printed as it is installed; an unknown name lists the known."""
    program.json("service", "install", "--root", str(package), *PROGRAM)
    words = ("service", "show", "--root", str(package))
    printed = program(*words, "robo-xpd.service").stdout
    refused = program.refused(*words, "other.service")

    assert printed == files_in(package)["usr/lib/systemd/system/robo-xpd.service"]
    assert refused[:2] == (3, "FILE_NOT_FOUND")


def test_a_user_unit_goes_into_the_account(tmp_path: Path) -> None:
    """``--user`` writes one unit into the configuration folder, which names the programs also in
    a folder with a space, and says what is left to do.
    """
    daemon = executable(tmp_path / "my bots/robo-xpd")

    def service(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "robo_xp_cli", "service", *words, "--user"],
            env=environment(HOME=str(tmp_path)), capture_output=True, encoding="utf-8",
        )  # fmt: skip

    done = service("install", "--program", str(daemon))
    unit = tmp_path / ".config/systemd/user/robo-xpd.service"

    assert done.returncode == 0, done.stderr
    assert set(files_in(tmp_path / ".config")) == {"systemd/user/robo-xpd.service"}
    assert f"\nExecStart={tmp_path}/my\\x20bots/robo-xpd\n" in unit.read_text()
    assert (
        f"next: the configuration and the token: '{tmp_path}/my bots/robo-xp' init" in done.stderr
    )
    assert "\tcurrent\t" in service("show").stdout
    assert "systemctl --user enable --now robo-xpd" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="a service runs only what belongs to root")
def test_units_of_a_package_count_before_those_of_an_earlier_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``service install`` of a package writes nothing, and removes what was left before."""
    program = Program(tmp_path / "data")
    daemon = executable(tmp_path / "bin/robo-xpd")
    executable(tmp_path / "bin/robo-xp")
    etc, packaged = tmp_path / "etc", tmp_path / "lib"
    packaged.mkdir()
    (packaged / "robo-xpd.service").write_text(unit_text(SYSTEM[0], str(daemon.parent)))
    monkeypatch.setattr(service_units, "PACKAGED", str(packaged))
    monkeypatch.setattr(Target, "place_of", lambda _, name: etc / Path(name).name)
    for calls, answer in (("refuse_others", None), ("runs", False), ("refuse_hidden", None)):
        monkeypatch.setattr(system, calls, lambda *_, answer=answer: answer)
    etc.mkdir()
    (etc / "robo-xpd.service").write_text(unit_text(SYSTEM[0], "/opt/robo-xp/bin"))
    (etc / "robo-xpd@.service").write_text("[Unit]\nDescription=somebody else's\n")

    words = ("service", "install", "--program", str(daemon))
    first, second = program.json(*words), program.json(*words)

    assert [file["path"] for file in first["files"]] == [str(etc / "robo-xpd.service")]
    assert second["files"] == []
    assert [path.name for path in etc.iterdir()] == ["robo-xpd@.service"]


def test_only_root_installs_for_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody else is sent to sudo or to --user (exit code 4); packages take no root."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Refused) as refused:
        system.refuse_others(LIVE)
    system.refuse_others(Target(True, "", {}))
    system.refuse_others(Target(False, "/build", {}))

    assert (refused.value.code, refused.value.exit_code) == ("NEEDS_ROOT", 4)
    assert "--user" in refused.value.advice


@pytest.mark.skipif(os.geteuid() != 0, reason="a service runs only what belongs to root")
def test_programs_that_the_sandbox_hides_are_refused(tmp_path: Path) -> None:
    """A system unit does not start what lies in a home or temporary folder, nor its Python."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(system, "_HIDDEN", (str(tmp_path / "home"),))
        inside = executable(tmp_path / "home/ann/venv/bin/robo-xpd")
        linked = tmp_path / "opt/bin/robo-xpd"
        linked.parent.mkdir(parents=True)
        linked.symlink_to(inside)
        python = executable(tmp_path / "home/ann/python")
        scripted = executable(tmp_path / "srv/bin/robo-xpd", f"#!{python} -E\n")
        fine = executable(tmp_path / "usr/bin/robo-xpd")
        for one in (inside, linked, scripted, fine):
            executable(one.with_name("robo-xp"))
        for refused in (inside, linked, scripted):
            with pytest.raises(Refused, match="hides that folder") as error:
                system.programs_folder(str(refused), LIVE)
            assert "/opt/robo-xp" in error.value.advice

        assert system.programs_folder(str(fine), LIVE) == str(fine.parent)
        assert system.programs_folder(str(inside), Target(True, "", {})) == str(inside.parent)


def installed(folder: Path) -> Path:
    """The daemon of an install that only root can change, in an environment of its own."""
    python = executable(folder / "bin/python", "#!/bin/sh\necho %s\n")
    package = folder / "lib/python3.11/site-packages/robo_xp"
    package.mkdir(parents=True)
    for path in (package / "__init__.py", package / "robo.py"):
        path.touch()
    python.write_text(
        f"#!/bin/sh\n[ -f $1 ] && echo robo-xpd 0.1.0 || echo {package}/__init__.py\n"
    )
    executable(folder / "bin/robo-xp", f"#!{python}\n")
    return executable(folder / "bin/robo-xpd", f"#!{python}\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize(
    "part",
    [
        "",
        "bin",
        "bin/robo-xpd",
        "bin/robo-xp",
        "bin/python",
        "lib",
        "lib/python3.11/site-packages",
        "lib/python3.11/site-packages/other.pth",
        "lib/python3.11/site-packages/robo_xp",
        "lib/python3.11/site-packages/robo_xp/robo.py",
    ],
)
def test_a_program_that_others_could_change_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """Program, Python, packages and all folders above must be root's, and closed to others."""
    monkeypatch.setattr(system, "_HIDDEN", ())
    daemon = installed(tmp_path / "opt")
    (tmp_path / "opt/lib/python3.11/site-packages/other.pth").touch()
    place = tmp_path / "opt" / part

    assert system.programs_folder(str(daemon), LIVE) == str(daemon.parent)
    before = place.stat().st_mode
    for mode, owner in ((0o777, 0), (0o775, 0), (before, 4242)):
        place.chmod(mode)
        os.chown(place, owner, owner)
        with pytest.raises(UntrustedProgram, match=f"{place}"):
            system.programs_folder(str(daemon), LIVE)
        os.chown(place, 0, 0)
        place.chmod(before)


def test_nothing_untrusted_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program is looked at before it is asked for its version."""
    monkeypatch.setattr(system, "_HIDDEN", ())
    daemon = executable(tmp_path / "opt/robo-xpd", f"#!/bin/sh\ntouch {tmp_path}/was-run\n")
    executable(tmp_path / "opt/robo-xp")
    daemon.chmod(0o777)
    with pytest.raises(UntrustedProgram):
        system.programs_folder(str(daemon), LIVE)

    assert not (tmp_path / "was-run").exists()


@pytest.mark.parametrize("text", ["#!/bin/sh\n", "#!/bin/sh\necho something 1.0\n", "#!/bin/no\n"])
def test_a_program_that_is_no_daemon_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """What the unit would start has to answer as the daemon."""
    monkeypatch.setattr(system, "_HIDDEN", ())
    daemon = executable(tmp_path / "opt/robo-xpd", text)
    executable(tmp_path / "opt/robo-xp")

    with pytest.raises((NotTheDaemon, UntrustedProgram)):
        system.programs_folder(str(daemon), LIVE)


def test_tools_of_the_system_are_not_found_by_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever can set PATH has root run nothing of theirs."""
    executable(tmp_path / "systemctl", f"#!/bin/sh\ntouch {tmp_path}/was-run\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(places, "TOOL_FOLDERS", ("/nowhere",))

    assert system.systemctl(LIVE, "daemon-reload") == ""
    assert not system.runs(LIVE)
    assert not system.make_account(tmp_path / "file")
    assert not (tmp_path / "was-run").exists()


@pytest.mark.parametrize(
    ("named", "error"),
    [
        ("/bin/true", InvalidValue),
        ("robo-xpd", InvalidValue),
        ("/opt/robo\txp/robo-xpd", InvalidValue),
        ("/opt/robo'xp/robo-xpd", InvalidValue),
        ("/opt/robo-xp\nExecStart=/bin/robo-xpd", InvalidValue),
        ("/nonexistent/robo-xpd", FileMissing),
    ],
)
def test_a_program_that_cannot_be_started_is_refused(named: str, error: type[Exception]) -> None:
    """The path must be whole, plain and lead to a program."""
    with pytest.raises(error):
        system.programs_folder(named, LIVE)


@pytest.mark.parametrize("name", [name for name in SYSTEM if name.endswith("service")])
def test_a_percent_sign_in_a_path_is_spelled_out(name: str) -> None:
    """In a unit file a percent sign begins something else, so it is doubled."""
    assert "=/opt/100%%/robo-xp" in unit_text(name, "/opt/100%")


def test_daemons_of_shards_share_all_but_their_shards() -> None:
    """Each has the vault, token and account of the one daemon, and an instance that is a range."""
    alone = unit_text("system/robo-xpd.service", "/usr/bin").splitlines()
    shared = unit_text("system/robo-xpd-shards@.service", "/usr/bin").splitlines()

    assert {line for line in alone if line not in shared and line[0] != "#"} == {
        "Description=Robo XP daemon",
        "ExecStart=/usr/bin/robo-xpd",
        "SyslogIdentifier=robo-xpd",
    }
    assert "ExecStart=/usr/bin/robo-xpd --shards %i" in shared
    assert "RuntimeDirectoryPreserve=yes" in shared
    assert str(Shards.of("0-3-8")) == "0-3/8"


def test_instances_share_nothing() -> None:
    """Account, folders and token of each instance carry its name."""
    lines = unit_text("system/robo-xpd@.service", "/usr/bin").splitlines()
    settings = dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")

    own = ("User", "Group", "StateDirectory", "RuntimeDirectory", "ConfigurationDirectory",
           "LoadCredential", "ExecStart", "SyslogIdentifier")  # fmt: skip
    assert [name for name in own if "%i" not in settings[name]] == []
    assert "User=robo-xp" in unit_text("system/robo-xpd.service", "/usr/bin").splitlines()
