"""What every command has in common: options in any place, errors, questions, signals, settings."""

from __future__ import annotations

import ast
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import pytest

from robo_xp.errors import FileMissing, InvalidConfig, InvalidValue, NotConfigured
from robo_xp.machine import config_file as settings_file
from robo_xp.machine.places import default_data_dir
from robo_xp_cli.framework import typer_adapter
from robo_xp_cli.framework.declare import Entry, noun
from robo_xp_cli.framework.options import option
from robo_xp_cli.framework.parse import Call, Help, parse, walk
from robo_xp_cli.main import run
from robo_xp_cli.nouns import NOUNS
from robo_xp_cli.run.context import Run, login_name
from robo_xp_cli.show.errors import asked_format
from robo_xp_cli.show.results import Result
from tests.cli.shell import GUILD, ROOT, TOY, environment, on_terminal, spawned, toy
from tests.cli.toy import TABLE

ALICE = "123456789012345678"
TOYS = {name: entry for name, entry in TABLE.items() if name != "broken"}


def call(*words: str) -> Call:
    """The parsed line, which must be a call."""
    parsed = parse(TABLE, words)
    assert isinstance(parsed, Call)
    return parsed


def usage(*words: str) -> InvalidValue:
    """The error with which parsing refuses a line."""
    with pytest.raises(InvalidValue) as caught:
        parse(TABLE, words)
    assert caught.value.exit_code == 2
    return caught.value


# Parsing


@pytest.mark.parametrize(
    "words",
    [
        ["-g", GUILD, "--json", "toy", "list"],
        ["toy", "-g", GUILD, "--json", "list"],
        ["toy", "list", "-g", GUILD, "--json"],
        ["--guild", GUILD, "toy", "list", "-ojson"],
        [f"--guild={GUILD}", "toy", "--output=json", "list"],
        ["-g", "1", "toy", "-o", "csv", "list", "-g", GUILD, "--json"],
        ["--json", "-g", "1", "toy", "-g", "2", "list", "-g", GUILD],
        ["-g", GUILD, "--json", "ls"],
    ],
)
def test_shared_options_stand_anywhere(words: list[str]) -> None:
    """Before the noun, before the verb or after it: the last one on the line wins."""
    assert call(*words).given == {"guild": GUILD, "output": "json"}


def test_an_option_that_is_repeated_in_one_place_is_refused() -> None:
    """Two values for what takes one are a mistake; flags may be repeated."""
    assert "--guild is given 2 times" in usage("toy", "list", "-g", GUILD, "-g", ALICE).message
    assert call("toy", "list", "--json", "--json").given["output"] == "json"


def test_help_is_a_word_too() -> None:
    """``help xp give`` is the page of that command, ``help`` alone the whole program's."""
    asked = parse(NOUNS, ["help", "xp", "give"])
    assert isinstance(asked, Help) and asked == parse(NOUNS, ["xp", "give", "--help"])
    assert isinstance(parse(NOUNS, ["help"]), Help)
    with pytest.raises(InvalidValue, match="no command 'giv'"):
        parse(NOUNS, ["help", "xp", "giv"])


def test_every_command_has_an_example() -> None:
    """Each help page shows at least one whole line to type, which begins with the program."""
    commands = [node for node in walk(NOUNS) if not node.is_group]
    assert [node.path for node in commands if not node.examples] == []
    lines = [line for node in commands for line in node.examples]
    assert all("robo-xp" in line for line in lines)


def test_every_shared_option() -> None:
    """All shared options are understood at once, and none reaches the command's function."""
    everywhere = "--data-dir d -g 1 -s s -o csv --fields a,b -q --no-color --config c".split()
    changes = ["--reason", "why", "--dry-run", "--yes"]

    parsed = call("toy", "delete", ALICE, *everywhere, *changes)

    assert list(parsed.arguments) == ["users"]
    assert parsed.given == {
        "data_dir": "d",
        "guild": "1",
        "store": "s",
        "output": "csv",
        "fields": "a,b",
        "quiet": True,
        "no_color": True,
        "config": "c",
        "reason": "why",
        "dry_run": True,
        "yes": True,
    }


