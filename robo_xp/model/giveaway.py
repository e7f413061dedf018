"""Giveaways as plain values: the record, its draws, and what Discord has yet to be told.

Records are stored with camelCase keys. The entries have a table of their own, so that entering
costs the same whether ten or a hundred thousand came before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from robo_xp.errors import Fault
from robo_xp.model.closing import Beacon, BeaconRound, Closing, WaitingDraw
from robo_xp.model.draws import Proof, Requirements, Round

SCHEDULED: Final = "scheduled"
ACTIVE: Final = "active"
DRAWING: Final = "drawing"
ENDED: Final = "ended"
CANCELLED: Final = "cancelled"

MESSAGE: Final = "message"
ANNOUNCEMENT: Final = "announcement"
DM: Final = "dm"
KINDS: Final = (MESSAGE, ANNOUNCEMENT, DM)
"""What Discord can have to be told, in the order in which it is told."""

NOT_DRAWN_HERE: Final = ""
"""The commitment where nobody committed to anything: before the start, in a drop, and where
another bot has drawn.
"""

CANCEL: Final = "cancel"
COMMITMENT: Final = "commitment"
CLOSE: Final = "close"
CALL: Final = "call"
LAST_CHANCE: Final = "last"
"""What an announcement can be about beside a draw."""

CALL_KEY: Final = f"{ANNOUNCEMENT}:{CALL}"
LAST_CHANCE_KEY: Final = f"{ANNOUNCEMENT}:{LAST_CHANCE}"

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
    counts were looked at, None where nothing of it was asked for. ``beacon`` is the
    round that decided it, where one did.
    ``bound_digest`` is the digest of the same candidates as they are kept since one of them was
    erased.
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
    beacon: BeaconRound | None = None
    bound_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that Discord has yet to be told about a giveaway.

    ``kind`` is ``message``, ``announcement`` or ``dm``; ``key`` names the effect within its
    giveaway. ``number`` is the draw that it is about: 0, or that of the reroll; None for what is
    about none. ``topic`` is what an announcement is about instead: ``cancel``, ``commitment``, or
    ``close``, which is before a draw. ``revision`` is what was asked for last: carrying out an
    earlier one does not count.
    """

    guild_id: str
    giveaway_id: str
    key: str
    kind: str
    revision: int
    number: int | None = None
    user_id: str | None = None
    topic: str | None = None


