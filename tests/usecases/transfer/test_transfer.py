"""Import and export: what files say, what becomes of it, and files that say nonsense."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp.errors import InvalidValue, MemberNotFound, StoreNotFound
from robo_xp.model import MAX_XP
from robo_xp.usecases.transfer.formats import KINDS, Entry, Skipped, entries_of
from robo_xp.usecases.transfer.use import Merge
from tests.usecases.small import ANN, BOB, CARL, GUILD, MINUTE, XP, held, memory, stored, write

MEE6_PAGES = files("robo_xp").joinpath("demo/mee6_leaderboard_pages.json").read_bytes()
POLARIS = Path(__file__).parents[2] / "data" / "polaris_shape.json"


def good(kind: str, text: str) -> list[Entry]:
    """The entries of a file in which all are good."""
    found = entries_of(kind, text.encode())
    assert [one for one in found if isinstance(one, Skipped)] == []
    return [one for one in found if isinstance(one, Entry)]


# -- reading files --------------------------------------------------------------------------


def test_the_curve_of_mee6_gives_the_levels_of_mee6() -> None:
    """All 300 members of a real leaderboard keep their level once the curve is the same."""
    robo = memory()
    imported = robo.transfer.import_members(GUILD, entries_of("mee6", MEE6_PAGES))
    robo.config.set(GUILD, {"levels": {"type": "mee6"}})
    listed = {p["id"]: p["level"] for page in json.loads(MEE6_PAGES) for p in page["players"]}

    assert (imported.read, imported.added, imported.skipped) == (300, 300, ())
    assert {user_id: record["level"] for user_id, record in stored(robo).items()} == listed


def test_levels_of_mee6_can_be_kept_on_another_curve() -> None:
    """With the level kept, XP are worked out, and everybody is as far inside the level."""
    robo = memory()
    robo.transfer.import_members(GUILD, entries_of("mee6", MEE6_PAGES), keep="level")
    players = {p["id"]: p for page in json.loads(MEE6_PAGES) for p in page["players"]}

    for user_id, record in stored(robo).items():
        progress = robo.math.progress_in_level(record["xp"])
        gained, needed, _ = players[user_id]["detailed_xp"]
        assert record["level"] == players[user_id]["level"]
        assert abs(progress.percentage - gained * 100 / needed) < 1


def test_the_shape_of_polaris_is_read() -> None:
    """A map from id to member is read, and its two wrong entries are named."""
    found = entries_of("json", POLARIS.read_bytes())
    skipped = [one for one in found if isinstance(one, Skipped)]

    assert len(skipped) == 2
    assert all(one.error for one in skipped)
    assert len(found) - 2 == len(json.loads(POLARIS.read_text())["users"]) - 2


@pytest.mark.parametrize(
    "header",
    [
        "userId,xp,level",
        "user_id;XP;Level",
        "User ID\tTotal XP\tlevel",
        "id,exp,LEVEL",
        "\ufeffid,xp,level",
    ],
)
def test_columns_are_found_however_they_are_spelled(header: str) -> None:
    """Case, spaces, underscores and the separator do not matter."""
    mark = next(mark for mark in ",;\t" if mark in header)

    assert good("csv", f"{header}\n{mark.join([ANN, '150', '1'])}\n") == [
        Entry(2, ANN, 150, level=1)
    ]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("json", f'[{{"userId": "{ANN}", "xp": 5, "name": "Zoë"}}]'),
        ("json", f'{{"members": [{{"id": {ANN}, "xp": 5.0, "username": " Zoë "}}]}}'),
        ("json", f'{{"{ANN}x": 1, "users": {{"{ANN}": {{"xp": 5, "name": "Zoë"}}}}}}'),
        ("mee6", f'{{"players": [{{"id": "{ANN}", "xp": 5, "username": "Zoë"}}]}}'),
    ],
)
def test_every_shape_of_json_is_read(kind: str, text: str) -> None:
    """Lists, maps, wrapped or bare, ids as text or number: all name the same member."""
    assert good(kind, text) == [Entry(1, ANN, 5, name="Zoë")]


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"id": "12", "xp": 1}, "17 to 20 digits"),
        ({"id": True, "xp": 1}, "17 to 20 digits"),
        ({"xp": 1}, "17 to 20 digits"),
        ({"id": ANN}, "xp must be a whole number"),
        ({"id": ANN, "xp": -1}, "xp must be"),
        ({"id": ANN, "xp": 1.5}, "xp must be"),
        ({"id": ANN, "xp": MAX_XP + 1}, "xp must be"),
        ({"id": ANN, "xp": 10**300}, "xp must be"),
        ({"id": ANN, "xp": "1e5"}, "xp must be"),
        ({"id": ANN, "xp": "٣"}, "xp must be"),
        ({"id": ANN, "xp": [1]}, "xp must be"),
        ({"id": ANN, "xp": 1, "level": 10**9}, "level can be at most"),
        ({"id": ANN, "xp": 1, "messages": -3}, "messages must be"),
        ("text", "is no object"),
        (None, "is no object"),
    ],
)
def test_an_entry_that_cannot_be_used_is_skipped(item: Any, said: str) -> None:
    """It is named by its place and what is wrong, and its neighbours are read."""
    text = json.dumps([{"id": BOB, "xp": 1}, item, {"id": CARL, "xp": 2}])
    first, bad, last = entries_of("json", text.encode(), file="a.json")

    assert (first, last) == (
        Entry(1, BOB, 1, file="a.json"),
        Entry(3, CARL, 2, file="a.json"),
    )
    assert isinstance(bad, Skipped)
    assert (bad.line, bad.file) == (2, "a.json")
    assert said in bad.error


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  \n\n",
        b"\xef\xbb\xbf",
        b"\xff\xfe{\x00",
        b"\x1f\x8b\x08gzip",
        b"[NaN]",
        b'[{"id": 1e999}]',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"players": 5}',
        b'"text"',
        b"<html>",
        MEE6_PAGES[: len(MEE6_PAGES) // 2],
        b'id,xp\n"not closed',
        b"xp,xp\n1,2",
        b"id,xp,XP\n1,2,3",
        b"\x00\x00\x00",
    ],
    ids=lambda content: repr(content[:12]),
)
def test_a_file_that_is_something_else_is_refused(kind: str, content: bytes) -> None:
    """Whatever the bytes are, the answer is one clear error."""
    with pytest.raises(InvalidValue) as refused:
        entries_of(kind, content)

    assert refused.value.message


@given(st.sampled_from(KINDS), st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_can_do_worse(kind: str, content: bytes) -> None:
    """Random bytes are read or refused, and nothing else happens."""
    try:
        entries_of(kind, content)
    except InvalidValue:
        return


# -- merging --------------------------------------------------------------------------------

FILED = Entry(1, ANN, 500, messages=10, xp_messages=8, last_awarded_at=MINUTE)


@pytest.mark.parametrize(
    ("merge", "xp", "expected"),
    [
        ("max", 700, (700, 3, 10, 8, MINUTE)),
        ("max", 300, (500, 2, 10, 8, MINUTE)),
        ("add", 300, (800, 3, 10, 8, MINUTE)),
        ("replace", 700, (500, 2, 10, 8, MINUTE)),
    ],
)
def test_a_member_who_is_there_is_merged(merge: Merge, xp: int, expected: tuple[int, ...]) -> None:
    """The greater value, the sum, or the file's value: XP and counters alike."""
    robo = memory()
    robo.xp.set(GUILD, ANN, xp)
    done = robo.transfer.import_members(GUILD, [FILED], merge=merge)

    assert held(robo)[ANN] == expected
    assert (done.added, done.changed) == (0, 1)