def test_only_changing_commands_take_the_options_of_changes() -> None:
    """A command that only looks refuses --dry-run after its name."""
    assert call("toy", "delete", ALICE, "-n", "-y", "-r", "x").given["dry_run"] is True
    assert usage("toy", "list", "--dry-run").message == "no option --dry-run"


def test_arguments_are_parsed_values() -> None:
    """A command gets what its parsers made of the words, and its defaults as they are."""
    parsed = call("toy", "list", "--limit", "2k", "--sort", "last")

    assert parsed.arguments == {"limit": 2000, "sort": "last"}
    assert call("toy", "list").arguments == {"limit": 10, "sort": "xp"}
    assert len(call("toy", "delete", ALICE, "bob", f"<@{ALICE}>").arguments["users"]) == 3


def test_the_path_of_a_command() -> None:
    """A short form carries the name of the command that it stands for, and groups nest."""
    assert call("ls").verb.path == "toy list"
    assert call("toy", "deep", "verb").verb.path == "toy deep verb"


@pytest.mark.parametrize(
    ("words", "message", "advice"),
    [
        (["lst"], "no command 'lst' in robo-xp", "did you mean 'ls'?"),
        (["give", "a"], "no command 'give' in robo-xp", "did you mean 'toy give'?"),
        (["toy", "gvie"], "no command 'gvie' in robo-xp toy", "did you mean 'give'?"),
        (["zzzzz"], "no command 'zzzzz' in robo-xp", "see 'robo-xp --help'"),
        (["toy", "list", "--limti", "3"], "no option --limti", "did you mean --limit?"),
        (["toy", "list", "--zzz"], "no option --zzz", "see 'robo-xp toy list --help'"),
        (["toy", "give", "a", "-5"], "no option -5", "put -- before values"),
        (["toy", "give", "a"], "missing AMOUNT", "usage: robo-xp toy give [OPTIONS] USER AMOUNT"),
        (["toy", "delete"], "missing USER", "usage: robo-xp toy delete [OPTIONS] USER..."),
        (["toy", "list", "x"], "got unexpected extra argument(s) (x)", "see 'robo-xp toy list"),
        (["toy", "list", "--limit"], "option '--limit' requires an argument", "see 'robo-xp toy"),
        (["toy", "list", "--sort", "lats"], "--sort: 'lats' is not one of", "did you mean 'last'?"),
        (["toy", "list", "-o", "xml"], "--output: 'xml' is not one of", "use one of table, json"),
        (["toy", "list", "--json", "-o", "csv"], "--json and --output csv contradict", "see"),
        (["toy", "list", "-g", ""], "--guild is empty", "see 'robo-xp toy list --help'"),
        (["toy", "list", "--no-color=1"], "option '--no-color' does not take a value", "see"),
        (["toy"], "robo-xp toy needs a command: list, big, give", "see 'robo-xp toy --help'"),
        (["\x1b[2J"], r"no command '\x1b[2J' in robo-xp", "see"),
    ],
)
def test_usage_errors(words: list[str], message: str, advice: str) -> None:
    """A line that cannot be understood is refused with what is wrong and what may be meant."""
    error = usage(*words)

    assert error.code == "USAGE"
    assert error.message.startswith(message)
    assert error.advice.startswith(advice)


def test_a_refused_value_names_its_parameter() -> None:
    """The error of a parser keeps its own code and says which word it is about."""
    error = usage("toy", "give", "alice", "60abc")

    assert (error.code, error.message) == ("INVALID_AMOUNT", "AMOUNT: '60abc' is not a number")


def test_two_dashes_end_the_options() -> None:
    """After two dashes a word that begins with a minus is a value."""
    assert call("toy", "fail", "--", "-x").arguments == {"how": "-x"}


# Help


def test_help_of_a_command() -> None:
    """The help has the usage, the text untouched by markup, and a part for each kind of option."""
    page = toy("toy", "give", "-h").stdout

    assert page.startswith("Usage: robo-xp toy give [OPTIONS] USER AMOUNT\n")
    assert "The 'AMOUNT' may be written as [10k]." in page
    assert re.findall(r"^(\w+):$", page, re.MULTILINE) == ["Arguments", "Changes", "Everywhere"]
    assert "env: ROBO_XP_GUILD" in page


