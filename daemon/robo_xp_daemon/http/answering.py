"""Answers as HTTP: data in the envelope of success, errors in the envelope of failure."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from robo_xp_daemon.http.route import Text
from robo_xp_daemon.http.statuses import Failure

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


def refused(failure: Failure) -> web.Response:
    """A failure as an answer."""
    error: dict[str, Any] = {"code": failure.code, "message": failure.message}
    if failure.advice:
        error["advice"] = failure.advice
    if failure.faults:
        error["faults"] = [
            {"where": fault.where, "message": fault.message} for fault in failure.faults
        ]
    return web.Response(
        body=msgspec.json.encode({"success": False, "error": error}),
        status=failure.status,
        content_type=_JSON,
        headers={**_HEADERS, **failure.headers},
    )
