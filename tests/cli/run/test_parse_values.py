"""What may be typed for amounts, members, instants, settings; and what is refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp.errors import InvalidAmount, InvalidId, InvalidValue
from robo_xp.model import MAX_XP
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.parse_values import MACHINE, WallTime

NOW = 1_732_170_000_123
ID = "123456789012345678"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        ("250", 250),
        ("1_000", 1000),
        ("1,000", 1000),
        ("1,234.5k", 1_234_500),
        ("10k", 10_000),
        ("1.5K", 1500),
        ("2m", 2_000_000),
        ("0.25m", 250_000),
        (" 7 ", 7),
        ("9007199254740991", MAX_XP),
    ],
)
def test_amounts(text: str, expected: int) -> None:
    """Whole numbers, with groups or a short unit."""
    assert values.amount(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0", "not from 1"),
        ("9007199254740992", "not from 1"),
        ("-5", "negative"),
        ("1.5", "not a whole number"),
        ("1.2345k", "not a whole number"),
        ("60abc", "not a number"),
        ("1e3", "not a number"),
        ("1__0", "not a number"),
        ("1,00", "not a number"),
        ("1_000,000", "not a number"),
        ("١٢", "not a number"),
        ("", "not a number"),
        ("9" * 100_000, "not from 1"),
        ("x" * 100_000, "not a number"),
        ("-" + "9" * 100_000, "negative"),
        ("\x1b[2J", r"\x1b[2J"),
    ],
)
def test_amounts_refused(text: str, words: str) -> None:
    """A refusal quotes the text, harmlessly, and says what is wrong with it."""
    with pytest.raises(InvalidAmount) as caught:
        values.amount(text)

    assert words in caught.value.message
    assert len(caught.value.message) < 120
    assert caught.value.exit_code == 2


def test_a_negative_number_is_told_the_range() -> None:
    """Not how amounts are written, which it is no matter of."""
    with pytest.raises(InvalidAmount) as caught:
        values.whole(1, 100)("-1")

    assert "from 1 to 100" in caught.value.advice


@given(st.integers(0, MAX_XP))
def test_every_amount_of_xp_can_be_typed(xp: int) -> None:
    """A total in plain digits or in groups is the number itself."""
    assert values.total(str(xp)) == values.total(f"{xp:_}") == xp


def test_bounds_of_whole() -> None:
    """A parser for a range takes its ends and refuses what lies beyond."""
    parse = values.whole(1, 100)

    assert (parse("1"), parse("100")) == (1, 100)
    for text in ("0", "101"):
        with pytest.raises(InvalidAmount, match="not from 1 to 100"):
            parse(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ID, (ID, "")),
        (f"<@{ID}>", (ID, "")),
        (f"<@!{ID}>", (ID, "")),
        ("alice", ("", "alice")),
        ("@alice", ("", "@alice")),
        ("1234", ("", "1234")),
        ("<@alice>", ("", "<@alice>")),
    ],
)
def test_members(text: str, expected: tuple[str, str]) -> None:
    """Ids and mentions are ids, everything else a name to look up."""
    found = values.user(text)

    assert (found.id, found.name) == expected


@pytest.mark.parametrize("text", ["", "  ", "<@123>", "1234567890123456", "18446744073709551616"])
def test_members_refused(text: str) -> None:
    """What looks like an id but is none is not taken for a name."""
    with pytest.raises(InvalidId):
        values.user(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2h", NOW - 7_200_000),
        ("P1DT1H", NOW - 90_000_000),
        ("1732170000", 1_732_170_000_000),
        ("1732170000123", 1_732_170_000_123),
        ("2024-11-21T06:20:00Z", 1_732_170_000_000),
        ("2024-11-21T07:20:00+01:00", 1_732_170_000_000),
        ("2024-11-21T06:20", int(datetime(2024, 11, 21, 6, 20).timestamp() * 1000)),
        ("2024-11-21", int(datetime(2024, 11, 21).timestamp() * 1000)),
    ],
)
def test_instants(text: str, expected: int) -> None:
    """Dates, times, epoch numbers and spans all come out as epoch milliseconds."""
    assert WallTime(text, now_ms=NOW).at(MACHINE) == expected


@pytest.mark.parametrize("parse", [values.when, values.moment, values.machine_time])
@pytest.mark.parametrize(
    "text", ["", "soon", "2h30", "20260501", "-2h", "2024-13-01", "1960-01-01", "١h"]
)
def test_instants_refused(text: str, parse: Callable[[str], Any]) -> None:
    """What is no instant is refused, not guessed."""
    with pytest.raises(InvalidValue):
        parse(text)


def test_spans_count_back_from_the_present() -> None:
    """Also where days of the week are those that come."""
    present = datetime.now(UTC).timestamp() * 1000
    found: list[Any] = [values.when("0s"), values.moment("0s"), values.machine_time("0s")]
    assert all(abs(at - present) < 60_000 for at in found)


@pytest.mark.parametrize("month", [1, 7])
def test_the_clock_of_the_machine(month: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has summer and winter time as the machine has, there and back."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        at = WallTime(f"2024-{month:02}-05 12:00").at(MACHINE)

        shown = datetime.fromtimestamp(at / 1000, MACHINE)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert (shown.month, shown.day, shown.hour) == (month, 5, 12)
    assert at == datetime(2024, month, 5, 12, tzinfo=ZoneInfo("Europe/Berlin")).timestamp() * 1000


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0", 0), ("-12", -12), ("1.5", 1.5), ("1e3", 1000.0), ("9007199254740993", 2**53 + 1)],
)
def test_numbers(text: str, expected: int | float) -> None:
    """Decimal text is a JSON number of the same kind."""
    found = values.number(text)

    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize("text", ["", "01", "+1", ".5", "1.", "nan", "inf", "1e999", "0x10", "1_0"])
def test_numbers_refused(text: str) -> None:
    """Only what JSON calls a number is one, and it must fit."""
    with pytest.raises(InvalidValue):
        values.number(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=5", ("a", 5)),
        ("a=0.5", ("a", 0.5)),
        ("thresholds=[1,2]", ("thresholds", [1, 2])),
        ("label=hello", ("label", "hello")),
        ("label=", ("label", "")),
        ("a=b=c", ("a", "b=c")),
        ("a=NaN", ("a", "NaN")),
    ],
)
def test_pairs(text: str, expected: tuple[str, Any]) -> None:
    """The value of a pair is JSON where it can be, text where not."""
    assert values.key_value(text) == expected


@pytest.mark.parametrize("text", ["a", "=5", " =5", ""])
def test_pairs_refused(text: str) -> None:
    """A pair has a key and an equals sign."""
    with pytest.raises(InvalidValue):
        values.key_value(text)


@pytest.mark.parametrize("parse", [values.amount, values.user, values.when, values.number])
@given(text=st.text())
def test_any_text_is_a_value_or_refused(parse: Callable[[str], object], text: str) -> None:
    """No text makes a parser fail in another way than by refusing it."""
    try:
        parse(text)
    except InvalidValue as error:
        assert error.exit_code == 2
