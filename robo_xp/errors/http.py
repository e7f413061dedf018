"""Errors that only requests over HTTP can have."""

from __future__ import annotations

from robo_xp.errors.base import InvalidValue, Refused, RoboXPError


class InvalidRequest(InvalidValue):
    """A query or body is wrong; every fault is listed with its place."""

    code = "INVALID_REQUEST"


class Unauthorized(Refused):
    """The request carries no token, or one that is not known."""

    code = "UNAUTHORIZED"
    http_status = 401
    advice = (
        "send the header 'Authorization: Bearer TOKEN' with a token of the daemon's tokens file"
    )


class Forbidden(Refused):
    """The token may only read, or the route is for the Unix socket."""

    code = "FORBIDDEN"
    http_status = 403


class MethodNotAllowed(InvalidValue):
    """The path does not take this method; the header ``Allow`` says what it takes."""

    code = "METHOD_NOT_ALLOWED"
    http_status = 405

    def __init__(self, path: str, method: str, allowed: str) -> None:
        self.allowed = allowed
        super().__init__(f"{path} does not take {method}", advice=f"use {allowed}")


class TooSlow(InvalidValue):
    """The body did not come in time."""

    code = "TOO_SLOW"
    http_status = 408
    advice = "send it whole"


class TooLarge(InvalidValue):
    """The body is larger than the daemon reads."""

    code = "TOO_LARGE"
    http_status = 413
    advice = "send less at once"


class UnsupportedMediaType(InvalidValue):
    """The body is not said to be JSON."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    http_status = 415
    advice = "send the header 'Content-Type: application/json'"


class InternalError(RoboXPError):
    """The daemon has a fault; its log says where."""

    code = "INTERNAL_ERROR"
    advice = "read the daemon's log and report what it says"


class Unhealthy(RoboXPError):
    """The daemon is not connected, or cannot read the vault."""

    code = "UNHEALTHY"
    http_status = 503
    advice = "try again in a moment"
