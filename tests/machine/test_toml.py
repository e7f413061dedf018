"""TOML that is meant to take time, or stack, is refused at once."""

from __future__ import annotations

import time

import pytest

from robo_xp.machine import toml


@pytest.mark.parametrize(
    "text",
    [
        ".".join(["a"] * 20_000) + " = 1",
        "[" + ".".join(["a"] * 20_000) + "]",
        "a = {" + ".".join(["b"] * 20_000) + " = 1}",
        "\n" + ".".join(['"a"'] * 101) + " = 1",
        "a = " + "[" * 20_000 + "]" * 20_000,
        "a = " + "{b=" * 20_000 + "1" + "}" * 20_000,
    ],
    ids=["key", "table", "inline", "quoted", "lists", "objects"],
)
def test_deep_documents(text: str) -> None:
    """However it is nested, the answer is quick and names what is wrong."""
    before = time.process_time()
    with pytest.raises(ValueError, match="nested too deeply"):
        toml.parse_toml(text)

    assert time.process_time() - before < 1


def test_long_documents() -> None:
    """A text that nobody wrote by hand is refused before it is read."""
    before = time.process_time()
    with pytest.raises(ValueError, match="longer than 16,777,216 characters"):
        toml.parse_toml("x" * (toml.LONGEST + 1))

    assert time.process_time() - before < 1


def test_usual_documents() -> None:
    """Depth as a person writes it, and dots in a text, are read."""
    dots = "." * 500
    text = f'a.b.c = 1\n[d]\ne = "{dots}"\n'

    assert toml.parse_toml(text) == {"a": {"b": {"c": 1}}, "d": {"e": dots}}
    assert toml.parse_toml(".".join(["a"] * 100) + " = 1")
