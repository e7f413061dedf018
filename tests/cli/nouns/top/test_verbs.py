"""``robo-xp top``: a live view on a terminal, one snapshot everywhere else."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pyte
import pytest

from robo_xp import RoboXP
from tests.cli.program import ANN, BOB, GUILD, Program
from tests.cli.stand_in import standing_in
from tests.cli.terminal import ended, watched
from tests.cli.test_start import imported_by

PRIZE = "Nitro \x1b[31m\u202e"
ENTER_OTHER_SCREEN, LEAVE_OTHER_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"


class Live:
    """The program on a terminal, drawn on a screen that the test looks at."""

    def __init__(self, program: Program, *words: str, size: tuple[int, int], **env: str) -> None:
        """Start it."""
        columns, rows = size
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "robo_xp_cli", "top", *words],
            dimensions=(rows, columns),
            env={**program.environment(), **env},
            timeout=30,
        )
        self.child.delaybeforesend = None
        self.raw = b""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def lines(self) -> list[str]:
        """What the screen shows."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """The same as one text."""
        return "\n".join(self.lines)

    def until(self, is_so: Callable[[], bool]) -> None:
        """Read what is drawn until it is so; AssertionError after 30 seconds."""
        end = time.monotonic() + 30
        while not is_so():
            assert time.monotonic() < end, f"still on the screen:\n{self.text}"
            self._read(0.2)

    def until_drawn(self, times: int) -> None:
        """Read until the view was drawn so many times more."""
        wanted = self.raw.count(b"robo-xp top") + times
        self.until(lambda: self.raw.count(b"robo-xp top") >= wanted)

    def resize(self, columns: int, rows: int) -> None:
        """Make the terminal another size."""
        self._screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)

    def ended(self) -> int:
        """Its exit code, once it has ended."""
        self.raw += self.child.read()
        ended(self.child)
        return self.child.exitstatus if self.child.exitstatus is not None else -1

    def _read(self, seconds: float) -> None:
        try:
            drawn = self.child.read_nonblocking(65536, timeout=seconds)
        except pexpect.TIMEOUT:
            return
        self.raw += drawn
        self._stream.feed(drawn)


@contextmanager
def live(
    program: Program, *words: str, size: tuple[int, int] = (80, 24), **env: str
) -> Iterator[Live]:
    """The live view; gone afterwards whatever becomes of it."""
    found = Live(program, *words, size=size, **env)
    try:
        yield found
    finally:
        found.child.close(force=True)


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a vault in which something goes on."""
    with RoboXP.open(data_dir, durability="os", by="test") as robo:
        robo.xp.add(GUILD, ANN, 400)
        robo.xp.add(GUILD, BOB, 30)
        robo.giveaways.create(
            GUILD, prize=PRIZE, channel_id="300000000000000001", duration="2d", started_by=ANN
        )
    return Program(data_dir)


def test_a_snapshot_for_scripts(program: Program) -> None:
    """Into a pipe goes one document, with every figure of the live view."""
    found = program.json("top")

    assert [row["userId"] for row in found["rising"]] == [ANN, BOB]
    assert found["rising"][0] == {
        "userId": ANN, "gained": 400, "levels": 2, "xp": 400, "level": 2, "rank": 1
    }  # fmt: skip
    assert (found["guildId"], found["storeId"], found["windowSeconds"]) == (GUILD, "default", 600)
    assert (found["awards"], found["members"], found["levelUps"]) == (0, 2, 1)
    assert [one["prize"] for one in found["giveaways"]] == [PRIZE]
    assert found["daemon"] == {"running": False, "state": "not running"}
    assert len(found["history"]) == 60


def test_a_pipe_gets_rows_and_no_control_codes(program: Program) -> None:
    """Without a terminal the members are tab-separated rows, once."""
    done = program("top", "--limit", "1")

    assert done.stdout.splitlines() == [
        "userId\tname\tgained\tlevels\txp\tlevel\trank",
        f"{ANN}\t\t400\t2\t400\t2\t1",
    ]
    assert done.returncode == 0


