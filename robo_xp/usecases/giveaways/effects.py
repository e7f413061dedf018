"""What Discord has yet to be told about giveaways: asked for by changes, marked when done.

A change asks in its own batch, so nothing that was decided is ever forgotten, whoever decides it
and whether or not anybody is there to carry it out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from robo_xp.model.events import GiveawayPosted
from robo_xp.model.giveaway import Effect, Giveaway
from robo_xp.model.giveaway_record import is_settled
from robo_xp.model.giveaway_results import Listed
from robo_xp.model.ids import check_snowflake
from robo_xp.usecases.giveaways.book import Book, Cases, effects_done, store
from robo_xp.usecases.giveaways.closing import closed_event, with_round_ahead
from robo_xp.vault import Transaction


class EffectCases(Cases):
    """Effects of giveaways on Discord."""

    def pending(self, guild_id: str) -> list[Effect]:
        """What Discord has yet to be told, oldest giveaway first."""
        return [effect for giveaway in self._read(guild_id).all() for effect in giveaway.pending]

    def unsettled(self, guild_id: str) -> list[Listed]:
        """The giveaways that go on, or of which Discord has yet to be told something.

        Quick however many others there are: it may be asked after every change.
        """
        book = self._read(guild_id)
        found = book.matching(lambda record: not is_settled(record))
        return [Listed(giveaway, len(book.entries(giveaway.id))) for giveaway in found]

    def counted(self, guild_id: str, giveaway: str) -> Listed:
        """The giveaway with the number of its entries, both of the same moment."""
        book = self._read(guild_id)
        found = book.find(giveaway)
        return Listed(found, len(book.entries(found.id)))

    def mark_done(self, guild_id: str, giveaway: str, *effects: Effect) -> list[Effect]:
        """Discord was told these; returns what is still pending for this giveaway.

        An effect that was asked for again in the meantime stays pending.
        """

        def decide(transaction: Transaction, book: Book) -> Giveaway:
            found = book.find(giveaway)
            after = replace(found, **effects_done(found, _revisions(found, effects)))
            if after != found:
                store(transaction, after)
            return after

        after, _ = self._plan(guild_id, "giveaway told", decide).commit()
        return list(after.pending)

    def attach_message(self, guild_id: str, giveaway: str, message_id: str) -> Giveaway:
        """The giveaway's message on Discord is this one; a newer message takes its place."""
        check_snowflake(message_id, "message id")

        def decide(transaction: Transaction, book: Book) -> Giveaway:
            found = book.find(giveaway)
            after = replace(found, message_id=message_id)
            if after != found:
                store(transaction, after)
                transaction.event(GiveawayPosted(after.id, message_id))
            return after

        return self._plan(guild_id, "giveaway posted", decide).commit()[0]

    def with_round_ahead(self, guild_id: str, giveaway: str) -> Giveaway:
        """The giveaway as it may be told of now: its draw waits for a round that is still to come.

        Where the round that was chosen comes too soon, a later one takes its place. Call it before
        the entries and the round are told, and never after.
        """

        def decide(transaction: Transaction, book: Book) -> Giveaway:
            found = book.find(giveaway)
            after = with_round_ahead(found, transaction.ts)
            if after != found:
                store(transaction, after)
                transaction.event(closed_event(after))
            return after

        return self._plan(guild_id, "giveaway round", decide).commit()[0]


def _revisions(giveaway: Giveaway, effects: Iterable[Effect]) -> dict[str, int]:
    """The revision that was carried out, by key; keys that the giveaway never had are left out."""
    return {effect.key: effect.revision for effect in effects if effect.key in giveaway.effects}
