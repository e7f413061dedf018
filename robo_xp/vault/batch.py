"""A batch: one transaction in one namespace, and the line that keeps it, in every engine.

One line::

    {"seq":42,"ts":1732170000123,"by":"cli:alice","cmd":"xp give","reason":"contest",
     "ops":[["users","881…",{"xp":120,…}],["users","882…",null]],
     "events":[{"type":"xpChange",…}],"crc":"9f1c02aa"}

``seq`` counts up by one; ``ts`` is epoch milliseconds; ``ops`` are after-images (null: deleted),
so applying a line twice does no harm; ``events`` are what listeners get; ``crc`` is the CRC-32,
in eight hex digits, of the line as it was before the crc was added.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import msgspec

from robo_xp.errors import InvalidValue
from robo_xp.model.event_reading import event_of, names_of, raw_of, type_of
from robo_xp.model.events import Event
from robo_xp.vault.pieces import Body, Pieces

FORMAT = 2
CRC_KEY = b',"crc":"'
CRC_LENGTH = len(CRC_KEY) + len('00000000"}')
HEAD_LENGTH = 1 << 16
"""What a large batch was about stands within so many bytes of its line, or is not asked."""
_BODY = b'"},"ops":['
_NO_BODY = b'"},"ops":[],"events":[]}'
_NO_EVENTS = b'],"events":['
_AT_ONCE = 1_000

Record = Mapping[str, Any]
Op = tuple[str, str, Record | None]
if TYPE_CHECKING:
    Told = Collection[Any]
else:
    Told = list[msgspec.Raw]  # a bulk change has millions of them, and most are never looked at


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a large batch did: the members that it touched, the XP that it moved, and a line of it.

    ``what`` has marks in the place of names. ``crc`` is that of the batch's line up to it.
    """

    members: int
    delta: int
    what: str
    crc: str = "00000000"