@pytest.mark.parametrize("words", [["--once"], ["--fields", "userId"], ["-o", "ids"]])
def test_a_terminal_gets_one_snapshot_when_asked(program: Program, words: list[str]) -> None:
    """With ``--once``, and where rows are asked for, nothing is drawn over."""
    seen = watched(program, "top", *words)

    assert seen.code == 0
    assert ENTER_OTHER_SCREEN not in seen.raw
    assert any(ANN in line for line in seen.lines)


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_cannot_be_drawn_on_gets_a_snapshot(program: Program, term: str) -> None:
    """A terminal without abilities is not sent what it would print as rubbish."""
    assert b"\x1b" not in watched(program, "top", TERM=term).raw.replace(b"\x1b[1m", b"").replace(
        b"\x1b[0m", b""
    )


def test_the_snapshot_on_a_terminal(program: Program) -> None:
    """Prizes are harmless, and the time that is left is told."""
    seen = watched(program, "top", "--once")
    text = "\n".join(seen.lines)

    assert r"Nitro \x1b[31m\u202e" in text
    assert "ends in 1 d 23 h" in text
    assert "0 awards, 2 members, 1 level-up" in text


@pytest.mark.parametrize(
    "words",
    [["--interval", "0"], ["--interval", "fast"], ["--window", "2d"], ["--window", "5"],
     ["--limit", "0"]],
)  # fmt: skip
def test_values_that_make_no_sense_are_refused(program: Program, words: list[str]) -> None:
    """Each is wrong usage, exit code 2."""
    assert program.refused("top", *words)[0] == 2


def test_without_a_guild_there_is_nothing_to_watch(data_dir: Path) -> None:
    """A guild is needed, exit code 7."""
    assert Program(data_dir, guild="").refused("top")[:2] == (7, "NOT_CONFIGURED")


def test_what_others_commit_shows_at_once(program: Program) -> None:
    """XP that another process gives is on the screen at the next look, and the order follows."""
    with live(program, "--interval", "0.1") as view:
        view.until(lambda: f"{ANN}" in view.text)
        program("xp", "give", BOB, "5k")
        view.until(lambda: "+5,030" in view.text)
        first = next(line for line in view.lines if line.startswith("2000000"))
        view.child.send("q")

        assert first.startswith(BOB)
        assert view.ended() == 0
    assert view.raw.count(ENTER_OTHER_SCREEN) == view.raw.count(LEAVE_OTHER_SCREEN) == 1


@pytest.mark.parametrize("key", ["q", "Q", "\x1b", "\x04", "\x03"])
def test_these_keys_end_it_well(program: Program, key: str) -> None:
    """q, escape, Ctrl-D and Ctrl-C end it with exit code 0, and leave the screen as it was."""
    with live(program) as view:
        view.until(lambda: "Rising" in view.text)
        view.child.send(key)

        assert view.ended() == 0
    assert LEAVE_OTHER_SCREEN in view.raw
    assert b"Traceback" not in view.raw


def test_other_keys_do_nothing(program: Program) -> None:
    """Letters, arrows, Ctrl-Z and Ctrl-\\ leave it running, and do not show."""
    with live(program, "--interval", "0.1") as view:
        view.until(lambda: "Rising" in view.text)
        screen = [line for line in view.lines if "robo-xp top" not in line]
        for key in ("x", "\x1b[A", "\x1a", "\x1c"):
            view.child.send(key)
            view.until_drawn(2)

        assert [line for line in view.lines if "robo-xp top" not in line] == screen
        view.child.send("q")
        assert view.ended() == 0


def test_a_signal_ends_it_like_any_command(program: Program) -> None:
    """TERM is 143, and the terminal is as it was."""
    with live(program) as view:
        view.until(lambda: "Rising" in view.text)
        os.kill(view.child.pid, signal.SIGTERM)

        assert view.ended() == 143
    assert LEAVE_OTHER_SCREEN in view.raw


def test_the_terminal_is_put_back(program: Program, tmp_path: Path) -> None:
    """The settings of the terminal are those of before."""
    script = f"stty -g >{tmp_path}/1; '{sys.executable}' -m robo_xp_cli top; stty -g >{tmp_path}/2"
    child = pexpect.spawn("sh", ["-c", script], env=program.environment(), timeout=30)
    child.expect_exact("Rising")
    child.send("q")
    child.read()
    ended(child)

    assert (tmp_path / "1").read_text() == (tmp_path / "2").read_text()


