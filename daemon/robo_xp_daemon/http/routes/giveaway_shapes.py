"""What giveaways look like in JSON."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from robo_xp.model.giveaway import Draw, Giveaway, GiveawayChange
from robo_xp_daemon.http.routes.settings_shapes import Ids
from robo_xp_daemon.http.routes.shapes import (
    SNOWFLAKE,
    Body,
    Count,
    EpochMs,
    Id,
    Reason,
    Seq,
    Shape,
)

Prize = Annotated[str, Meta(min_length=1, max_length=200)]
Winners = Annotated[int, Meta(ge=1, le=100)]
Span = Annotated[str, Meta(min_length=1, max_length=100, description="such as 2d, or an instant")]
Bonuses = dict[Annotated[str, Meta(pattern=SNOWFLAKE)], Annotated[int, Meta(ge=1, le=100)]]


class DrawView(Shape, frozen=True):
    """How one draw was made; number 0 is the one at the end. ``dropped`` says who was passed over
    and why.
    """

    number: Count
    count: Count
    candidates: Count
    digest: str
    at: EpochMs
    by: str
    reason: str | None
    rechecked: bool
    dropped: dict[str, list[str]]

    @classmethod
    def of(cls, draw: Draw) -> DrawView:
        """The same as a shape."""
        return cls(
            number=draw.number,
            count=draw.count,
            candidates=draw.candidates,
            digest=draw.digest,
            at=draw.at,
            by=draw.by,
            reason=draw.reason,
            rechecked=draw.rechecked,
            dropped={
                user_id: [str(fault) for fault in faults]
                for user_id, faults in draw.dropped.items()
            },
        )


class GiveawayView(Shape, frozen=True):
    """One giveaway. ``secret`` is null until it is over; ``pending`` is what Discord has yet to be
    told.
    """

    id: str
    guild_id: Id
    channel_id: Id
    message_id: Id | None
    prize: str
    winners_count: Count
    entries: Count
    ends_at: EpochMs
    started_by: str
    host: Id | None
    status: Literal["active", "ended", "cancelled"]
    allow_role_ids: list[Id]
    deny_role_ids: list[Id]
    min_account_age_days: Count | None
    bonus_entries: Bonuses
    button_label: str
    dm_winners: bool
    recheck_at_draw: bool
    winners: list[Id]
    rerolls: list[list[Id]]
    draws: list[DrawView]
    created_at: EpochMs
    finalized_at: EpochMs | None
    commitment: str
    secret: str | None
    entries_digest: str | None
    pending: list[str]

    @classmethod
    def of(cls, found: Giveaway, entries: int) -> GiveawayView:
        """The giveaway and how many entries it has."""
        return cls(
            id=found.id,
            guild_id=found.guild_id,
            channel_id=found.channel_id,
            message_id=found.message_id,
            prize=found.prize,
            winners_count=found.winners_count,
            entries=entries,
            ends_at=found.ends_at,
            started_by=found.started_by,
            host=found.host,
            status=found.status,  # type: ignore[arg-type]  # a giveaway has no other
            allow_role_ids=list(found.allow_role_ids),
            deny_role_ids=list(found.deny_role_ids),
            min_account_age_days=found.min_account_age_days,
            bonus_entries=dict(found.bonus_entries),
            button_label=found.button_label,
            dm_winners=found.dm_winners,
            recheck_at_draw=found.recheck_at_draw,
            winners=list(found.winners),
            rerolls=[list(winners) for winners in found.rerolls],
            draws=[DrawView.of(draw) for draw in found.draws],
            created_at=found.created_at,
            finalized_at=found.finalized_at,
            commitment=found.commitment,
            secret=found.secret,
            entries_digest=found.entries_digest,
            pending=list(dict.fromkeys(effect.kind for effect in found.pending)),
        )


class GiveawayList(Shape, frozen=True):
    """The active ones, the next end first, and the last twenty that are over."""

    active: list[GiveawayView]
    recent: list[GiveawayView]


class GiveawayChanged(Shape, frozen=True):
    """A giveaway after a change; ``missing`` is how many winners could not be drawn.

    ``winners`` are those of this change: of the end, or of the reroll.
    """

    giveaway: GiveawayView
    changed: bool
    winners: list[Id]
    missing: Count
    seq: Seq | None

    @classmethod
    def of(
        cls, made: GiveawayChange, entries: int, winners: tuple[str, ...] = ()
    ) -> GiveawayChanged:
        """The change, and who it drew."""
        return cls(
            GiveawayView.of(made.giveaway, entries),
            made.changed,
            list(winners),
            made.missing,
            made.seq,
        )


class NewGiveaway(Body, frozen=True):
    """A giveaway to start; what is left out comes from the guild's settings.

    ``host`` is the user who is named as its host.
    """

    prize: Prize
    channel_id: Id
    duration: Span | None = None
    winners: Winners | None = None
    host: Id | None = None
    allow_role_ids: Ids = []
    deny_role_ids: Ids = []
    min_account_age_days: Annotated[int, Meta(ge=0, le=36_500)] | None = None
    bonus_entries: Bonuses = {}
    reason: Reason | None = None


class Ending(Body, frozen=True, tag_field="action", tag="end"):
    """Draw the winners now."""

    reason: Reason | None = None


class Cancelling(Body, frozen=True, tag_field="action", tag="cancel"):
    """End it without winners."""

    reason: Reason | None = None


class Rerolling(Body, frozen=True, tag_field="action", tag="reroll"):
    """Draw more winners, as many as at the end where no count is given."""

    count: Winners | None = None
    reason: Reason | None = None


class Editing(Body, frozen=True, tag_field="action", tag="edit"):
    """Change an active giveaway; ``ends`` is a length from now, or an instant."""

    prize: Prize | None = None
    ends: Span | None = None
    winners: Winners | None = None
    reason: Reason | None = None


Action = Ending | Cancelling | Rerolling | Editing
