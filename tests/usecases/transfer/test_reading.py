"""Numbers, ids, times and encodings as files have them, read exactly or refused."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from robo_xp.errors import (
    InvalidAmount,
    InvalidRows,
    InvalidValue,
    OtherGuild,
    RoundedIds,
    UnknownSource,
)
from robo_xp.usecases.reading.amounts import amount_of
from robo_xp.usecases.reading.documents import document_of
from robo_xp.usecases.reading.times import instant_of
from robo_xp.usecases.transfer.sources.registry import SOURCES
from tests.usecases.small import ANN, BOB, CARL, GUILD, OTHER_GUILD, memory
from tests.usecases.transfer.reading import only, read_json, reading_of, xp_in


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        (5, 5), (5.0, 5), (5.75, 5), ("5000.0", 5000), ("1,234,567", 1_234_567), ("1,234", 1234),
        ("1.234.567", 1_234_567), ("1 234 567", 1_234_567), ("1\u202f234", 1234),
        ("1'234", 1234), ("1_000", 1000), ("12.5k", 12_500), ("2m", 2_000_000), ("1e6", 10**6),
        ("1.5E+3", 1500), ("1.234,5", 1234), ("1,234.5", 1234), ("12,5", 12), (" 7 ", 7),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(written: Any, whole: int) -> None:
    """Each spelling has one meaning; a fraction is cut off."""
    assert amount_of(written)[0] == whole


@pytest.mark.parametrize(
    "written",
    ["1.234", "", "-5", -5, "1e-3", "12,34,56", "1,2,3", "x", True, None, [], 2**53, float("nan")],
)
def test_what_is_no_number_is_refused(written: Any) -> None:
    """What could be two numbers is none either."""
    with pytest.raises(InvalidAmount):
        amount_of(written)


@pytest.mark.parametrize(
    ("written", "at"),
    [
        (1_700_000_000, 1_700_000_000_000), (1_700_000_000_123, 1_700_000_000_123),
        (1_700_000_000_123_456, 1_700_000_000_123), ("2023-11-14T22:13:20Z", 1_700_000_000_000),
        ("1700000000", 1_700_000_000_000), (0, None), ("", None), ({"$date": 0}, None),
    ],
)  # fmt: skip
def test_times_in_every_unit(written: Any, at: int | None) -> None:
    """Seconds, milliseconds and microseconds are told apart."""
    assert instant_of(written) == at


def test_a_time_to_come_bars_nobody() -> None:
    """It is left out, so that the member's next message earns."""
    entry = only(read_json([{"userId": ANN, "xp": 5, "lastAwardedAt": 10**13}]))

    assert entry.last_awarded_at is None


@pytest.mark.parametrize(
    "ids",
    [
        ["160686414550454000", "341251674692969000"],
        ["1.60686E+17"],
        [1.6068641455045453e17],
        [160686414550454530, 341251674692969400],
    ],
)
def test_rounded_ids_are_refused(ids: list[Any]) -> None:
    """Whatever rounded them: nobody can tell whose XP they are."""
    with pytest.raises(RoundedIds) as refused:
        read_json([{"userId": one, "xp": 5} for one in ids])

    assert "as text" in refused.value.advice


def test_numbers_that_are_exact_are_ids() -> None:
    """A program that keeps whole numbers may write ids as such."""
    assert xp_in(read_json([{"userId": int(ANN), "xp": 5}, {"userId": int(BOB), "xp": 6}])) == {
        ANN: 5,
        BOB: 6,
    }


TABLE = f"userId,xp,name\n{ANN},5,Zoë\n"


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        b"\xef\xbb\xbf" + TABLE.encode(),
        TABLE.encode("utf-16"),
        TABLE.encode("utf-16-le"),
        TABLE.encode("latin-1"),
        gzip.compress(TABLE.encode(), mtime=0),
        TABLE.replace(",", ";").replace("\n", "\r\n").encode(),
        TABLE.replace(",", "\t").encode(),
        f'"user id";"XP";"User Name"\n="{ANN}";5;Zoë\n'.encode(),
    ],
)
def test_encodings_and_dialects(content: bytes) -> None:
    """All say the same member."""
    entry = only(reading_of(content))

    assert (entry.user_id, entry.xp, entry.name) == (ANN, 5, "Zoë")


