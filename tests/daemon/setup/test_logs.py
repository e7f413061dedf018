"""The forms of the log."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator

import pytest

from robo_xp_daemon.setup import logs

log = logging.getLogger("robo_xp_daemon")
SECRET = "abc.def.ghi"


@pytest.fixture(autouse=True)
def _logging_put_back() -> Iterator[None]:
    """Handlers and levels as they were."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], level = before
    root.setLevel(level)


def set_up(log_format: str = "auto", level: str = "info", **environ: str) -> None:
    """Log as the daemon does."""
    logs.set_up(log_format, level, SECRET, environ)


def test_json_has_the_ids_as_fields(capfd: pytest.CaptureFixture[str]) -> None:
    """A JSON line is one object with time, level, words and the ids that it speaks of."""
    set_up("json")
    log.warning("role %s", "9\n8", extra={"guild_id": 5, "role_id": "9"})

    (line,) = capfd.readouterr().err.splitlines()
    entry = json.loads(line)
    assert entry.pop("time") > 1_700_000_000_000
    assert entry == {
        "level": "warning",
        "logger": "robo_xp_daemon",
        "message": "role 9\n8",
        "guildId": "5",
        "roleId": "9",
    }


def test_journald_gets_priorities(capfd: pytest.CaptureFixture[str]) -> None:
    """When stderr is journald's stream every line starts with its priority, and no time."""
    found = os.fstat(2)
    set_up(JOURNAL_STREAM=f"{found.st_dev}:{found.st_ino}")
    log.info("one")
    log.error("two\nlines")

    assert capfd.readouterr().err.splitlines() == ["<6>one", "<3>two", "<3>lines"]


@pytest.mark.parametrize("stream", ["", "1:1", "nonsense"])
def test_people_get_time_and_level(capfd: pytest.CaptureFixture[str], stream: str) -> None:
    """Anywhere else a line is for people; what moves a cursor is shown as an escape."""
    set_up(JOURNAL_STREAM=stream)
    log.info("a name: %s", "\x1b[31m\u202e")

    err = capfd.readouterr().err
    assert err.endswith(" INFO    a name: \\x1b[31m\\u202e\n")
    assert err[:2] == "20"


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_the_token_is_cut_out(capfd: pytest.CaptureFixture[str], log_format: str) -> None:
    """Neither words nor arguments nor tracebacks can show the token."""
    set_up(log_format)
    try:
        raise ValueError(f"Bot {SECRET}")
    except ValueError:
        log.exception("login with %s", SECRET)

    err = capfd.readouterr().err
    assert SECRET not in err
    assert "login with [token]" in err
    assert "ValueError: Bot [token]" in err


def test_trouble_of_the_network_takes_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    """discord.py's tracebacks of lost connections become warnings of one line."""
    set_up()
    try:
        raise ConnectionResetError("gone")
    except ConnectionResetError:
        logging.getLogger("discord.shard").exception("Failed to connect")

    (line,) = capfd.readouterr().err.splitlines()
    assert "WARNING Failed to connect (ConnectionResetError('gone'))" in line


def test_lines_break_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal a path with hyphens stays whole, so that it can be copied."""
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((60, 24)))
    path = "/srv/data-of-ann/.local/share/robo-xp"
    said = {"msg": f"robo-xpd 0.1.0 on {path}, with a token", "levelname": "INFO"}

    first, second = logs.Plain().format(logging.makeLogRecord(said)).splitlines()

    assert first.endswith(" INFO    robo-xpd 0.1.0 on")
    assert second == f"  {path}, with a token"