def test_an_import_a_second_time_changes_nothing() -> None:
    """What is there already is counted as unchanged, and makes no batch."""
    robo = memory()
    robo.transfer.import_members(GUILD, [FILED])
    again = robo.transfer.import_members(GUILD, [FILED])

    assert (again.added, again.changed, again.unchanged, again.seq) == (0, 0, 1, None)


def test_who_is_listed_twice_counts_as_listed_last() -> None:
    """Pages that overlap do not add up; the number of such entries is told."""
    robo = memory()
    done = robo.transfer.import_members(
        GUILD, [Entry(1, ANN, 5), Entry(2, BOB, 6), Entry(3, ANN, 7)], merge="add"
    )

    assert (done.read, done.added, done.repeated) == (3, 2, 1)
    assert robo.xp.get(GUILD, ANN) == 7


@pytest.mark.parametrize(("level", "expected"), [(0, 0), (5, 100), (6, 100), (1_000_000, 100)])
def test_a_kept_level_ends_at_the_highest(level: int, expected: int) -> None:
    """A level above the end of the curve becomes the highest one."""
    robo = memory()
    robo.config.set(
        GUILD, {"levels": {"type": "linear", "params": {"xpPerLevel": 20}, "maxLevel": 5}}
    )
    robo.transfer.import_members(GUILD, [Entry(1, ANN, 9, level=level)], keep="level")

    assert robo.xp.get(GUILD, ANN) == expected


def test_a_kept_level_out_of_reach_is_the_last_one_in_reach() -> None:
    """A level that would need more XP than there can be becomes the last that does not."""
    robo = memory()
    robo.config.set(
        GUILD, {"levels": {"type": "exponential", "params": {"base": 2, "multiplier": 100}}}
    )
    robo.transfer.import_members(GUILD, [Entry(1, ANN, 9, level=900)], keep="level")
    record = robo.xp.record(GUILD, ANN)

    assert record is not None
    assert record.level == 46 and record.xp == 100 * 2**46


