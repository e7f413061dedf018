"""Columns of many values as the server takes them: packed at once, where psycopg looks at each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import Struct
from typing import TYPE_CHECKING

from psycopg.adapt import Dumper
from psycopg.pq import Format

if TYPE_CHECKING:
    from robo_xp.vault.postgres.trip import Connection

_HEAD = Struct("!iiIii").pack
_EMPTY = Struct("!iiI").pack
_LENGTH = Struct("!i").pack
_NUMBER = Struct("!iq").pack
_NULL = _LENGTH(-1)
_TEXT, _BYTEA, _INT8 = 25, 17, 20


class Texts(bytes):
    """A column of texts, packed."""


class Bodies(bytes):
    """A column of bytes, packed."""


class Numbers(bytes):
    """A column of whole numbers and nulls, packed."""


def texts(values: Iterable[str]) -> Texts:
    """The texts as one value."""
    return Texts(_joined(_TEXT, [value.encode() for value in values]))


def bodies(values: Sequence[bytes]) -> Bodies:
    """The byte strings as one value."""
    return Bodies(_joined(_BYTEA, values))


def numbers(values: Sequence[int | None]) -> Numbers:
    """The numbers, of at most 63 bits, as one value."""
    packed = [_NULL if value is None else _NUMBER(8, value) for value in values]
    return Numbers(_headed(_INT8, packed, len(packed)))


def _joined(oid: int, values: Sequence[bytes]) -> bytes:
    """Values of any length, each with its length before it."""
    packed = [part for value in values for part in (_LENGTH(len(value)), value)]
    return _headed(oid, packed, len(values))


def _headed(oid: int, packed: Sequence[bytes], count: int) -> bytes:
    """Elements with the head of an array of one dimension, which says that there may be nulls."""
    if not count:
        return _EMPTY(0, 0, oid)
    return _HEAD(1, 1, oid, count, 1) + b"".join(packed)


class _Packed(Dumper):
    """Passes on what is packed."""

    format = Format.BINARY

    def dump(self, obj: bytes) -> bytes:
        """The same."""
        return obj


class _PackedTexts(_Packed):
    oid = 1009


class _PackedBodies(_Packed):
    oid = 1001


class _PackedNumbers(_Packed):
    oid = 1016


def accept_arrays(connection: Connection) -> None:
    """Let statements of this connection have such columns among their values."""
    register = connection.adapters.register_dumper
    register(Texts, _PackedTexts)
    register(Bodies, _PackedBodies)
    register(Numbers, _PackedNumbers)
