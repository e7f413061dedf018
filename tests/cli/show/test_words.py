"""Foreign text: nothing that a member types reaches the terminal as more than letters."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp.text import thousands
from robo_xp_cli.show.words import (
    human_time,
    json_escaped,
    shown_lines,
    visible_text,
    without_controls,
)

ANY_TEXT = st.text(st.characters(exclude_categories=()))
HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ufeff\u2028\ud800-\udfff]"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zoë 日本語 ¯\\_(ツ)_/¯", "Zoë 日本語 ¯\\_(ツ)_/¯"),
        ("\x1b[31m", r"\x1b[31m"),
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("\x7f\x9b\x00", r"\x7f\x9b\x00"),
        ("\u202eabc\u2069", r"\u202eabc\u2069"),
        ("\ufeff\u200b\u061c\u2028", r"\ufeff\u200b\u061c\u2028"),
        ("\udc80", r"\udc80"),
        ("\U000e0041", r"\U000e0041"),
        ("a\u200db", r"a\u200db"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("[red]:smile:", "[red]:smile:"),
    ],
)
def test_shown(text: str, expected: str) -> None:
    """Visible text stays, everything that acts or hides becomes an escape."""
    assert visible_text(text) == expected


@given(ANY_TEXT)
def test_shown_leaves_nothing_hostile(text: str) -> None:
    """No text whatever leaves a control, bidirectional or surrogate character behind."""
    assert not HOSTILE.search(visible_text(text))
    assert visible_text(visible_text(text)) == visible_text(text)


@given(ANY_TEXT)
def test_json_keeps_its_meaning(text: str) -> None:
    """Escaping a JSON document changes how it looks, never what it says."""
    document = json_escaped(json.dumps({"name": text}, ensure_ascii=False))

    assert json.loads(document) == {"name": text}
    assert not HOSTILE.search(document)


def test_an_indented_document_keeps_its_lines() -> None:
    """The line breaks between the members of an object are not text of anybody."""
    assert json_escaped('{\n  "a": "\x9b"\n}') == '{\n  "a": "\\u009b"\n}'


def test_lines_stay_lines() -> None:
    """A text of several lines keeps them and nothing else that acts."""
    assert shown_lines("one\n\x1btwo") == "one\n\\x1btwo"


def test_files_keep_marks_and_lose_controls() -> None:
    """In a file a right-to-left mark is part of a name; an escape character never is."""
    assert without_controls("\u200fשלום\x1b") == "\u200fשלום\\x1b"


def test_numbers_and_times_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands are separated; an instant that no calendar has is shown as its number."""
    assert thousands(-1234567) == "-1,234,567"
    assert re.fullmatch(r"2024-11-2[01] \d\d:\d\d", human_time(1732170000123))
    assert human_time(2**60) == str(2**60)
