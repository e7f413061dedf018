"""What a draw is about: who wants to win, what is asked of them, and what is claimed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from robo_xp.model.closing import Beacon, BeaconRound, Closing


@dataclass(frozen=True, slots=True)
class Standing:
    """What the vault has counted of a member: all 0 for one whom it does not know."""

    level: int = 0
    xp: int = 0
    messages: int = 0
    voice_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Entrant:
    """Somebody who wants to enter, or has entered.

    ``role_ids``, ``joined_at`` (epoch ms), ``is_booster`` and ``standing`` are None where nobody
    can see them: what is asked of them is not judged then. ``is_member`` is False for somebody who
    has left the guild.
    """

    user_id: str
    role_ids: frozenset[str] | None = None
    is_bot: bool = False
    is_member: bool = True
    joined_at: int | None = None
    is_booster: bool | None = None
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a giveaway asks of an entrant; an empty ``allow_role_ids`` allows everybody.

    Who holds one of ``bypass_role_ids`` needs to meet none of it. 0 asks for nothing.
    """

    allow_role_ids: tuple[str, ...] = ()
    deny_role_ids: tuple[str, ...] = ()
    min_account_age_days: int | None = None
    all_role_ids: tuple[str, ...] = ()
    min_level: int = 0
    min_xp: int = 0
    min_messages: int = 0
    min_voice_minutes: int = 0
    min_member_days: int = 0
    boosters: bool = False
    bypass_role_ids: tuple[str, ...] = ()

    @property
    def ask_vault(self) -> bool:
        """Whether it takes what the vault has counted to judge them."""
        return bool(self.min_level or self.min_xp or self.min_messages or self.min_voice_minutes)

    @property
    def ask_discord(self) -> bool:
        """Whether it takes Discord to judge them all."""
        roles = (self.allow_role_ids, self.all_role_ids, self.deny_role_ids, self.bypass_role_ids)
        return bool(any(roles) or self.min_member_days or self.boosters)

    def with_document(self, document: Mapping[str, Any]) -> Requirements:
        """These requirements, and in place of them those that the document names."""
        given = {name: document[key] for key, name in REQUIREMENT_KEYS.items() if key in document}
        return replace(self, **{name: _frozen(value) for name, value in given.items()})

    def document(self) -> dict[str, Any]:
        """Everything that is asked, by the words of ``REQUIREMENT_KEYS``."""
        found = {key: getattr(self, name) for key, name in REQUIREMENT_KEYS.items()}
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in found.items()
            if value
        }


REQUIREMENT_KEYS: Final = {
    "rolesAny": "allow_role_ids",
    "rolesAll": "all_role_ids",
    "rolesNone": "deny_role_ids",
    "minLevel": "min_level",
    "minXp": "min_xp",
    "minMessages": "min_messages",
    "minVoiceMinutes": "min_voice_minutes",
    "accountAge": "min_account_age_days",
    "memberAge": "min_member_days",
    "boosters": "boosters",
}
"""The word for each requirement in documents and options, and its field."""


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Round:
    """What is claimed of one draw: ``count`` winners were asked for, ``dropped`` passed over.

    ``at`` (epoch ms) is when it was made, ``beacon`` the round that decided it, where one did.
    ``digest`` is that of the candidates when it was made, ``bound`` that of the same ones as they
    are kept since somebody among them was erased, None where nobody was.
    """

    count: int
    digest: str
    winners: tuple[str, ...]
    dropped: frozenset[str] = frozenset()
    beacon: BeaconRound | None = None
    at: int = 0
    bound: str | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What is claimed of a giveaway; the first round is the draw, the others are rerolls.

    ``numbers`` are those of the entries that have one. ``closing`` is None for a giveaway that was
    never closed, or closed by an earlier version.
    ``places`` are those of pseudonyms among all entries, counted from 0: where the erased id was;
    ``receipts`` are those of the entries that they stand for.
    """

    giveaway_id: str
    commitment: str
    secret: str
    entries: Mapping[str, int]
    rounds: tuple[Round, ...]
    numbers: Mapping[str, int] = field(default_factory=dict)
    closing: Closing | None = None
    beacon: Beacon | None = None
    places: Mapping[str, int] = field(default_factory=dict)
    receipts: Mapping[str, str] = field(default_factory=dict)
