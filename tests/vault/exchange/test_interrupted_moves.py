"""A move that is interrupted at each of its calls: nothing is lost, and the next one ends it."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from robo_xp import RoboXP
from robo_xp.errors import Refused, RoboXPError
from robo_xp.vault.exchange.database import DatabaseSide
from robo_xp.vault.exchange.folder import FolderSide
from robo_xp.vault.exchange.move import move
from robo_xp.vault.files.disk import Files
from robo_xp.vault.postgres.connections import drop
from robo_xp.vault.postgres.trip import Connection
from tests.vault.acts import HandClock as StillClock
from tests.vault.exchange.test_move import NAME, all_of, fill
from tests.vault.faults import CALLS, Stop

ENDS = ["file to postgresql", "postgresql to file", "postgresql to postgresql", "file to file"]
SELDOM = 31
"""Of the calls of a move every so many are tried where there is no time for all."""


class Interruption:
    """What goes wrong at the N-th call to a disk or a server, counted from 1.

    ``killed``: that call and all later ones are never made; ``failed``: the disk says no, or the
    connection is cut before; ``answer lost``: it is cut once the server has done it.
    """

    def __init__(self, at: int, how: str) -> None:
        self.at, self.how, self.count = at, how, 0
        self._connections = list[Connection]()

    def before(self) -> bool:
        """Count a call; whether it is the one."""
        self.count += 1
        if self.how == "killed" and self.count >= self.at:
            raise Stop
        return self.count == self.at

    def of_files(self, made: Callable[..., Any]) -> Callable[..., Any]:
        """A call of a file layer."""

        def call(files: Files, *args: Any, **options: Any) -> Any:
            if self.before():
                raise OSError(errno.EIO, "injected")
            return made(files, *args, **options)

        return call

    def of_server(self, made: Callable[..., Any]) -> Callable[..., Any]:
        """A wait for the server."""

        def call(connection: Connection, *args: Any, **options: Any) -> Any:
            self._connections.append(connection)
            is_now = self.before()
            if is_now and self.how == "failed":
                drop(connection)
            found = made(connection, *args, **options)
            if is_now:
                drop(connection)
                raise psycopg.OperationalError("the answer was lost")
            return found

        return call

    @contextmanager
    def happening(self) -> Iterator[None]:
        """In the block the calls are counted."""
        with pytest.MonkeyPatch.context() as patch:
            for name in (*CALLS, "remove_tree"):
                patch.setattr(Files, name, self.of_files(getattr(Files, name)))
            patch.setattr(Connection, "wait", self.of_server(Connection.wait))
            yield
        for one in self._connections:  # as the system does for a process that is gone
            drop(one)


def is_marked(address: str) -> bool:
    """Whether whoever opens the vault is told that it is elsewhere."""
    try:
        RoboXP.open(address).close()
    except Refused:
        return True
    return False


def unmark(address: str) -> None:
    """Let a vault go on that was moved."""
    with RoboXP.open(address, to_mend=True) as robo:
        robo.vault.mark_moved("")  # type: ignore[attr-defined]  # both engines have it


def content_of(address: str) -> dict[str, Any]:
    """All that a vault holds, marked or not."""
    marked = is_marked(address)
    if marked:
        unmark(address)
    try:
        return all_of(address)
    finally:
        if marked:
            with RoboXP.open(address, to_mend=True) as robo:
                robo.vault.mark_moved("elsewhere")  # type: ignore[attr-defined]  # the same


@pytest.mark.parametrize("how", ["killed", "failed", "answer lost"])
@pytest.mark.parametrize(
    "every", [pytest.param(1, marks=pytest.mark.long), SELDOM], ids=["all", "some"]
)
@pytest.mark.parametrize("ends", ENDS)
def test_a_move_that_ends_anywhere(
    ends: str, every: int, how: str, postgresql_address: str, tmp_path: Any
) -> None:
    """The source is whole and goes on unless the whole vault is in the target, the target has all
    or nothing, and the same command once more brings it to the end.
    """
    made = iter(range(10_000))

    def place(engine: str) -> str:
        number = next(made)
        return f"{tmp_path}/v{number}" if engine == "file" else f"{postgresql_address}_{number}"

    first, second = ends.split(" to ")
    source = place(first)
    fill(source)
    before, at, said, total = all_of(source), 1, set[str](), 0
    while not total or at <= total:
        target, interruption = place(second), Interruption(at, how)
        with interruption.happening():
            try:
                move(source, target, StillClock())
                said.add("done")
            except Stop:
                said.add("killed")
            except RoboXPError as error:
                said.add("failed")
                assert "Traceback" not in error.message and error.advice
        is_over = interruption.count < at
        marked = is_marked(source)
        assert content_of(source) == before, at
        assert all_of(target) in ([before] if marked else [{}, before]), at
        if not marked:
            move(source, target, StillClock())
            assert is_marked(source) and all_of(target) == before, at
        assert not list(tmp_path.glob(f"{target.rpartition('/')[2]}.*")), at
        unmark(source)
        if is_over:
            break
        at += every

    assert at > every and len(said) > 1


@pytest.mark.parametrize("engine", ["file", "postgresql"])
def test_a_vault_is_not_moved_onto_itself(
    engine: str, postgresql_address: str, tmp_path: Any
) -> None:
    """Also where another address leads to the same folder or schema; it goes on."""
    if engine == "file":
        source, same = f"{tmp_path}/v", f"{tmp_path}/link"
        (tmp_path / "link").symlink_to(tmp_path / "v")
    else:
        source, same = postgresql_address, f"{postgresql_address}&connect_timeout=7"
    fill(source)
    with pytest.raises(Refused, match="one vault"):
        move(source, same, StillClock())

    assert not is_marked(source)


def test_a_daemon_on_another_machine_stops_a_move(postgresql_address: str, tmp_path: Any) -> None:
    """Its lease is in the database, so it is named wherever the move is started."""
    fill(postgresql_address)
    with (
        RoboXP.open(postgresql_address) as robo,
        robo.vault.only("daemon", lambda: None),
        pytest.raises(Refused, match=r"robo-xp \d+ on .* works on .* as a daemon"),
    ):
        move(postgresql_address, f"{tmp_path}/v", StillClock())

    assert move(postgresql_address, f"{tmp_path}/v", StillClock()).namespaces > 1


@pytest.mark.parametrize("engine", ["file", "postgresql"])
def test_a_source_that_is_written_to_at_the_last_moment_goes_on(
    engine: str, postgresql_address: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes after the copy was looked at is told of, and nothing says that it moved."""
    side = FolderSide if engine == "file" else DatabaseSide
    source = f"{tmp_path}/v" if engine == "file" else postgresql_address
    fill(source)
    seq, mark = all_of(source)[NAME][0], side.mark_moved

    def late(self: Any, target: str) -> None:
        if target:
            with RoboXP.open(source, durability="os") as robo:
                robo.vault.namespace(NAME)
                robo.xp.add(NAME.rpartition("/")[2], "300000000000000009", 1)
        mark(self, target)

    monkeypatch.setattr(side, "mark_moved", late)
    with pytest.raises(RoboXPError, match="at the last moment, and goes on") as told:
        move(source, f"{tmp_path}/target", StillClock())

    assert told.value.advice and not is_marked(source)
    assert all_of(source)[NAME][0] == seq + 1
