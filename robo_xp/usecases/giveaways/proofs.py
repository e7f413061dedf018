"""Proving draws: the record with its entries as one document, and computing it all again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from robo_xp.errors import Fault, GiveawayNotEnded, InvalidValue
from robo_xp.model.giveaway import ENDED, NOT_DRAWN_HERE, Giveaway, Verified
from robo_xp.model.giveaway_record import document_of, giveaway_of
from robo_xp.rules.giveaway.draw import commitment_of, in_order
from robo_xp.rules.giveaway.proof import faults_of
from robo_xp.usecases.giveaways.book import Cases

_ADVICE = "make one with 'robo-xp giveaway export ID', and leave it as it is"


class ProofCases(Cases):
    """Exports and verification."""

    def export(self, guild_id: str, giveaway: str) -> dict[str, Any]:
        """The whole giveaway as plain JSON values: what it takes to verify its draws.

        The secret is in it once the giveaway is ended or cancelled, never before.
        """
        book = self._read(guild_id)
        found = book.find(giveaway)
        weights = book.weights(found.id)
        return document_of(found, {user_id: weights[user_id] for user_id in in_order(weights)})

    def verify(self, guild_id: str, giveaway: str) -> Verified:
        """Whether the draws of a giveaway are what its secret and entries give.

        Before the draw: whether the secret that is kept is the one that was committed to.
        """
        book = self._read(guild_id)
        found = book.find(giveaway)
        if found.commitment == NOT_DRAWN_HERE:
            return replace(_verified(found, []), valid=False, here=False)
        if found.is_active:
            is_kept = commitment_of(book.secret(found)) == found.commitment
            fault = Fault("commitment", "is not the SHA-256 of the secret that is kept")
            return _verified(found, [] if is_kept else [fault])
        return _verified(found, _faults(found, book.weights(found.id)))

    @staticmethod
    def verify_document(text: str | bytes) -> Verified:
        """The same for an exported giveaway, without any vault.

        Raises InvalidValue when the text is no export, Refused for one of an active giveaway.
        """
        try:
            document = msgspec.json.decode(text, type=dict[str, Any])
            _check_own(document)
            found = giveaway_of(document)
            entries = document["entries"]
            _check_shape(found, entries)
        except (
            msgspec.MsgspecError,
            KeyError,
            TypeError,
            AttributeError,
            ValueError,
            RecursionError,
        ) as error:
            raise InvalidValue(
                f"this is no exported giveaway: {type(error).__name__} {error}"[:200],
                advice=_ADVICE,
            ) from error
        if found.commitment == NOT_DRAWN_HERE:
            return replace(_verified(found, []), valid=False, here=False)
        if found.is_active:
            raise GiveawayNotEnded(
                f"giveaway {found.id} was exported before its end, when its secret was not public",
                advice="export it again after its end",
            )
        return _verified(found, _faults(found, entries))


def _check_own(document: Mapping[str, Any]) -> None:
    """Raise InvalidValue for a giveaway of another bot, which committed to nothing."""
    if "commitment" not in document and {"prize", "giveaway", "entries"} & {*document}:
        raise InvalidValue(
            "this giveaway is of another bot: it has no commitment, so there is nothing to verify",
            advice="take it over with 'robo-xp giveaway import FILE'",
        )


def _check_shape(giveaway: Giveaway, entries: Any) -> None:
    """Raise TypeError for values of a kind that no export holds."""
    winners = [*giveaway.winners, *(user_id for batch in giveaway.rerolls for user_id in batch)]
    texts = [giveaway.id, giveaway.status, giveaway.commitment, giveaway.secret or "", *winners]
    if not all(isinstance(text, str) for text in texts) or not isinstance(entries, Mapping):
        raise TypeError("a value is not of its kind")
    if not all(isinstance(draw.count, int) and draw.count >= 0 for draw in giveaway.draws):
        raise TypeError("a draw has no count")


def _faults(giveaway: Giveaway, entries: Mapping[str, int]) -> list[Fault]:
    """What does not fit together in a finished giveaway."""
    return _record_faults(giveaway) or faults_of(giveaway.proof(entries))


def _record_faults(giveaway: Giveaway) -> list[Fault]:
    """What is wrong in the record before anything is computed."""
    draws = giveaway.draws
    expected = 1 + len(giveaway.rerolls) if giveaway.status == ENDED else 0
    if len(draws) != expected:
        return [Fault("draws", f"must be {expected}, not {len(draws)}")]
    faults = []
    if draws and draws[0].count != giveaway.winners_count:
        faults.append(Fault("winnersCount", "is not what the draw was made for"))
    if draws and draws[0].digest != giveaway.entries_digest:
        faults.append(Fault("entriesDigest", "is not that of the draw"))
    if not draws and giveaway.winners:
        faults.append(Fault("winners", "there was no draw"))
    return faults


def _verified(giveaway: Giveaway, faults: list[Fault]) -> Verified:
    return Verified(
        giveaway.id,
        not faults,
        bool(giveaway.draws),
        giveaway.commitment,
        giveaway.winners,
        giveaway.rerolls,
        tuple(faults),
    )