OPEN, CLAIMED, EXPIRED, HANDED_OVER = "open", "claimed", "expired", "handed over"
"""What can have become of a winner's prize."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What has become of a winner's prize ``at`` a time; it can be claimed ``until`` another one.

    Times are epoch ms; ``until`` is None where nobody has to claim, ``at`` until it was claimed.
    """

    state: str
    until: int | None
    at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A giveaway's place in a series: the ``number``-th, whose slot in its rhythm is ``slot``.

    ``id`` is that of the first giveaway, ``every`` the length between two slots as it was given.
    ``left`` is how many follow, None where ``until`` says when the last slot can be. Times are
    epoch ms. Where ``every`` is whole days, slots come when the clock of the zone ``tz`` shows
    ``clock``, in ms since midnight; ``tz`` is None in those of earlier versions.
    """

    id: str
    number: int
    every: str
    left: int | None
    until: int | None
    slot: int
    tz: str | None = None
    clock: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Giveaway:
    """One giveaway. Times are epoch ms; the rules in it were frozen when it started.

    A planned one starts at ``starts_at`` and lasts for ``lasts_for`` ms, or until ``ends_at``
    where that is None. The first who enter a ``drop`` win it.

    Winners have ``claim_for`` ms to claim their prize, where that is asked; ``claims`` has what
    became of each. Of those that expire ``owed`` are yet to be drawn again, in ``claim_rounds``
    rounds at most, of which ``claim_round`` were.

    ``last_chance`` is how many ms before the end it is told that it is near. ``ping_role_id`` is
    notified at the start; ``image_url`` and ``colour`` are those of the message. Everybody may see
    the entries where they are ``entries_public``.

    ``started_by`` is who started it as the journal names them, ``host`` their user id where
    there is one. ``secret`` is None until the giveaway is ended or cancelled. ``beacon`` is None
    where draws take no round, ``waiting`` where none waits for one. ``restored`` is set where a
    restore brought the giveaway back though it had ended, or may have: ``at``,
    and the ``status``, ``winners`` and ``finalizedAt`` that it had (None: not known).
    ``pseudonyms`` stand for entrants that were erased, each with its ``place`` among all entries
    and the ``receipt`` of the entry.
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
    beacon: Beacon | None = None
    closing: Closing | None = None
    waiting: WaitingDraw | None = None
    pseudonyms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    revision: int = 1
    effects: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    restored: Mapping[str, Any] | None = None
    starts_at: int | None = None
    lasts_for: int | None = None
    series: Series | None = None
    drop: bool = False
    claim_for: int | None = None
    claim_rounds: int = 0
    claim_round: int = 0
    claims: Mapping[str, Claim] = field(default_factory=dict)
    owed: int = 0
    last_chance: int | None = None
    ping_role_id: str | None = None
    image_url: str | None = None
    colour: int | None = None
    entries_public: bool = False

    @property
    def is_active(self) -> bool:
        """Whether it can be entered: it has started, and is neither ended nor cancelled."""
        return self.status == ACTIVE

    @property
    def is_over(self) -> bool:
        """Whether it has ended or was cancelled, so that its secret is public."""
        return self.status in (ENDED, CANCELLED)

    @property
    def is_scheduled(self) -> bool:
        """Whether it has yet to start."""
        return self.status == SCHEDULED

    @property
    def is_rechecked(self) -> bool:
        """Whether who is about to win is looked at again; in a drop the entry itself wins."""
        return self.recheck_at_draw and not self.drop

    @property
    def began_at(self) -> int:
        """When it started, or is to start."""
        return self.created_at if self.starts_at is None else self.starts_at

    @property
    def due_at(self) -> int | None:
        """When something is to be done about it next; None where nothing is."""
        if self.is_scheduled:
            return self.starts_at
        if self.is_active:
            return self.reminds_at or self.ends_at
        return self.finalized_at if self.owed else self.claim_until

    @property
    def reminds_at(self) -> int | None:
        """When members are to be told that the end is near; None once they were asked to be."""
        if self.last_chance is None or LAST_CHANCE_KEY in self.effects:
            return None
        at = self.ends_at - self.last_chance
        return at if at > self.began_at else None

    @property
    def claim_until(self) -> int | None:
        """When the first open claim expires; None where there is none."""
        claims = self.claims.values()
        open_until = [one.until for one in claims if one.state == OPEN and one.until is not None]
        return min(open_until, default=None)

    @property
    def all_winners(self) -> tuple[str, ...]:
        """Everybody who was drawn."""
        return (*self.winners, *(user_id for batch in self.rerolls for user_id in batch))

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
    def places(self) -> Mapping[str, int]:
        """The places of pseudonyms among all entries, counted from 0."""
        return {name: kept["place"] for name, kept in self.pseudonyms.items()}

    @property
    def rounds(self) -> tuple[Round, ...]:
        """What is claimed of the draws so far."""
        winners = (self.winners, *self.rerolls)
        return tuple(
            Round(
                count=draw.count,
                digest=draw.digest,
                winners=won,
                dropped=frozenset(draw.dropped),
                beacon=draw.beacon,
                at=draw.at,
                bound=draw.bound_digest,
            )
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
        return tuple(sorted(found, key=_turn))

    @property
    def pending_kinds(self) -> tuple[str, ...]:
        """The kinds of what Discord has yet to be told, in their usual order."""
        found = {effect.kind for effect in self.pending}
        return tuple(kind for kind in KINDS if kind in found)

    def proof(self, entries: Mapping[str, int], numbers: Mapping[str, int]) -> Proof:
        """What is claimed of the draws, with the entries that they were made of."""
        return Proof(
            giveaway_id=self.id,
            commitment=self.commitment,
            secret=self.secret or "",
            entries=entries,
            rounds=self.rounds,
            numbers=numbers,
            closing=self.closing,
            beacon=self.beacon,
            places=self.places,
            receipts={name: kept["receipt"] for name, kept in self.pseudonyms.items()},
        )


def _effect_of(giveaway: Giveaway, key: str, revision: int) -> Effect:
    """The effect that a key such as ``dm:0:881…`` or ``announcement:close:0`` names."""
    kind, _, rest = key.partition(":")
    first, _, second = rest.partition(":")
    is_numbered = first.isdigit()
    number = first if is_numbered else second
    return Effect(
        giveaway.guild_id,
        giveaway.id,
        key,
        kind,
        revision,
        int(number) if number.isdigit() else None,
        (second or None) if is_numbered else None,
        None if is_numbered else (first or None),
    )


def _turn(effect: Effect) -> tuple[int, int]:
    """What is told first: what binds a draw, before all that could show its outcome."""
    topics = (COMMITMENT, CLOSE)
    if effect.topic in topics:
        return -1, topics.index(effect.topic)
    return KINDS.index(effect.kind), 0
