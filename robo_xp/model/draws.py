"""What a draw is about: who wants to win, what is asked of them, and what is claimed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entrant:
    """Somebody who wants to enter, or has entered.

    ``role_ids`` is None where nobody can see the roles: then requirements of roles are not
    judged. ``is_member`` is False for somebody who has left the guild.
    """

    user_id: str
    role_ids: frozenset[str] | None = None
    is_bot: bool = False
    is_member: bool = True


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a giveaway asks of an entrant; an empty ``allow_role_ids`` allows everybody."""

    allow_role_ids: tuple[str, ...] = ()
    deny_role_ids: tuple[str, ...] = ()
    min_account_age_days: int | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """What is claimed of one draw: ``count`` winners were asked for, ``dropped`` passed over."""

    count: int
    digest: str
    winners: tuple[str, ...]
    dropped: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Proof:
    """What is claimed of a giveaway; the first round is the draw, the others are rerolls."""

    giveaway_id: str
    commitment: str
    secret: str
    entries: Mapping[str, int]
    rounds: tuple[Round, ...]
