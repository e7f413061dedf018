"""Tokens and the table [rest]: what is taken, what is refused, and that nothing shows a token."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from robo_xp.errors import InvalidConfig, InvalidValue, NotConfigured, RoboXPError
from robo_xp.machine.config_file import RestSettings, load_rest
from robo_xp_daemon.setup import options
from robo_xp_daemon.setup.http import Listen, Rest, checked_rest
from robo_xp_daemon.setup.http_tokens import Tokens, find_tokens
from robo_xp_daemon.setup.options import Given

GUILD = "100000000000000009"
SECRET, OTHER = "s3cret-" * 5, "0123456789abcdef" * 2


def written(folder: Path, text: str, mode: int = 0o600) -> str:
    path = folder / "tokens"
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_tokens_are_found_by_their_text(tmp_path: Path) -> None:
    """Each token has its name and scope; comments, blank lines and other texts are none."""
    text = f"# ours\n\ndash  read\t{SECRET}\n  panel write {OTHER}\n"
    tokens = find_tokens({}, written(tmp_path, text))

    dash, panel = tokens.find(SECRET), tokens.find(OTHER)
    assert dash is not None and (dash.name, dash.scope) == ("dash", "read")
    assert panel is not None and (panel.name, panel.scope) == ("panel", "write")
    for wrong in ("", SECRET[:-1], f"{SECRET}x", "dash", "\udcff"):
        assert tokens.find(wrong) is None
    assert SECRET not in repr(tokens)


def test_no_file_is_no_token() -> None:
    """Without a file there are none, and nothing matches."""
    assert not find_tokens({}, "")
    assert Tokens().find("") is None


def test_the_credential_of_systemd_comes_first(tmp_path: Path) -> None:
    """``api-tokens`` in the folder of credentials counts before the file, whatever its mode."""
    (tmp_path / "api-tokens").write_text(f"a read {SECRET}\n")
    (tmp_path / "api-tokens").chmod(0o440)
    tokens = find_tokens({"CREDENTIALS_DIRECTORY": str(tmp_path)}, "/nonexistent")

    assert tokens.find(SECRET) is not None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("dash read", "line 1: must be NAME read|write|metrics TOKEN"),
        (f"dash {SECRET}", "line 1: must be NAME read|write|metrics TOKEN"),
        (f"dash rw {SECRET}", "the second word must be one of read, write, metrics"),
        (f"{SECRET} {SECRET} {SECRET}", "the name must be"),
        ("dash read short", "the token must be 20 or more"),
        (f"dash read {SECRET}\u00e9", "the token must be 20 or more"),
        (f"dash read {SECRET} 017", "the fourth word must be ids of guilds"),
        (f"dash read {SECRET} {GUILD},", "the fourth word must be ids of guilds"),
        (f"dash metrics {SECRET} {GUILD}", "a token for them can name none"),
        (f"dash read {SECRET} {GUILD} {GUILD}", "line 1: must be NAME read|write|metrics TOKEN"),
        (f"a read {OTHER}\na read {SECRET}", "line 2: the name a is there already"),
        (f"a read {SECRET}\nb read {SECRET}", "line 2: the same token is there already"),
    ],
)
def test_a_wrong_line_is_named_without_its_token(tmp_path: Path, line: str, said: str) -> None:
    """The fault has file and line, never a token."""
    with pytest.raises(InvalidConfig) as caught:
        find_tokens({}, written(tmp_path, line))

    assert said in caught.value.message
    assert SECRET not in f"{caught.value.message} {caught.value.advice}"


def test_all_wrong_lines_are_named(tmp_path: Path) -> None:
    """Two wrong lines are two faults."""
    with pytest.raises(InvalidConfig) as caught:
        find_tokens({}, written(tmp_path, "x\n\ny\n"))

    assert [fault.where.rpartition(", ")[2] for fault in caught.value.faults] == [
        "line 1",
        "line 3",
    ]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    """The mode must be 0600, and the advice says how to make it so."""
    with pytest.raises(InvalidValue, match="can be read by others") as caught:
        find_tokens({}, written(tmp_path, f"a read {SECRET}", mode))

    assert "chmod 600" in caught.value.advice


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    """A missing file, and one that is not text, are told with the path."""
    path = tmp_path / "tokens"
    if content is not None:
        path.touch(mode=0o600)
        path.write_bytes(content)

    with pytest.raises(NotConfigured, match=str(path)):
        find_tokens({}, str(path))


@pytest.mark.parametrize(
    ("text", "is_public"),
    [
        ("127.0.0.1:8080", False),
        ("127.9.9.9:0", False),
        ("localhost:80", False),
        ("[::1]:8080", False),
        ("0.0.0.0:8080", True),
        ("[::]:8080", True),
        ("10.0.0.5:8080", True),
        ("robo.example:8080", True),
    ],
)
def test_addresses(tmp_path: Path, text: str, is_public: bool) -> None:
    """HOST:PORT is read, and known to be public unless it is this machine's own."""
    said = RestSettings(listen=text, tokens_file=written(tmp_path, f"a read {SECRET}"))
    rest = checked_rest(None, said, {})

    assert rest.listen is not None
    assert (str(rest.listen), rest.listen.is_public) == (text, is_public)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('listen = "8080"', "rest.listen: must be HOST:PORT"),
        ('listen = "127.0.0.1:70000"', "rest.listen: must be HOST:PORT"),
        ('listen = "[::x]:80"', "rest.listen: must be HOST:PORT"),
        ('listen = "::1:80"', "rest.listen: must be HOST:PORT"),
        ("listen = 8080", "rest.listen: must be text in quotes"),
        ('listn = "127.0.0.1:80"', "rest.listn: unknown key, did you mean listen"),
        ('socket_group = "no-such-group"', "rest.socket_group: there is no group"),
        (f'socket = "/{"x" * 107}"', "rest.socket: the path has more than 107 bytes"),
        ('tokens_file = "none"', "none cannot be read"),
        ('listen = "127.0.0.1:8080"', "there is no API token"),
    ],
)
def test_a_faulty_table_is_told(tmp_path: Path, table: str, said: str) -> None:
    """Each fault of [rest] stops the daemon with a message and an advice; TCP needs a token."""
    config = tmp_path / "robo-xp.toml"
    config.write_text(f"[rest]\n{table}\n")
    with pytest.raises(RoboXPError) as caught:
        options.load(Given(config=str(config)), {"ROBO_XP_TOKEN": "a.b.c"})

    assert said in caught.value.message
    assert caught.value.advice
    assert isinstance(caught.value, InvalidConfig | NotConfigured)


def test_paths_are_meant_from_the_file(tmp_path: Path) -> None:
    """Socket and tokens lie where the file says, wherever the daemon is started."""
    config = tmp_path / "robo-xp.toml"
    config.write_text('[rest]\nsocket = "run/s"\ntokens_file = "t"\n')
    found = load_rest(config)

    assert (found.socket, found.tokens_file) == (f"{tmp_path}/run/s", f"{tmp_path}/t")


def test_what_a_reload_can_change() -> None:
    """Tokens count at once; the places where the daemon answers do after a restart."""
    listen = Listen("127.0.0.1", 1)
    before = Rest("/run/a", None, listen, Tokens())

    assert before.needs_restart(Rest("/run/a", None, listen, find_tokens({}, ""))) == []
    assert before.needs_restart(Rest("/run/b", os.getgid(), None)) == [
        "rest.socket",
        "rest.socket_group",
        "rest.listen",
    ]
