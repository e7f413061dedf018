"""The daemon's program, seen from outside."""

from __future__ import annotations

import pytest

import robo_xp
from robo_xp_daemon.main import main


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["--version"], f"robo-xpd {robo_xp.__version__}\n"), (["--help"], "Discord")],
)
def test_it_answers_questions(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--version`` and ``--help`` answer on stdout and exit 0."""
    with pytest.raises(SystemExit) as stop:
        main(arguments)

    assert stop.value.code == 0
    assert says in capsys.readouterr().out


def test_it_does_not_pretend_to_run(capsys: pytest.CaptureFixture[str]) -> None:
    """Started, it fails at once, and says what is missing and what works without it."""
    code = main([])

    out, err = capsys.readouterr()
    assert (code, out) == (1, "")
    assert "cannot connect to Discord" in err
    assert "robo-xp --help" in err


def test_an_unknown_option_is_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong option exits 2 and is named."""
    with pytest.raises(SystemExit) as stop:
        main(["--token", "x"])

    assert stop.value.code == 2
    assert "--token" in capsys.readouterr().err