def test_an_error_leaves_the_terminal_as_it_was(program: Program) -> None:
    """Damage while it runs is told on the usual screen, with its exit code."""
    with live(program, "--interval", "0.1") as view:
        view.until(lambda: "Rising" in view.text)
        journal = program.data_dir / f"xp/default/{GUILD}.journal"
        with journal.open("ab") as file:
            file.write(b"no batch\n" * 2)
        code = view.ended()

    assert code == 6
    assert b"damaged line" in view.raw.partition(LEAVE_OTHER_SCREEN)[2]


def test_a_narrow_terminal_cuts_lines(program: Program) -> None:
    """The lines at the top are cut, not folded: each figure keeps its place."""
    with live(program, size=(34, 14)) as view:
        view.until(lambda: "gained" in view.text)
        heading = next(n for n, line in enumerate(view.lines) if "gained" in line)
        view.child.send("q")
        view.ended()

    assert heading == 7


def test_it_follows_the_size_of_the_terminal(program: Program) -> None:
    """Wide enough, giveaways stand beside the members; no line is ever longer than the screen."""
    with live(program, size=(80, 24)) as view:
        view.until(lambda: "Giveaways" in view.text)
        under = [line for line in view.lines if "Giveaways" in line and "Rising" in line]
        view.resize(200, 30)
        view.until(lambda: any("Giveaways" in ln and "Rising" in ln for ln in view.lines))
        view.resize(60, 12)
        view.until(lambda: not any("Giveaways" in ln and "Rising" in ln for ln in view.lines))
        view.child.send("q")

        assert under == []
        assert view.ended() == 0


def test_foreign_text_cannot_draw(program: Program) -> None:
    """A prize with escape sequences is shown as text."""
    with live(program) as view:
        view.until(lambda: r"Nitro \x1b[31m\u202e" in view.text)
        view.child.send("q")
        view.ended()

    assert b"\x1b[31m" not in view.raw


@pytest.mark.parametrize(("words", "no_color"), [((), "1"), (("--no-color",), "")])
def test_no_colour_means_none(program: Program, words: tuple[str, ...], no_color: str) -> None:
    """Neither colours nor bold, and the view all the same."""
    with live(program, *words, NO_COLOR=no_color) as view:
        view.until(lambda: "Rising" in view.text)
        view.child.send("q")
        view.ended()

    assert b"\x1b[1m" not in view.raw
    assert b"\x1b[32m" not in view.raw


def test_in_a_locale_without_them_the_view_is_plain(program: Program) -> None:
    """A terminal that knows only ASCII gets ASCII, each thing on its line, long names cut."""
    with RoboXP.open(program.data_dir, durability="os", by="test") as robo:
        robo.names.remember(GUILD, {ANN: "Ólafur " * 20})
    with live(program, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0") as view:
        view.until(lambda: "+400" in view.text)
        row = next(line for line in view.lines if "+400" in line)
        view.child.send("q")
        view.ended()

    assert all(byte < 128 for byte in view.raw)
    assert row.startswith(r"\xd3lafur \xd3lafur")
    assert row.endswith("400     1")


def test_the_daemon_has_a_line(program: Program) -> None:
    """What the daemon says of itself stands at the top."""
    with standing_in(program.data_dir, effectsLeft=4), live(program) as view:
        view.until(lambda: "daemon connected, 3 guilds, 42 ms, 4 wait for Discord" in view.text)
        view.child.send("q")

        assert view.ended() == 0


def test_another_store_is_another_view(program: Program) -> None:
    """``--store`` shows that store and nothing of the default one."""
    program("xp", "give", BOB, "77", "--store", "season2")
    found = program.json("top", "--store", "season2")

    assert [(row["userId"], row["gained"]) for row in found["rising"]] == [(BOB, 77)]


@pytest.mark.parametrize("words", [["top"], ["doctor"], ["init"], ["daemon", "stop"]])
def test_the_help_loads_nothing_heavy(words: list[str]) -> None:
    """The page of a command needs no vault, no connection and no drawing library."""
    loaded = imported_by([*words, "--help"])

    assert not loaded & {"rich", "tinydb", "msgspec", "http.client", "termios", "tomlkit"}
