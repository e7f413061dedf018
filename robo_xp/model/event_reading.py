"""Events as they are read from a batch: made here, as an object, or as bytes that nobody looked at.

A bulk change has millions of events, and most are never looked at.
"""

from __future__ import annotations

from functools import cache, reduce
from operator import or_
from typing import Any

import msgspec

from robo_xp.model.events import KINDS, Event, Raw, UnknownEvent


@cache
def names_of(*kinds: type[Event]) -> frozenset[str]:
    """The names of the types of these kinds, each of which may be of several types."""
    return frozenset(name for name, kind in KINDS.items() if issubclass(kind, kinds))


class _Typed(msgspec.Struct):
    """An event of which only the type is wanted."""

    type: str = ""


_read_any = msgspec.json.Decoder(reduce(or_, KINDS.values())).decode
_read_type = msgspec.json.Decoder(_Typed).decode
_read_object = msgspec.json.Decoder(dict[str, Any]).decode


def type_of(told: Event | Raw | msgspec.Raw) -> str:
    """The name of the type of an event, whether it is made here or read."""
    if isinstance(told, Event):
        return told.type
    if isinstance(told, msgspec.Raw):
        return _read_type(told).type
    return str(told.get("type"))


def event_of(told: Event | Raw | msgspec.Raw) -> Event:
    """The event that the journal tells of in this object, or its bytes; an event is itself."""
    if isinstance(told, Event):
        return told
    try:
        if isinstance(told, msgspec.Raw):
            return _read_any(told)
        if (kind := KINDS.get(str(told.get("type")))) is not None:
            return msgspec.convert(told, kind)
    except msgspec.ValidationError:
        pass
    return UnknownEvent(raw_of(told))


def raw_of(told: Event | Raw | msgspec.Raw) -> dict[str, Any]:
    """The object that tells of the event in the journal; such an object is itself."""
    if isinstance(told, UnknownEvent):
        return dict(told.raw)
    if isinstance(told, msgspec.Raw):
        return _read_object(told)
    raw: dict[str, Any] = msgspec.to_builtins(told)
    return raw
