"""Rounds of the public beacon: when they come, whether a signature is theirs, what they draw.

A round is a BLS signature of its number on the curve BLS12-381, by a key that many organisations
hold together. Anybody can check it, and nobody can make it before they do.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import sys
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from robo_xp.errors import ExtraMissing
from robo_xp.model.closing import DRAND, Chain

if TYPE_CHECKING:
    from py_ecc.typing import Optimized_Point3D

QUICKNET: Final = Chain(
    hash="52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    public_key="83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac"
    "6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e"
    "76eae8991ef5ece45a",
    genesis_ms=1_692_803_367_000,
    period_ms=3_000,
)
"""The chain that drand calls quicknet."""

NETWORKS: dict[str, Chain] = {DRAND: QUICKNET}
"""The chain of each beacon that a setting can name."""

DELAY_MS: Final = 30_000
"""So long after the close the round of a draw comes at the earliest."""

_DOMAIN: Final = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
_SIGNATURE: Final = re.compile("[0-9a-f]{96}")


def chain_of(chain_hash: str) -> Chain | None:
    """The chain of this hash; None for one that is not known here."""
    return next((one for one in NETWORKS.values() if one.hash == chain_hash), None)


def randomness_of(signature: str) -> bytes:
    """The random bytes of a round: the SHA-256 of its signature."""
    return hashlib.sha256(bytes.fromhex(signature)).digest()


def draw_key(secret: bytes, signature: str | None, digest: str) -> bytes:
    """The key of a draw's stream: of secret, round and candidates, or the secret alone."""
    if signature is None:
        return secret
    return hmac.digest(secret, randomness_of(signature) + bytes.fromhex(digest), "sha256")


def check_extra() -> None:
    """Raise ExtraMissing where signatures cannot be checked."""
    # its import lets the whole process recurse a hundred times deeper than the stack can bear
    limit = sys.getrecursionlimit()
    try:
        import py_ecc  # noqa: F401  # only whether it is there
    except ImportError:
        told = "signatures of the beacon are checked by the extra 'beacon'"
        raise ExtraMissing(told, "beacon") from None
    finally:
        sys.setrecursionlimit(limit)


def is_signature(chain: Chain, number: int, signature: str) -> bool:
    """Whether this is the signature of that round, in hex. Raises ExtraMissing."""
    if _SIGNATURE.fullmatch(signature) is None or not 0 < number < 1 << 64:
        return False
    check_extra()
    from py_ecc.bls.g2_primitives import subgroup_check
    from py_ecc.bls.point_compression import decompress_G1
    from py_ecc.optimized_bls12_381 import FQ12, G2, final_exponentiate, is_inf, neg, pairing

    point_of: Any = decompress_G1
    try:
        signed = point_of(int(signature, 16))
    except ValueError:
        return False
    if is_inf(signed) or not subgroup_check(signed):
        return False
    ours = pairing(G2, signed, final_exponentiate=False)
    theirs = pairing(neg(_key_of(chain.public_key)), _message(number), final_exponentiate=False)
    return bool(final_exponentiate(ours * theirs) == FQ12.one())


def _message(number: int) -> Optimized_Point3D[Any]:
    """What a round signs: its number, as a point of the curve."""
    from py_ecc.bls.hash_to_curve import hash_to_G1

    hashed: Any = hashlib.sha256
    return hash_to_G1(hashlib.sha256(number.to_bytes(8)).digest(), _DOMAIN, hashed)


@cache
def _key_of(public_key: str) -> Optimized_Point3D[Any]:
    """The chain's key as a point of the curve."""
    from py_ecc.bls.point_compression import decompress_G2

    half, point_of = len(public_key) // 2, decompress_G2
    parts: Any = (int(public_key[:half], 16), int(public_key[half:], 16))
    return point_of(parts)