class Batch(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One transaction in one namespace: its number, author, after-images and events.

    ``events`` holds an event as its class in the process that told it, and as the object that the
    journal has where it was read: ``told`` and ``raw_events`` give either as one of them. A large
    batch says what it was ``about``, and is without ops and events where only its head was read.
    """

    seq: int
    ts: int
    by: str
    cmd: str
    reason: str | None = None
    undoes: int | None = None
    head: dict[str, Any] | None = None
    about: About | None = None
    ops: Collection[tuple[str, str, dict[str, Any] | None]]
    events: Told

    def told(self, *kinds: type[Event]) -> Iterator[Event]:
        """What the batch tells of, in its order; only of these kinds if any are named."""
        if not kinds:
            return map(event_of, self.events)
        names = names_of(*kinds)
        return (event_of(one) for one in self.events if type_of(one) in names)

    def told_besides(self, *kinds: type[Event]) -> Iterator[Event]:
        """All that the batch tells of but these kinds; what nobody knows is among it."""
        names = names_of(*kinds)
        return (event_of(one) for one in self.events if type_of(one) not in names)

    def raw_events(self) -> Iterator[dict[str, Any]]:
        """The same as the objects that the journal has."""
        return map(raw_of, self.events)


_encoder = msgspec.json.Encoder()
_decode = msgspec.json.Decoder(Batch).decode


_PLAIN = frozenset({int, str, bool, type(None)})


def is_plain(batch: Batch) -> bool:
    """Whether the batch's records hold only values that JSON gives back as they are."""
    for _, _, record in batch.ops:
        if record is not None:
            for value in record.values():
                if value.__class__ not in _PLAIN:
                    return False
    return True


def line_of(batch: Batch) -> bytes:
    """The batch as one line, crc and newline included."""
    if batch.about is not None:
        return b"".join(line_in_pieces(batch))
    line = _encoder.encode(batch)
    return b'%b,"crc":"%08x"}\n' % (line[:-1], zlib.crc32(line))


def line_in_pieces(batch: Batch) -> Iterator[bytes]:
    """The same of a large batch, whose line has hundreds of megabytes, in pieces."""
    line = bytearray(_encoder.encode(msgspec.structs.replace(batch, ops=(), events=())))
    _sign_head(line)
    head, between, _ = bytes(line).partition(_NO_EVENTS)
    crc = 0
    for piece in chain(
        [head], _array_parts(batch.ops), [between], _array_parts(batch.events), [b"]"]
    ):
        crc = zlib.crc32(piece, crc)
        yield piece
    yield b',"crc":"%08x"}\n' % zlib.crc32(b"}", crc)


def _array_parts(parts: Iterable[Any]) -> Iterator[bytes]:
    """Elements of an array as they stand in it, many at a time."""
    left, comma = iter(parts), b""
    while some := list(islice(left, _AT_ONCE)):
        yield comma + _encoder.encode(some)[1:-1]
        comma = b","


def _sign_head(line: bytearray) -> None:
    """Put the crc of the head of a large batch's line in place."""
    end = line.find(_BODY)
    line[end - 8 : end] = b"%08x" % zlib.crc32(line[: end - 8])


def brief_of(start: bytes) -> bytes | None:
    """The line of a large batch without its body, from how the line starts.

    None for any other line, and for one whose head is not as it was written.
    """
    end = start.find(_BODY)
    crc = b"%08x" % zlib.crc32(start[: max(end - 8, 0)])
    if end < 0 or start[end - 16 : end] != CRC_KEY + crc:
        return None
    return start[:end] + _NO_BODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How much of the body of a large batch somebody wants: what names an id, and of that the last
    so many events of some types. Empty parts want all events, and without an id no ops.
    """

    naming: str | None = None
    types: frozenset[str] = frozenset()
    last: int | None = None

    def line(self, line: bytes | bytearray, brief: bytes) -> bytes:
        """The line of a large batch with this part of its body, without its crc."""
        named = b"" if self.naming is None else b'"%b"' % self.naming.encode()
        if named not in line:
            return brief
        body = Body(line, 0, len(line) - CRC_LENGTH - 1)
        ops = (bytes(op) for op in body.raw_ops() if self.naming is not None)
        kept = b",".join(op for op in ops if named in op)
        events = (one for one in body.events() if not self.types or type_of(one) in self.types)
        told = deque((one for one in map(bytes, events) if named in one), self.last)
        start = brief.removesuffix(_NO_BODY)
        return start + _BODY + kept + _NO_EVENTS + b",".join(told) + b"]}"


def signed_line(body: bytes) -> bytes:
    """A line's content that was changed, as the line with the crcs that it has now."""
    line = bytearray(body)
    end = line.find(_BODY)
    if end > 0 and line[end - 16 : end - 8] == CRC_KEY:
        _sign_head(line)
    line[-1:] = b',"crc":"%08x"}' % zlib.crc32(line)
    return bytes(line)


def is_whole(data: bytes, start: int = 0, end: int | None = None) -> bool:
    """Whether the line from ``start`` to ``end``, its newline, carries the crc of its content."""
    end = len(data) if end is None else end
    stop = end - CRC_LENGTH
    if stop < start or data[stop : stop + 8] != CRC_KEY or data[end - 2 : end] != b'"}':
        return False
    crc = zlib.crc32(b"}", zlib.crc32(memoryview(data)[start:stop]))
    return b"%08x" % crc == data[stop + 8 : end - 2]


def batch_of(line: bytes) -> Batch:
    """The batch in a whole line; raises ``msgspec.MsgspecError`` when it is no batch."""
    return _decode(line)


def checked_batch_of(data: bytes, start: int = 0, end: int | None = None) -> Batch | None:
    """The batch in the line from ``start`` to ``end``, None when it is not whole or no batch.

    The ops and events of a large one are decoded in pieces when they are gone through.
    """
    end = len(data) if end is None else end
    if not is_whole(data, start, end):
        return None
    try:
        if end - start > HEAD_LENGTH and (brief := brief_of(data[start : start + HEAD_LENGTH])):
            body = Body(data, start, end - CRC_LENGTH - 1)
            ops, events = Pieces(body.ops), Pieces(body.events)
            return msgspec.structs.replace(_decode(brief), ops=ops, events=events)
        return _decode(data[start:end])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def check_text(text: str | None, what: str, limit: int) -> str | None:
    """The text if it can be stored: at most ``limit`` characters and no lone surrogates."""
    if text is None:
        return None
    if len(text) > limit:
        raise InvalidValue(f"the {what} has {len(text)} characters; {limit} are allowed")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidValue(f"the {what} is not valid text (position {error.start})") from error
    return text
