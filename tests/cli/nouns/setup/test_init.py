"""``robo-xp init``: the configuration file, the folders and their modes, and what it never does."""

from __future__ import annotations

import errno
import getpass
import grp
import json
import os
import shlex
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.machine import config_file as settings_file
from tests.cli.program import ANN, GUILD, Process, Program
from tests.cli.terminal import watched

TOKEN = "abc.def.ghi"
OWN_GROUP = grp.getgrgid(os.getgid()).gr_name
QUESTIONS = (
    "Folder of the vault",
    "Guild to work on",
    "Token of the bot, not shown (empty: later): ",
)


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a data folder that is not there yet, without a guild."""
    return Program(data_dir, guild="")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The path of a configuration file in a folder that is not there yet."""
    return tmp_path / "conf" / "robo-xp.toml"


@pytest.fixture
def system(config: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Makes the configuration file that of the machine, with or without the service's group."""
    known: set[str] = set()

    def group(name: str) -> grp.struct_group:
        if name in known:
            return grp.getgrgid(os.getgid())
        raise KeyError(name)

    def make(has_group: bool) -> None:
        known.update({"robo-xp"} if has_group else ())

    monkeypatch.setattr(settings_file, "SYSTEM_FILE", config)
    monkeypatch.setattr(settings_file, "user_file", lambda: config.parent / "none")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(grp, "getgrnam", group)
    return make


def mode_of(path: Path) -> int:
    """The permissions of a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


def results_of(found: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    """What became of each step."""
    return {step["what"]: step["result"] for step in found["steps"]}


def test_it_makes_everything_private(program: Program, config: Path) -> None:
    """File and folders are there afterwards, and only their owner gets at the data."""
    found = program.json("init", "--config", str(config), "--guild", GUILD)

    assert results_of(found) == {
        "folder": "made",
        "configuration": "written",
        "data folder": "made",
    }
    assert [mode_of(path) for path in (config.parent, program.data_dir)] == [0o700, 0o700]
    top, daemon = settings_file.load_daemon(config)
    assert (top.data_dir, top.guild) == (str(program.data_dir), GUILD)
    assert daemon == settings_file.DaemonSettings()


def test_the_file_it_writes_is_the_one_that_counts(program: Program, config: Path) -> None:
    """Every key that stands there as a comment is a key, and holds when it is uncommented."""
    program.json("init", "--config", str(config), "--guild", GUILD)
    text = config.read_text()
    bare = "\n".join(
        line.removeprefix("# ") if " = " in line else line for line in text.split("\n")
    )
    config.write_text(bare.replace('token_file = "token"', 'token_file = "t"'))

    top, daemon = settings_file.load_daemon(config)
    assert (top.output, top.durability, top.store) == ("table", "batch", "default")
    assert (daemon.log_level, daemon.members_intent) == ("info", True)
    assert daemon.token_file == str(config.parent / "t")


def test_a_path_with_quotes_and_spaces_comes_back_whole(tmp_path: Path, config: Path) -> None:
    """The file says exactly the path that was given, whatever stands in it."""
    place = tmp_path / 'a "b" \\ ünï\tcode'
    Program(place, guild="").json("init", "--config", str(config))

    assert settings_file.load(config).data_dir == str(place)


def test_running_it_again_changes_nothing(program: Program, config: Path) -> None:
    """A second run finds all as it should be, and leaves every byte."""
    program.json("init", "--config", str(config), "--guild", GUILD)
    before = config.read_bytes(), config.stat().st_mtime_ns
    found = program.json("init", "--config", str(config))

    assert set(results_of(found).values()) == {"kept"}
    assert (config.read_bytes(), config.stat().st_mtime_ns) == before
    said = program("init", "--config", str(config)).stderr
    assert f"all of it is there already: guild {GUILD}, no token; to change that edit" in said


def test_a_file_that_says_otherwise_is_never_overwritten(program: Program, config: Path) -> None:
    """Another guild than the file's is refused with exit code 4, and nothing is made."""
    program.json("init", "--config", str(config), "--guild", GUILD)
    before = config.read_bytes()
    other = program.data_dir.with_name("other")
    code, name, message = program.refused(
        "init", "--config", str(config), "--guild", GUILD[:-1] + "1", "--data-dir", str(other)
    )

    assert (code, name) == (4, "CONFIG_EXISTS")
    assert "data_dir, guild" in message
    assert config.read_bytes() == before
    assert not other.exists()


def test_force_replaces_it_and_keeps_a_copy(program: Program, config: Path) -> None:
    """The earlier file stands beside the new one, which keeps what nobody asked to change."""
    program.json("init", "--config", str(config), "--guild", GUILD)
    config.chmod(0o640)
    before = config.read_bytes()
    program.json("init", "--config", str(config), "--force", "--store", "season2")
    copies = [path for path in config.parent.iterdir() if path != config]

    assert [path.read_bytes() for path in copies] == [before]
    assert mode_of(config) == 0o640
    top = settings_file.load(config)
    assert (top.guild, top.store) == (GUILD, "season2")


def test_force_replaces_even_a_faulty_file(program: Program, config: Path) -> None:
    """A file that cannot be read is told as it is, and replaced only with ``--force``."""
    config.parent.mkdir()
    config.write_text("colour = 'red'\n")
    code, name, _ = program.refused("init", "--config", str(config))
    program.json("init", "--config", str(config), "--force")

    assert (code, name) == (2, "INVALID_CONFIG")
    assert settings_file.load(config).data_dir == str(program.data_dir)


def test_a_dry_run_makes_nothing(program: Program, config: Path) -> None:
    """The same result, marked, and no file or folder."""
    found = program.json("init", "--config", str(config), "--dry-run")

    assert found["dryRun"] is True
    assert results_of(found)["configuration"] == "written"
    assert not config.parent.exists()
    assert not program.data_dir.exists()


def test_a_group_shares_the_data_folder(program: Program, config: Path) -> None:
    """The folder is the group's, and what is made in it will be too."""
    group = grp.getgrgid(os.getgid())
    program.json("init", "--config", str(config), "--group", group.gr_name)

    assert mode_of(program.data_dir) == 0o2770
    assert program.data_dir.stat().st_gid == group.gr_gid
    assert mode_of(config.parent) == 0o755


def test_an_existing_folder_becomes_the_group_s_when_asked(program: Program, config: Path) -> None:
    """A data folder of one account is kept, until it is asked to be a group's."""
    program.data_dir.mkdir(mode=0o700)
    program.json("init", "--config", str(config))
    kept = mode_of(program.data_dir)
    found = program.json(
        "init", "--config", str(config), "--group", grp.getgrgid(os.getgid()).gr_name
    )

    assert (kept, mode_of(program.data_dir)) == (0o700, 0o2770)
    assert mode_of(config.parent) == 0o755
    assert results_of(found)["data folder"] == "shared"


def test_the_group_may_talk_to_the_daemon(program: Program, config: Path) -> None:
    """Who shares the vault shares the daemon's socket too."""
    program.json("init", "--config", str(config), "--group", OWN_GROUP)

    assert settings_file.load_rest(config).socket_group == OWN_GROUP


def test_what_was_stored_before_is_shared_too(program: Program, config: Path) -> None:
    """A vault that was private becomes the group's with all its files; a token in it does not."""
    with RoboXP.open(program.data_dir, durability="os", by="test") as robo:
        robo.xp.add(GUILD, ANN, 100)
    token = program.data_dir / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    words = ("init", "--config", str(config), "--group", OWN_GROUP)
    first, second = (results_of(program.json(*words))["data folder"] for _ in range(2))

    modes = {path.name: mode_of(path) for path in program.data_dir.rglob("*")}
    assert (first, second) == ("shared", "kept")
    assert modes.pop("token") == 0o600
    assert set(modes.values()) == {0o2770, 0o660}


def test_a_file_gets_what_it_lacks_and_keeps_the_rest(program: Program, config: Path) -> None:
    """A key that is asked for and not there is added; comments and other keys stay."""
    program.json("init", "--config", str(config), "--guild", GUILD)
    with config.open("a") as file:
        file.write("# mine\n")
    before = config.read_text().splitlines()
    found = program.json(
        "init", "--config", str(config), "--group", OWN_GROUP, "--store", "s2", "--read-token",
        stdin=TOKEN.encode(),
    )  # fmt: skip

    added = "store, daemon.token_file, rest.socket_group added"
    assert results_of(found)["configuration"] == added
    assert [line for line in before if line not in config.read_text().splitlines()] == []
    top, daemon = settings_file.load_daemon(config)
    assert (top.guild, top.store) == (GUILD, "s2")
    assert daemon.token_file == str(config.parent / "token")
    assert settings_file.load_rest(config).socket_group == OWN_GROUP


def test_another_group_in_the_file_is_not_replaced(program: Program, config: Path) -> None:
    """The file decides who may talk to the daemon until somebody edits it."""
    config.parent.mkdir()
    config.write_text("[rest]\nsocket_group = 'others'\n")
    code, name, message = program.refused("init", "--config", str(config), "--group", OWN_GROUP)

    assert (code, name) == (4, "CONFIG_EXISTS")
    assert "rest.socket_group" in message


def test_the_service_and_init_may_come_in_any_order(
    program: Program, config: Path, system: Callable[[bool], None]
) -> None:
    """Where the service made its group, init names the step that shares, to the same end."""
    system(False)
    early = program.json("init")["next"]
    system(True)
    late = program.json("init")["next"]
    program.json("init", "--group", "robo-xp")
    end = config.read_text(), mode_of(program.data_dir), mode_of(config.parent)
    after = program.json("init")["next"]
    config.unlink()
    program.data_dir.rmdir()
    program.json("init", "--group", "robo-xp")

    share = "robo-xp init --group robo-xp"
    assert [sum(share in line for line in lines) for lines in (early, late, after)] == [0, 1, 0]
    assert settings_file.load_rest(config).socket_group == "robo-xp"
    assert end[1:] == (mode_of(program.data_dir), mode_of(config.parent)) == (0o2770, 0o755)
    assert settings_file.load(config).data_dir == str(program.data_dir)


@pytest.mark.parametrize(("answer", "group"), [("", "robo-xp"), ("n", "")])
def test_root_is_asked_whether_to_share(
    program: Program,
    config: Path,
    system: Callable[[bool], None],
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    group: str,
) -> None:
    """With the service's group there, an empty line shares with it."""
    system(True)
    monkeypatch.setattr(getpass, "getpass", lambda *_: "")
    done = program.for_people("init", stdin=f"\n\n{answer}\n".encode())

    assert "Share with the group robo-xp, like the service? [Y/n]" in done.stderr
    assert settings_file.load_rest(config).socket_group == group
    assert mode_of(program.data_dir) == (0o2770 if group else 0o700)


def test_a_group_that_is_not_there_is_named(program: Program, config: Path) -> None:
    """Nothing is made for a group that the machine does not have; what makes it is said."""
    words = ("init", "--config", str(config), "--group")
    code, _, message = program.refused(*words, "no-such-group")

    assert (code, message) == (2, "there is no group 'no-such-group'")
    assert "groupadd --system no-such-group" in program(*words, "no-such-group").stderr
    assert not config.parent.exists()


def test_a_file_where_a_folder_should_be_is_refused(program: Program, config: Path) -> None:
    """A data folder that is a file is named, and no configuration is written."""
    program.data_dir.write_text("")
    code, _, message = program.refused("init", "--config", str(config))

    assert (code, message) == (4, f"{program.data_dir} is there and is no folder")
    assert not config.exists()


def test_a_link_that_leads_nowhere_is_refused(program: Program, config: Path) -> None:
    """Nothing is written for a data folder that cannot be made."""
    program.data_dir.symlink_to("nowhere")
    code, _, message = program.refused("init", "--config", str(config))

    assert (code, message) == (4, f"{program.data_dir} is a link that leads nowhere")
    assert not config.exists()


def test_a_link_to_the_configuration_stays_one(program: Program, config: Path) -> None:
    """The file behind the link is what changes."""
    program.json("init", "--config", str(config))
    link = config.parent / "link.toml"
    link.symlink_to(config)
    program.json("init", "--config", str(link), "--store", "s2")

    assert link.is_symlink()
    assert settings_file.load(config).store == "s2"


def test_a_full_disk_is_named(
    program: Program, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without room the file is named, and none is left half written."""
    monkeypatch.setattr(os, "fsync", _no_room)
    code, name, message = program.refused("init", "--config", str(config))

    assert (code, name) == (1, "FILE_FAILED")
    assert message == f"{config} cannot be written: the disk is full"
    assert list(config.parent.iterdir()) == []


def _no_room(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_an_empty_token_file_is_filled(program: Program, config: Path) -> None:
    """There is no token in it that could be lost."""
    config.parent.mkdir()
    place = config.parent / "token"
    place.touch()
    program.json("init", "--config", str(config), "--read-token", stdin=TOKEN.encode())

    assert place.read_text() == f"{TOKEN}\n"


def test_a_token_from_stdin_is_stored_for_its_owner_alone(program: Program, config: Path) -> None:
    """The file has mode 0600 and is named in the configuration; the output never holds it."""
    done = program(
        "init", "--config", str(config), "--read-token", "--json", stdin=f"{TOKEN}\n".encode()
    )

    place = config.parent / "token"
    assert (place.read_text(), mode_of(place)) == (f"{TOKEN}\n", 0o600)
    assert settings_file.load_daemon(config)[1].token_file == str(place)
    assert TOKEN not in done.stdout + done.stderr


def test_a_token_that_is_there_is_not_replaced(program: Program, config: Path) -> None:
    """A stored token is worth more than a new one by mistake."""
    config.parent.mkdir()
    place = config.parent / "token"
    place.write_text("first.one.x")
    code, name, _ = program.refused(
        "init", "--config", str(config), "--read-token", stdin=TOKEN.encode()
    )

    assert (code, name) == (4, "TOKEN_EXISTS")
    assert place.read_text() == "first.one.x"
    assert not config.exists()


@pytest.mark.parametrize("text", ["", "two words", "tok", "a.b."])
def test_what_is_no_token_is_not_stored(program: Program, config: Path, text: str) -> None:
    """An empty or impossible token is refused before anything is made."""
    code, _, message = program.refused(
        "init", "--config", str(config), "--read-token", stdin=text.encode()
    )

    assert (code, message) == (2, "what stands in stdin is no token")
    assert not config.parent.exists()


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_bytes_that_are_no_text_are_no_token(program: Program, config: Path, errors: str) -> None:
    """They are refused, however the locale has stdin decoded, and nothing is made."""
    process = Process(program.data_dir, guild="")
    words = ["init", "--config", str(config), "--read-token"]

    done = process(*words, stdin=b"\xff\n", env={"PYTHONIOENCODING": f"utf-8:{errors}"})

    assert (done.returncode, done.stdout) == (2, "") and "no token" in done.stderr
    assert not config.parent.exists()


def test_it_asks_at_a_terminal(program: Program, config: Path) -> None:
    """Each question has a default, a wrong answer is asked again, and the token does not show."""
    place = program.data_dir.with_name("elsewhere")
    seen = watched(
        program,
        *("init", "--config", str(config)),
        talk=[
            (QUESTIONS[0], str(place)),
            (QUESTIONS[1], "12"),
            (QUESTIONS[1], GUILD),
            (QUESTIONS[2], TOKEN),
        ],
        ROBO_XP_DATA_DIR="",
        HOME=str(config.parent),
        XDG_DATA_HOME=str(program.data_dir),
    )

    top, daemon = settings_file.load_daemon(config)
    assert seen.code == 0
    assert (top.data_dir, top.guild) == (str(place), GUILD)
    assert Path(daemon.token_file).read_text() == f"{TOKEN}\n"
    assert TOKEN.encode() not in seen.raw
    assert b"guild id must be 17 to 20 digits" in seen.raw


def test_a_file_that_a_package_brought_is_completed(program: Program, config: Path) -> None:
    """Of what stands in the file nothing is asked; guild and token are, and come to it."""
    config.parent.mkdir()
    config.write_text(f'data_dir = "{program.data_dir}"\n# the package says so\n')
    seen = watched(
        program,
        *("init", "--config", str(config)),
        talk=[(QUESTIONS[1], GUILD), (QUESTIONS[2], TOKEN)],
    )
    again = watched(program, "init", "--config", str(config))

    top, daemon = settings_file.load_daemon(config)
    assert (seen.code, again.code) == (0, 0)
    assert QUESTIONS[0].encode() not in seen.raw
    assert QUESTIONS[2].encode() not in again.raw
    assert (top.data_dir, top.guild) == (str(program.data_dir), GUILD)
    assert Path(daemon.token_file).read_text() == f"{TOKEN}\n"
    assert "# the package says so" in config.read_text()


def test_ctrl_d_at_a_question_changes_nothing(program: Program, config: Path) -> None:
    """Answers that end early leave no file behind."""
    seen = watched(
        program,
        *("init", "--config", str(config)),
        talk=[(QUESTIONS[0], ""), (QUESTIONS[1], "\x04")],
    )

    assert seen.code == 4
    assert not config.parent.exists()


def test_with_yes_it_asks_nothing_at_a_terminal(program: Program, config: Path) -> None:
    """``--yes`` takes the defaults, and says what comes next."""
    seen = watched(program, "init", "--yes", "--config", str(config), size=(200, 24))

    assert seen.code == 0
    assert QUESTIONS[0] not in "\n".join(seen.lines)
    assert any(line.startswith("next: robo-xp doctor") for line in seen.lines)


def test_the_next_steps_can_be_pasted(program: Program, tmp_path: Path) -> None:
    """A shell reads each as one command on this very file, and takes the rest for a comment."""
    config = tmp_path / "a 'b'" / "c d.toml"
    for line in program.json("init", "--config", str(config))["next"]:
        words = shlex.split(line, comments=True)

        assert words[0] in ("robo-xp", "robo-xpd")
        assert words[words.index("--config") + 1] == str(config)


def test_the_next_steps_are_in_the_json(program: Program, config: Path) -> None:
    """Scripts get the next steps as a list."""
    found = json.loads(program("init", "--config", str(config), "--json").stdout)

    assert any("robo-xpd" in line for line in found["next"])
    assert str(config.parent / "token") in " ".join(found["next"])
