"""Receipts: each entry has its own, and the root of their tree binds all of them."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp.rules.giveaway.receipts import is_receipt, receipt_of, receipts_of, root_of
from tests.rules.giveaway import second_draw

GIVEAWAY = "01M7YJJ94WC4Q3344FK42H5P8Y"
SECRET = bytes(range(32))
IDS = [str(300000000000000000 + 7919 * n) for n in range(7)]
ENTRIES = {user_id: 1 + n % 3 for n, user_id in enumerate(IDS)}
NUMBERS = {user_id: 7 - n for n, user_id in enumerate(IDS)}

user_ids = st.integers(10**16, 2**64 - 1).map(str)
numbered = st.dictionaries(user_ids, st.tuples(st.integers(1, 101), st.integers(0, 999)))


def root(entries: dict[str, int], numbers: dict[str, int]) -> str:
    return root_of(receipts_of(SECRET, GIVEAWAY, entries, numbers))


def test_receipts_never_change() -> None:
    """Receipts and root of a known secret are what they were when this was released."""
    assert receipts_of(SECRET, GIVEAWAY, ENTRIES, NUMBERS)[0] == "7-FYAISOVDS3EPTRUVE2MB55OH"
    assert (
        root(ENTRIES, NUMBERS) == "8c565c0a89ae3b24dc31e9acd52a37a4ff1ddf80449ac803f70393f31ce76dfd"
    )


@given(numbered)
def test_a_second_implementation_finds_the_same_root(
    found: dict[str, tuple[int, int]],
) -> None:
    """What was written from the document alone comes to the same receipts and the same root."""
    entries = {user_id: weight for user_id, (weight, _) in found.items()}
    numbers = {user_id: number for user_id, (_, number) in found.items()}

    receipts = receipts_of(SECRET, GIVEAWAY, entries, numbers)

    assert receipts == second_draw.receipts(SECRET, GIVEAWAY, entries, numbers)
    assert root_of(receipts) == second_draw.root(receipts)


def test_a_receipt_is_of_one_entry_only() -> None:
    """Another secret, giveaway, number, member or weight has another receipt."""
    one = receipt_of(SECRET, GIVEAWAY, 3, (IDS[0], 1))
    others = {
        receipt_of(SECRET[::-1], GIVEAWAY, 3, (IDS[0], 1)),
        receipt_of(SECRET, GIVEAWAY[::-1], 3, (IDS[0], 1)),
        receipt_of(SECRET, GIVEAWAY, 4, (IDS[0], 1)),
        receipt_of(SECRET, GIVEAWAY, 3, (IDS[1], 1)),
        receipt_of(SECRET, GIVEAWAY, 3, (IDS[0], 2)),
    }

    assert is_receipt(one)
    assert len(others | {one}) == 6


def test_no_entry_more_or_less_has_the_same_root() -> None:
    """An entry left out, slipped in, or given another weight or number changes the root."""
    left_out = {user_id: ENTRIES[user_id] for user_id in IDS[1:]}
    slipped_in = {**ENTRIES, "300000000000900001": 1}
    roots = {
        root(ENTRIES, NUMBERS),
        root(left_out, NUMBERS),
        root(slipped_in, NUMBERS),
        root({**ENTRIES, IDS[2]: 5}, NUMBERS),
        root(ENTRIES, {**NUMBERS, IDS[2]: 50}),
    }

    assert len(roots) == 5


def test_the_root_of_nothing_is_that_of_no_bytes() -> None:
    """A giveaway without entries has a root too."""
    assert root({}, {}) == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(
    "text", ["", "7", "7-", "07-" + "A" * 24, "7-" + "a" * 24, "7-" + "A" * 23, "-1-" + "A" * 24]
)
def test_other_texts_are_no_receipts(text: str) -> None:
    """A receipt has a number and 24 letters and digits."""
    assert not is_receipt(text)
