"""The ends of giveaways: the draw, rerolls, cancelling.

A giveaway goes from active to ended or cancelled once: the status is compared and set within one
transaction. The secret becomes public in the batch that finishes the giveaway.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from robo_xp.errors import GiveawayNotEnded, NoEntriesLeft, NothingWaits, Refused, WrongSignature
from robo_xp.model.events import GiveawayCancelled
from robo_xp.model.giveaway import (
    ANNOUNCEMENT,
    CANCEL,
    CANCELLED,
    DRAWING,
    ENDED,
    MESSAGE,
    Giveaway,
)
from robo_xp.model.giveaway_results import GiveawayChange
from robo_xp.rules.giveaway.beacon import is_signature
from robo_xp.usecases.giveaways.book import Book, Cases, check_active, check_winners
from robo_xp.usecases.giveaways.closing import (
    chain_for,
    check_given_up,
    closing_of,
    put_closed,
    reroll_asked,
)
from robo_xp.usecases.giveaways.drawing import Drawing, Known, Members, choose_winners, to_look_at
from robo_xp.usecases.giveaways.finishing import (
    asking,
    conclude,
    effects_of,
    finish,
    has_unchecked,
    over,
    put_rerolled,
    settle_draw,
)
from robo_xp.usecases.giveaways.standings import standings_for
from robo_xp.vault import Transaction


class DrawCases(Cases):
    """Ends, rerolls and cancels."""

    def end(
        self,
        guild_id: str,
        giveaway: str,
        *,
        members: Members | None = None,
        complete: bool = False,
        only_due: bool = False,
        strict: bool = False,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> GiveawayChange:
        """Draw the winners and end the giveaway; one that is not active is left as it is.

        ``members`` is what is known of entrants now: who is not eligible any more is passed
        over (see ``to_check``); what the vault itself knows is looked at in any case, all of it
        in one state. ``complete`` leaves the giveaway as it is when somebody would
        win who should be looked at first, ``only_due`` when its end has not come. ``strict``
        raises Refused for a giveaway that is not active. A dry run draws nobody: who wins must
        stay unknown until the end.

        Where draws take a beacon, the entries are closed and the draw waits for its round; see
        ``beacon``. One that has waited as long as it was to wait is drawn without the round.
        """
        standings = self._standings(guild_id, giveaway)

        def decide(transaction: Transaction, book: Book) -> GiveawayChange:
            found = book.find(giveaway)
            known = Known(members or {}, standings)
            if found.status == DRAWING:
                if strict:
                    check_given_up(found, transaction.ts)
                return settle_draw(self._core, transaction, book, found, known, complete=complete)
            is_early = only_due and transaction.ts < found.ends_at
            if _is_finished(found, strict=strict) or is_early:
                return GiveawayChange(found, False, None, dry_run)
            if found.beacon is not None:
                return GiveawayChange(put_closed(transaction, book, found), True, None, dry_run)
            ended = over(found, transaction.ts)
            if dry_run:
                has_winners = bool(book.entries(found.id))
                keys = effects_of(ended, 0, ("",) if has_winners else ())
                return GiveawayChange(asking(ended, keys), True, None, dry_run)
            closing = None if found.drop else closing_of(book, found, transaction.ts)
            ended = replace(ended, closing=closing)
            drawn = Drawing(transaction, book, known).drawn(ended, ended.winners_count)
            if complete and has_unchecked(drawn):
                return GiveawayChange(found, False, None, dry_run)
            after = conclude(self._core, transaction, book, drawn)
            missing = after.winners_count - len(after.winners)
            return GiveawayChange(after, True, None, dry_run, missing)

        return self._change(guild_id, "giveaway end", decide, reason=reason, dry_run=dry_run)

    def cancel(
        self,
        guild_id: str,
        giveaway: str,
        *,
        strict: bool = False,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> GiveawayChange:
        """End the giveaway without winners; a cancelled one is left as it is, and a series is over.

        Its secret becomes public, if it is still there; so a draw that waits for its round can be
        cancelled, and everybody can see what it would have been. One that has not started is taken
        back without a word. Raises Refused for one that has ended, and with ``strict`` for a
        cancelled one too.
        """

        def decide(transaction: Transaction, book: Book) -> GiveawayChange:
            found = book.find(giveaway)
            is_planned = found.is_scheduled
            if found.is_over:
                _is_finished(found, strict=strict or found.status == ENDED)
                return GiveawayChange(found, False, None, dry_run)
            cancelled = replace(
                found,
                status=CANCELLED,
                waiting=None,
                finalized_at=transaction.ts,
                secret=None if dry_run else book.known_secret(found),
            )
            keys = [] if is_planned else [MESSAGE, f"{ANNOUNCEMENT}:{CANCEL}"]
            after = asking(cancelled, keys)
            finish(transaction, after)
            transaction.event(GiveawayCancelled(after.id))
            return GiveawayChange(after, True, None, dry_run)

        return self._change(guild_id, "giveaway cancel", decide, reason=reason, dry_run=dry_run)

    def reroll(
        self,
        guild_id: str,
        giveaway: str,
        *,
        count: int | None = None,
        owed: bool = False,
        members: Members | None = None,
        complete: bool = False,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> GiveawayChange:
        """Draw ``count`` more winners (else as many as the giveaway had) among all others.

        Fewer where not so many remain: ``missing`` says how many. Raises Refused when the
        giveaway has not ended, or nobody remains. ``complete`` is that of ``end``. The
        secret being public, the outcome is no secret either, so a dry run shows it. ``owed`` draws
        in place of those who did not claim in time, and changes nothing where nobody is owed.
        One that takes a beacon waits for a later round, as the end did.
        """
        standings = self._standings(guild_id, giveaway)

        def decide(transaction: Transaction, book: Book) -> GiveawayChange:
            found = book.find(giveaway)
            _check_ended(found)
            known = Known(members or {}, standings)
            if found.waiting is not None:
                if not owed:
                    check_given_up(found, transaction.ts)
                return settle_draw(self._core, transaction, book, found, known, complete=complete)
            if owed and not found.owed:
                return GiveawayChange(found, False, None, dry_run)
            asked = found.owed if owed else found.winners_count if count is None else count
            check_winners(asked, self._holding(transaction))
            if found.beacon is not None:
                waits = reroll_asked(transaction, book, found, asked, owed=owed)
                if waits is None:
                    raise _nobody(found)
                return GiveawayChange(waits, True, None, dry_run)
            drawn = Drawing(transaction, book, known).drawn(found, asked)
            if complete and has_unchecked(drawn):
                return GiveawayChange(found, False, None, dry_run)
            if not drawn.rerolls[-1] and not owed:
                raise _nobody(found)
            return put_rerolled(transaction, drawn, owed=owed)

        return self._change(guild_id, "giveaway reroll", decide, reason=reason, dry_run=dry_run)

    def beacon(
        self,
        guild_id: str,
        giveaway: str,
        signature: str | None,
        *,
        members: Members | None = None,
        complete: bool = False,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> GiveawayChange:
        """Make the draw that waits for a round of the beacon, with the round's signature in hex.

        None makes it without the round, once it has waited as long as it was to wait; before, the
        giveaway is left as it is. ``members`` and ``complete`` are those of ``end``, and so is a
        dry run. Raises NothingWaits, WrongSignature, ExtraMissing.
        """
        signature = None if signature is None else signature.strip().lower()
        number = self._checked_round(guild_id, giveaway, signature)
        standings = self._standings(guild_id, giveaway)

        def decide(transaction: Transaction, book: Book) -> GiveawayChange:
            found = book.find(giveaway)
            if found.waiting is None or found.waiting.round != number:
                raise _nothing_waits(found)
            known = Known(members or {}, standings, signature)
            return settle_draw(self._core, transaction, book, found, known, complete=complete)

        return self._change(guild_id, "giveaway beacon", decide, reason=reason, dry_run=dry_run)

    def _checked_round(self, guild_id: str, giveaway: str, signature: str | None) -> int:
        """The round that the giveaway's draw waits for, whose signature this is."""
        found = self._read(guild_id).find(giveaway)
        if found.waiting is None:
            raise _nothing_waits(found)
        number = found.waiting.round
        if signature is not None and not is_signature(chain_for(found), number, signature):
            raise WrongSignature(f"that is not the signature of round {number}")
        return number

    def to_check(
        self,
        guild_id: str,
        giveaway: str,
        members: Members,
        *,
        count: int | None = None,
        spare: int = 0,
        signature: str | None = None,
    ) -> tuple[str, ...]:
        """Who should be looked at before the next draw, beyond those in ``members``.

        Only those who are about to win, those whom a role that nobody saw yet could let win, and
        ``spare`` of those who come next: call it again with what was found until it returns
        nobody, then draw. Empty where nothing is to be checked. Nobody else may see the answer.
        ``signature`` is that of the round that the draw waits for; who wins is not known before.
        """
        book = self._read(guild_id)
        found = book.find(giveaway)
        if not found.is_rechecked or found.status == CANCELLED:
            return ()
        if found.beacon is not None and found.waiting is None:
            return ()
        asked = found.winners_count if count is None else count
        if found.waiting is not None:
            asked = found.waiting.count
        now_ms = self._core.clock.now_ms()
        known = Known(members, standings_for(self._core, guild_id, found.requirements), signature)
        if not to_look_at(found, choose_winners(book, found, asked, known, now_ms), known):
            return ()
        return to_look_at(found, choose_winners(book, found, asked + spare, known, now_ms), known)

    def _change(
        self,
        guild_id: str,
        cmd: str,
        decide: Callable[[Transaction, Book], GiveawayChange],
        *,
        reason: str | None,
        dry_run: bool,
    ) -> GiveawayChange:
        """Preview or commit a change of a giveaway."""
        change, seq = self._plan(guild_id, cmd, decide, reason).carry_out(dry_run=dry_run)
        return replace(change, seq=seq)


def _is_finished(giveaway: Giveaway, *, strict: bool) -> bool:
    """Whether the giveaway is not active, which ``strict`` refuses."""
    if strict:
        check_active(giveaway)
    return not giveaway.is_active


def _check_ended(giveaway: Giveaway) -> None:
    """Raise Refused unless the giveaway has been drawn."""
    if giveaway.status != ENDED:
        raise GiveawayNotEnded(
            f"giveaway {giveaway.id} is {giveaway.status}; only an ended one can be rerolled",
            advice=f"end it first: robo-xp giveaway end {giveaway.id}"
            if giveaway.is_active
            else "a cancelled giveaway has no winners; start another one",
        )


def _nothing_waits(giveaway: Giveaway) -> NothingWaits:
    return NothingWaits(
        f"giveaway {giveaway.id} is {giveaway.status}, and no draw of it waits",
        named={"ID": giveaway.id},
    )


def _nobody(giveaway: Giveaway) -> Refused:
    return NoEntriesLeft(
        f"giveaway {giveaway.id} has no eligible entries left",
    )
