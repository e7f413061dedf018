"""The thread that follows the journals: every batch, by whatever process, becomes a round of work.

A look costs a ``stat`` for each namespace; only those that changed are read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping

from robo_xp import RoboXP
from robo_xp.errors import RoboXPError
from robo_xp.vault import Batch, Look, name_of
from robo_xp_daemon.base.polling import POLL_SECONDS, Polling
from robo_xp_daemon.base.throttle import Throttle
from robo_xp_daemon.levels.cursor_progress import Round
from robo_xp_daemon.levels.cursors import FOLLOWED, Cursor, Kind
from robo_xp_daemon.levels.moves import Move, Moves

log = logging.getLogger("robo_xp_daemon")

_REWARDED_STORE = "default"


class JournalReader:
    """Hands over rounds of work, in the order of the batches, until it is stopped."""

    def __init__(
        self,
        robo: RoboXP,
        cursors: Mapping[str, Cursor],
        hand_over: Callable[[Round], None],
        *,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._robo = robo
        self._read = dict(cursors)
        self._hand_over = hand_over
        self._last_look: Look | None = None
        self._again: set[str] = set()
        self._throttle = Throttle()
        self._polling = Polling(self._look, "journal-reader", poll_seconds=poll_seconds)

    def start(self) -> None:
        """Begin with what happened since the cursors."""
        self._polling.start()

    def stop(self) -> None:
        """Look no more; returns when the last look has ended."""
        self._polling.stop()

    def _look(self) -> None:
        """Read every namespace that changed, and those that could not be read before."""
        self._last_look = self._robo.vault.changes(FOLLOWED, self._last_look)
        names = {*self._last_look.changed, *self._again}
        self._again = set()
        for name in sorted(names):
            if self._polling.is_ending:
                return
            try:
                self._read_on(name)
            except RoboXPError as error:
                self._again.add(name)
                if self._throttle.lets((name, error.code)):
                    log.error("%s cannot be followed: %s (%s)", name, error.message, error.advice)

    def _read_on(self, name: str) -> None:
        """Hand over what the new batches of one namespace ask for."""
        namespace = self._robo.vault.namespace(name)
        last = namespace.read().seq
        read = self._cursor_of(name, last)
        kinds = [kind for kind in Kind if read.at(kind) < last]
        if not kinds:
            return
        found = {kind: Moves() for kind in kinds}
        for batch in self._batches(name, min(read.at(kind) for kind in kinds)):
            last = max(last, batch.seq)
            for kind in kinds:
                if batch.seq > read.at(kind):
                    found[kind].add(batch)
        for kind in kinds:
            self._read[name] = self._read[name].moved(kind, last)
            self._hand_over(Round(name, kind, last, _moves_for(name, kind, found[kind])))

    def _cursor_of(self, name: str, last: int) -> Cursor:
        """How far the namespace was read; the present for one that is younger than its cursor."""
        read = self._read.setdefault(name, Cursor())
        if max(read.rewarded, read.announced) > last:
            log.warning("%s was put back to an earlier state; it is followed from now on", name)
            read = self._read[name] = Cursor(last, last)
        return read

    def _batches(self, name: str, after: int) -> Iterator[Batch]:
        """The batches after a number; a warning tells where some are no longer kept."""
        for batch in self._robo.vault.namespace(name).batches(after):
            if batch.seq > after + 1:
                log.warning(
                    "batches %d to %d of %s are no longer kept, so their effects are unknown;"
                    " 'robo-xp xp recalc --all' has all roles looked at",
                    after + 1, batch.seq - 1, name,
                )  # fmt: skip
            after = batch.seq
            yield batch


def _moves_for(name: str, kind: Kind, found: Moves) -> tuple[Move, ...]:
    """The moves that matter for this kind."""
    moves = found.by_user.values()
    if kind is Kind.ANNOUNCED:
        return tuple(move for move in moves if move.is_worth_telling)
    if name_of(name).store_id != _REWARDED_STORE:
        return ()
    return tuple(move for move in moves if move.rose or move.fell)