def zipped(**files: str) -> bytes:
    """A zip file with these files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_xml", ".xml"), text)
    return packed.getvalue()


def test_a_zip_with_one_file_is_read() -> None:
    """Two are refused, and a spreadsheet says what to do."""
    assert only(reading_of(zipped(a=TABLE))).user_id == ANN
    with pytest.raises(InvalidValue, match="2 files"):
        document_of(zipped(a=TABLE, b=TABLE))
    with pytest.raises(InvalidValue) as refused:
        document_of(zipped(**{"[Content_Types]_xml": "<x/>"}))
    assert "CSV" in refused.value.advice


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"), (b"\x1f\x8b\x08gzip", "gzip"), (b"<html>", "web page"),
        ("id,xp\n1,Привет".encode("cp1251"), "not UTF-8"), (b'{"a": "\xe4"}', "not UTF-8"),
        (b"[" * 100_000, "nested"), (b'[{"id": NaN}]', "JSON"), (b"\x00\x01\x02", "not text"),
        (gzip.compress(TABLE.encode(), mtime=0)[:-4], "cut short"),
        (b"x" * 200_000, "the first line cannot be read as CSV"),
    ],
)  # fmt: skip
def test_what_is_no_file_of_members_is_refused(content: bytes, says: str) -> None:
    """With the reason."""
    with pytest.raises(InvalidValue, match=says):
        reading_of(content)


def test_the_guild_of_a_file() -> None:
    """Other guilds' entries are left out and counted, unless they are asked for."""
    file = [
        {"userId": ANN, "guildId": GUILD, "xp": 5},
        {"userId": BOB, "guildId": OTHER_GUILD, "xp": 6},
    ]
    reading = read_json(file)
    assert (xp_in(reading), reading.elsewhere) == ({ANN: 5}, 1)
    assert xp_in(read_json(file, from_guild=OTHER_GUILD)) == {BOB: 6}
    with pytest.raises(OtherGuild) as refused:
        read_json(file[1:])
    assert f"--from-guild {OTHER_GUILD}" in refused.value.advice


def test_only_levels_need_to_be_kept() -> None:
    """Without XP the level is all there is: it is skipped, or kept on our curve."""
    robo = memory()
    reading = read_json([{"userId": ANN, "level": 5}])
    done = robo.transfer.import_members(GUILD, reading)
    robo.transfer.import_members(GUILD, reading, keep="level")

    assert "--keep level" in done.skipped[0].error
    assert robo.xp.get(GUILD, ANN) == 1525


def test_xp_in_the_level_become_totals() -> None:
    """The threshold of the level on the named curve, and the XP on top; it is pointed out first."""
    robo = memory()
    members = [{"userId": str(10**17 + n), "xp": n * 37 % 90, "level": n} for n in range(1, 20)]
    reading = read_json(members, curve="linear xpPerLevel=100")
    told = robo.transfer.import_members(GUILD, reading, dry_run=True)
    robo.transfer.import_members(GUILD, reading, xp_in_level=True)

    assert told.levels.inside
    assert robo.xp.get(GUILD, str(10**17 + 7)) == 700 + 7 * 37 % 90
    with pytest.raises(InvalidValue, match="nobody knows the curve"):
        robo.transfer.import_members(GUILD, read_json(members), xp_in_level=True)


def test_two_candidates_are_both_named() -> None:
    """What could be of two bots is not guessed."""
    both = {"levels": [{"id": ANN, "level": 1, "xp": 5}], "rankings": [], "xp_options": {}}
    with pytest.raises(UnknownSource, match=r"tatsu.*arcane|arcane.*tatsu"):
        read_json(both)


def test_keys_of_several_parts_are_asked_for() -> None:
    """The error suggests the pattern that the keys look like."""
    dump = {f"xp_{GUILD}_{ANN}": 5, f"level_{GUILD}_{ANN}": 2, f"xp_{GUILD}_{BOB}": 6}
    with pytest.raises(InvalidValue) as asked:
        read_json(dump)
    reading = read_json(dump, key="xp_{guild}_{user}")

    assert "--key 'xp_{guild}_{user}'" in asked.value.advice
    assert [(one.user_id, one.xp, one.level) for one in reading.entries] == [
        (ANN, 5, 2),
        (BOB, 6, None),
    ]


