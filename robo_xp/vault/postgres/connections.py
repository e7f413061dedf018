"""Connections to the server: taken and given back, counted round trips, errors in our words.

A connection that was lost is replaced, and what only read is asked again, until the time for
locks is over: a server that restarts or a standby that takes over costs a wait, no error.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from robo_xp.errors import RoboXPError, VaultBusy, VaultUnavailable
from robo_xp.vault.postgres.address import PASSWORD_ADVICE, Address, password_of
from robo_xp.vault.postgres.arrays import accept_arrays
from robo_xp.vault.postgres.trip import Connection, Rows, Statement

_PAUSE, _LONGEST_PAUSE = 0.05, 0.25
_IDLE = psycopg.pq.TransactionStatus.IDLE
_KEPT = 16
_NEXT_HOST_SECONDS = 2
# a machine that went without a word is given up in seconds; by the system's own rules in hours
_SILENCE = {
    "keepalives_idle": 3,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 5_000,
}
# what another program that makes the same at this moment may cause
_TWICE = errors.UniqueViolation | errors.DuplicateTable | errors.DuplicateSchema
_LASTING = (
    "authentication failed",
    "no password supplied",
    "does not exist",
    "pg_hba",
    "does not support SSL",
    "certificate",
    "Name or service not known",
)
_IN_THE_WAY = errors.DeadlockDetected | errors.SerializationFailure | errors.LockNotAvailable
T = TypeVar("T")


class Lost(Exception):
    """The connection broke while statements ran: what became of them is not known."""


class Connections:
    """Connections of one process, handed to one thread at a time."""

    def __init__(self, address: Address, *, wait: float) -> None:
        """Connect to nothing yet; ``wait`` is for how many seconds a lost server is looked for."""
        self.address = address
        self.wait = wait
        self.round_trips = 0
        self._idle: list[Connection] = []
        self._guard = threading.Lock()
        self._process = os.getpid()

    def take(self, deadline: float | None = None) -> Connection:
        """A connection to use; VaultUnavailable when there is none in time."""
        with self._guard:
            if self._process != os.getpid():
                self._idle, self._process = [], os.getpid()  # a fork shares no connection
            while self._idle:
                connection = self._idle.pop()
                if not connection.closed:
                    return connection
        until, pause = time.monotonic() + self.wait if deadline is None else deadline, _PAUSE
        while True:
            try:
                return self._connect()
            except psycopg.OperationalError as error:
                if not _may_pass(error) or time.monotonic() >= until:
                    raise self.unavailable("cannot be reached", error) from error
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def _connect(self) -> Connection:
        """A new connection that begins and ends transactions only where it is told to."""
        try:
            given = _patience(conninfo_to_dict(self.address.conninfo), self.wait)
            if word := password_of(os.environ):
                given["password"] = word
            connection = Connection.connect(
                self.address.conninfo,
                autocommit=True,
                client_encoding="utf-8",
                prepare_threshold=None,  # it would let go of what a trip has prepared
                application_name=f"robo-xp {os.getpid()} on {socket.gethostname()}"[:63],
                **given,
            )
            accept_arrays(connection)
            # a pooler is in between: the next transaction may meet none of our statements
            try:
                row = connection.execute("select pg_backend_pid()").fetchone()
                connection.is_pooled = row != (connection.info.backend_pid,)
            except BaseException:
                drop(connection)
                raise
            return connection
        except psycopg.ProgrammingError as error:
            raise VaultUnavailable(
                f"the address of the vault is not understood: {first_line(error)}",
                advice="it looks like postgresql://HOST/DATABASE?sslmode=verify-full",
            ) from error

    def give(self, connection: Connection) -> None:
        """Take a connection back; one in any other state than idle is closed."""
        with self._guard:
            is_good = not connection.closed and connection.info.transaction_status == _IDLE
            if is_good and len(self._idle) < _KEPT and self._process == os.getpid():
                self._idle.append(connection)
                return
        drop(connection)

    @contextmanager
    def taken(self) -> Iterator[Connection]:
        """A connection for as long as the block."""
        connection = self.take()
        try:
            yield connection
        finally:
            self.give(connection)

    def run(self, connection: Connection, *statements: Statement) -> list[Rows]:
        """The rows of each statement, sent together: one round trip. Lost, and what they raise."""
        self.round_trips += 1
        try:
            return connection.trip(statements)
        except psycopg.Error as error:
            if connection.closed or _is_lost(error):
                drop(connection)
                raise Lost from error
            raise

    def ask(self, *statements: Statement) -> list[Rows]:
        """The same for what only reads: asked again on another connection if one is lost."""
        until = time.monotonic() + self.wait
        while True:
            connection = self.take(until)
            try:
                return self.run(connection, *statements)
            except Lost as lost:
                if time.monotonic() >= until:
                    raise self.unavailable("was lost", lost) from lost
            except psycopg.Error:
                rolled_back(connection)
                raise
            finally:
                self.give(connection)

    def settle(self, change: Callable[[Connection], T]) -> T:
        """What a change returns that may be made twice, as one transaction.

        It is made again on another connection if one is lost, or another program is at the same.
        """
        until = time.monotonic() + self.wait
        while True:
            connection = self.take(until)
            try:
                with connection.transaction():
                    return change(connection)
            except psycopg.Error as error:
                is_lost = connection.closed or _is_lost(error)
                if not is_lost and not isinstance(error, _TWICE):
                    raise self.explained(error) from error
                if is_lost:
                    drop(connection)
                if time.monotonic() >= until:
                    raise self.unavailable("was lost", error) from error
            finally:
                rolled_back(connection)
                self.give(connection)

    def unavailable(self, what: str, error: BaseException) -> VaultUnavailable:
        """The error that says why the server cannot be worked with."""
        cause = error.__cause__ or error
        said = first_line(cause)
        advice = "see that the server runs and that this user may connect, then try again"
        if "password" in said:
            advice = f"see that the password is right: {PASSWORD_ADVICE}"
        return VaultUnavailable(f"the vault at {self.address.shown} {what}: {said}", advice=advice)

    def explained(self, error: psycopg.Error) -> RoboXPError:
        """What the server refused, in our words."""
        if isinstance(error, _IN_THE_WAY):
            return VaultBusy(f"another writer was in the way: {first_line(error)}")
        if _is_lost(error):
            return self.unavailable("was lost", error)
        return VaultUnavailable(
            f"the vault at {self.address.shown} refused: {first_line(error)}",
            advice="ask whoever operates the database; nothing of this change was kept",
        )

    def close(self) -> None:
        """Close what is not in use."""
        with self._guard:
            idle, self._idle = self._idle, []
        if self._process == os.getpid():
            for connection in idle:
                drop(connection)


def drop(connection: Connection) -> None:
    """Close the connection, whatever state it is in."""
    with suppress(psycopg.Error, OSError):
        connection.close()


def rolled_back(connection: Connection) -> None:
    """End the transaction of a connection, if there is one and it is still there."""
    if not connection.closed and connection.info.transaction_status != _IDLE:
        with suppress(psycopg.Error):
            connection.rollback()


def first_line(error: BaseException) -> str:
    """The first line of what the server or libpq said."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _patience(said: Mapping[str, Any], wait: float) -> dict[str, Any]:
    """For how many seconds a server may be silent, as far as the address does not say it itself.

    Where there are several hosts, one that does not answer must not cost the whole wait.
    """
    hosts = str(said.get("host") or said.get("hostaddr") or "")
    seconds = _NEXT_HOST_SECONDS if "," in hosts else max(2, int(wait))
    usual = {"connect_timeout": seconds, **_SILENCE}
    return {name: value for name, value in usual.items() if name not in said}


def _is_lost(error: psycopg.Error) -> bool:
    """Whether the server is going, or has never answered: libpq's own errors have no code."""
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return error.sqlstate.startswith(("08", "57P"))


def _may_pass(error: psycopg.OperationalError) -> bool:
    """Whether a server may come up: not where it said who may not come in, or in which way."""
    text = str(error)
    return not any(word in text for word in _LASTING)
