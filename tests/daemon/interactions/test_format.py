"""Numbers, places and texts as replies write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp_daemon.interactions import format as words


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (10, "10th"), (11, "11th"), (12, "12th"),
        (13, "13th"), (21, "21st"), (22, "22nd"), (101, "101st"), (111, "111th"), (113, "113th"),
        (1011, "1,011th"), (1021, "1,021st"), (1_000_003, "1,000,003rd"),
    ],
)  # fmt: skip
def test_ordinals(number: int, text: str) -> None:
    """11 to 13 end in th, whatever stands before them."""
    assert words.ordinal(number) == text


@pytest.mark.parametrize(
    ("done", "whole", "cells", "filled", "length"),
    [
        (0, 100, 15, 0, 15), (-5, 100, 15, 0, 15), (5, 0, 15, 0, 15), (99, 100, 15, 14, 15),
        (100, 100, 15, 15, 15), (200, 100, 15, 15, 15), (50, 100, 10, 5, 10), (1, 2, 1, 2, 5),
        (1, 2, 99, 15, 30),
    ],
)  # fmt: skip
def test_bars(done: int, whole: int, cells: int, filled: int, length: int) -> None:
    """A bar has 5 to 30 cells, is full at the end only, and empty where there is nothing."""
    assert words.bar(done, whole, cells) == "█" * filled + "░" * (length - filled)


@given(done=st.integers(-(10**20), 10**20), whole=st.integers(-(10**20), 10**20))
def test_bars_are_always_as_long(done: int, whole: int) -> None:
    """No figures make a bar longer or shorter."""
    assert len(words.bar(done, whole)) == words.BAR_CELLS


@pytest.mark.parametrize(
    ("permille", "text"),
    [(1000, "None"), (1500, "+50%"), (750, "-25%"), (0, "-100%"), (1234, "+23.4%")],
)
def test_multipliers(permille: int, text: str) -> None:
    """What a multiplier adds or takes; nothing at 1."""
    assert words.change_by(permille) == text


def test_numbers() -> None:
    """Differences have signs, multipliers their own."""
    assert (words.signed_number(1500), words.signed_number(-1500), words.signed_number(0)) == (
        "+1,500",
        "-1,500",
        "0",
    )
    assert (words.factor(2.0), words.factor(0.1)) == ("2×", "0.1×")


def test_texts_of_others() -> None:
    """Formatting and mentions of others stay text, and long texts are cut with a sign."""
    assert words.plain("**a** @everyone") == "\\*\\*a\\*\\* @\u200beveryone"
    assert words.plain("\u202egnihton\u2066 \u05d0") == "gnihton \u05d0"
    assert (words.cut("abcdef", 4), words.cut("abcd", 4)) == ("abc…", "abcd")
