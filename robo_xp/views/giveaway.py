"""Giveaways: the record, its draws, lists of them, entries, and what changes come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType, structs

from robo_xp.views.board import Pagination
from robo_xp.views.shape import SNOWFLAKE, Count, EpochMs, Fault, Id, Name, Names, Seq, View

Bonuses = dict[Annotated[str, Meta(pattern=SNOWFLAKE)], Annotated[int, Meta(ge=1, le=100)]]
BonusMode = Literal["max", "sum"]
Status = Literal["scheduled", "active", "drawing", "ended", "cancelled"]


class Unmet(View, frozen=True):
    """A requirement that somebody does not meet, and how it is said."""

    requirement: str
    message: str

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        return {"requirement": found.where}


class BeaconRound(View, frozen=True):
    """The round of the beacon that decided a draw, asked for at ``asked_at``.

    ``signature`` is null where nobody could get it in time: it was drawn without it then.
    """

    round: Count
    signature: str | None
    asked_at: EpochMs


class Beacon(View, frozen=True):
    """The public beacon of a giveaway's draws: the first round of ``chain`` after the delay.

    ``round`` is that of the last draw; a draw that waits longer than ``wait_ms`` is made without.
    """

    chain: str
    delay_ms: Count
    wait_ms: Count
    round: Count | None


class Closing(View, frozen=True):
    """The entries as they were closed: how many, their digest, and the root of their receipts."""

    at: EpochMs
    entries: Count
    digest: str
    root: str


class WaitingDraw(View, frozen=True):
    """A draw that waits for its round of the beacon."""

    number: Count
    count: Count
    digest: str
    round: Count
    at: EpochMs
    by: str
    reason: str | None
    owed: bool


class Draw(View, frozen=True):
    """How one draw was made; number 0 is the one at the end.

    ``dropped`` has, by user id, why members that would have won were passed over. ``xpSeq`` is the
    batch of the members' XP at which levels and counts were looked at, null where none was asked.
    ``boundDigest`` is that of the same candidates since one of them was erased.
    """

    number: Count
    count: Count
    candidates: Count
    digest: str
    at: EpochMs
    by: str
    reason: str | None
    rechecked: bool
    dropped: dict[str, list[Unmet]]
    xp_seq: Count | None
    beacon: BeaconRound | None
    bound_digest: str | UnsetType = UNSET

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        dropped = found.dropped.items()
        return {
            "dropped": {user_id: list(map(Unmet.of, faults)) for user_id, faults in dropped},
            "bound_digest": found.bound_digest or UNSET,
        }


class TakenBack(View, frozen=True):
    """A restore brought the giveaway back though it had ended, or may have; null is not known."""

    at: EpochMs
    status: Status | None
    winners: list[Id] | None
    finalized_at: EpochMs | None


class Requirements(View, frozen=True):
    """What is asked of entrants; what is not asked is left out. Ages are in days."""

    roles_any: Sequence[Id] | UnsetType = UNSET
    roles_all: Sequence[Id] | UnsetType = UNSET
    roles_none: Sequence[Id] | UnsetType = UNSET
    min_level: Count | UnsetType = UNSET
    min_xp: Count | UnsetType = UNSET
    min_messages: Count | UnsetType = UNSET
    min_voice_minutes: Count | UnsetType = UNSET
    account_age: Count | UnsetType = UNSET
    member_age: Count | UnsetType = UNSET
    boosters: bool | UnsetType = UNSET

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        asked = found.document()
        return {one.name: asked.get(one.encode_name, UNSET) for one in structs.fields(cls)}


class Claim(View, frozen=True):
    """What has become of a winner's prize, and until when it can be claimed."""

    state: Literal["open", "claimed", "expired", "handed over"]
    until: EpochMs | None
    at: EpochMs | None


class Series(View, frozen=True):
    """The ``number``-th giveaway of a series; ``left`` follow, null where ``until`` says when the
    last one can start. The clock of ``tz`` is what slots keep to.
    """

    id: str
    number: Count
    every: str
    left: Count | None
    until: EpochMs | None
    slot: EpochMs
    tz: str | None


