"""The progress bar: on terminals only, after half a second, without any escape sequence."""

from __future__ import annotations

import io
import threading
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from robo_xp_cli.run import progress as bars
from robo_xp_cli.show import streams
from tests.cli.program import Program
from tests.cli.terminal import watched


class Terminal(io.StringIO):
    """A stderr that somebody looks at, and that knows when something was drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn = threading.Event()

    def isatty(self) -> bool:
        """Whether somebody looks at it."""
        return True

    def write(self, text: str) -> int:
        """Keep the text."""
        self.drawn.set()
        return super().write(text)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal for stderr, and bars without patience."""
    monkeypatch.setattr(bars, "PATIENCE_SECONDS", 0.0)
    return Terminal()


def test_long_work_shows_without_a_step(terminal: Terminal) -> None:
    """Work that is one long call is drawn by its name, and nothing of it is left behind."""
    with redirect_stderr(terminal), bars.progress(None, "robo-xp curve set"):
        assert terminal.drawn.wait(10)

    first, *_, last = terminal.getvalue().split("\r")[1:]
    assert first.startswith("robo-xp curve set (0:0")
    assert last == ""


def test_a_bar_has_no_escape_sequence(terminal: Terminal) -> None:
    """Steps, total and the time that is left are plain text, whatever NO_COLOR says."""
    with redirect_stderr(terminal), bars.progress(8, "Importing") as counting:
        counting.step(4)
        assert terminal.drawn.wait(10)

    assert "Importing [############------------] 4/8 (0:00 left)" in terminal.getvalue()
    assert "\x1b" not in terminal.getvalue()


def test_work_becomes_countable_on_the_way(terminal: Terminal) -> None:
    """While members are walked through there is a bar, and the seconds come back afterwards."""
    with redirect_stderr(terminal), bars.progress(None, "Undoing") as work:
        for _ in work.along("abcd"):
            terminal.drawn.clear()
            assert terminal.drawn.wait(10)
        terminal.drawn.clear()
        assert terminal.drawn.wait(10)

    assert "Undoing [############------------] 2/4 (0:0" in terminal.getvalue()
    assert terminal.getvalue().rpartition("4 (")[2].count("Undoing (0:0") >= 1


def test_what_is_printed_takes_the_place_of_the_bar(terminal: Terminal) -> None:
    """A note stands on a line of its own, the bar is wiped before it."""
    with redirect_stderr(terminal), bars.progress(None, "Reading"):
        assert terminal.drawn.wait(10)
        streams.tell("a note")

    before = terminal.getvalue().partition("a note\n")[0]
    assert before.endswith("\r" + " " * len("Reading (0:00)") + "\r")


def test_the_bar_leaves_a_result_that_flows_alone(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once a result goes to a terminal or a pipe, the bar is wiped and does not come back."""
    monkeypatch.setattr("sys.stdout", io.StringIO())
    with redirect_stderr(terminal), bars.progress(None, "Listing"):
        assert terminal.drawn.wait(10)
        streams.write("[\n")
        before = terminal.getvalue()
        terminal.drawn.clear()
        assert not terminal.drawn.wait(0.3)

    assert before.endswith("\r" + " " * len("Listing (0:00)") + "\r")
    assert terminal.getvalue() == before


def test_the_bar_stays_beside_a_result_that_goes_to_a_file(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nobody looks at the file, so the rows are counted while they are written."""
    with (tmp_path / "rows").open("w") as file, redirect_stderr(terminal):
        monkeypatch.setattr("sys.stdout", file)
        with bars.progress(None, "Listing") as work:
            for row in work.along("ab"):
                streams.write(row)
                terminal.drawn.clear()
                assert terminal.drawn.wait(10)

    assert "Listing [############------------] 1/2 (0:00 left)" in terminal.getvalue()


def test_nothing_is_drawn_beside_a_question(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody is asked the bar is gone, and it comes back after the answer."""
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with redirect_stderr(terminal), bars.progress(None, "Deleting"):
        assert terminal.drawn.wait(10)
        assert bars.ask("Sure? ") == "y\n"
        terminal.drawn.clear()
        assert terminal.drawn.wait(10)

    asked = terminal.getvalue().index("Sure? ")
    assert "Deleting" in terminal.getvalue()[asked:]


@pytest.mark.parametrize("is_quiet", [True, False])
def test_nobody_looks_or_wants_to(is_quiet: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --quiet, and without a terminal, nothing is drawn and no thread is begun."""
    stream = Terminal() if is_quiet else io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    before = threading.active_count()
    with bars.progress(5, "Reading", quiet=is_quiet) as counting:
        counting.step(5)
        assert threading.active_count() == before

    assert counting.done == 5
    assert stream.getvalue() == ""


def test_a_long_command_is_watched_on_a_real_terminal(data_dir: Path) -> None:
    """A command that takes long shows that it goes on, and leaves its result alone."""
    program = Program(data_dir)
    rows = "".join(f"give,{300000000000000000 + n},{n + 1}\n" for n in range(60_000))
    (data_dir.parent / "many.csv").write_text("op,user,amount\n" + rows)
    program("xp", "apply", str(data_dir.parent / "many.csv"))

    seen = watched(program, "xp", "recalc", "--all", "--no-color")

    assert b"\rrobo-xp xp recalc " in seen.raw
    assert b"\x1b" not in seen.raw
    assert "0 of 60,000 levels corrected" in seen.lines[0]