def test_help_of_the_program_and_of_a_noun() -> None:
    """Lists show each name with one line; the program alone shows its help and is content."""
    alone, asked, of_noun = toy(), toy("--help"), toy("toy", "--help")

    assert (alone.stdout, alone.returncode) == (asked.stdout, 0)
    assert "  ls  Same as toy list\n" in alone.stdout
    assert "  broken  Would fail if it were imported\n" in alone.stdout
    assert "  give      Give XP to a member\n" in of_noun.stdout
    assert "Examples:\n  robo-xp toy list --json\n" in toy("toy", "list", "--help").stdout


def test_help_needs_no_sound_configuration(tmp_path: Path) -> None:
    """Whoever has a damaged configuration file can still read the help."""
    bad = tmp_path / "bad.toml"
    bad.write_text("= nothing")

    done = toy("--help", env={"ROBO_XP_CONFIG": str(bad), "ROBO_XP_OUTPUT": "nonsense"})

    assert (done.returncode, done.stderr) == (0, "")


def test_help_asks_before_anything_is_missing() -> None:
    """The help of a command is shown even if its arguments are not given."""
    assert isinstance(parse(TABLE, ["toy", "give", "--help"]), Help)


def test_the_table_of_the_program_is_whole() -> None:
    """Every word at the top has a line for the help and a module of this package."""
    for name, entry in NOUNS.items():
        assert re.fullmatch(r"[a-z][a-z-]*", name)
        assert entry.help and not entry.help.endswith(".")
        assert entry.module.startswith("robo_xp_cli.")


# Typer


def test_the_tree_can_be_walked() -> None:
    """Generators see every command with its parameters, loaded, in the declared order."""
    nodes = {" ".join(node.path): node for node in walk(TOYS)}
    give = {param.name: param for param in nodes["toy give"].params}

    assert list(nodes)[:4] == ["", "toy", "toy list", "toy big"]
    assert nodes["toy deep verb"].help == "Show where it stands."
    assert nodes["toy give"].changes and not nodes["toy list"].changes
    assert nodes["toy"].is_group and not nodes["ls"].is_group
    assert give["user"].is_argument and give["user"].usage == "USER"
    assert give["guild"].opts == ("--guild", "-g") and give["guild"].details.completes == "guild"
    assert {"reason", "dry_run", "yes", "help", "json"} <= set(give)
    assert {param.name for param in nodes["toy list"].params if not param.is_flag} >= {"sort"}


def test_what_is_used_of_typer_is_there() -> None:
    """The private parts of Typer have the shape that the adapter relies on."""
    for kind in (typer_adapter.TyperOption, typer_adapter.TyperArgument):
        assert "_runtime_param" in kind.__init__.__code__.co_names
        assert "_runtime_param" in kind.get_runtime_param.__code__.co_names
        assert "coerce" in kind.process_value.__code__.co_names
    assert "_protected_args" in typer_adapter.TyperGroup.parse_args.__code__.co_names
    assert "meta" in dir(typer_adapter.Context)


def test_a_parameter_without_a_parser_is_text() -> None:
    """A type that nobody parses is a mistake of the noun file, and named as such."""
    app = noun("bad", "Bad")

    @app.verb("verb")
    def verb(run: Run, count: Annotated[int, option("--count", help="x")] = 1) -> Result:
        return None

    with pytest.raises(TypeError, match="count"):
        list(walk({"bad": entry_of(app)}))


def test_a_noun_cannot_take_a_shared_option() -> None:
    """A verb that declares an option that all commands have is a mistake of the noun file."""
    app = noun("bad", "Bad")

    @app.verb("verb", changes=True)
    def verb(run: Run, name: Annotated[str, option("--name", "-n", help="x")] = "") -> Result:
        return None

    with pytest.raises(TypeError, match="'bad verb' declares shared options: -n"):
        list(walk({"bad": entry_of(app)}))


