"""A beacon of the tests' own, whose key they have: the same scheme as that of the public chain."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

from robo_xp.model.closing import DRAND, Chain
from robo_xp.rules.giveaway.beacon import NETWORKS, check_extra

check_extra()

_SECRET = int.from_bytes(hashlib.sha256(b"a key for tests").digest()) >> 2
_DOMAIN = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"


def _public_key() -> str:
    from py_ecc.bls.point_compression import compress_G2
    from py_ecc.optimized_bls12_381 import G2, multiply

    parts = compress_G2(multiply(G2, _SECRET))
    return b"".join(part.to_bytes(48) for part in parts).hex()


OWN = Chain(
    hashlib.sha256(b"a chain for tests").hexdigest(), _public_key(), 1_700_000_000_000, 3000
)


@cache
def signature_of(number: int) -> str:
    """The signature of a round of the chain."""
    from py_ecc.bls.hash_to_curve import hash_to_G1
    from py_ecc.bls.point_compression import compress_G1
    from py_ecc.optimized_bls12_381 import multiply

    hashed: Any = hashlib.sha256
    point = hash_to_G1(hashlib.sha256(number.to_bytes(8)).digest(), _DOMAIN, hashed)
    return compress_G1(multiply(point, _SECRET)).to_bytes(48).hex()


@contextmanager
def own_chain() -> Iterator[Chain]:
    """Giveaways take the chain of the tests for as long as this lasts."""
    with patch.dict(NETWORKS, {DRAND: OWN}):
        yield OWN
