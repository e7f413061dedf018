"""Reads the query and the body of a request into checked values; every fault is named at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, get_args, get_origin

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from robo_xp.errors import (
    Fault,
    InvalidAmount,
    InvalidRequest,
    InvalidValue,
    TooLarge,
    TooSlow,
    UnsupportedMediaType,
)
from robo_xp.model import short_text
from robo_xp.nesting import bounded_text
from robo_xp.rules.checks import meant
from robo_xp_daemon.http.route import Route

MOST_BYTES = 256 * 1024
BODY_SECONDS = 20.0
"""How long a body may take to come in."""

_LARGEST_WHOLE = 2**53
_FLAGS = {"true": True, "false": False}
_AMOUNTS = frozenset({"amount", "xp"})


def query_of(request: web.Request, route: Route) -> Any:
    """The query as the route's struct; what is not for the route is left alone, as everywhere on
    the web. Raises InvalidRequest with every fault.
    """
    known = {field.encode_name for field in msgspec.structs.fields(route.query)}
    given = {key: value for key, value in request.query.items() if key in known}
    faults = [Fault(key, "is given twice") for key in given if len(request.query.getall(key)) > 1]
    return _struct(route.query, given, faults, "query", is_text=True)


async def body_of(request: web.Request, route: Route) -> Any:
    """The body as the route's struct, or as an object where the core checks its fields.

    None for a route without a body. Raises InvalidRequest, TooLarge, TooSlow, and
    UnsupportedMediaType for what is no plain JSON.
    """
    packings = request.headers.getall("Content-Encoding", ())
    if any(one.strip().lower() != "identity" for one in packings):
        raise UnsupportedMediaType("the body must not be compressed", advice="send it plainly")
    sent = await _body_of(request)
    if route.body is None:
        if sent.strip() not in (b"", b"{}", b"null"):
            raise InvalidRequest("this route takes no body", advice="send none")
        return None
    if request.content_type != "application/json":
        raise UnsupportedMediaType(
            "the body must be JSON",
        )
    said = _decoded_body(sent)
    if not isinstance(said, dict):
        raise InvalidRequest("the body must be a JSON object")
    if route.document:
        return said
    kind = _meant_struct(route.body, said)
    fields = {key: value for key, value in said.items() if key != kind.__struct_config__.tag_field}
    return _struct(kind, fields, [], "body", is_text=False)


async def _body_of(request: web.Request) -> bytes:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except TimeoutError:
        raise TooSlow(
            f"the body did not come within {BODY_SECONDS:g} seconds",
        ) from None
    except web.HTTPRequestEntityTooLarge:
        raise TooLarge(f"the body has more than {MOST_BYTES} bytes") from None
    except (HttpProcessingError, web.RequestPayloadError):
        raise InvalidRequest("the body is not encoded as its headers say") from None


def _decoded_body(sent: bytes) -> Any:
    try:
        found = _with_whole_numbers(msgspec.json.decode(bounded_text(sent)))
        json.loads(sent, object_pairs_hook=_each_once)
        return found
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"the body is not JSON: {error}") from None
    except RecursionError:
        raise InvalidRequest("the body is nested too deeply") from None


def _each_once(pairs: list[tuple[str, Any]]) -> None:
    """Raise InvalidRequest for a key that is given twice: readers differ in which one counts."""
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise InvalidRequest(f"the key {short_text(key)} of the body is given twice")
        seen.add(key)


def _with_whole_numbers(value: Any) -> Any:
    """The value with numbers such as 60.0 as integers, which they are in JSON."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= _LARGEST_WHOLE:
        return int(value)
    if isinstance(value, list):
        return [_with_whole_numbers(entry) for entry in value]
    if isinstance(value, dict):
        return {key: _with_whole_numbers(entry) for key, entry in value.items()}
    return value


def _meant_struct(body: Any, said: Mapping[str, Any]) -> type[msgspec.Struct]:
    """The struct that is meant: of several, the one whose tag the body has."""
    kinds: tuple[type[msgspec.Struct], ...] = get_args(body) or (body,)
    if len(kinds) == 1:
        return kinds[0]
    tags = {str(kind.__struct_config__.tag): kind for kind in kinds}
    field = str(kinds[0].__struct_config__.tag_field)
    tag = said.get(field)
    if not isinstance(tag, str) or tag not in tags:
        message = f"must be one of {', '.join(tags)}{meant(tag, tags)}"
        raise _body_refusal([Fault(field, message)], "body", InvalidRequest)
    return tags[tag]


def _struct(
    kind: type[msgspec.Struct],
    given: Mapping[str, Any],
    faults: list[Fault],
    what: str,
    *,
    is_text: bool,
) -> Any:
    """The struct of these fields. Raises InvalidRequest with the given faults and all others."""
    values: dict[str, Any] = {}
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    faults += [Fault(key, f"unknown{meant(key, fields)}") for key in given if key not in fields]
    for name, field in fields.items():
        if name not in given:
            if field.required:
                faults.append(Fault(name, "is missing"))
            continue
        try:
            values[field.name] = _typed_value(given[name], field.type, is_text=is_text)
        except msgspec.ValidationError as error:
            faults.append(_fault_of(name, error))
    if faults:
        is_amount = all(fault.where in _AMOUNTS & given.keys() for fault in faults)
        raise _body_refusal(faults, what, InvalidAmount if is_amount else InvalidRequest)
    return kind(**values)


def _typed_value(value: Any, kind: Any, *, is_text: bool) -> Any:
    """The value as this type; a number in a query is written in plain digits, yes as true."""
    if is_text and _is_whole(kind):
        if not (value.isascii() and value.isdigit() and len(value) <= 16):
            raise msgspec.ValidationError("Expected a whole number in digits")
        value = int(value)
    if is_text and bool in (kind, *get_args(kind)):
        value = _FLAGS.get(value, value)
    return msgspec.convert(value, kind)


def _is_whole(kind: Any) -> bool:
    """Whether the type is a whole number, or one that may be absent."""
    if kind is int:
        return True
    return any(_is_whole(part) for part in get_args(kind)) if get_origin(kind) else False


def _fault_of(name: str, error: msgspec.ValidationError) -> Fault:
    """What msgspec says, as we say it: the place within the field comes first."""
    message, _, place = str(error).partition(" - at `$")
    where = name + place.rstrip("`")
    return Fault(where, message[:1].lower() + message[1:].replace("`", ""))


def _body_refusal(faults: list[Fault], what: str, kind: type[InvalidValue]) -> InvalidValue:
    message = "; ".join(str(fault) for fault in faults)
    return kind(
        f"the {what} is wrong: {message}",
        advice="correct each fault and try again; nothing was changed",
        faults=faults,
    )
