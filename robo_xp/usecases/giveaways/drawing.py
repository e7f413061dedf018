"""The making of one draw: from the entries and the secret to winners and their proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from robo_xp.errors import Fault
from robo_xp.model.draws import Entrant, Requirements
from robo_xp.model.giveaway import Draw, Giveaway
from robo_xp.rules.giveaway.draw import Stream, digest_of, order_of
from robo_xp.rules.giveaway.eligibility import IN_GUILD, unmet
from robo_xp.rules.giveaway.proof import candidates_of
from robo_xp.usecases.giveaways.book import Book
from robo_xp.vault import Transaction

Members = Mapping[str, Entrant | None]
"""What is known of members now, by user id; None for one who has left the guild."""

_LEFT = (Fault(IN_GUILD, "has left the guild"),)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who was drawn of how many candidates, and why others were passed over."""

    candidates: int
    digest: str
    winners: tuple[str, ...]
    dropped: Mapping[str, tuple[Fault, ...]]


def chosen(book: Book, giveaway: Giveaway, count: int, members: Members, now_ms: int) -> Chosen:
    """The next draw of the giveaway; who is not among ``members`` counts as eligible."""
    entries = candidates_of(book.weights(giveaway.id), giveaway.rounds)
    digest = digest_of(entries)
    stream = Stream(book.secret(giveaway), giveaway.id, len(giveaway.draws), digest)
    known = members if giveaway.recheck_at_draw else {}
    winners: list[str] = []
    dropped: dict[str, tuple[Fault, ...]] = {}
    for user_id in order_of(entries, stream):
        if len(winners) == count:
            break
        if user_id in known and (
            faults := _faults_of(known[user_id], giveaway.requirements, now_ms)
        ):
            dropped[user_id] = faults
        else:
            winners.append(user_id)
    return Chosen(len(entries), digest, tuple(winners), dropped)


def _faults_of(
    member: Entrant | None, requirements: Requirements, now_ms: int
) -> tuple[Fault, ...]:
    """Why the member cannot win any more."""
    return _LEFT if member is None else unmet(member, requirements, now_ms)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A transaction in which draws are made, and what is known of the members."""

    transaction: Transaction
    book: Book
    members: Members

    def drawn(self, giveaway: Giveaway, count: int) -> Giveaway:
        """The giveaway after its next draw: the first is the draw itself, others are rerolls."""
        made = chosen(self.book, giveaway, count, self.members, self.transaction.ts)
        draw = self._proof(giveaway, made, count)
        after = replace(
            giveaway,
            draws=(*giveaway.draws, draw),
            secret=self.book.secret(giveaway).hex(),
        )
        if draw.number:
            return replace(after, rerolls=(*giveaway.rerolls, made.winners))
        return replace(after, winners=made.winners, entries_digest=made.digest)

    def _proof(self, giveaway: Giveaway, made: Chosen, count: int) -> Draw:
        """What is kept of the draw, so that anybody can make it again."""
        was_checked = giveaway.recheck_at_draw and bool(made.winners or made.dropped)
        return Draw(
            number=len(giveaway.draws),
            count=count,
            candidates=made.candidates,
            digest=made.digest,
            at=self.transaction.ts,
            by=self.transaction.origin.by,
            reason=self.transaction.reason,
            rechecked=was_checked and all(user_id in self.members for user_id in made.winners),
            dropped=made.dropped,
        )
