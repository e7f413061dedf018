"""The OpenAPI document of all routes, from the table of routes and the types of their values.

``python -m robo_xp_daemon.http.openapi FILE`` writes it; a test compares the committed file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from robo_xp import __version__
from robo_xp.views.shape import SNOWFLAKE, Fault, View
from robo_xp_daemon.http.route import Ask, Json, Route, Text
from robo_xp_daemon.http.routes.table import ROUTES
from robo_xp_daemon.http.statuses import ERRORS

PATH: Final = "/api/openapi.json"
_REF = "#/components/schemas/{name}"
_IDS: Final = {
    "guild": ("the id of a guild", SNOWFLAKE),
    "user": ("the id of a member", SNOWFLAKE),
    "role": ("the id of a role", SNOWFLAKE),
    "channel": ("the id of a channel or thread", SNOWFLAKE),
    "giveaway": ("the id of a giveaway, or of its message", "^[0-9A-Za-z]{17,26}$"),
}
_WORDS: Final = {
    200: "Done",
    201: "Made",
    400: "Something about the request is wrong",
    401: "No token that is known",
    403: "The caller may not do this",
    404: "What was named is not there",
    405: "The path does not take this method; Allow says which",
    408: "The body did not come in time",
    409: "A rule or the present state says no",
    413: "The body is too large",
    415: "The body is not JSON",
    500: "The daemon failed",
    503: "Not now; try again later",
}


class ErrorView(View, frozen=True, omit_defaults=True):
    """Why there is no data: a stable code, what is wrong, and what to do next."""

    code: str
    message: str
    advice: str = ""
    faults: list[Fault] = []


class FailureView(View, frozen=True):
    """The envelope of every error."""

    success: bool
    error: ErrorView


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """The document of these routes."""
    shapes, components = _components(routes)
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, shapes)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Robo XP",
            "version": __version__,
            "description": "XP, levels and giveaways of Discord guilds. Ids are text, times are"
            " milliseconds since 1970. On the daemon's Unix socket no token is needed.",
        },
        "servers": [{"url": "http://localhost"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": _responses(shapes),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _components(routes: Sequence[Route]) -> tuple[dict[Any, Any], dict[str, Any]]:
    """The schema of every type that routes speak of, and the named ones that they refer to."""
    wanted = [FailureView, *(route.data for route in routes if route.data not in (Text, Json))]
    wanted += [route.body for route in routes if route.body is not None]
    kinds = list(dict.fromkeys(wanted))
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    return dict(zip(kinds, schemas, strict=True)), components


def _operation(route: Route, shapes: dict[Any, Any]) -> dict[str, Any]:
    """One method of one path."""
    found: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [route.path.split("/")[2] if route.path.startswith("/api/") else "daemon"],
        "parameters": [*_ids(route), *_query(route)],
        "responses": {str(route.status): _success(route, shapes), **_failures(route)},
    }
    if route.is_local:
        found["description"] = "Answers on the Unix socket only; over TCP it is 403."
    if route.body is not None:
        content = {"application/json": {"schema": shapes[route.body]}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _ids(route: Route) -> Iterable[dict[str, Any]]:
    for name in route.id_names:
        words, pattern = _IDS[name]
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": words,
            "schema": {"type": "string", "pattern": pattern},
        }


def _query(route: Route) -> Iterable[dict[str, Any]]:
    """The parameters behind the question mark, with the default of each."""
    for field in msgspec.structs.fields(route.query):
        schema = msgspec.json.schema(field.type)
        described = _described_schema(schema, field.default)
        yield {"name": field.encode_name, "in": "query", "required": False, **described}


def _described_schema(schema: dict[str, Any], default: Any) -> dict[str, Any]:
    """A schema with its words beside it; that of what may be absent is that of what is there."""
    parts = [part for part in schema.get("anyOf", [schema]) if part.get("type") != "null"]
    plain = dict(parts[0])
    words = plain.pop("description", "")
    if default is not None:
        plain["default"] = default
    return {"description": words, "schema": plain}


def _success(route: Route, shapes: dict[Any, Any]) -> dict[str, Any]:
    if route.data in (Text, Json):
        kind = "object" if route.data is Json else "string"
        media = "application/json" if route.data is Json else "text/plain"
        content: dict[str, Any] = {media: {"schema": {"type": kind}}}
    else:
        envelope = {
            "type": "object",
            "required": ["success", "data"],
            "additionalProperties": False,
            "properties": {"success": {"const": True}, "data": shapes[route.data]},
        }
        content = {"application/json": {"schema": envelope}}
    return {"description": _WORDS[route.status], "content": content}


def _failures(route: Route) -> dict[str, Any]:
    """Every status that an error of this route can have, with the codes that have it here."""
    codes: dict[int, list[str]] = {}
    for kind in route.all_errors:
        codes.setdefault(kind.http_status, []).append(kind.code)
    return {
        str(status): {
            "$ref": f"#/components/responses/{status}",
            "description": f"{_WORDS[status]}: {', '.join(sorted(codes[status]))}",
        }
        for status in sorted(codes)
    }


def _responses(shapes: dict[Any, Any]) -> dict[str, Any]:
    """The answer of each status that is an error, with every code that it can have."""
    return {
        str(status): _failure(status, shapes)
        for status in sorted({kind.http_status for kind in ERRORS})
    }


def _failure(status: int, shapes: dict[Any, Any]) -> dict[str, Any]:
    codes = sorted(kind.code for kind in ERRORS if kind.http_status == status)
    error = {"type": "object", "properties": {"code": {"enum": codes}}}
    only = {
        "type": "object",
        "properties": {"success": {"const": False}, "error": error},
    }
    return {
        "description": _WORDS[status],
        "content": {"application/json": {"schema": {"allOf": [shapes[FailureView], only]}}},
    }


def document_bytes(routes: Sequence[Route]) -> bytes:
    """The document as a file, indented."""
    return msgspec.json.format(msgspec.json.encode(document(routes)), indent=2) + b"\n"


async def _describe(_: Ask) -> Json:
    """The document of all routes."""
    return Json(_ENCODED, "application/json")


DESCRIBING: Final = Route(
    name="getOpenapi",
    method="GET",
    path=PATH,
    summary="This document",
    call=_describe,
    data=Json,
    of_guilds=False,
    errors=(),
)
ALL_ROUTES: Final = (*ROUTES, DESCRIBING)
_ENCODED: Final = document_bytes(ALL_ROUTES)

if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(_ENCODED)
