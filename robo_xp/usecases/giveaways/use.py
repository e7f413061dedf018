"""Giveaways: start, edit, find, list, export, verify; with their entries, draws and effects."""

from __future__ import annotations

from dataclasses import replace
from typing import Unpack

from robo_xp.errors import InvalidValue
from robo_xp.model.events import GiveawayEdited
from robo_xp.model.giveaway import MESSAGE, NOT_DRAWN_HERE, Giveaway
from robo_xp.model.giveaway_results import GiveawayChange, Listed
from robo_xp.model.ids import check_snowflake
from robo_xp.rules.giveaway.duration import check_length
from robo_xp.rules.wall_time import check_zone
from robo_xp.settings.giveaway_terms import PRIZE_LIMIT
from robo_xp.usecases.giveaways.beginning import BeginCases, new_id, put_begun, put_planned
from robo_xp.usecases.giveaways.book import (
    RECENT,
    Book,
    check_open,
    check_winners,
    effects_after,
    store,
)
from robo_xp.usecases.giveaways.claiming import ClaimCases
from robo_xp.usecases.giveaways.drawing import Drawing, Known
from robo_xp.usecases.giveaways.draws import DrawCases
from robo_xp.usecases.giveaways.effects import EffectCases
from robo_xp.usecases.giveaways.entries import EntryCases
from robo_xp.usecases.giveaways.finishing import end_when_full
from robo_xp.usecases.giveaways.proofs import ProofCases
from robo_xp.usecases.giveaways.starting.templates import TemplateCases, with_template
from robo_xp.usecases.giveaways.starting.terms import (
    AskedWhen,
    check_together,
    document_of,
    fields_of,
)
from robo_xp.usecases.giveaways.starting.timetable import Moment, fields_in_time, moved_to
from robo_xp.usecases.giveaways.taking_over import TakingOverCases
from robo_xp.vault import Transaction, check_text

EDITABLE = ("prize", "starts_at", "ends_at", "winners_count")


class Giveaways(
    EntryCases,
    BeginCases,
    DrawCases,
    ClaimCases,
    EffectCases,
    ProofCases,
    TakingOverCases,
    TemplateCases,
):
    """The giveaways of guilds; ``settings`` holds their settings.

    ``giveaway`` is always the id of a giveaway, of its message, or a link to that message; it is
    looked for in the given guild only.
    """

    def create(
        self,
        guild_id: str,
        *,
        prize: str | None = None,
        channel_id: str | None = None,
        template: str | None = None,
        started_by: str | None = None,
        reason: str | None = None,
        dry_run: bool = False,
        **asked: Unpack[AskedWhen],
    ) -> GiveawayChange:
        """Start a giveaway; what is not given comes from the settings, and is fixed from now on.

        Own allowed roles take the place of the guild's, denied roles and bonuses are added to
        them, and the larger age counts. A ``template`` says what is not given here, the prize and
        the channel too. ``started_by`` is the host's user id. Raises InvalidValue, LimitExceeded,
        TemplateNotFound.
        """
        if prize is not None:
            _check_prize(prize)
        if channel_id is not None:
            check_snowflake(channel_id, "channel id")
        if started_by is not None:
            check_snowflake(started_by, "host id")
        given = document_of(asked)
        tz = asked.get("tz")
        zone = check_zone(self._core.zone(guild_id) if tz is None else tz)

        def decide(transaction: Transaction, book: Book) -> GiveawayChange:
            settings = self._holding(transaction)
            terms = with_template(given, template, settings)
            check_together(given, terms)
            giveaway_id = new_id(self._core, transaction)
            giveaway = Giveaway(
                id=giveaway_id,
                guild_id=guild_id,
                channel_id=_needed_text("channel", channel_id or terms.get("channelId")),
                prize=_needed_text("prize", prize or terms.get("prize")),
                started_by=started_by or transaction.origin.by,
                host=started_by,
                created_at=transaction.ts,
                cron_job_id=f"giveaway:{giveaway_id}",
                commitment=NOT_DRAWN_HERE,
                **fields_of(terms, settings),
                **fields_in_time(asked, terms, settings, Moment(giveaway_id, transaction.ts, zone)),
            )
            if giveaway.began_at > transaction.ts:
                giveaway = put_planned(transaction, giveaway)
            else:
                giveaway = put_begun(self._core, transaction, giveaway)
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
        starts: str | None = None,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> GiveawayChange:
        """Change the prize, the end or the number of winners of an active or planned giveaway.

        ``ends`` is a length from now on, or from the start of one that has yet to start, or an
        instant; ``starts`` moves such a start, and the end with it. Raises Refused when it is over.
        """
        if prize is not None:
            _check_prize(prize)
        zone = check_zone(self._core.zone(guild_id))

        def decide(transaction: Transaction, book: Book) -> GiveawayChange:
            found = book.find(giveaway)
            check_open(found)
            settings = self._holding(transaction)
            if winners is not None:
                check_winners(winners, settings)
            moved = moved_to(found, starts, ends, Moment(found.id, transaction.ts, zone))
            check_length(moved.began_at, moved.ends_at, settings.max_duration_days)
            after = replace(
                moved,
                prize=found.prize if prize is None else prize,
                winners_count=found.winners_count if winners is None else winners,
            )
            after = put_edit(transaction, found, after)
            is_changed = after is not found
            drawing = Drawing(transaction, book, Known({}))
            after = end_when_full(self._core, transaction, book, drawing, after)
            return GiveawayChange(after, is_changed, None, dry_run)

        return self._change(guild_id, "giveaway edit", decide, reason=reason, dry_run=dry_run)

    def get(self, guild_id: str, giveaway: str) -> Giveaway:
        """The giveaway; NotFound where the guild has none like that."""
        return self._read(guild_id).find(giveaway)

    def list(self, guild_id: str, *, which: str = "current") -> list[Listed]:
        """Giveaways of the guild: the active ones, next end first, those that have yet to start,
        next start first, then the finished, last first.

        ``which`` is ``active``, ``recent`` (the last 50 that finished), ``current`` (these and the
        planned ones) or ``all``.
        """
        if which not in ("active", "recent", "current", "all"):
            raise InvalidValue(f"there is no list of {which!r} giveaways")
        book = self._read(guild_id)
        active = [] if which == "recent" else book.active()
        finished = [] if which == "active" else book.finished()
        planned_ones = [] if which in ("active", "recent") else book.scheduled()
        shown = active + planned_ones + (finished if which == "all" else finished[:RECENT])
        return [Listed(giveaway, len(book.entries(giveaway.id))) for giveaway in shown]


def put_edit(transaction: Transaction, before: Giveaway, after: Giveaway) -> Giveaway:
    """Put the edited giveaway, with an event for each field that differs; it comes back."""
    if after == before:
        return before
    for name in EDITABLE:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            transaction.event(GiveawayEdited(before.id, name, old, new))
    if not after.is_scheduled:
        after = replace(after, **effects_after(after, MESSAGE))
    elif after.lasts_for is not None:
        after = replace(after, lasts_for=after.ends_at - after.began_at)
    store(transaction, after)
    return after


def _needed_text(what: str, value: str | None) -> str:
    if value is None:
        raise InvalidValue(f"the {what} is missing", advice="give it, or a template that has one")
    return value


def _check_prize(prize: str) -> None:
    """Raise InvalidValue unless the prize is text that Discord can show."""
    if not prize.strip():
        raise InvalidValue("the prize is empty", advice="say what there is to win")
    check_text(prize, "prize", PRIZE_LIMIT)