def entry_of(app: object) -> Entry:
    """An entry that loads a noun made in a test."""
    sys.modules["tests.cli.made"] = type("made", (), {"app": app})  # type: ignore[assignment]
    return Entry("tests.cli.made", "Made")


def test_only_the_renderer_prints() -> None:
    """No module of the command line calls print, nor writes to a stream by itself."""
    for path in (ROOT / "cli" / "robo_xp_cli").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
        assert not [name for name in calls if isinstance(name, ast.Name) and name.id == "print"]


# Errors


@pytest.mark.parametrize(
    ("how", "code", "stderr"),
    [
        (
            "missing",
            3,
            "error: no member \\x1b[2J\\u202e here\n"
            "hint: see 'robo-xp xp list' for the members that have a record\n",
        ),
        (
            "faults",
            2,
            "error: line 2: bad amount\nerror: line 5: bad user\n"
            "hint: nothing was changed; correct the lines, or apply the good ones with"
            " --keep-going\n",
        ),
        ("file", 3, "error: /nowhere/at-all: No such file or directory\nhint: check the path\n"),
        (
            "boom",
            1,
            "error: unexpected RuntimeError: boom\n"
            "hint: run it again with ROBO_XP_DEBUG=1 to see where, and report it\n",
        ),
    ],
)
def test_errors_for_people(
    capsys: pytest.CaptureFixture[str], how: str, code: int, stderr: str
) -> None:
    """An error is a line and a hint, with the exit code of its kind, and never a traceback."""
    assert run(["toy", "fail", how], TABLE) == code

    assert capsys.readouterr() == ("", stderr)


def test_errors_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    """With JSON wanted an error is one JSON object on stderr, its faults in a list."""
    assert run(["toy", "fail", "faults", "--json"], TABLE) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err) == {
        "error": {
            "code": "INVALID_ROWS",
            "message": "line 2: bad amount; line 5: bad user",
            "hint": "nothing was changed; correct the lines, or apply the good ones with"
            " --keep-going",
            "faults": [
                {"where": "line 2", "message": "bad amount"},
                {"where": "line 5", "message": "bad user"},
            ],
        }
    }


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--json", "nope"], "USAGE"),
        (["toy", "list", "--limti", "-o", "jsonl"], "USAGE"),
        (["toy", "give", "a", "x", "--json"], "INVALID_AMOUNT"),
        (["toy", "give", "a", "1", "--json"], "NOT_CONFIGURED"),
        (["toy", "fail", "damaged", "--json"], "VAULT_DAMAGED"),
    ],
)
def test_unparsed_lines_fail_in_json_too(
    capsys: pytest.CaptureFixture[str], words: list[str], code: str
) -> None:
    """A script that asked for JSON gets it however early the command fails."""
    assert run(words, TABLE) > 1

    assert json.loads(capsys.readouterr().err)["error"]["code"] == code


@pytest.mark.parametrize(
    ("words", "environ", "expected"),
    [
        ([], {}, ""),
        (["--json"], {}, "json"),
        (["-o", "jsonl"], {}, "jsonl"),
        (["-ojson"], {}, "json"),
        (["-qojson"], {}, "json"),
        (["--output=json"], {}, "json"),
        (["--output"], {}, ""),
        (["--", "--json"], {}, ""),
        ([], {"ROBO_XP_OUTPUT": "json"}, "json"),
        (["-o", "table"], {"ROBO_XP_OUTPUT": "json"}, "table"),
    ],
)
def test_the_format_of_errors(words: list[str], environ: dict[str, str], expected: str) -> None:
    """The wanted format is found in the raw words."""
    assert asked_format(words, environ) == expected


def test_debug_shows_where() -> None:
    """ROBO_XP_DEBUG=1 adds the traceback, otherwise there is none."""
    assert "Traceback" in toy("toy", "fail", "boom", env={"ROBO_XP_DEBUG": "1"}).stderr
    assert "Traceback" not in toy("toy", "fail", "boom").stderr


