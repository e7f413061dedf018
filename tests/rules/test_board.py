"""The order of the board."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from robo_xp.model import MAX_XP
from robo_xp.rules.board import from_order_key, is_ranked, order_key

_ids = st.integers(0, 2**64 - 1).flatmap(
    lambda n: st.sampled_from([str(n).zfill(width) for width in range(17, 21)])
)
_members = st.tuples(st.integers(0, MAX_XP), _ids)


@given(_members)
def test_a_key_tells_who_it_was_made_of(member: tuple[int, str]) -> None:
    """XP and user id come back from the key unchanged, zeros in front included."""
    assert from_order_key(order_key(*member)) == member


@given(_members, _members)
def test_keys_sort_as_the_board_does(one: tuple[int, str], other: tuple[int, str]) -> None:
    """More XP comes first, then the smaller user id as a number; no two members are equal."""
    by_rule = sorted((one, other), key=lambda member: (-member[0], int(member[1]), len(member[1])))

    assert sorted((one, other), key=lambda member: order_key(*member)) == by_rule
    assert (order_key(*one) == order_key(*other)) == (one == other)


def test_ids_of_other_length_sort_as_numbers() -> None:
    """An id of 17 digits comes before one of 18, though its text sorts after."""
    short, long = "9" * 17, "1" + "0" * 17

    assert order_key(5, short) < order_key(5, long)


def test_nothing_is_no_rank() -> None:
    """A member with 0 XP is not ranked, nor one that is hidden."""
    assert [is_ranked({"xp": xp}) for xp in (0, 1, MAX_XP)] == [False, True, True]
    assert [is_ranked({"xp": 5, "hidden": flag}) for flag in (True, False)] == [False, True]
