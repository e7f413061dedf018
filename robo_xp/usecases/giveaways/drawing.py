"""The making of one draw: from the entries and the secret to winners and their proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from robo_xp.errors import Fault
from robo_xp.model.closing import BeaconRound
from robo_xp.model.draws import Entrant
from robo_xp.model.giveaway import Draw, Giveaway
from robo_xp.rules.giveaway.beacon import draw_key
from robo_xp.rules.giveaway.draw import Stream, digest_of, in_places, order_of
from robo_xp.rules.giveaway.eligibility import IN_GUILD, unmet
from robo_xp.rules.giveaway.proof import candidates_of
from robo_xp.usecases.giveaways.book import Book
from robo_xp.usecases.giveaways.standings import NOT_ASKED, Standings
from robo_xp.vault import Transaction

Members = Mapping[str, Entrant | None]
"""What is known of members now, by user id; None for one who has left the guild."""

_GONE = (Fault(IN_GUILD, "was erased"),)


@dataclass(frozen=True, slots=True)
class Known:
    """What a draw goes by: members as they are now, and what the vault has counted of all.

    ``signature`` is that of the round that the draw waited for, None where it takes none.
    """

    members: Members
    standings: Standings = NOT_ASKED
    signature: str | None = None

    def has_seen(self, user_id: str) -> bool:
        """Whether somebody looked at this member."""
        return user_id in self.members

    def entrant(self, user_id: str) -> Entrant:
        """All that is known of the member."""
        seen = self.members.get(user_id, Entrant(user_id))
        found = Entrant(user_id, is_member=False) if seen is None else seen
        return replace(found, standing=self.standings.of(user_id))


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who was drawn of how many candidates, and why others were passed over."""

    candidates: int
    digest: str
    winners: tuple[str, ...]
    dropped: Mapping[str, tuple[Fault, ...]]


def choose_winners(book: Book, giveaway: Giveaway, count: int, known: Known, now_ms: int) -> Chosen:
    """The next draw of the giveaway; what nobody can see of a member is not judged."""
    entries = candidates_of(book.weights(giveaway.id), giveaway.rounds)
    digest = digest_of(entries)
    exempt = book.exempt(giveaway.id)
    winners: list[str] = []
    dropped: dict[str, tuple[Fault, ...]] = {}
    for user_id in _order(book, giveaway, entries, digest, known.signature):
        if len(winners) == count:
            break
        faults = giveaway.is_rechecked and unmet(
            known.entrant(user_id), giveaway.requirements, now_ms, exempt=exempt.get(user_id)
        )
        if user_id in giveaway.pseudonyms:
            dropped[user_id] = _GONE
        elif faults:
            dropped[user_id] = faults
        else:
            winners.append(user_id)
    return Chosen(len(entries), digest, tuple(winners), dropped)


def _order(
    book: Book,
    giveaway: Giveaway,
    entries: Mapping[str, int],
    digest: str,
    signature: str | None,
) -> Iterable[str]:
    """The order of the draw; in a drop, that of the entries."""
    if giveaway.drop:
        return [user_id for user_id in book.places(giveaway.id) if user_id in entries]
    key = draw_key(book.secret(giveaway), signature, digest)
    stream = Stream(key, giveaway.id, len(giveaway.draws), digest)
    everybody = in_places(book.weights(giveaway.id), giveaway.places)
    return order_of(entries, stream, [one for one in everybody if one in entries])


def to_look_at(giveaway: Giveaway, made: Chosen, known: Known) -> tuple[str, ...]:
    """Who should be looked at before such a draw is made: nobody has, and it could change it.

    These are its winners; and who was passed over, where a role that nobody saw could free them.
    """
    passed = tuple(made.dropped) if giveaway.bypass_role_ids else ()
    return tuple(user_id for user_id in (*made.winners, *passed) if not known.has_seen(user_id))


@dataclass(frozen=True, slots=True)
class Drawing:
    """A transaction in which draws are made, and what is known of the members."""

    transaction: Transaction
    book: Book
    known: Known

    def drawn(self, giveaway: Giveaway, count: int) -> Giveaway:
        """The giveaway after its next draw: the first is the draw itself, others are rerolls."""
        made = choose_winners(self.book, giveaway, count, self.known, self.transaction.ts)
        draw = self._proof(giveaway, made, count)
        after = replace(
            giveaway,
            draws=(*giveaway.draws, draw),
            waiting=None,
            secret=None if giveaway.drop else self.book.secret(giveaway).hex(),
        )
        if draw.number:
            return replace(after, rerolls=(*giveaway.rerolls, made.winners))
        return replace(after, winners=made.winners, entries_digest=made.digest)

    def _proof(self, giveaway: Giveaway, made: Chosen, count: int) -> Draw:
        """What is kept of the draw, so that anybody can make it again."""
        was_checked = giveaway.is_rechecked and bool(made.winners or made.dropped)
        return Draw(
            number=len(giveaway.draws),
            count=count,
            candidates=made.candidates,
            digest=made.digest,
            at=self.transaction.ts,
            by=self.transaction.origin.by,
            reason=self.transaction.reason,
            rechecked=was_checked and not to_look_at(giveaway, made, self.known),
            dropped=made.dropped,
            beacon=self._round(giveaway),
            xp_seq=self.known.standings.seq,
        )

    def _round(self, giveaway: Giveaway) -> BeaconRound | None:
        """The round that the draw waited for."""
        waiting = giveaway.waiting
        if waiting is None:
            return None
        return BeaconRound(waiting.round, self.known.signature, waiting.at)
