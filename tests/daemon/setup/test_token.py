"""Where the token comes from, and that it never shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from robo_xp.errors import InvalidValue, NotConfigured
from robo_xp_daemon.setup.token import find_token

SECRET = "abc.def.ghi"


def written(path: Path, text: str = SECRET, mode: int = 0o600) -> Path:
    """The file, made with this text and mode."""
    path.write_text(text)
    path.chmod(mode)
    return path


def test_credentials_come_first(tmp_path: Path) -> None:
    """systemd's credential wins over the file, and the file over the variable."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    own = written(tmp_path / "token", "file.token.x\n")
    environ = {"CREDENTIALS_DIRECTORY": str(folder), "ROBO_XP_TOKEN": "variable.token.x"}

    assert find_token(environ, "").text == "variable.token.x"
    assert find_token(environ, str(own)).text == "file.token.x"
    written(folder / "discord-token", "credential.token.x", 0o440)
    assert find_token(environ, str(own)).text == "credential.token.x"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o601])
def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    """A token file is for its owner alone."""
    path = written(tmp_path / "token", mode=mode)

    with pytest.raises(InvalidValue, match=f"mode {mode:04o}") as caught:
        find_token({}, str(path))

    assert f"chmod 600 {path}" in caught.value.advice


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "two words",
        "two\nlines",
        "a\x00b",
        "ä.ö.ü",
        "nonsense",
        "a.b",
        "a.b.c.d",
        "a..c",
        ".b.c",
    ],
)
def test_what_is_no_token_is_refused_unseen(tmp_path: Path, text: str) -> None:
    """Text that cannot be a token is refused, and not quoted."""
    path = written(tmp_path / "token", text)

    with pytest.raises(InvalidValue, match="is no token") as caught:
        find_token({}, str(path))

    assert not text.strip() or text not in str(caught.value)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """A binary file is no token."""
    path = written(tmp_path / "token")
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(NotConfigured, match="it is not text"):
        find_token({}, str(path))


def test_nothing_shows_it() -> None:
    """Neither the text nor the representation of a token holds it."""
    token = find_token({"ROBO_XP_TOKEN": f" {SECRET}\n"}, "")

    assert token.text == SECRET
    assert SECRET not in f"{token} {token!r}"