def test_an_unimportable_noun_fails_alone() -> None:
    """A noun that cannot be loaded breaks its own commands only."""
    assert toy("broken", "x").returncode == 1
    assert toy("toy", "empty").returncode == 0


# Settings


def made(tmp_path: Path, text: str) -> str:
    """A configuration file with this text."""
    path = tmp_path / "robo-xp.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_precedence(tmp_path: Path) -> None:
    """Option before environment before configuration file before default."""
    config = made(tmp_path, 'store = "file"\noutput = "csv"\n')
    given = {"config": config}

    assert Run({**given, "store": "typed"}, environ={"ROBO_XP_STORE": "env"}).store_id == "typed"
    assert Run(given, environ={"ROBO_XP_STORE": "env"}).store_id == "env"
    assert Run(given, environ={"ROBO_XP_STORE": ""}).store_id == "file"
    assert Run(given, environ={}).output == "csv"
    assert Run({}, environ={"ROBO_XP_CONFIG": config}).output == "csv"
    assert (Run({}, environ={}).store_id, Run({}, environ={}).output) == ("default", "table")


def test_folders_in_the_file_are_meant_from_the_file(tmp_path: Path) -> None:
    """A relative data folder in the configuration file is relative to that file."""
    run_ = Run({"config": made(tmp_path, 'data_dir = "data"')}, environ={})

    assert run_.data_dir == tmp_path / "data"
    assert Run({"data_dir": "x"}, environ={}).data_dir == Path("x")
    assert Run({}, environ={"ROBO_XP_DATA_DIR": "/y"}).data_dir == Path("/y")


def test_the_file_of_the_user_comes_before_the_one_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a name the first file that exists counts, and none need exist."""
    mine, system = tmp_path / "robo-xp" / "robo-xp.toml", tmp_path / "system.toml"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(settings_file, "SYSTEM_FILE", system)

    assert settings_file.find("") is None
    system.write_text("")
    assert settings_file.find("") == system
    mine.parent.mkdir()
    mine.write_text("")
    assert settings_file.find("") == mine


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    """A configuration file that was asked for and is missing is no reason to use another."""
    with pytest.raises(FileMissing):
        settings_file.find(str(tmp_path / "none.toml"))


def test_every_fault_of_the_file_is_named(tmp_path: Path) -> None:
    """Unknown keys and bad values are listed together, each with the file."""
    config = made(tmp_path, 'guidl = "1"\nguild = 5\ncolor = "red"\n[daemon]\nany = 1\n')

    with pytest.raises(InvalidConfig) as caught:
        settings_file.load(Path(config))

    faults = [str(fault) for fault in caught.value.faults]
    assert [fault.removeprefix(f"{config}: ") for fault in faults] == [
        "guidl: unknown key, did you mean guild?",
        'guild: must be text in quotes, such as guild = "5"',
        "color: 'red' is none of auto, always, never",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b'a = 1\nb = "', "look at the end of the file"),
        (b"a = = 1", "look at line 1"),
        (b"\xff", ""),
    ],
)
def test_a_damaged_file_is_named_with_its_line(tmp_path: Path, text: bytes, words: str) -> None:
    """A file that is no TOML is an error of usage that names the line."""
    path = tmp_path / "x.toml"
    path.write_bytes(text)

    with pytest.raises(InvalidValue, match=re.escape(str(path))) as caught:
        settings_file.load(path)

    assert (caught.value.exit_code, caught.value.advice) == (2, words)


def test_a_bad_file_stops_the_command_in_the_wanted_format(tmp_path: Path) -> None:
    """The configuration is checked before the command runs."""
    done = toy("toy", "list", "--config", made(tmp_path, "x = 1"))

    assert (done.returncode, done.stdout) == (2, "")
    assert "x: unknown key" in done.stderr


def test_a_guild_is_needed_only_where_it_is_used() -> None:
    """A command that needs a guild and has none exits with 7 and says how to give one."""
    done = toy("toy", "settings")

    assert done.returncode == 7
    assert done.stderr.startswith("error: no guild was given\nhint: add --guild ID")
    assert toy("toy", "list").returncode == 0


@pytest.mark.parametrize(
    ("given", "attribute"),
    [
        ({"guild": "12"}, "guild_id"),
        ({"store": "Up"}, "store_id"),
        ({"store": "global"}, "store_id"),
        ({"fields": "a,,b"}, "fields"),
    ],
)
def test_bad_shared_values(given: Mapping[str, str], attribute: str) -> None:
    """Shared options are checked when they are used."""
    with pytest.raises(InvalidValue):
        getattr(Run(given, environ={}), attribute)


def test_the_default_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Root and system services share the system's folder, everybody else has their own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    service = {"SYSTEMD_EXEC_PID": str(os.getpid())}
    system = Path("/var/lib/robo-xp")

    assert default_data_dir({}) == tmp_path / "robo-xp"
    assert default_data_dir(service) == system
    assert default_data_dir({**service, "MANAGERPID": "1"}) == tmp_path / "robo-xp"
    assert default_data_dir({"STATE_DIRECTORY": "/a:/b"}) == Path("/a")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_data_dir({}) == system


def test_who_changes_something(monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal names the person, behind sudo too, and a number where there is no name."""
    monkeypatch.setattr(os, "getuid", lambda: 0)
    assert login_name({"SUDO_USER": "alice"}) == "alice"
    monkeypatch.setattr(os, "getuid", lambda: 3_999_999_999)
    assert login_name({"SUDO_USER": "alice"}) == "3999999999"


