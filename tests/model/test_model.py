"""Ids, amounts and the small results that everything else is made of."""

from __future__ import annotations

from typing import Any

import pytest

from robo_xp.errors import InvalidAmount, InvalidId
from robo_xp.model import MAX_XP, Awarded, MemberXP, XPChange, check_xp, short_text
from robo_xp.model.ids import check_snowflake, check_store_id, is_snowflake

GUILD, ME = "2" * 18, "1" * 18


@pytest.mark.parametrize("value", ["1" * 17, "9" * 18, "9" * 19, str(2**64 - 1), "1" + "0" * 16])
def test_snowflakes(value: str) -> None:
    """17 to 20 digits below 2**64, the first no 0, are an id, and come back as they were."""
    assert is_snowflake(value)
    assert check_snowflake(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1" * 16,
        "1" * 21,
        str(2**64),
        "9" * 20,
        "0" * 17,
        "0" + "1" * 17,
        "00" + "1" * 18,
        "1" * 17 + "\n",
        " " + "1" * 17,
        "-" + "1" * 17,
        "1_" + "1" * 16,
        "1" * 17 + "a",
        "١" * 18,
        "²" * 18,
        "<@" + "1" * 18 + ">",
        10**17,
        None,
        True,
        b"1" * 18,
        ["1" * 18],
    ],
)
def test_no_snowflakes(value: Any) -> None:
    """Anything else is refused by name, and never printed raw."""
    assert not is_snowflake(value)
    with pytest.raises(InvalidId, match="guild id must be 17 to 20 digits") as caught:
        check_snowflake(value, "guild id")
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("value", ["default", "a", "season-2", "x_1", "0", "a" * 32, "globals"])
def test_store_ids(value: str) -> None:
    """Up to 32 lower-case letters, digits, hyphens and underscores name a store."""
    assert check_store_id(value) == value


@pytest.mark.parametrize(
    "value",
    ["", "a" * 33, "Default", "a:b", "a/b", "..", "a b", "default\n", "é", "global", None, 5],
)
def test_no_store_ids(value: Any) -> None:
    """Other characters, and the reserved name, do not name a store."""
    with pytest.raises(InvalidId, match="store id") as caught:
        check_store_id(value)
    assert "17 to 20" not in caught.value.advice


@pytest.mark.parametrize("value", [0, 1, MAX_XP])
def test_amounts(value: int) -> None:
    """Whole numbers from 0 to MAX_XP are XP."""
    assert check_xp(value) == value


@pytest.mark.parametrize(
    "value", [-1, MAX_XP + 1, 10**300, 1.0, 1.5, float("nan"), float("inf"), True, "5", None, []]
)
def test_no_amounts(value: Any) -> None:
    """Anything else is refused with the range."""
    with pytest.raises(InvalidAmount, match=f"total must be a whole number from 0 to {MAX_XP}"):
        check_xp(value, "total")


def test_lowest_amount_can_be_raised() -> None:
    """``low`` is the smallest amount allowed."""
    assert check_xp(1, low=1) == 1
    with pytest.raises(InvalidAmount, match="from 1 to"):
        check_xp(0, low=1)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "'a'"),
        ("\x1b[31m", r"'\x1b[31m'"),
        ("\u202e", r"'\u202e'"),
        ("\ud800", r"'\ud800'"),
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (1.5, "1.5"),
        ([1], "a list"),
        ((), "a list"),
        ({}, "an object"),
        (10**300, "a far larger number"),
        (-(10**300), "a far smaller number"),
    ],
)
def test_values_are_shown_safely(value: object, text: str) -> None:
    """A value in a message is short, in JSON's words, and cannot steer a terminal."""
    assert short_text(value) == text


def test_long_text_is_cut() -> None:
    """A long text is shown by its beginning."""
    assert short_text("a" * 10_000) == "'" + "a" * 57 + "...'"


def test_member_of_a_record() -> None:
    """A stored record gives a member; absent fields are 0 and unknown ones are left alone."""
    record = {"xp": 5, "level": 1, "lastAwardedAt": 7, "messages": 9, "xpMessages": 8, "new": 1}

    assert MemberXP.from_record(ME, record) == MemberXP(ME, 5, 1, 7, 9, 8)
    assert MemberXP.from_record(ME, {}) == MemberXP(ME, 0, 0, 0, 0, 0)


def test_values_are_frozen() -> None:
    """A result cannot be changed after it was made."""
    with pytest.raises(AttributeError):
        MemberXP(ME).xp = 5  # type: ignore[misc]  # the point of the test


@pytest.mark.parametrize(
    ("xp", "level", "delta", "up", "down"),
    [(90, 2, 40, True, False), (50, 1, 0, False, False), (20, 0, -30, False, True)],
)
def test_change_tells_its_direction(xp: int, level: int, delta: int, up: bool, down: bool) -> None:
    """A change knows its delta and whether the level rose or fell."""
    change = XPChange(GUILD, "default", ME, 50, xp, 1, level, seq=3)

    assert (change.delta, change.leveled_up, change.leveled_down) == (delta, up, down)


@pytest.mark.parametrize(("level", "up"), [(1, False), (2, True)])
def test_awarded_tells_a_level_up(level: int, up: bool) -> None:
    """An award knows whether it raised the level."""
    assert Awarded(GUILD, "default", ME, 20, 1.0, 20, 50, 70, 1, level, 3).leveled_up is up


def test_numbers_of_thousands_of_digits_are_refused_politely() -> None:
    """A number too long for Python to write out is an error like any other."""
    with pytest.raises(InvalidAmount, match="a far larger number"):
        check_xp(10**5000)
