"""The proof of a giveaway's draws: everything is computed again from what was published."""

from __future__ import annotations

from collections.abc import Mapping

from robo_xp.errors import Fault
from robo_xp.model.draws import Proof, Round
from robo_xp.model.ids import is_snowflake
from robo_xp.rules.checks import is_whole
from robo_xp.rules.giveaway.draw import SECRET_BYTES, Stream, commitment_of, digest_of, winners_of
from robo_xp.rules.giveaway.eligibility import MOST_WEIGHT


def candidates_of(entries: Mapping[str, int], earlier: tuple[Round, ...]) -> dict[str, int]:
    """The entries that can still win: neither drawn nor dropped in the earlier rounds."""
    gone = {user_id for past in earlier for user_id in (*past.winners, *past.dropped)}
    return {user_id: weight for user_id, weight in entries.items() if user_id not in gone}


def faults_of(proof: Proof) -> list[Fault]:
    """Everything that does not fit together; empty when the draws are what they claim to be."""
    secret = _bytes_of(proof.secret)
    if secret is None:
        return [Fault("secret", f"must be {SECRET_BYTES} bytes in lower-case hex")]
    if faults := _entry_faults(proof.entries):
        return faults
    if commitment_of(secret) != proof.commitment:
        faults.append(Fault("commitment", "is not the SHA-256 of the secret"))
    for number in range(len(proof.rounds)):
        faults += _round_faults(proof, secret, number)
    return faults


def _round_faults(proof: Proof, secret: bytes, number: int) -> list[Fault]:
    """What is wrong with one round, given the rounds before it."""
    claimed = proof.rounds[number]
    where = f"rerolls[{number - 1}]" if number else "winners"
    candidates = candidates_of(proof.entries, proof.rounds[:number])
    digest = digest_of(candidates)
    faults = []
    if digest != claimed.digest:
        faults.append(Fault(f"draws[{number}].digest", "is not the digest of the entries"))
    stream = Stream(secret, proof.giveaway_id, number, digest)
    if winners_of(candidates, claimed.count, stream, claimed.dropped) != claimed.winners:
        faults.append(Fault(where, "are not who the secret and the entries give"))
    return faults


def _bytes_of(secret: str) -> bytes | None:
    """The bytes of a secret in hex, or None when it is none."""
    try:
        data = bytes.fromhex(secret)
    except ValueError:
        return None
    return data if len(data) == SECRET_BYTES and data.hex() == secret else None


def _entry_faults(entries: Mapping[str, int]) -> list[Fault]:
    """A fault for the first entry that cannot be one."""
    for user_id, weight in entries.items():
        if not is_snowflake(user_id):
            return [Fault("entries", f"{ascii(user_id)[:40]} is no user id")]
        if not is_whole(weight) or not 1 <= weight <= MOST_WEIGHT:
            message = f"the weight must be a whole number from 1 to {MOST_WEIGHT}"
            return [Fault(f"entries.{user_id}", message)]
    return []