class Giveaway(View, frozen=True, kw_only=True):
    """One giveaway. ``secret`` is null until it is over; ``pending`` is what Discord has yet to be
    told; ``restored`` is null unless its secret may have been public before a restore.
    ``pseudonyms`` are the places of those that stand for erased entrants.
    """

    id: str
    guild_id: Id
    channel_id: Id
    message_id: Id | None
    prize: str
    winners_count: Count
    ends_at: EpochMs
    started_by: str
    host: Id | None
    status: Status
    allow_role_ids: Sequence[Id]
    deny_role_ids: Sequence[Id]
    min_account_age_days: Count | None
    requirements: Requirements
    bypass_role_ids: Sequence[Id]
    bonus_entries: Bonuses
    bonus_mode: BonusMode
    button_label: str
    dm_winners: bool
    recheck_at_draw: bool
    drop: bool
    starts_at: EpochMs | None
    lasts_for: Count | None
    series: Series | None
    claim_for: Count | None
    claim_rounds: Count
    claim_round: Count
    claims: dict[str, Claim]
    owed: Count
    last_chance: Count | None
    ping_role_id: Id | None
    image_url: str | None
    colour: Count | None
    entries_public: bool
    winners: Sequence[Id]
    rerolls: Sequence[Sequence[Id]]
    created_at: EpochMs
    finalized_at: EpochMs | None
    cron_job_id: str | None
    commitment: str
    secret: str | None
    entries_digest: str | None
    draws: list[Draw]
    beacon: Beacon | None
    closing: Closing | None
    waiting: WaitingDraw | None
    restored: TakenBack | None
    pending: list[str]
    pseudonyms: dict[str, dict[str, Any]] | UnsetType = UNSET

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        return {
            "bonus_entries": dict(found.bonus_entries),
            "claims": {user_id: Claim.of(claim) for user_id, claim in found.claims.items()},
            "restored": msgspec.convert(found.restored, TakenBack | None),
            "pending": list(found.pending_kinds),
            "pseudonyms": {key: dict(one) for key, one in found.pseudonyms.items()} or UNSET,
        }


class GiveawayStored(Giveaway, frozen=True, kw_only=True):
    """A giveaway after it was started or edited."""

    seq: Seq | None
    dry_run: bool


class GiveawayDocument(Giveaway, frozen=True, kw_only=True):
    """A giveaway with its entries, weight by user id: what it takes to verify its draws.

    ``entry_numbers`` are those of the entries that have one.
    """

    entry_count: Count
    entries: dict[str, Count] | UnsetType = UNSET
    entry_numbers: dict[str, Count] | UnsetType = UNSET


class GiveawayView(Giveaway, frozen=True, kw_only=True):
    """A giveaway with the number of its entries."""

    entries: Count


class Entry(View, frozen=True, kw_only=True):
    """One entry: whose, its weight, and when it was made."""

    user_id: Id
    name: Name | UnsetType = UNSET
    weight: Count
    entered_at: EpochMs
    number: Count | None


class GiveawayEntries(View, frozen=True):
    """Some entries of a giveaway, the first ones first; ``entries`` has their weight by user id."""

    id: str
    entries: dict[Id, Count]
    entrants: list[Entry]
    pagination: Pagination


class GiveawayList(View, frozen=True):
    """The active ones, the next end first, and the last twenty that are over."""

    active: list[GiveawayView]
    recent: list[GiveawayView]


class GiveawayChanged(View, frozen=True):
    """A giveaway after a change; ``missing`` is how many winners could not be drawn.

    ``winners`` are those of this change: of the end, or of the reroll.
    """

    giveaway: GiveawayView
    changed: bool
    winners: Sequence[Id]
    missing: Count
    seq: Seq | None


class GiveawayRow(View, frozen=True):
    """One giveaway of a list."""

    _within = "giveaway"

    id: str
    prize: str
    status: Status
    entries: Count
    winners_count: Count
    ends_at: EpochMs
    message_id: Id | None
    channel_id: Id


class BeaconTaken(View, frozen=True):
    """The chain of the beacon, and the round that a draw waits for, or took."""

    chain: str
    round: Count | None


class Finished(View, frozen=True):
    """What an end, a cancel or a reroll came to.

    ``beacon`` is null where draws take none.
    """

    _within = "giveaway"

    id: str
    guild_id: Id
    status: Status
    winners: Sequence[Id]
    rerolls: Sequence[Sequence[Id]]
    finalized_at: EpochMs | None
    pending: list[str]
    missing: Count
    commitment: str
    secret: str | None
    entries_digest: str | None
    beacon: BeaconTaken | None
    seq: Seq | None
    dry_run: bool

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        return {"pending": list(found.giveaway.pending_kinds)}


class HandedOver(View, frozen=True):
    """What has become of a winner's prize after it was noted."""

    id: str
    user_id: Id
    state: str
    at: EpochMs | None
    seq: Seq | None
    dry_run: bool


class EntryRefused(View, frozen=True, kw_only=True):
    """Somebody who may not enter, with every requirement that is not met."""

    user_id: Id
    name: Name | UnsetType = UNSET
    faults: list[Unmet]


class Entered(View, frozen=True):
    """Who could enter, who had entered, and who could not; ``entries`` is how many there are."""

    id: str
    entered: Count
    already: Count
    refused: list[EntryRefused]
    entries: Count
    receipts: dict[str, str]
    seq: Seq | None
    dry_run: bool

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        return {"receipts": dict(found.receipts)}


class Left(View, frozen=True):
    """How many entries were taken back, and how many there were not in the first place."""

    id: str
    left: Count
    absent: Count
    entries: Count
    seq: Seq | None
    dry_run: bool


class Verified(View, frozen=True):
    """What computing the draws again came to; ``drawn`` is whether there were any.

    ``valid`` is null for a giveaway that another bot drew.
    """

    id: str
    valid: bool | None
    drawn: bool
    commitment: str
    winners: Sequence[Id]
    rerolls: Sequence[Sequence[Id]]
    faults: list[Fault]
    notes: Sequence[str]

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        return {"valid": found.valid if found.here else None}
