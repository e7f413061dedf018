"""The public beacon: rounds that the chain has told, and what is none of them."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest

from robo_xp.errors import ExtraMissing
from robo_xp.rules.giveaway.beacon import (
    DELAY_MS,
    QUICKNET,
    chain_of,
    draw_key,
    is_signature,
    randomness_of,
)

# told by the public chain quicknet
ROUNDS = {
    1: (
        "b55e7cb2d5c613ee0b2e28d6750aabbb78c39dcc96bd9d38c2c2e12198df95571de8e8e402a0cc48871c7089"
        "a2b3af4b",
        "1466a6cd24e327188770752f6134001c64d6efcc590ccc26b721611ad96f165a",
    ),
    1000: (
        "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b"
        "63ed5e39",
        "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd",
    ),
}


def flipped(signature: str, bit: int) -> str:
    """The signature with one bit changed."""
    data = bytearray.fromhex(signature)
    data[bit // 8] ^= 1 << bit % 8
    return data.hex()


@pytest.mark.parametrize("number", ROUNDS)
def test_rounds_of_the_public_chain_verify(number: int) -> None:
    """Rounds that the chain has told have its signature, and their random bytes follow from it."""
    signature, randomness = ROUNDS[number]

    assert is_signature(QUICKNET, number, signature)
    assert randomness_of(signature).hex() == randomness


@pytest.mark.parametrize("bit", [0, 1, 100, 191, 240, 376, 380])
def test_one_changed_bit_is_no_signature(bit: int) -> None:
    """A signature with one changed bit is not that of the round."""
    assert not is_signature(QUICKNET, 1000, flipped(ROUNDS[1000][0], bit))


@pytest.mark.parametrize("number", [999, 1001, 1])
def test_a_signature_is_of_one_round_only(number: int) -> None:
    """The signature of round 1000 is that of no other round."""
    assert not is_signature(QUICKNET, number, ROUNDS[1000][0])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00",
        "c0" + "00" * 47,
        "80" + "00" * 47,
        "ff" * 48,
        ROUNDS[1][0].upper(),
        ROUNDS[1][0] + "00",
        ROUNDS[1][1],
        "no signature",
    ],
)
def test_what_is_no_point_is_no_signature(text: str) -> None:
    """The point at infinity, points off the curve and other texts are no signatures."""
    assert not is_signature(QUICKNET, 1, text)


def test_without_the_extra_the_answer_is_neither_yes_nor_no(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the extra is missing, the error says how to install it."""
    monkeypatch.setitem(sys.modules, "py_ecc", None)

    with pytest.raises(ExtraMissing) as told:
        is_signature(QUICKNET, 1, ROUNDS[1][0])
    assert "robo-xp[beacon]" in told.value.advice


def test_the_process_recurses_no_deeper_than_before() -> None:
    """What checks signatures leaves the limit of recursion of the whole process as it was."""
    script = (
        "import sys; from robo_xp.rules.giveaway.beacon import QUICKNET, is_signature;"
        f" before = sys.getrecursionlimit(); assert is_signature(QUICKNET, 1, {ROUNDS[1][0]!r});"
        " assert sys.getrecursionlimit() == before"
    )

    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    ("at", "number"),
    [(0, 1), (-1, 1), (1, 2), (2999, 2), (3000, 2), (3001, 3), (999 * 3000, 1000), (-90_000, 1)],
)
def test_the_first_round_at_a_moment_is_not_before_it(at: int, number: int) -> None:
    """The first round from a moment on is the one that comes then or next."""
    assert QUICKNET.first_round(QUICKNET.genesis_ms + at) == number


def test_rounds_come_at_their_time() -> None:
    """Round 1000 comes 999 periods after the first, and half a minute is the least delay."""
    assert QUICKNET.time_of(1000) == 1_692_803_367_000 + 999 * 3000
    assert DELAY_MS == 30_000


def test_a_chain_is_known_by_its_hash() -> None:
    """Chains are found by their hash; nobody draws by another."""
    assert chain_of(QUICKNET.hash) is QUICKNET
    assert chain_of("00" * 32) is None


def test_the_key_of_a_draw_is_of_secret_round_and_candidates() -> None:
    """The key follows from all three; without a round it is the secret."""
    digest = hashlib.sha256(b"entries").hexdigest()
    keys = {
        draw_key(secret, signature, entries)
        for secret in (b"a" * 32, b"b" * 32)
        for signature in (ROUNDS[1][0], ROUNDS[1000][0], None)
        for entries in (digest, "00" * 32)
    }

    assert len(keys) == 10
    assert draw_key(b"a" * 32, None, digest) == b"a" * 32