# The vault


def test_the_vault_is_opened_once_and_knows_who_acts(tmp_path: Path) -> None:
    """A command's changes carry its name and the operator's; looking alone makes no folder."""
    folder = tmp_path / "data"
    run_ = Run({"data_dir": str(folder)}, command="xp give", changes=True, environ={})

    robo = run_.robo()
    assert robo is run_.robo() and not folder.exists()
    robo.xp.add(GUILD, ALICE, 5, reason="test")
    run_.close()

    journal = (folder / "xp" / "default" / f"{GUILD}.journal").read_text()
    assert f'"by":"{run_.by}","cmd":"xp give"' in journal
    assert run_.by == f"cli:{login_name(os.environ)}"


def test_an_address_is_no_folder(tmp_path: Path) -> None:
    """What looks like an address is left to the core to take or to refuse."""
    run_ = Run({"config": made(tmp_path, 'data_dir = "elsewhere://host/db"')}, environ={})

    assert run_.vault_address == "elsewhere://host/db"
    with pytest.raises(InvalidValue, match="no engine for elsewhere"):
        run_.robo()


# Questions


def test_a_destructive_command_is_refused_without_a_terminal() -> None:
    """Nobody can be asked in a pipe, so nothing happens without --yes."""
    refused = toy("toy", "delete", ALICE)
    agreed, looked = toy("toy", "delete", ALICE, "-y"), toy("toy", "delete", ALICE, "-n")

    assert (refused.returncode, refused.stdout) == (4, "")
    assert "hint: add --yes to go ahead" in refused.stderr
    assert (agreed.returncode, agreed.stdout) == (0, "deleted\n1\n")
    assert (looked.returncode, looked.stderr) == (0, "dry run: nothing was changed\n")


@pytest.mark.parametrize(
    ("answer", "code", "last"),
    [("y\n", 0, "deleted"), ("n\n", 4, "nothing was changed"), ("\n", 4, "nothing was changed")],
)
def test_the_answer_to_a_question(answer: str, code: int, last: str) -> None:
    """Only a yes goes on; anything else is a refusal."""
    child = spawned("toy", "delete", ALICE)
    child.expect_exact("Delete 1 members? [y/N] ")
    child.send(answer)
    child.expect_exact(last)
    child.read()
    child.close()

    assert child.exitstatus == code


def test_leaving_a_question() -> None:
    """Ctrl-D at a question is a no, Ctrl-C is Ctrl-C."""
    for key, code in (("sendeof", 4), ("sendintr", 130)):
        child = spawned("toy", "delete", ALICE)
        child.expect_exact("[y/N] ")
        getattr(child, key)()
        assert b"Traceback" not in child.read()
        child.close()
        assert child.exitstatus == code


