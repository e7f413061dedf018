"""Import and export: what becomes of members, and of what is there already."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp.errors import InvalidValue, MemberNotFound, StoreNotFound
from robo_xp.model import MAX_XP
from robo_xp.usecases.reading.documents import document_of
from robo_xp.usecases.transfer.entry import Entry
from robo_xp.usecases.transfer.merge import Merge
from tests.usecases.small import ANN, BOB, CARL, GUILD, MINUTE, XP, held, memory, stored, write
from tests.usecases.transfer.reading import reading_of

MEE6_PAGES = files("robo_xp").joinpath("demo/mee6_leaderboard_pages.json").read_bytes()
MEE6_GUILD = "746807687960896580"

# -- levels -----------------------------------------------------------------------------------


def test_the_curve_of_mee6_gives_the_levels_of_mee6() -> None:
    """All 300 members of a real leaderboard keep their level once the curve is the same."""
    robo = memory()
    reading = reading_of(MEE6_PAGES, guild=MEE6_GUILD)
    imported = robo.transfer.import_members(GUILD, reading)
    robo.config.set(GUILD, {"levels": {"type": "mee6"}})
    listed = {p["id"]: p["level"] for page in json.loads(MEE6_PAGES) for p in page["players"]}

    assert (imported.read, imported.added, imported.skipped) == (300, 300, ())
    assert {user_id: record["level"] for user_id, record in stored(robo).items()} == listed


def test_levels_of_mee6_can_be_kept_on_another_curve() -> None:
    """With the level kept, XP are worked out, and everybody is as far inside the level."""
    robo = memory()
    reading = reading_of(MEE6_PAGES, guild=MEE6_GUILD)
    robo.transfer.import_members(GUILD, reading, keep="level")
    players = {p["id"]: p for page in json.loads(MEE6_PAGES) for p in page["players"]}

    for user_id, record in stored(robo).items():
        progress = robo.math.progress_in_level(record["xp"])
        gained, needed, _ = players[user_id]["detailed_xp"]
        assert record["level"] == players[user_id]["level"]
        assert 0 <= progress.percentage - gained * 100 / needed < 1


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


@pytest.mark.parametrize(("merge", "expected"), [("max", 7), ("replace", 7), ("add", 17)])
def test_who_is_listed_again_is_merged(merge: Merge, expected: int) -> None:
    """The largest XP count, or the sum where that was asked for; never the last of them."""
    robo = memory()
    repeats = [Entry(1, ANN, 5), Entry(2, BOB, 6), Entry(3, ANN, 7, level=2), Entry(4, ANN, 5)]
    done = robo.transfer.import_members(GUILD, repeats, merge=merge)

    assert (done.read, done.added, done.repeated) == (4, 2, 2)
    assert robo.xp.get(GUILD, ANN) == expected


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
    text = f"id,xp,name\n{ANN},5,Zoë\n{BOB},6,{'x' * 300}\n{CARL},7,'=1+1\n"
    entries = reading_of(text.encode())
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


def test_hidden_members_stay_hidden() -> None:
    """They are on no board, keep their XP, and an undo shows them again."""
    robo = memory()
    robo.xp.add(GUILD, BOB, 40)
    done = robo.transfer.import_members(
        GUILD, [Entry(1, ANN, 5, hidden=True), Entry(2, BOB, 50, hidden=True), Entry(3, CARL, 7)]
    )

    assert [one.user_id for one in robo.leaderboard.page(GUILD).entries] == [CARL]
    assert robo.xp.get(GUILD, ANN) == 5
    assert done.seq is not None
    robo.history.undo(XP, done.seq)
    assert [one.user_id for one in robo.leaderboard.page(GUILD).entries] == [BOB]


def test_a_last_award_to_come_bars_nobody() -> None:
    """Whatever file or clock it is from: the next message earns."""
    robo = memory()
    robo.transfer.import_members(GUILD, [Entry(1, ANN, 5, last_awarded_at=10**13)])
    write(robo, ANN, at=1_750_000_000_000)

    assert robo.xp.get(GUILD, ANN) == 25


# -- export ---------------------------------------------------------------------------------

LAST = st.just(0) | st.integers(1_500_000_000_000, 1_700_000_000_000)
RECORD = st.tuples(*[st.integers(0, MAX_XP)] * 3, LAST)


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
    content = document_of(json.dumps(document).encode())
    reading = robo.transfer.read(GUILD, "auto", [content])["default"]
    robo.transfer.import_members(GUILD, reading, store="copy")

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
