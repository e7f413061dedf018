"""Answers as HTTP: data in the envelope of success, errors in the envelope of failure."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from robo_xp.errors import RoboXPError
from robo_xp_daemon.http.route import Text
from robo_xp_daemon.http.statuses import headers_of

_JSON = "application/json"
# answers are private, and no browser may take one for a page
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Server": "robo-xp",
}


def success(data: Any, status: int) -> web.Response:
    """Data as an answer; text as it is."""
    if isinstance(data, Text):
        headers = {**_HEADERS, "Content-Type": data.content_type}
        return web.Response(body=data.body, status=status, headers=headers)
    body = msgspec.json.encode({"success": True, "data": data})
    return web.Response(body=body, status=status, content_type=_JSON, headers=_HEADERS)


def error_response(error: RoboXPError) -> web.Response:
    """An error as an answer."""
    told: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.advice:
        told["advice"] = error.advice
    if error.faults:
        told["faults"] = [
            {"where": fault.where, "message": fault.message} for fault in error.faults
        ]
    return web.Response(
        body=msgspec.json.encode({"success": False, "error": told}),
        status=error.http_status,
        content_type=_JSON,
        headers={**_HEADERS, **headers_of(error)},
    )
