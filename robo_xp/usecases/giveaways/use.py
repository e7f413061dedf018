"""Giveaways: start, edit, find, list, export, verify; with their entries, draws and effects."""

from __future__ import annotations

from dataclasses import replace
from typing import Unpack

from robo_xp.errors import InvalidValue
from robo_xp.model.events import GiveawayEdited
from robo_xp.model.giveaway import MESSAGE, Giveaway, GiveawayChange, Listed
from robo_xp.model.ids import check_snowflake
from robo_xp.rules.giveaway.draw import SECRET_BYTES, commitment_of
from robo_xp.rules.giveaway.duration import check_length, end_ms
from robo_xp.rules.giveaway.ulid import ENTROPY_BYTES, number_for, text_of
from robo_xp.usecases.giveaways.book import (
    GIVEAWAYS,
    RECENT,
    SECRETS,
    Book,
    check_active,
    check_winners,
    doc_id_of,
    effects_after,
    started,
    store,
)
from robo_xp.usecases.giveaways.draws import DrawCases
from robo_xp.usecases.giveaways.effects import EffectCases
from robo_xp.usecases.giveaways.entries import EntryCases
from robo_xp.usecases.giveaways.proofs import ProofCases
from robo_xp.usecases.giveaways.taking_over import TakingOverCases
from robo_xp.usecases.giveaways.terms import Asked, document_of, fields_of
from robo_xp.vault import Transaction, check_text

PRIZE_LIMIT = 200
EDITABLE = ("prize", "ends_at", "winners_count")


class Giveaways(EntryCases, DrawCases, EffectCases, ProofCases, TakingOverCases):
    """The giveaways of guilds; ``settings`` holds their settings.

    ``giveaway`` is always the id of a giveaway, of its message, or a link to that message; it is
    looked for in the given guild only.
    """

    def create(
        self,
        guild_id: str,
        *,
        prize: str,
        channel_id: str,
        started_by: str | None = None,
        reason: str | None = None,
        dry_run: bool = False,
        **asked: Unpack[Asked],
    ) -> GiveawayChange:
        """Start a giveaway; what is not given comes from the settings, and is fixed from now on.

        Own allowed roles take the place
        of the guild's, denied roles and bonuses are added to them, and the larger age counts.
        ``started_by`` is the host's user id. Raises InvalidValue, LimitExceeded.
        """
        _check_prize(prize)
        check_snowflake(channel_id, "channel id")
        if started_by is not None:
            check_snowflake(started_by, "host id")
        terms = document_of(asked)

        def decide(transaction: Transaction, book: Book) -> GiveawayChange:
            settings = self._holding(transaction)
            secret = self._core.secrets.token_bytes(SECRET_BYTES)
            giveaway = Giveaway(
                id=self._new_id(transaction),
                guild_id=guild_id,
                channel_id=channel_id,
                prize=prize,
                started_by=started_by or transaction.origin.by,
                host=started_by,
                created_at=transaction.ts,
                commitment=commitment_of(secret),
                effects={MESSAGE: {"asked": 1, "done": 0}},
                **fields_of(terms, settings, transaction.ts),
            )
            giveaway = replace(giveaway, cron_job_id=f"giveaway:{giveaway.id}")
            store(transaction, giveaway)
            secrets = transaction.db.table(SECRETS)
            secrets.replace({doc_id_of(giveaway.id): {"secret": secret.hex()}})
            transaction.event(started(giveaway))
            return GiveawayChange(giveaway, True, None, dry_run)

        return self._change(guild_id, "giveaway start", decide, reason=reason, dry_run=dry_run)

    def edit(
        self,
        guild_id: str,
        giveaway: str,
        *,
        prize: str | None = None,
        ends: str | None = None,
        winners: int | None = None,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> GiveawayChange:
        """Change the prize, the end or the number of winners of an active giveaway.

        ``ends`` is a length from now on, or an instant. Raises Refused when it is not active.
        """
        if prize is not None:
            _check_prize(prize)

        def decide(transaction: Transaction, book: Book) -> GiveawayChange:
            found = book.find(giveaway)
            check_active(found)
            settings = self._holding(transaction)
            if winners is not None:
                check_winners(winners, settings)
            ends_at = found.ends_at
            if ends is not None:
                ends_at = end_ms(ends, transaction.ts)
                check_length(found.created_at, ends_at, settings.max_duration_days)
            after = replace(
                found,
                prize=found.prize if prize is None else prize,
                ends_at=ends_at,
                winners_count=found.winners_count if winners is None else winners,
            )
            after = put_edit(transaction, found, after)
            return GiveawayChange(after, after is not found, None, dry_run)

        return self._change(guild_id, "giveaway edit", decide, reason=reason, dry_run=dry_run)

    def get(self, guild_id: str, giveaway: str) -> Giveaway:
        """The giveaway; NotFound where the guild has none like that."""
        return self._read(guild_id).find(giveaway)

    def list(self, guild_id: str, *, which: str = "current") -> list[Listed]:
        """Giveaways of the guild: the active ones, next end first, then the finished, last first.

        ``which`` is ``active``, ``recent`` (the last 50 that finished), ``current`` (both) or
        ``all``.
        """
        if which not in ("active", "recent", "current", "all"):
            raise InvalidValue(f"there is no list of {which!r} giveaways")
        book = self._read(guild_id)
        active = [] if which == "recent" else book.active()
        finished = [] if which == "active" else book.finished()
        shown = active + (finished if which == "all" else finished[:RECENT])
        return [Listed(giveaway, len(book.entries(giveaway.id))) for giveaway in shown]

    def _new_id(self, transaction: Transaction) -> str:
        """An id above all others of the guild that were made up to this millisecond."""
        entropy = self._core.secrets.token_bytes(ENTROPY_BYTES)
        next_ms = (transaction.ts + 1) << 80
        known = (int(doc_id) for doc_id in transaction.records(GIVEAWAYS))
        last = max((number for number in known if number < next_ms), default=0)
        return text_of(number_for(transaction.ts, entropy, above=last))


def put_edit(transaction: Transaction, before: Giveaway, after: Giveaway) -> Giveaway:
    """Put the edited giveaway, with an event for each field that differs; it comes back."""
    if after == before:
        return before
    for name in EDITABLE:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            transaction.event(GiveawayEdited(before.id, name, old, new))
    after = replace(after, **effects_after(after, MESSAGE))
    store(transaction, after)
    return after


def _check_prize(prize: str) -> None:
    """Raise InvalidValue unless the prize is text that Discord can show."""
    if not prize.strip():
        raise InvalidValue("the prize is empty", advice="say what there is to win")
    check_text(prize, "prize", PRIZE_LIMIT)
