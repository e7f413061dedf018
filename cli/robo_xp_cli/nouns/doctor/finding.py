"""What a check of ``doctor`` comes to, and running many of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from robo_xp.errors import RoboXPError, VaultDamaged

OK, WARNING, FAILED, SKIPPED = "ok", "warning", "failed", "skipped"
STATUSES = (OK, WARNING, FAILED, SKIPPED)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check came to; ``exit_code`` counts where it failed."""

    check: str
    status: str
    message: str
    advice: str = ""
    exit_code: int = 1

    @property
    def row(self) -> dict[str, Any]:
        """The finding for scripts."""
        return {
            "check": self.check,
            "status": self.status,
            "message": self.message,
            "advice": self.advice or None,
        }


def ok(check: str, message: str) -> Finding:
    """All is well."""
    return Finding(check, OK, message)


def warning(check: str, message: str, advice: str = "") -> Finding:
    """It works, and somebody should look."""
    return Finding(check, WARNING, message, advice)


def failure(check: str, message: str, advice: str = "", exit_code: int = 1) -> Finding:
    """It does not work."""
    return Finding(check, FAILED, message, advice, exit_code)


def omission(check: str, message: str, advice: str = "") -> Finding:
    """There is nothing to look at."""
    return Finding(check, SKIPPED, message, advice)


def of_error(check: str, error: RoboXPError) -> Finding:
    """The finding that an error stands for."""
    return failure(check, error.message, error.advice, error.exit_code)


def exit_code_of(findings: Iterable[Finding]) -> int:
    """0 where nothing failed, 6 where data is damaged, else that of the first that failed."""
    codes = [one.exit_code for one in findings if one.status == FAILED]
    damaged = VaultDamaged.exit_code
    return damaged if damaged in codes else (codes[0] if codes else 0)
