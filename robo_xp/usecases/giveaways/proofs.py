"""Proving draws: the record with its entries as one document, and computing it all again."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from robo_xp.errors import Fault, GiveawayNotEnded, InvalidValue
from robo_xp.model.closing import Seen
from robo_xp.model.draws import Proof
from robo_xp.model.giveaway import DRAWING, ENDED, NOT_DRAWN_HERE, Giveaway
from robo_xp.model.giveaway_record import document_of
from robo_xp.model.giveaway_results import Verified
from robo_xp.rules.giveaway.draw import commitment_of, in_order
from robo_xp.rules.giveaway.proof import faults_of, notes_of, seen_faults
from robo_xp.rules.giveaway.receipts import is_receipt
from robo_xp.usecases.giveaways.book import Cases
from robo_xp.usecases.giveaways.exports import export_of

NOTHING_SEEN = Seen()
_HEX = re.compile("[0-9a-f]{64}")


class ProofCases(Cases):
    """Exports and verification."""

    def export(self, guild_id: str, giveaway: str) -> dict[str, Any]:
        """The whole giveaway as plain JSON values: what it takes to verify its draws.

        The secret is in it once the giveaway is ended or cancelled, never before.
        """
        book = self._read(guild_id)
        found = book.find(giveaway)
        weights = book.weights(found.id)
        ordered = {user_id: weights[user_id] for user_id in in_order(weights)}
        return document_of(found, ordered, book.numbers(found.id))

    def verify(self, guild_id: str, giveaway: str, seen: Seen = NOTHING_SEEN) -> Verified:
        """Whether the draws of a giveaway are what its secret and entries give.

        Before the draw: whether the secret that is kept is the one that was committed to, and was
        not public before a restore. What differs from ``seen`` is a fault too. Raises ExtraMissing
        where the draw took a beacon whose signatures cannot be checked here.
        """
        _check_seen(seen)
        book = self._read(guild_id)
        found = book.find(giveaway)
        if found.commitment == NOT_DRAWN_HERE:
            return replace(_verdict_of(found, []), valid=False, here=False)
        proof = found.proof(book.weights(found.id), book.numbers(found.id))
        if found.is_over:
            return _computed_verdict(found, proof, seen)
        secret = book.secret(found)
        faults = list(seen_faults(replace(proof, secret=secret.hex()), seen))
        if commitment_of(secret) != found.commitment:
            faults.append(Fault("commitment", "is not the SHA-256 of the secret that is kept"))
        told = _verdict_of(found, [*faults, *_again_faults(found)])
        return replace(told, notes=tuple(_restored_notes(found)))

    @staticmethod
    def verify_document(text: str | bytes, seen: Seen = NOTHING_SEEN) -> Verified:
        """The same for an exported giveaway, without any vault.

        Raises InvalidValue when the text is no export, Refused for one of an active giveaway, and
        ExtraMissing.
        """
        _check_seen(seen)
        found, entries, numbers = export_of(text)
        if found.commitment == NOT_DRAWN_HERE:
            return replace(_verdict_of(found, []), valid=False, here=False)
        if not found.is_over:
            raise GiveawayNotEnded(
                f"giveaway {found.id} was exported before its end, when its secret was not public",
                advice="export it again after its end",
            )
        return _computed_verdict(found, found.proof(entries, numbers), seen)


def _check_seen(seen: Seen) -> None:
    """Raise InvalidValue for what nobody can have seen."""
    for what, text in (
        ("commitment", seen.commitment),
        ("digest", seen.digest),
        ("root", seen.root),
    ):
        if text is not None and _HEX.fullmatch(text) is None:
            raise InvalidValue(
                f"a {what} is 64 hex digits in small letters",
                advice="copy it from the message on Discord",
            )
    if seen.receipt is not None and not is_receipt(seen.receipt):
        raise InvalidValue(
            "that is no receipt",
            advice="it is a number, a dash, and 24 capital letters and digits; copy it whole",
        )


def _computed_verdict(giveaway: Giveaway, proof: Proof, seen: Seen) -> Verified:
    """What a finished giveaway comes to, and what differs from what was seen."""
    faults = _record_faults(giveaway) or faults_of(proof)
    found = _verdict_of(giveaway, [*faults, *seen_faults(proof, seen), *_again_faults(giveaway)])
    return replace(found, notes=(*notes_of(proof), *_restored_notes(giveaway)))


def _again_faults(giveaway: Giveaway) -> list[Fault]:
    """A fault where the secret was public before these draws were made."""
    before = giveaway.restored
    if before is None or before.get("status") is None:
        return []
    winners = ", ".join(before.get("winners") or ()) or "nobody"
    told = f"it was {before['status']} before a restore, won by {winners}"
    if before["status"] == DRAWING:
        told = "its entries were closed and told before a restore"
    return [Fault("restored", f"{told}: whatever is drawn since can be chosen")]


def _restored_notes(giveaway: Giveaway) -> list[str]:
    """What there is to know of a restore after which nobody can tell whether there was a draw."""
    before = giveaway.restored
    if before is None or before.get("status") is not None:
        return []
    return ["a restore brought it back from a backup: whether it was drawn before is not known"]


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


def _verdict_of(giveaway: Giveaway, faults: list[Fault]) -> Verified:
    return Verified(
        giveaway.id,
        not faults,
        bool(giveaway.draws),
        giveaway.commitment,
        giveaway.winners,
        giveaway.rerolls,
        tuple(faults),
    )