def test_questions_stay_out_of_the_output(tmp_path: Path) -> None:
    """The question goes to the terminal even when stdout is a file."""
    into = tmp_path / "out"
    line = f"'{sys.executable}' '{TOY}' toy delete {ALICE} --json > '{into}'"
    import pexpect

    child = pexpect.spawn("bash", ["-c", line], env=environment(), timeout=20)
    child.expect_exact("[y/N] ")
    child.send("y\n")
    child.read()

    assert into.read_text() == '{"deleted": 1}\n'


def test_dry_runs_are_marked() -> None:
    """A dry run shows the same result, says in the data that it is one, and in words."""
    done = toy("toy", "give", ALICE, "5", "-n", "--json", "-g", GUILD)

    assert json.loads(done.stdout)["dryRun"] is True
    assert done.stderr == "saved\ndry run: nothing was changed\n"


def test_a_reason_with_every_character() -> None:
    """A reason is data: a script gets it back exactly."""
    reason = "a\n[red]\x1b=1 'q\" \u202e"
    done = toy("toy", "give", ALICE, "5", "--json", "-g", GUILD, "-r", reason)

    assert json.loads(done.stdout)["reason"] == reason


def test_stdin_is_text_without_its_mark() -> None:
    """A byte order mark at the start of stdin is not part of the text."""
    script = (
        "import sys; from robo_xp_cli.run.context import Run; "
        "sys.stdout.write(Run({}).stdin().read())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(),
        input="\ufeffuser\r\nZoë\n".encode(),
        capture_output=True,
        timeout=30,
    )

    assert done.stdout.decode() == "user\r\nZoë\n"


# Signals


def started(*words: str, ignoring: signal.Signals | None = None) -> subprocess.Popen[str]:
    """The toy, running, as a shell would have started it."""

    def before() -> None:
        if ignoring is not None:
            signal.signal(ignoring, signal.SIG_IGN)

    return subprocess.Popen(
        [sys.executable, TOY, *words],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,
    )


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_unwind(number: int, code: int) -> None:
    """A stopped command cleans up, says nothing more and exits with the signal's code."""
    with started("toy", "wait") as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "waiting\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=20)

    assert (out, err, process.returncode) == ("", "cleaned up\n", code)


def test_a_stopped_stream_leaves_no_garbage() -> None:
    """What was shown before Ctrl-C stays, and nothing is added."""
    with started("toy", "follow", "-o", "csv") as process:
        assert process.stdout is not None
        assert [process.stdout.readline(), process.stdout.readline()] == [
            "seq,type\n",
            "1,levelUp\n",
        ]
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)

    assert (out, err, process.returncode) == ("", "", 130)


def test_background_jobs_keep_ignoring_ctrl_c() -> None:
    """A job that a shell started with SIGINT ignored is stopped by SIGTERM only."""
    with started("toy", "wait", ignoring=signal.SIGINT) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)

    assert process.returncode == 143


def test_closed_streams_do_not_become_files() -> None:
    """With 0 to 2 closed, the next file opened gets another descriptor."""
    script = (
        "from robo_xp_cli.show.streams import keep_descriptors; keep_descriptors(); "
        "import os; d = os.open('/dev/null', 0); os._exit(d)"
    )
    line = f"'{sys.executable}' -c \"{script}\" <&- >&- 2>&-"

    done = subprocess.run(["bash", "-c", line], env=environment(), timeout=30)

    assert done.returncode >= 3


def test_a_terminal_shows_errors_in_color_and_harmlessly() -> None:
    """Colours mark the words error and hint, and only them."""
    seen = on_terminal("toy", "fail", "missing")

    assert seen.lines[0] == r"error: no member \x1b[2J\u202e here"
    assert seen.raw.count(b"\x1b[") == 4


def test_run_is_lazy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that asks for nothing reads no configuration."""
    monkeypatch.setattr(settings_file, "find", lambda named: pytest.fail("read"))

    assert Run({"output": "json"}, environ={}).output == "json"
    with pytest.raises(NotConfigured):
        monkeypatch.undo()
        _ = Run({}, environ={}).guild_id
