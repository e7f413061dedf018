"""Prizes that winners have to claim: who has, who was too late, and who takes their places.

What expired is marked first, with how many places are to be drawn again; the draw itself is a
reroll of its own, so it looks at members as any other, and a crash in between loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from robo_xp.errors import ClaimExpired, GiveawayNotEnded, NoWinner
from robo_xp.model.events import GiveawayClaim
from robo_xp.model.giveaway import (
    CANCELLED,
    CLAIMED,
    ENDED,
    EXPIRED,
    HANDED_OVER,
    MESSAGE,
    OPEN,
    Claim,
    Giveaway,
)
from robo_xp.model.giveaway_results import GiveawayChange
from robo_xp.model.ids import check_snowflake
from robo_xp.usecases.giveaways.book import Book, Cases, effects_after, store
from robo_xp.vault import Transaction


class ClaimCases(Cases):
    """Claims of prizes."""

    def claim(
        self, guild_id: str, giveaway: str, user_id: str, *, reason: str | None = None
    ) -> GiveawayChange:
        """A winner claims the prize; who has done so before changes nothing.

        Raises Refused for somebody who has not won, and after the time to claim.
        """

        def decide(transaction: Transaction, book: Book) -> GiveawayChange:
            found, now = book.find(giveaway), transaction.ts
            held = _claim_of(found, user_id)
            if held.state in (CLAIMED, HANDED_OVER):
                return GiveawayChange(found, False, None, False)
            if held.state == EXPIRED or (held.until is not None and now >= held.until):
                raise ClaimExpired(
                    f"the time to claim giveaway {found.id} is over", named={"ID": found.id}
                )
            after = put_claims(transaction, found, {user_id: replace(held, state=CLAIMED, at=now)})
            return GiveawayChange(after, True, None, False)

        change, seq = self._plan(guild_id, "giveaway claim", decide, reason).commit()
        return replace(change, seq=seq)

    def hand_over(
        self,
        guild_id: str,
        giveaway: str,
        user_id: str,
        *,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> GiveawayChange:
        """Note that a winner has got the prize; once is enough.

        Raises Refused for somebody who has not won, or whose time to claim is over.
        """
        check_snowflake(user_id, "member id")

        def decide(transaction: Transaction, book: Book) -> GiveawayChange:
            found = book.find(giveaway)
            held = _claim_of(found, user_id)
            if held.state == EXPIRED:
                raise ClaimExpired(
                    f"{user_id} did not claim giveaway {found.id} in time", named={"ID": found.id}
                )
            if held.state == HANDED_OVER:
                return GiveawayChange(found, False, None, dry_run)
            done = replace(held, state=HANDED_OVER, at=transaction.ts)
            return GiveawayChange(
                put_claims(transaction, found, {user_id: done}), True, None, dry_run
            )

        plan = self._plan(guild_id, "giveaway handed-over", decide, reason)
        change, seq = plan.carry_out(dry_run=dry_run)
        return replace(change, seq=seq)

    def expire(self, guild_id: str, giveaway: str) -> GiveawayChange:
        """Mark what nobody claimed in time; ``owed`` are then to be drawn again."""

        def decide(transaction: Transaction, book: Book) -> GiveawayChange:
            found, now = book.find(giveaway), transaction.ts
            late = {
                user_id: replace(claim, state=EXPIRED, at=now)
                for user_id, claim in found.claims.items()
                if claim.state == OPEN and claim.until is not None and claim.until <= now
            }
            if not late:
                return GiveawayChange(found, False, None, False)
            may_go_on = found.claim_round < found.claim_rounds
            owed = found.owed + len(late) if may_go_on else 0
            after = put_claims(transaction, replace(found, owed=owed), late)
            return GiveawayChange(after, True, None, False)

        change, seq = self._plan(guild_id, "giveaway expire", decide).commit()
        return replace(change, seq=seq)


def with_open_claims(giveaway: Giveaway, winners: tuple[str, ...], now_ms: int) -> Giveaway:
    """The giveaway whose new winners have to claim their prize, where it asks for that."""
    if giveaway.claim_for is None:
        return giveaway
    until = now_ms + giveaway.claim_for
    fresh = {user_id: Claim(OPEN, until, None) for user_id in winners}
    return replace(giveaway, claims={**giveaway.claims, **fresh})


def _claim_of(giveaway: Giveaway, user_id: str) -> Claim:
    """What has become of the winner's prize so far. Raises Refused where there is none."""
    named = {"ID": giveaway.id}
    if giveaway.status != ENDED:
        raise GiveawayNotEnded(
            f"giveaway {giveaway.id} is {giveaway.status}, so nobody has won",
            advice="start another one" if giveaway.status == CANCELLED else None,
            named=named,
        )
    if user_id not in giveaway.all_winners:
        raise NoWinner(f"{user_id} has not won giveaway {giveaway.id}", named=named)
    return giveaway.claims.get(user_id, Claim(OPEN, None, None))


def put_claims(
    transaction: Transaction, giveaway: Giveaway, claims: Mapping[str, Claim]
) -> Giveaway:
    """Put these claims, with an event for each; the message shows them."""
    after = replace(giveaway, claims={**giveaway.claims, **claims})
    after = replace(after, **effects_after(after, MESSAGE))
    store(transaction, after)
    for user_id, claim in claims.items():
        before = giveaway.claims.get(user_id)
        old = None if before is None else before.state
        transaction.event(GiveawayClaim(giveaway.id, user_id, old, claim.state))
    return after