def test_an_entry_that_cannot_be_used_is_skipped() -> None:
    """It is named by its place, its neighbours are read; with none left nothing is stored."""
    reading = read_json([{"userId": ANN, "xp": 5}, {"userId": BOB, "xp": "x"}, "text", {"xp": 1}])

    assert (xp_in(reading), reading.read) == ({ANN: 5}, 4)
    assert [one.line for one in reading.skipped] == [2, 3, 4]
    with pytest.raises(InvalidRows, match="none of 1 entries"):
        read_json([{"userId": CARL, "xp": -1}])


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_can_do_worse_than_an_error(content: bytes) -> None:
    """Random bytes are read or refused, and nothing else happens."""
    try:
        reading_of(content)
    except (InvalidValue, OtherGuild):
        return


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([ANN, GUILD, "xp", "5", "id"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from([
            ANN, GUILD, "id", "xp", "level", "users", "members", "levels", "players", "data",
            "settings", "configs", "rankings", "GUILD", "MEMBER", "detailed_xp", "userID",
            "guildID", "responses", "guildId", "role_rewards", "algorithm", "curve", "exp",
        ]),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(JSON)
@example({"guildId": GUILD, "responses": [True, "players", 5, {"players": None}]})
def test_no_document_can_do_worse_than_an_error(value: Any) -> None:
    """Whatever the shape, reading and importing end well or in one error of ours."""
    try:
        reading = reading_of(json.dumps(value).encode())
    except (InvalidValue, OtherGuild):
        return
    memory().transfer.import_members(GUILD, reading)


ROW = {"id": ANN, "xp": 5}
FOREIGN = {
    "a table": f"userId,xp\n{ANN},5\n".encode(),
    "a list of members": json.dumps([{"userId": ANN, "points": 5}]).encode(),
    "giveaway-like": json.dumps({"prizes": [{"x": 1}]}).encode(),
    "a database": b"SQLite format 3\x00" + bytes(84),
}


@pytest.mark.parametrize("source", [name for name in SOURCES if name != "json"])
@pytest.mark.parametrize("name", FOREIGN)
def test_a_source_that_is_named_refuses_other_files(source: str, name: str) -> None:
    """A file that is not of its shape is refused, whatever could be made of it."""
    if name == "a table" and source == "csv":
        return
    with pytest.raises(InvalidValue):
        reading_of(FOREIGN[name], source)


def test_the_refusal_names_the_bot_that_the_file_is_of() -> None:
    """Whoever took the wrong name reads the right one."""
    with pytest.raises(UnknownSource) as refused:
        read_json({"guild_id": GUILD, "rankings": [{"user_id": ANN, "score": 5}]}, "mee6")

    assert refused.value.advice == "it looks like Tatsu (tatsu)"


def test_a_bare_list_may_be_of_several_bots() -> None:
    """It is read, and the bots that write such lists are named, unless levels tell the curve."""
    bare, leveled = read_json([ROW]), read_json([{**ROW, "level": 1}])

    assert bare.source == leveled.source == "json"
    assert "Experienced and Polaris" in bare.notes[0]
    assert leveled.notes == read_json([ROW], "json").notes == ()


def test_a_named_curve_goes_before_that_of_the_file() -> None:
    """It is the curve of the reading, by its own name, and the one that the settings say."""
    file = {
        "settings": {"curve": {"3": 1, "2": 50, "1": 100}},
        "users": {ANN: {"xp": 5}},
    }
    named = read_json(file, curve="linear xpPerLevel=300")
    lurkr = read_json(file, curve="lurkr").settings.own["levels"]

    assert named.curve is not None
    assert named.curve.name == "linear"
    assert named.settings.own["levels"] == {"type": "linear", "params": {"xpPerLevel": 300}}
    assert lurkr["type"] == "lookup"


def table_with(rows: int, marked: dict[int, str]) -> bytes:
    """A table of that many members, with another name where the row is marked."""
    first = 100_000_000_000_000_001
    lines = (f"{first + 7 * row},{marked.get(row, 'Ann')},{row}" for row in range(1, rows + 1))
    return "\n".join(["userId,name,xp", *lines, ""]).encode()


@pytest.mark.parametrize(
    ("rows", "marked"),
    [
        (200, {20: '"Bob', 90: 'Al"'}),
        (200, {20: '"Bob', 90: '"Al"'}),
        (200, {20: '"Bob', 21: 'Al"'}),
        (200, {20: '"Bob'}),
        (200, {200: '"Bob'}),
        (20_000, {20: '"Bob'}),
        (20_000, {20: '"Bob', 15_000: '"Al'}),
    ],
)
def test_a_quote_too_many_costs_the_rows_that_have_one(rows: int, marked: dict[int, str]) -> None:
    """No line is taken for a part of a name: each is an entry, or skipped with its number."""
    reading = reading_of(table_with(rows, marked))

    assert reading.read == rows
    assert {one.line - 1 for one in reading.skipped} <= set(marked)
    assert reading.skipped[0].line == min(marked) + 1
    assert "quote" in reading.skipped[0].error or "CSV" in reading.skipped[0].error


def test_names_of_several_lines_are_names() -> None:
    """Wherever their column is, with or without what parts columns in them."""
    name_first = f'name,userId,xp\n"two\nlines, one name",{ANN},5\nBob,{BOB},6\n'
    within = f'userId,name,xp\n{ANN},"Ann, the first\nof, many names",5\n{BOB},Bob,6\n'
    last = f'userId,xp,name\n{ANN},5,"one\n\n2\nthree"\n{BOB},6,Bob\n'

    for text in (name_first, within, last):
        assert xp_in(reading_of(text.encode())) == {ANN: 5, BOB: 6}
