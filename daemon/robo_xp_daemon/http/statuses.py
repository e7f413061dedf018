"""What every error code is in HTTP: the one table, and the errors that only HTTP has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from robo_xp.errors import Fault, InvalidConfig, RoboXPError

STATUS: Final[Mapping[str, int]] = {
    "INVALID_REQUEST": 400,
    "INVALID_VALUE": 400,
    "INVALID_ID": 400,
    "INVALID_AMOUNT": 400,
    "INVALID_CONFIG": 400,
    "INVALID_DURATION": 400,
    "NOT_CONFIGURED": 400,
    "FILE_NOT_FOUND": 400,
    "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "GUILD_NOT_FOUND": 404,
    "STORE_NOT_FOUND": 404,
    "USER_NOT_FOUND": 404,
    "REWARD_NOT_FOUND": 404,
    "GIVEAWAY_NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "TOO_SLOW": 408,
    "REFUSED": 409,
    "LIMIT_EXCEEDED": 409,
    "DUPLICATE_REWARD": 409,
    "GIVEAWAY_NOT_ACTIVE": 409,
    "GIVEAWAY_NOT_ENDED": 409,
    "NO_ENTRIES_LEFT": 409,
    "SECRET_MISSING": 409,
    "TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "FAILED": 500,
    "VAULT_DAMAGED": 500,
    "INTERNAL_ERROR": 500,
    "VAULT_BUSY": 503,
    "VAULT_UNAVAILABLE": 503,
    "UNHEALTHY": 503,
}
"""The status of each code. A code has the same meaning here and on the command line."""

RETRY_SECONDS: Final = 2


class Failure(Exception):
    """Why a request gets no data: code, message, advice, faults, and headers of the answer."""

    def __init__(
        self,
        code: str,
        message: str,
        advice: str = "",
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep what to answer; the code decides the status."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.advice = advice
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.status = STATUS[code]
        if self.status == 503:
            self.headers.setdefault("Retry-After", str(RETRY_SECONDS))


def failure_of(error: RoboXPError) -> Failure:
    """An error of the core as an answer; a code that the table lacks is an internal error."""
    faults = error.faults if isinstance(error, InvalidConfig) else ()
    code = error.code if error.code in STATUS else "INTERNAL_ERROR"
    return Failure(code, error.message, error.advice, faults=faults)
