"""The proof of a giveaway's draws: everything is computed again from what was published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from robo_xp.errors import Fault
from robo_xp.model.closing import BeaconRound, Seen
from robo_xp.model.draws import Proof, Round
from robo_xp.model.ids import is_snowflake
from robo_xp.rules.checks import is_whole
from robo_xp.rules.giveaway.beacon import chain_of, draw_key, is_signature
from robo_xp.rules.giveaway.draw import (
    SECRET_BYTES,
    Stream,
    commitment_of,
    digest_of,
    in_places,
    winners_of,
)
from robo_xp.rules.giveaway.eligibility import MOST_WEIGHT
from robo_xp.rules.giveaway.receipts import receipts_of, root_of


def candidates_of(entries: Mapping[str, int], earlier: tuple[Round, ...]) -> dict[str, int]:
    """The entries that can still win: neither drawn nor dropped in the earlier rounds."""
    gone = {user_id for past in earlier for user_id in (*past.winners, *past.dropped)}
    return {user_id: weight for user_id, weight in entries.items() if user_id not in gone}


def faults_of(proof: Proof) -> list[Fault]:
    """Everything that does not fit together; empty when the draws are what they claim to be.

    Raises ExtraMissing where a signature of a beacon cannot be checked here.
    """
    secret = _bytes_of(proof.secret)
    if secret is None:
        return [Fault("secret", f"must be {SECRET_BYTES} bytes in lower-case hex")]
    if faults := _shape_faults(proof):
        return faults
    if commitment_of(secret) != proof.commitment:
        faults.append(Fault("commitment", "is not the SHA-256 of the secret"))
    faults += _closing_faults(proof, secret)
    for number in range(len(proof.rounds)):
        faults += beacon_faults(proof, number) or _round_faults(proof, secret, number)
    return faults


def seen_faults(proof: Proof, seen: Seen) -> Iterator[Fault]:
    """What differs from what somebody saw on Discord before the draw, or was given as a receipt.

    Nothing of a proof whose entries cannot be any.
    """
    if _shape_faults(proof):
        return
    digest = _told_digest(proof)
    for where, mine, theirs in (
        ("commitment", proof.commitment, seen.commitment),
        ("entries", len(proof.entries), seen.entries),
        ("digest", digest, seen.digest),
    ):
        if theirs is not None and mine != theirs:
            yield Fault(where, f"here {mine}, and you saw {theirs}")
    secret = _bytes_of(proof.secret)
    if secret is None or (seen.root is None and seen.receipt is None):
        return
    receipts = _receipts(proof, secret)
    if seen.root is not None and root_of(receipts) != seen.root:
        told = "an entry was left out, slipped in or changed after the close"
        yield Fault("root", f"here {root_of(receipts)}, and you saw {seen.root}: {told}")
    if seen.receipt is not None and seen.receipt not in receipts:
        yield Fault("receipt", _missing(proof, seen.receipt))


def _told_digest(proof: Proof) -> str:
    """The digest of all entries; the one that was told where it cannot be made any more."""
    is_bound = bool(proof.places and proof.rounds)
    return proof.rounds[0].digest if is_bound else digest_of(proof.entries)


def _receipts(proof: Proof, secret: bytes) -> list[str]:
    """The receipts of all entries, those of erased entrants as they were kept."""
    erased = (proof.places, proof.receipts)
    return receipts_of(secret, proof.giveaway_id, proof.entries, proof.numbers, erased)


def _missing(proof: Proof, receipt: str) -> str:
    """What is so of a receipt that no entry has."""
    number = int(receipt.partition("-")[0])
    holder = next((one for one, own in proof.numbers.items() if number and own == number), None)
    if holder is None:
        return f"entry {number} is not there: it was taken back, or left out"
    return f"it is not that of entry {number}, which is the one of {holder}"


def _closing_faults(proof: Proof, secret: bytes) -> Iterator[Fault]:
    """What does not fit between the entries and what was told of them at the close."""
    closing = proof.closing
    if closing is None:
        return
    receipts = _receipts(proof, secret)
    for where, told, found in (
        ("entries", closing.entries, len(proof.entries)),
        ("digest", closing.digest, _told_digest(proof)),
        ("root", closing.root, root_of(receipts)),
    ):
        if told != found:
            yield Fault(f"closing.{where}", "is not that of the entries")


def beacon_faults(proof: Proof, number: int) -> list[Fault]:
    """What is wrong with the round of the beacon that a draw took."""
    rule, claimed = proof.beacon, proof.rounds[number]
    taken, where = claimed.beacon, f"draws[{number}].beacon"
    if rule is None or taken is None:
        is_plain = rule is None and taken is None
        return [] if is_plain else [Fault(where, "is not as the giveaway was started")]
    chain = chain_of(rule.chain)
    if chain is None:
        return [Fault("beacon.chain", "is no chain that is known here")]
    earlier = [past.beacon.round for past in proof.rounds[:number] if past.beacon is not None]
    if taken.round < max(
        chain.first_round(_asked_at(proof, number, taken) + rule.delay_ms),
        max(earlier, default=0) + 1,
    ):
        return [Fault(where, f"round {taken.round} could be known when the draw was asked for")]
    if taken.signature is None:
        is_early = claimed.at < chain.time_of(taken.round) + rule.wait_ms
        return [Fault(where, "was given up before its time")] if is_early else []
    if is_signature(chain, taken.round, taken.signature):
        return []
    return [Fault(where, f"the signature is not that of round {taken.round}")]


def notes_of(proof: Proof) -> Iterator[str]:
    """What is worth knowing of a proof in which nothing is wrong."""
    for number, draw in enumerate(proof.rounds):
        if draw.beacon is not None and draw.beacon.signature is None:
            yield (
                f"draw {number} could not get round {draw.beacon.round} of the beacon in time, and"
                " was made from the secret alone, which the operator knew"
            )


def _asked_at(proof: Proof, number: int, taken: BeaconRound) -> int:
    """When a draw was asked for; the first one at the close."""
    return taken.asked_at if number or proof.closing is None else proof.closing.at


def _round_faults(proof: Proof, secret: bytes, number: int) -> list[Fault]:
    """What is wrong with one round, given the rounds before it."""
    claimed = proof.rounds[number]
    where = f"rerolls[{number - 1}]" if number else "winners"
    candidates = candidates_of(proof.entries, proof.rounds[:number])
    digest = digest_of(candidates)
    faults = []
    if digest != (claimed.bound or claimed.digest):
        what = "digest" if claimed.bound is None else "boundDigest"
        faults.append(Fault(f"draws[{number}].{what}", "is not the digest of the entries"))
    made_of = digest if claimed.bound is None else claimed.digest
    signature = None if claimed.beacon is None else claimed.beacon.signature
    key = draw_key(secret, signature, made_of)
    stream = Stream(key, proof.giveaway_id, number, made_of)
    ids = [one for one in in_places(proof.entries, proof.places) if one in candidates]
    if winners_of(candidates, claimed.count, stream, claimed.dropped, ids) != claimed.winners:
        faults.append(Fault(where, "are not who the secret and the entries give"))
    return faults


def _bytes_of(secret: str) -> bytes | None:
    """The bytes of a secret in hex, or None when it is none."""
    try:
        data = bytes.fromhex(secret)
    except ValueError:
        return None
    return data if len(data) == SECRET_BYTES and data.hex() == secret else None


def _shape_faults(proof: Proof) -> list[Fault]:
    """A fault for the first part of the entries that cannot be one."""
    return _entry_faults(proof.entries) or _number_faults(proof) or _place_faults(proof)


def _entry_faults(entries: Mapping[str, int]) -> list[Fault]:
    """A fault for the first entry that cannot be one."""
    for user_id, weight in entries.items():
        if not is_snowflake(user_id):
            return [Fault("entries", f"{ascii(user_id)[:40]} is no user id")]
        if not is_whole(weight) or not 1 <= weight <= MOST_WEIGHT:
            message = f"the weight must be a whole number from 1 to {MOST_WEIGHT}"
            return [Fault(f"entries.{user_id}", message)]
    return []


def _number_faults(proof: Proof) -> list[Fault]:
    """A fault for the first number that no entry can have."""
    for user_id, number in proof.numbers.items():
        if user_id not in proof.entries or not is_whole(number) or number < 1:
            return [Fault(f"entryNumbers.{ascii(user_id)[:40]}", "is no number of an entry")]
    return []


def _place_faults(proof: Proof) -> list[Fault]:
    """A fault unless each pseudonym has a place of its own among the entries."""
    places = [place for name, place in proof.places.items() if name in proof.entries]
    if len({*places}) == len(places) and all(place < len(proof.entries) for place in places):
        return []
    return [Fault("pseudonyms", "are not at places of the entries")]
