"""Counts, lists and lengths of time as every program says them."""

from __future__ import annotations

import pytest

from robo_xp import text


@pytest.mark.parametrize(
    ("number", "word", "said"),
    [
        (1, "winner", "1 winner"),
        (0, "winner", "0 winners"),
        (1, "entry", "1 entry"),
        (2, "entry", "2 entries"),
        (2, "day", "2 days"),
        (8, "later batch", "8 later batches"),
        (2000, "level-up", "2,000 level-ups"),
        (3, "prefix", "3 prefixes"),
    ],
)
def test_a_count_agrees_with_its_word(number: int, word: str, said: str) -> None:
    """One stands in the singular, all else in the plural that English has for the word."""
    assert text.count_text(number, word) == said


@pytest.mark.parametrize(
    "name", ["", "\u200b\u200d\u00ad", " \u3000", "\u3164", "\u2800", "\u202e"]
)
def test_nothing_to_see_is_called_otherwise(name: str) -> None:
    """A name of characters that nobody sees is none; any letter, digit or sign makes it one."""
    assert text.visible_name(name, "id") == "id"
    assert text.visible_name(f"{name}🦊", "id") == f"{name}🦊"


def test_numbers_and_percentages() -> None:
    """Thousands are separated; a percentage always shows its decimal."""
    assert (text.thousands(-1234567), text.percent(66.7), text.percent(100.0)) == (
        "-1,234,567",
        "66.7%",
        "100.0%",
    )


@pytest.mark.parametrize(
    ("most", "said"), [(1, "Ada and 2 more"), (2, "Ada, Bob and 1 more"), (3, "Ada, Bob, Cy")]
)
def test_a_long_list_is_cut_with_a_count(most: int, said: str) -> None:
    """What is not named is counted; nothing is said where all are named."""
    assert text.first_of(["Ada", "Bob", "Cy"], most) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-1, "in the future"),
        (0, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (7_199, "1 hour ago"),
        (7_200, "2 hours ago"),
        (86_400 * 6, "6 days ago"),
        (86_400 * 20, "2 weeks ago"),
        (86_400 * 400, "1 year ago"),
    ],
)
def test_how_long_ago(seconds: int, said: str) -> None:
    """An instant in the past is told in its largest unit, cut and never rounded up."""
    now = 1_732_170_000_123

    assert text.ago(now - seconds * 1000, now) == said


@pytest.mark.parametrize(
    ("seconds", "short", "long"),
    [
        (0, "0 s", "less than a second"),
        (-5, "0 s", "less than a second"),
        (12.9, "12 s", "12 seconds"),
        (5_400, "1 h 30 min", "1 hour 30 minutes"),
        (86_400 * 3 + 3_600 * 4 + 59, "3 d 4 h", "3 days 4 hours 59 seconds"),
    ],
)
def test_lengths_of_time(seconds: float, short: str, long: str) -> None:
    """A length is told in signs by its two largest units, or in words by all of them."""
    assert (text.lasting(seconds), text.spelled_time(seconds)) == (short, long)
    assert text.spelled_time(seconds, 2).split() == long.split()[:4]
