"""The body of a large batch's line, decoded piece by piece: nobody holds all of it at once.

It may be gone through several times, and is decoded each time. The line was held against its crc.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any, Final

import msgspec

from robo_xp.errors import VaultDamaged

_PIECE: Final = 1 << 17
_OPS: Final = b'"},"ops":['
_EVENTS: Final = b'],"events":['
_END_OF_OP: Final = re.compile(rb'\](?=,\["|\],"events":\[)')
_END_OF_EVENT: Final = re.compile(rb'\}(?=,\{"type":)')
_decode_ops = msgspec.json.Decoder(list[tuple[str, str, dict[str, Any] | None]]).decode
_decode_raw = msgspec.json.Decoder(list[msgspec.Raw]).decode
Decode = Callable[[bytes], list[Any]]


class Pieces(Collection[Any]):
    """The ops or the events of a line, one after the other."""

    __slots__ = ("_walk",)

    def __init__(self, walk: Callable[[], Iterator[Any]]) -> None:
        self._walk = walk

    def __iter__(self) -> Iterator[Any]:
        """From the first one on."""
        return self._walk()

    def __contains__(self, one: object) -> bool:
        """Whether it is one of them."""
        return any(one == other for other in self)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return any(True for _ in self)

    def __len__(self) -> int:
        """How many there are."""
        return sum(1 for _ in self)


class Body:
    """The body of a line in ``data`` that starts at ``start`` and whose events end at ``end``."""

    __slots__ = ("_data", "_end", "_events", "_ops")

    def __init__(self, data: bytes | bytearray, start: int, end: int) -> None:
        self._data = data
        self._ops = data.index(_OPS, start) + len(_OPS)
        self._events = 0
        self._end = end

    def ops(self) -> Iterator[Any]:
        """Table, id and after-image, one after the other."""
        return self._ops_by(_decode_ops)

    def raw_ops(self) -> Iterator[msgspec.Raw]:
        """The same as they stand there."""
        return self._ops_by(_decode_raw)

    def events(self) -> Iterator[Any]:
        """The events as they stand there, one after the other."""
        for _ in () if self._events else self.raw_ops():
            pass
        at = self._events
        while at < self._end:
            stop, found = self._piece(at, self._event_stops(at), _decode_raw)
            yield from found
            at = stop + 1

    def _ops_by(self, decode: Decode) -> Iterator[Any]:
        """The ops as ``decode`` gives them; where the events begin is known afterwards."""
        at, data = self._ops, self._data
        while not data.startswith(_EVENTS, at):
            at += data.startswith(b",", at)
            at, found = self._piece(at, self._op_stops(at), decode)
            yield from found
        self._events = at + len(_EVENTS)

    def _piece(self, at: int, stops: Iterator[int], decode: Decode) -> tuple[int, list[Any]]:
        """The elements up to the first of the stops that is the end of one.

        What looks like an end may stand inside an element: what leads up to it cannot be decoded.
        """
        for stop in stops:
            try:
                return stop, decode(b"[%b]" % bytes(self._data[at:stop]))
            except msgspec.MsgspecError:
                continue
        raise VaultDamaged("a large batch is not as it should be", path="its line")

    def _op_stops(self, at: int) -> Iterator[int]:
        """Where a piece of ops may end, the last one before the events."""
        data, far = self._data, at + _PIECE
        mark = data.find(_EVENTS, at, far)
        while mark >= 0:
            yield mark
            mark = data.find(_EVENTS, mark + 1, far)
        yield from (found.end() for found in _END_OF_OP.finditer(data, far, self._end))

    def _event_stops(self, at: int) -> Iterator[int]:
        """Where a piece of events may end, at the end of the line at the latest."""
        far = at + _PIECE
        yield from (found.end() for found in _END_OF_EVENT.finditer(self._data, far, self._end))
        yield self._end