def test_an_entry_without_a_level_cannot_keep_it() -> None:
    """It is skipped, instead of getting XP that mean another level."""
    robo = memory()
    done = robo.transfer.import_members(GUILD, [Entry(4, ANN, 9)], keep="level")

    assert [(one.line, one.error) for one in done.skipped] == [
        (4, f"member {ANN}: there is no level to keep")
    ]
    assert held(robo) == {}


@pytest.mark.parametrize("options", [{"merge": "sum"}, {"keep": "rank"}])
def test_an_unknown_way_to_merge_is_refused(options: dict[str, Any]) -> None:
    """Only the documented words are known."""
    with pytest.raises(InvalidValue, match="merge is one of"):
        memory().transfer.import_members(GUILD, [FILED], **options)


def test_names_are_remembered() -> None:
    """A member can be called by the name in the file; a dry run remembers nothing."""
    robo = memory()
    entries = good("csv", f"id,xp,name\n{ANN},5,Zoë\n{BOB},6,{'x' * 300}\n{CARL},7,'=1+1\n")
    robo.transfer.import_members(GUILD, entries, dry_run=True)
    with pytest.raises(MemberNotFound):
        robo.names.resolve(GUILD, "Zoë")
    robo.transfer.import_members(GUILD, entries)

    assert robo.names.resolve(GUILD, "zoë") == ANN
    assert robo.names.name(GUILD, BOB) == "x" * 200
    assert robo.names.name(GUILD, CARL) == "=1+1"


def test_two_members_of_one_name_are_told_apart_by_the_operator() -> None:
    """A name that fits twice is an error that lists both; the exact spelling decides."""
    robo = memory()
    robo.names.remember(GUILD, {ANN: "Zoë", BOB: "zoë"})

    assert robo.names.resolve(GUILD, "Zoë") == ANN
    with pytest.raises(InvalidValue, match=f"{ANN} .*{BOB}"):
        robo.names.resolve(GUILD, "ZOË")
    robo.names.remember(GUILD, {BOB: "Bob"})
    assert robo.names.resolve(GUILD, "ZOË") == ANN


def test_an_import_is_one_batch_that_can_be_undone() -> None:
    """Undo takes XP and counters back, and the members that the import made."""
    robo = memory()
    robo.config.set(GUILD, {"cooldownSeconds": 0})
    robo.xp.add(GUILD, BOB, 40)
    write(robo, BOB, at=1)
    before = stored(robo)
    done = robo.transfer.import_members(
        GUILD, [FILED, Entry(2, BOB, 99, messages=5, xp_messages=5, last_awarded_at=7)]
    )
    assert done.seq == 4

    robo.history.undo(XP, 4)

    assert stored(robo) == before


# -- export ---------------------------------------------------------------------------------

RECORD = st.tuples(*[st.integers(0, MAX_XP)] * 4)


@given(st.dictionaries(st.integers(10**16, 2**64 - 1).map(str), RECORD, min_size=1, max_size=20))
def test_an_export_comes_back_as_the_same_members(records: dict[str, tuple[int, ...]]) -> None:
    """Export to JSON and import into an empty store: every field of every member is the same."""
    robo = memory()
    robo.transfer.import_members(
        GUILD,
        [
            Entry(1, user_id, xp, messages=m, xp_messages=x, last_awarded_at=last)
            for user_id, (xp, m, x, last) in records.items()
        ],
    )
    document = robo.transfer.document(GUILD)
    robo.transfer.import_members(
        GUILD, entries_of("json", json.dumps(document).encode()), store="copy"
    )

    assert stored(robo, "copy") == stored(robo)


def test_an_export_is_in_the_order_of_the_board() -> None:
    """Most XP first, equals by id; names where they are known, and the store's settings."""
    robo = memory()
    robo.config.set(GUILD, {"xpRate": 2.0})
    robo.names.remember(GUILD, {BOB: "Zoë"})
    for user_id, xp in ((CARL, 10), (BOB, 10), (ANN, 400)):
        robo.xp.add(GUILD, user_id, xp)
    document = robo.transfer.document(GUILD)

    assert [(one["userId"], one.get("name")) for one in document["members"]] == [
        (ANN, None),
        (BOB, "Zoë"),
        (CARL, None),
    ]
    assert document["config"] == {"xpRate": 2.0}
    assert (document["guildId"], document["storeId"], document["seq"]) == (GUILD, "default", 4)


def test_there_is_nothing_to_export_from_an_empty_store() -> None:
    """A store that holds nothing is not found, so that a mistyped name is no empty file."""
    with pytest.raises(StoreNotFound):
        memory().transfer.document(GUILD)
