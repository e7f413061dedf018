"""What an error of Robo XP is in HTTP beside its status, which its class has."""

from __future__ import annotations

from typing import Final

from robo_xp.errors import MethodNotAllowed, RoboXPError, TooSlow, Unauthorized, command_line, kinds

ERRORS: Final = tuple(kind for kind in kinds() if kind.__module__ != command_line.__name__)
"""Every error that an answer can have."""
RETRY_SECONDS: Final = 2


def headers_of(error: RoboXPError) -> dict[str, str]:
    """The headers that tell a client what to do about the error."""
    match error:
        case Unauthorized():
            return {"WWW-Authenticate": 'Bearer realm="robo-xp"'}
        case MethodNotAllowed():
            return {"Allow": error.allowed}
        case TooSlow():
            return {"Connection": "close"}
        case _ if error.http_status == 503:
            return {"Retry-After": str(RETRY_SECONDS)}
    return {}
