"""How percentages are rounded, and what a view leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, UnsetType

from robo_xp.views.shape import Fault, View, percentage, rounded_quotient

WHOLE = st.integers(1, 2**53)


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 7, 0.0),
        (1, 2000, 0.1),
        (1, 2001, 0.0),
        (1, 3, 33.3),
        (2, 3, 66.7),
        (1999, 2000, 99.9),
        (7, 7, 100.0),
        (0, 0, 100.0),
    ],
)
def test_percentages_are_rounded_half_up(part: int, whole: int, said: float) -> None:
    """Half a tenth counts as one, and 100.0 is said of what is complete only."""
    assert percentage(part, whole) == said


@given(WHOLE, WHOLE)
def test_a_percentage_is_the_nearest_tenth(part: int, whole: int) -> None:
    """No percentage lies further than half a tenth from the truth, but next to 100."""
    share = Fraction(part * 100, whole)
    off = abs(Fraction(percentage(part, whole)).limit_denominator(10) - share)

    assert off <= Fraction(1, 20) or share >= Fraction(9995, 100)


def test_quotients() -> None:
    """An average of nothing is 0.0; places can be chosen."""
    assert (
        rounded_quotient(5, 0),
        rounded_quotient(5, 3),
        rounded_quotient(5, 3, 2),
        rounded_quotient(1, 4),
    ) == (0.0, 1.7, 1.67, 0.3)


class Person(View, frozen=True, kw_only=True):
    user_id: str
    name: str | UnsetType = UNSET
    faults: list[Fault]


class Room(View, frozen=True):
    first: Person | None
    is_open: bool
    people: list[Person]


@dataclass
class Wrong:
    where: str
    message: str


@dataclass
class Somebody:
    user_id: str
    faults: tuple[Wrong, ...] = ()


@dataclass
class Place:
    first: Somebody | None
    people: tuple[Somebody, ...]
    hidden: int = 3


def test_a_view_is_made_of_what_has_the_names_of_its_fields() -> None:
    """Parts are made likewise, a known name stands beside the id, an unknown one has no key."""
    ada, bob = Somebody("1", (Wrong("x", "is bad"),)), Somebody("2")

    assert Room.of(Place(None, (ada, bob)), {"1": "Ada"}, is_open=True).as_json() == {
        "first": None,
        "isOpen": True,
        "people": [
            {"userId": "1", "name": "Ada", "faults": [{"where": "x", "message": "is bad"}]},
            {"userId": "2", "faults": []},
        ],
    }


def test_a_field_that_a_result_lacks_is_an_error() -> None:
    """Nothing is made up for what a result does not say."""
    with pytest.raises(AttributeError, match="is_open"):
        Room.of(Place(None, ()))
