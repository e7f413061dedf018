"""What ends the daemon for good."""

from __future__ import annotations


class Fatal(Exception):
    """What no new try can heal: the exit code, what is wrong, and what mends it."""

    def __init__(self, exit_code: int, message: str, advice: str) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.message = message
        self.advice = advice
