"""JSON of strangers is measured before it is decoded."""

from __future__ import annotations

import json

import pytest

from robo_xp.nesting import bounded_text

SOUND = {
    "shallow": '{"a": [1, 2, {"b": []}]}',
    "as deep as may be": "[" * 100 + "]" * 100,
    "wide": json.dumps([{"a": [], "b": {}}] * 1_000),
    "brackets in texts": json.dumps(["[" * 500, "{" * 500, '"[' * 500, "\\" * 301 + "["]),
    "escapes": '["\\"' + "[" * 500 + '"]',
    "other alphabets": json.dumps(["\u00e9[\ud83d\ude00" * 300], ensure_ascii=False),
}
DEEP = {
    "lists": "[" * 201 + "]" * 201,
    "objects": '{"a":' * 300 + "1" + "}" * 300,
    "both": '[{"a":' * 300 + "1" + "}]" * 300,
    "never closed": "[" * 100_000,
    "never closed, with members": '{"a":[],"b":' * 100_000,
    "among much else": "[" + "[1]," * 1_000 + "[" * 1_000 + "]" * 1_000 + "]",
    "after texts": '["\\\\",' * 1_000,
}


@pytest.mark.parametrize("text", SOUND.values(), ids=SOUND)
def test_what_files_look_like_passes(text: str) -> None:
    """Neither size nor brackets inside texts count."""
    assert bounded_text(text) is text
    assert bounded_text(text.encode("utf-8", "surrogatepass")) is not None
    json.loads(text)


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_what_is_nested_out_of_reason_is_refused(text: str) -> None:
    """No decoder sees it, also where nothing is closed again."""
    for given in (text, text.encode()):
        with pytest.raises(RecursionError, match="more than 100 levels"):
            bounded_text(given)
