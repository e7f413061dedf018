"""How giveaways begin: at once, at the time that was planned, or after the one before in a series.

The secret is drawn at the start, so nothing of a planned giveaway can be known before.
"""

from __future__ import annotations

from dataclasses import replace

from robo_xp.model.events import GiveawayScheduled, GiveawayStarted
from robo_xp.model.giveaway import (
    ACTIVE,
    ANNOUNCEMENT,
    CALL_KEY,
    COMMITMENT,
    LAST_CHANCE_KEY,
    MESSAGE,
    NOT_DRAWN_HERE,
    SCHEDULED,
    Giveaway,
    Series,
)
from robo_xp.model.giveaway_results import GiveawayChange
from robo_xp.rules.giveaway.draw import SECRET_BYTES, commitment_of
from robo_xp.rules.giveaway.duration import MIN_MS
from robo_xp.rules.giveaway.series import next_slot
from robo_xp.rules.giveaway.ulid import ENTROPY_BYTES, number_for, text_of
from robo_xp.usecases.core import Core
from robo_xp.usecases.giveaways.book import (
    GIVEAWAYS,
    SECRETS,
    Book,
    Cases,
    doc_id_of,
    effects_after,
    store,
)
from robo_xp.vault import Transaction

_INHERITED = (
    "guild_id", "channel_id", "prize", "winners_count", "started_by", "host", "requirements",
    "bonus_entries", "bonus_mode", "button_label", "dm_winners", "recheck_at_draw", "lasts_for",
    "drop", "claim_for", "claim_rounds", "last_chance", "ping_role_id", "image_url", "colour",
    "entries_public",
)  # fmt: skip
"""What a giveaway of a series has from the one before."""


class BeginCases(Cases):
    """Starts of planned giveaways."""

    def begin(self, guild_id: str, giveaway: str) -> GiveawayChange:
        """Start a planned giveaway whose time has come; any other one is left as it is."""

        def decide(transaction: Transaction, book: Book) -> GiveawayChange:
            found = book.find(giveaway)
            if not found.is_scheduled or found.began_at > transaction.ts:
                return GiveawayChange(found, False, None, False)
            return GiveawayChange(put_begun(self._core, transaction, found), True, None, False)

        change, seq = self._plan(guild_id, "giveaway begin", decide).commit()
        return replace(change, seq=seq)

    def remind(self, guild_id: str, giveaway: str) -> GiveawayChange:
        """Have members told that the end is near, once, where the giveaway asks for that now."""

        def decide(transaction: Transaction, book: Book) -> GiveawayChange:
            found = book.find(giveaway)
            at = found.reminds_at
            if not found.is_active or at is None or transaction.ts < at:
                return GiveawayChange(found, False, None, False)
            after = replace(found, **effects_after(found, LAST_CHANCE_KEY))
            store(transaction, after)
            return GiveawayChange(after, True, None, False)

        change, seq = self._plan(guild_id, "giveaway last chance", decide).commit()
        return replace(change, seq=seq)


def put_planned(transaction: Transaction, giveaway: Giveaway) -> Giveaway:
    """Put a giveaway that starts later; Discord is told nothing of it before."""
    after = replace(giveaway, status=SCHEDULED, commitment=NOT_DRAWN_HERE)
    store(transaction, after)
    transaction.event(
        GiveawayScheduled(
            after.id, after.prize, after.channel_id, after.winners_count, after.began_at
        )
    )
    return after


def put_begun(core: Core, transaction: Transaction, giveaway: Giveaway) -> Giveaway:
    """Put a giveaway that starts now; one that starts late lasts as long as it was to last."""
    keys = [MESSAGE] if giveaway.drop else [f"{ANNOUNCEMENT}:{COMMITMENT}", MESSAGE]
    if giveaway.ping_role_id is not None:
        keys.append(CALL_KEY)
    effects = {key: {"asked": 1, "done": 0} for key in keys}
    after = replace(giveaway, status=ACTIVE, revision=1, effects=effects)
    if giveaway.starts_at is not None:
        now = transaction.ts
        last = giveaway.ends_at if giveaway.lasts_for is None else now + giveaway.lasts_for
        after = replace(after, starts_at=now, ends_at=max(last, now + MIN_MS))
    if not giveaway.drop:
        secret = core.secrets.token_bytes(SECRET_BYTES)
        after = replace(after, commitment=commitment_of(secret))
        secrets = transaction.db.table(SECRETS)
        secrets.replace({doc_id_of(giveaway.id): {"secret": secret.hex()}})
    store(transaction, after)
    transaction.event(
        GiveawayStarted(
            after.id,
            after.prize,
            after.channel_id,
            after.winners_count,
            after.ends_at,
            after.commitment,
        )
    )
    return after


def follow(core: Core, transaction: Transaction, book: Book, ended: Giveaway) -> None:
    """Put the next giveaway of the series, if one follows and is not there yet."""
    series = None if ended.series is None else _next_of(ended.series, transaction.ts)
    if series is None or _is_there(book, series):
        return
    inherited = {name: getattr(ended, name) for name in _INHERITED}
    beacon = None if ended.beacon is None else replace(ended.beacon, round=None)
    giveaway_id = new_id(core, transaction)
    follower = Giveaway(
        id=giveaway_id,
        created_at=transaction.ts,
        cron_job_id=f"giveaway:{giveaway_id}",
        starts_at=series.slot,
        ends_at=series.slot + (ended.lasts_for or 0),
        series=series,
        beacon=beacon,
        commitment=NOT_DRAWN_HERE,
        **inherited,
    )
    if series.slot <= transaction.ts:
        put_begun(core, transaction, follower)
    else:
        put_planned(transaction, follower)


def _next_of(series: Series, now_ms: int) -> Series | None:
    """The place after this one; None after the last."""
    slot = next_slot(series, now_ms)
    if series.left == 0 or (series.until is not None and slot > series.until):
        return None
    left = None if series.left is None else series.left - 1
    return replace(series, number=series.number + 1, left=left, slot=slot)


def _is_there(book: Book, series: Series) -> bool:
    """Whether the giveaway of this place was put before: its predecessor was drawn anew then."""
    return any(
        one.series is not None and (one.series.id, one.series.number) == (series.id, series.number)
        for one in book.all()
    )


def new_id(core: Core, transaction: Transaction) -> str:
    """An id above all others of the guild that were made up to this millisecond."""
    entropy = core.secrets.token_bytes(ENTROPY_BYTES)
    next_ms = (transaction.ts + 1) << 80
    known = (int(doc_id) for doc_id in transaction.records(GIVEAWAYS))
    last = max((number for number in known if number < next_ms), default=0)
    return text_of(number_for(transaction.ts, entropy, above=last))
