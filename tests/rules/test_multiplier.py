"""Multipliers: which factors count, and their exact product."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp.model import Message
from robo_xp.rules.multiplier import Multipliers, best_role, multiplier_for

F = Fraction
A, B, C, ME = "a", "b", "c", "me"


@pytest.mark.parametrize(
    ("server", "role", "user", "held", "permille"),
    [
        (None, {}, {}, (), 1000),
        (None, {}, {}, (A, B), 1000),
        (F("1.5"), {A: F(2), B: F(3)}, {ME: F("1.1")}, (A, B, C), 4950),
        (None, {A: F("0.5")}, {}, (A, C), 500),
        (None, {A: F(0), B: F(2)}, {}, (A, B), 2000),
        (None, {A: F(0), B: F(2)}, {}, (A,), 0),
        (None, {A: F(2)}, {}, (C,), 1000),
        (F(0), {A: F(9)}, {ME: F(9)}, (A,), 0),
        (None, {}, {ME: F(0)}, (), 0),
        (None, {}, {"another": F(5)}, (), 1000),
        (F("1.001"), {}, {ME: F("0.5")}, (), 501),
        (F("1.001"), {}, {ME: F("0.499")}, (), 499),
        (F(10), {A: F(10)}, {ME: F(10)}, (A,), 1_000_000),
    ],
)
def test_table(
    server: Fraction | None,
    role: dict[str, Fraction],
    user: dict[str, Fraction],
    held: tuple[str, ...],
    permille: int,
) -> None:
    """Server times the best listed role times user, absent parts 1, half a permille rounded up."""
    message = Message("here", role_ids=tuple(held))

    assert multiplier_for(Multipliers(server, role, user=user), ME, message) == permille


_factor = st.integers(0, 10_000).map(lambda n: Fraction(n, 1000))
_names = st.sampled_from([A, B, C, ME])


@given(
    st.none() | _factor,
    st.dictionaries(_names, _factor),
    st.dictionaries(_names, _factor),
    st.lists(_names, unique=True),
)
def test_equals_the_slow_way(
    server: Fraction | None,
    role: dict[str, Fraction],
    user: dict[str, Fraction],
    held: list[str],
) -> None:
    """The integers give what fractions give when written out in full."""
    product = F(1) if server is None else server
    product *= max([role[name] for name in held if name in role], default=F(1))
    product *= user.get(ME, F(1))

    assert multiplier_for(
        Multipliers(server, role, user=user), ME, Message("here", role_ids=tuple(held))
    ) == floor(product * 1000 + F(1, 2))


@pytest.mark.parametrize(
    ("channel", "permille"),
    [
        ({}, 1000),
        ({"thread": F(2), "channel": F(3), "category": F(5)}, 2000),
        ({"channel": F(3), "category": F(5)}, 3000),
        ({"category": F("0.5")}, 500),
        ({"thread": F(0), "category": F(5)}, 0),
        ({"elsewhere": F(5)}, 1000),
    ],
)
def test_the_nearest_place_counts(channel: dict[str, Fraction], permille: int) -> None:
    """The thread's factor, else that of its channel, else that of the category."""
    message = Message("thread", "channel", "category")

    assert multiplier_for(Multipliers(channel=channel), ME, message) == permille


def test_channels_multiply_with_all_others() -> None:
    """Server, role, channel and user are one product."""
    factors = Multipliers(F("1.5"), {A: F(2)}, {"channel": F("0.5")}, {ME: F(3)})

    assert multiplier_for(factors, ME, Message("channel", role_ids=(A,))) == 4500


def test_best_role_is_none_without_an_entry() -> None:
    """Roles without an entry do not count as 1: there is no best role then."""
    assert best_role({A: F(2)}, [B, C]) is None
    assert best_role({}, [A]) is None
