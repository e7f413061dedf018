"""Which effects are still to be done, so that cursors move only past those that were."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from robo_xp.vault import name_of
from robo_xp_daemon.levels.cursors import Cursor, Kind
from robo_xp_daemon.levels.moves import Move


@dataclass(frozen=True, slots=True)
class Round:
    """What the batches of one namespace up to ``seq`` ask for, of one kind."""

    namespace: str
    kind: Kind
    seq: int
    moves: tuple[Move, ...]

    @property
    def guild_id(self) -> str:
        """The guild that the namespace belongs to."""
        return name_of(self.namespace).guild_id

    @property
    def store_id(self) -> str:
        """The store that the namespace is."""
        return name_of(self.namespace).store_id


class Ticket:
    """The effects of one round that are left; ``done`` is called once for each."""

    def __init__(self, seq: int, left: int, tell: Callable[[], None]) -> None:
        self.seq = seq
        self.left = left
        self._tell = tell

    def done(self) -> None:
        """One effect was carried out, or given up."""
        self.left -= 1
        if self.left == 0:
            self._tell()


class CursorProgress:
    """The rounds under way, by namespace and kind, and the cursors that follow from them."""

    def __init__(self, cursors: dict[str, Cursor], moved: Callable[[], None]) -> None:
        self.cursors = cursors
        self._moved = moved
        self._open: dict[tuple[str, Kind], deque[Ticket]] = {}
        self._unsaved: dict[str, Cursor] = {}

    def begin(self, found: Round) -> Ticket:
        """The ticket of a round; rounds of a namespace and kind begin in their order."""
        key = (found.namespace, found.kind)
        ticket = Ticket(found.seq, len(found.moves), lambda: self._settle(key, tell=True))
        self._open.setdefault(key, deque()).append(ticket)
        if not found.moves:
            self._settle(key, tell=False)
        return ticket

    def take_unsaved(self) -> dict[str, Cursor]:
        """The cursors that moved since the last call."""
        unsaved, self._unsaved = self._unsaved, {}
        return unsaved

    def give_back(self, unsaved: dict[str, Cursor]) -> None:
        """Count cursors as not stored after all."""
        self._unsaved = {**unsaved, **self._unsaved}

    def _settle(self, key: tuple[str, Kind], *, tell: bool) -> None:
        """Move the cursor past the rounds that are done, up to the first that is not."""
        waiting = self._open[key]
        before = len(waiting)
        while waiting and waiting[0].left == 0:
            self._move(key, waiting.popleft().seq)
        if tell and len(waiting) < before:
            self._moved()

    def _move(self, key: tuple[str, Kind], seq: int) -> None:
        name, kind = key
        cursor = self.cursors.get(name, Cursor()).moved(kind, seq)
        self.cursors[name] = self._unsaved[name] = cursor
