"""What requests about giveaways carry."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from robo_xp.views.giveaway import Bonuses, BonusMode
from robo_xp_daemon.http.routes.settings_shapes import AskedRequirements, Ids
from robo_xp_daemon.http.routes.shapes import Body, Id, Reason

Prize = Annotated[str, Meta(min_length=1, max_length=200)]
Winners = Annotated[int, Meta(ge=1, le=100)]
Span = Annotated[str, Meta(min_length=1, max_length=100, description="such as 2d, or an instant")]


When = Annotated[str, Meta(min_length=1, max_length=100, description="such as sat 18:00, or 2h")]


class NewGiveaway(Body, frozen=True):
    """A giveaway to start; what is left out comes from the template, or the guild's settings.

    ``host`` is the user who is named as its host.
    """

    prize: Prize | None = None
    channel_id: Id | None = None
    template: Annotated[str, Meta(max_length=32)] | None = None
    duration: Span | None = None
    winners: Winners | None = None
    host: Id | None = None
    allow_role_ids: Ids = []
    deny_role_ids: Ids = []
    min_account_age_days: Annotated[int, Meta(ge=0, le=36_500)] | None = None
    requirements: AskedRequirements | None = None
    bypass_role_ids: Ids = []
    bonus_entries: Bonuses = {}
    bonus_mode: BonusMode | None = None
    drop: bool = False
    claim: Span | None = None
    claim_rounds: Annotated[int, Meta(ge=0, le=20)] | None = None
    last_chance: Span | None = None
    ping_role_id: Id | None = None
    image_url: Annotated[str, Meta(max_length=2048)] | None = None
    colour: Annotated[int, Meta(ge=0, le=0xFFFFFF)] | None = None
    entries_public: bool = False
    at: When | None = None
    every: Span | None = None
    times: Annotated[int, Meta(ge=2, le=1000)] | None = None
    until: When | None = None
    tz: str | None = None
    beacon: Literal["drand", "none"] | None = None
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


class HandingOver(Body, frozen=True, tag_field="action", tag="handedOver"):
    """Note that a winner has got the prize."""

    user: Id
    reason: Reason | None = None


class Editing(Body, frozen=True, tag_field="action", tag="edit"):
    """Change an active or planned giveaway; ``ends`` is a length from now or the start to come, or
    an instant.
    """

    prize: Prize | None = None
    ends: Span | None = None
    winners: Winners | None = None
    starts: When | None = None
    reason: Reason | None = None


class GivingRound(Body, frozen=True, tag_field="action", tag="beacon"):
    """Make the draw that waits for a round of the beacon, with the round's signature in hex."""

    signature: Annotated[str, Meta(pattern="^[0-9a-f]{96}$")]
    reason: Reason | None = None


Action = Ending | Cancelling | Rerolling | Editing | HandingOver | GivingRound
