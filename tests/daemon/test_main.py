"""The daemon's program, seen from outside: its options, and what it refuses to start with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import robo_xp
from robo_xp_daemon.main import main


def started(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str, token: str = "a.b.c") -> int:
    """The exit code with this configuration, which has a fault."""
    path = folder / "robo-xp.toml"
    path.write_text(f'data_dir = "data"\n{text}')
    monkeypatch.setenv("ROBO_XP_TOKEN", token)
    return main(["--config", str(path)])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["--version"], f"robo-xpd {robo_xp.__version__}\n"), (["--help"], "exit codes")],
)
def test_it_answers_questions(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--version`` and ``--help`` answer on stdout and exit 0."""
    with pytest.raises(SystemExit) as stop:
        main(arguments)

    assert stop.value.code == 0
    assert says in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--token", "x"], ["x"]])
def test_an_unknown_option_is_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong option exits 2; there is none for a token."""
    with pytest.raises(SystemExit) as stop:
        main(words)

    assert stop.value.code == 2
    assert words[0] in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[daemon]\nmember_intent = true", "daemon.member_intent: unknown key, did you mean"),
        ('[daemon]\nadmin_permission = "manage_server"', "did you mean 'manage_guild'"),
        ('[daemon]\nmembers_intent = "yes"', "daemon.members_intent: must be true or false"),
        ("daemon = 5", "must be a table"),
        ('[daemon]\nlog_format = "xml"', "'xml' is none of auto, text, json"),
        ('[daemon]\nlog_level = "loud"', "'loud' is none of debug"),
        ('durability = "never"', "'never' is none of batch"),
        ('get_curve = "nowhere:f"', "get_curve"),
        ('[daemon]\napi_base = "https://discord.com/api/v10"', "daemon.api_base: must look like"),
        ('[daemon]\napi_base = "http://10.0.0.1:80/api"', "may only name this machine"),
        ('[daemon]\napi_base = "http://127.0.0.1.evil.test:80/"', "may only name this machine"),
        ('[daemon]\ngateway = "ws://[::2]:80/"', "may only name this machine"),
        ('[daemon]\ngateway = "wss://localhost:80/"', "must look like ws://"),
        ('[daemon]\ntoken_file = "none"', "the token in "),
        ("x = = 1", "is not TOML"),
    ],
)
def test_a_faulty_configuration_ends_it_with_78(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    text: str,
    said: str,
) -> None:
    """Every fault is named on stderr, and systemd is told not to try again."""
    assert started(tmp_path, monkeypatch, text) == 78

    err = capfd.readouterr().err
    assert said in err
    assert "a.b.c" not in err


def test_all_faults_are_named_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Faults at the top and in the table come together."""
    assert started(tmp_path, monkeypatch, "color = 5\n[daemon]\nlog_level = 5\nx = 1\n") == 78

    err = capsys.readouterr().err
    assert all(key in err for key in ("color", "daemon.log_level", "daemon.x"))


def test_no_token_is_78_and_told_how_to_give_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a token the daemon names the three places where it looks for one."""
    assert started(tmp_path, monkeypatch, "", token="") == 78

    err = capsys.readouterr().err
    assert "there is no token" in err
    assert all(word in err for word in ("discord-token", "token_file", "ROBO_XP_TOKEN"))


def test_a_missing_configuration_file_is_78(capsys: pytest.CaptureFixture[str]) -> None:
    """A file that was asked for and is not there is not passed over."""
    assert main(["--config", "/nonexistent/robo-xp.toml"]) == 78
    assert "there is no configuration file" in capsys.readouterr().err


def test_damaged_data_ends_it_with_6(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A data folder that cannot be read stops the daemon before it reaches for Discord."""
    os.mkdir(tmp_path / "data")
    (tmp_path / "data" / "format.json").write_text("{")

    assert started(tmp_path, monkeypatch, "") == 6
    assert "format.json" in capfd.readouterr().err
