"""The examples in the operators' page are what the programs write."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path

import pytest
from tinydb import TinyDB

from robo_xp.vault.batch import Batch, batch_of, line_of
from robo_xp.vault.files.journal import head_of, scan
from robo_xp.vault.files.snapshot import content_of, parse

PAGE = (Path(__file__).parents[3] / "docs" / "journal.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```json\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_page_has_a_line_a_head_and_a_snapshot() -> None:
    """There are three examples, in this order."""
    assert [next(iter(json.loads(example))) for example in EXAMPLES] == ["seq", "seq", "users"]


@pytest.mark.parametrize("example", EXAMPLES[:2], ids=["line", "head"])
def test_an_example_line_is_what_is_written(example: str) -> None:
    """It parses, its crc is right, and writing it again gives the same bytes."""
    line = example.encode() + b"\n"

    (batch,), ends = scan(line, path="docs/journal.md")

    assert ends == [len(line)]
    assert line_of(batch) == line


def test_the_crc_is_made_as_the_page_says() -> None:
    """The crc is that of the line without the field, as anybody can compute it."""
    line = EXAMPLES[0]
    without = re.sub(r',"crc":"\w{8}"', "", line)

    assert f"{zlib.crc32(without.encode()):08x}" == json.loads(line)["crc"]


def test_head_and_line_follow_the_snapshot(tmp_path: Path) -> None:
    """The three examples are of one namespace; stock TinyDB opens the snapshot."""
    batch, head = (batch_of(example.encode()) for example in EXAMPLES[:2])
    tables, mark = parse(EXAMPLES[2].encode(), "docs/journal.md")
    (tmp_path / "snapshot.json").write_text(EXAMPLES[2])

    assert head_of([head], "docs/journal.md") == mark
    assert batch.seq == mark.seq + 1
    assert content_of(tables, mark) == EXAMPLES[2].encode()
    with TinyDB(tmp_path / "snapshot.json", access_mode="r") as stock:
        assert [dict(document) for document in stock.table("users")] == [{"xp": 20, "level": 0}]


def test_every_field_of_a_batch_is_in_the_page() -> None:
    """The table names each field that a line can have."""
    named = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))

    assert {*Batch.__struct_fields__, "crc", "format", "schema", "generation", "lineage"} <= (
        named | {"head"}
    )
