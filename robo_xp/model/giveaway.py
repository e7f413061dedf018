"""Giveaways as plain values: the record, its draws, and what Discord has yet to be told.

Records are stored with camelCase keys. The entries have a table of their own, so that entering
costs the same whether ten or a hundred thousand came before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from robo_xp.errors import Fault
from robo_xp.model.draws import Proof, Requirements, Round

ACTIVE: Final = "active"
ENDED: Final = "ended"
CANCELLED: Final = "cancelled"

MESSAGE: Final = "message"
ANNOUNCEMENT: Final = "announcement"
DM: Final = "dm"
KINDS: Final = (MESSAGE, ANNOUNCEMENT, DM)
"""What Discord can have to be told, in the order in which it is told."""

NOT_DRAWN_HERE: Final = ""
"""The commitment of a giveaway that another bot has drawn: nobody committed to anything."""

CANCEL: Final = "cancel"

HIGHEST, SUM = "max", "sum"
"""How the bonuses of several roles come together."""

FORCED, BYPASSED = "forced", "bypass"
"""Why an entry counts although its member does not meet all that is asked."""


@dataclass(frozen=True, slots=True)
class Draw:
    """How one draw was made; number 0 is the draw at the end, n the n-th reroll.

    ``count`` winners were asked for, of ``candidates`` entries with this ``digest``. ``dropped``
    holds why members that would have won were passed over; ``rechecked`` is whether anybody
    looked. ``at`` is epoch ms. ``xp_seq`` is the batch of the members' XP at which levels, XP and
    counts were looked at, None where nothing of it was asked for.
    """

    number: int
    count: int
    candidates: int
    digest: str
    at: int
    by: str
    reason: str | None = None
    rechecked: bool = False
    dropped: Mapping[str, tuple[Fault, ...]] = field(default_factory=dict)
    xp_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that Discord has yet to be told about a giveaway.

    ``kind`` is ``message``, ``announcement`` or ``dm``; ``key`` names the effect within its
    giveaway. ``number`` is the draw that it is about: 0, or that of the reroll; None for the
    message and for a cancelled giveaway. ``revision`` is what was asked for last: carrying out
    an earlier one does not count.
    """

    guild_id: str
    giveaway_id: str
    key: str
    kind: str
    revision: int
    number: int | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Giveaway:
    """One giveaway. Times are epoch ms; the rules in it were frozen when it started.

    ``started_by`` is who started it as the journal names them, ``host`` their user id where
    there is one. ``secret`` is None until the giveaway is ended or cancelled. ``restored`` is set
    where a restore took the giveaway back behind its end, when its secret may have been public:
    ``at``, and the ``status``, ``winners`` and ``finalizedAt`` that it had (None: not known).
    """

    id: str
    guild_id: str
    channel_id: str
    message_id: str | None = None
    prize: str
    winners_count: int
    ends_at: int
    started_by: str
    host: str | None = None
    status: str = ACTIVE
    requirements: Requirements = Requirements()
    bonus_entries: Mapping[str, int]
    bonus_mode: str = HIGHEST
    button_label: str
    dm_winners: bool
    recheck_at_draw: bool
    winners: tuple[str, ...] = ()
    rerolls: tuple[tuple[str, ...], ...] = ()
    created_at: int
    finalized_at: int | None = None
    cron_job_id: str | None = None
    commitment: str
    secret: str | None = None
    entries_digest: str | None = None
    draws: tuple[Draw, ...] = ()
    revision: int = 1
    effects: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    restored: Mapping[str, Any] | None = None

    @property
    def is_active(self) -> bool:
        """Whether it is neither ended nor cancelled."""
        return self.status == ACTIVE

    @property
    def allow_role_ids(self) -> tuple[str, ...]:
        """The roles of which an entrant needs one."""
        return self.requirements.allow_role_ids

    @property
    def deny_role_ids(self) -> tuple[str, ...]:
        """The roles that no entrant may hold."""
        return self.requirements.deny_role_ids

    @property
    def min_account_age_days(self) -> int | None:
        """How old an account must be."""
        return self.requirements.min_account_age_days

    @property
    def bypass_role_ids(self) -> tuple[str, ...]:
        """The roles that free from all requirements."""
        return self.requirements.bypass_role_ids

    @property
    def rounds(self) -> tuple[Round, ...]:
        """What is claimed of the draws so far."""
        winners = (self.winners, *self.rerolls)
        return tuple(
            Round(draw.count, draw.digest, won, frozenset(draw.dropped))
            for draw, won in zip(self.draws, winners, strict=False)
        )

    @property
    def pending(self) -> tuple[Effect, ...]:
        """What Discord has yet to be told, in the order in which it is told."""
        found = [
            _effect_of(self, key, marks["asked"])
            for key, marks in self.effects.items()
            if marks["done"] < marks["asked"]
        ]
        return tuple(sorted(found, key=lambda effect: KINDS.index(effect.kind)))

    def proof(self, entries: Mapping[str, int]) -> Proof:
        """What is claimed of the draws, with the entries that they were made of."""
        return Proof(self.id, self.commitment, self.secret or "", entries, self.rounds)


def _effect_of(giveaway: Giveaway, key: str, revision: int) -> Effect:
    """The effect that a key such as ``dm:0:881…`` names."""
    kind, _, rest = key.partition(":")
    number, _, user_id = rest.partition(":")
    return Effect(
        giveaway.guild_id,
        giveaway.id,
        key,
        kind,
        revision,
        int(number) if number.isdigit() else None,
        user_id or None,
    )


@dataclass(frozen=True, slots=True)
class GiveawayChange:
    """A giveaway after a change; ``changed`` is False when there was nothing to do.

    ``missing`` is how many winners were asked for beyond those that could be drawn.
    """

    giveaway: Giveaway
    changed: bool
    seq: int | None
    dry_run: bool
    missing: int = 0

    @property
    def id(self) -> str:
        """The id of the giveaway."""
        return self.giveaway.id

    @property
    def winners(self) -> tuple[str, ...]:
        """Who was drawn at the end."""
        return self.giveaway.winners

    @property
    def rerolled(self) -> tuple[str, ...]:
        """Who the last reroll drew."""
        return self.giveaway.rerolls[-1] if self.giveaway.rerolls else ()


@dataclass(frozen=True, slots=True)
class EntryRefused:
    """Somebody who may not enter, with every requirement that is not met."""

    user_id: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of those who wanted to enter; ``entries`` is how many there are now."""

    giveaway_id: str
    entered: int
    already: int
    refused: tuple[EntryRefused, ...]
    entries: int
    seq: int | None
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Left:
    """How many entries were taken back, and how many there were not in the first place."""

    giveaway_id: str
    left: int
    absent: int
    entries: int
    seq: int | None
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: whose, its weight, and when it was made (epoch ms)."""

    user_id: str
    weight: int
    entered_at: int


@dataclass(frozen=True, slots=True)
class Listed:
    """One giveaway of a list, with the number of its entries."""

    giveaway: Giveaway
    entries: int


@dataclass(frozen=True, slots=True)
class Verified:
    """What computing the draws again came to; ``drawn`` is whether there were any.

    ``here`` is False for a giveaway that another bot drew, whose draws nobody can compute.
    """

    id: str
    valid: bool
    drawn: bool
    commitment: str
    winners: tuple[str, ...]
    rerolls: tuple[tuple[str, ...], ...]
    faults: tuple[Fault, ...]
    here: bool = True
