"""What ails the daemon, as a plain value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """Why the daemon is not well: a word that stays the same, and what is so now."""

    code: str
    text: str
