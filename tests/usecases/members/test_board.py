"""The board: exact at every moment, whoever changed what."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robo_xp import RoboXP
from robo_xp.errors import InvalidId, InvalidValue, MemberNotFound
from tests.usecases.small import ANN, BOB, CARL, DORA, GUILD, memory

SHORT, LONG = "99999999999999999", "100000000000000000"
CAPPED = {"levels": {"type": "linear", "params": {"xpPerLevel": 100}, "maxLevel": 3}}


def board(robo: RoboXP, offset: int = 0, limit: int = 10) -> list[tuple[int, str, int]]:
    """Rank, member and XP of a page."""
    page = robo.leaderboard.page(GUILD, offset=offset, limit=limit)
    return [(entry.rank, entry.user_id, entry.xp) for entry in page.entries]


def test_the_order() -> None:
    """Most XP first, equals by id as a number; who has none has no place."""
    robo = memory()
    for user_id, xp in {LONG: 50, SHORT: 50, ANN: 700, BOB: 0}.items():
        robo.xp.set(GUILD, user_id, xp)

    assert board(robo) == [(1, ANN, 700), (2, SHORT, 50), (3, LONG, 50)]
    assert robo.leaderboard.page(GUILD).total == 3
    assert robo.leaderboard.rank(GUILD, BOB) is None
    rank = robo.leaderboard.rank(GUILD, LONG)
    assert rank is not None
    assert (rank.rank, rank.total) == (3, 3)


def test_levels_are_those_of_the_curve_that_holds() -> None:
    """After a change of curve that left the records alone, the board shows the new levels."""
    robo = memory()
    robo.xp.set(GUILD, ANN, 700)
    robo.config.change(GUILD, lambda own: {**own, **CAPPED}, recalculate=False)

    [entry] = robo.leaderboard.page(GUILD).entries
    assert entry.level == 3


def test_pages() -> None:
    """Any offset and limit cut the same list; beyond the end there is nothing."""
    robo = memory()
    for place, user_id in enumerate((ANN, BOB, CARL, DORA)):
        robo.xp.set(GUILD, user_id, 100 - place)

    assert board(robo, offset=1, limit=2) == [(2, BOB, 99), (3, CARL, 98)]
    assert board(robo, offset=4) == []
    for wrong in ({"offset": -1}, {"limit": 0}, {"limit": 100_001}):
        with pytest.raises(InvalidValue):
            board(robo, **wrong)


@pytest.mark.parametrize(
    ("user_id", "limit", "ranks"),
    [
        (ANN, 3, [1, 2, 3]),
        (BOB, 3, [1, 2, 3]),
        (CARL, 3, [2, 3, 4]),
        (DORA, 3, [2, 3, 4]),
        (CARL, 1, [3]),
        (CARL, 10, [1, 2, 3, 4]),
    ],
)
def test_around_a_member(user_id: str, limit: int, ranks: list[int]) -> None:
    """The member stands in the middle, or as near to it as the ends allow."""
    robo = memory()
    for place, other in enumerate((ANN, BOB, CARL, DORA)):
        robo.xp.set(GUILD, other, 100 - place)

    page = robo.leaderboard.around(GUILD, user_id, limit=limit)
    assert [entry.rank for entry in page.entries] == ranks


def test_around_somebody_without_a_place() -> None:
    """A member without XP is nowhere on the board, and neither is one that cannot be."""
    robo = memory()
    robo.xp.set(GUILD, ANN, 0)

    for user_id in (ANN, BOB):
        with pytest.raises(MemberNotFound) as caught:
            robo.leaderboard.around(GUILD, user_id)
        assert caught.value.code == "NOT_RANKED"
    with pytest.raises(InvalidId):
        robo.leaderboard.rank(GUILD, "12")


def test_standing() -> None:
    """Record, rank and progress of one member; without XP there is no rank but a record."""
    robo = memory()
    robo.xp.set(GUILD, ANN, 5_500)
    robo.xp.set(GUILD, BOB, 0)

    ann, bob = (robo.leaderboard.standing(GUILD, one) for one in (ANN, BOB))

    assert (ann.rank, ann.total, ann.member.level) == (1, 1, 9)
    assert (ann.progress.in_level, ann.progress.to_next) == (925, 175)
    assert (bob.rank, bob.total, bob.progress.to_next) == (None, 1, 155)
    with pytest.raises(MemberNotFound):
        robo.leaderboard.standing(GUILD, CARL)


def test_another_process_is_seen_at_once(data_dir: Path) -> None:
    """A board that was looked at before shows what another handle has changed since."""
    with (
        RoboXP.open(data_dir, durability="os") as one,
        RoboXP.open(data_dir, durability="os") as other,
    ):
        one.xp.set(GUILD, ANN, 10)
        seen = [board(one)]
        other.xp.set(GUILD, BOB, 20)
        seen.append(board(one))
        other.vault.namespace(f"xp/default/{GUILD}").compact()
        other.xp.delete(GUILD, ANN)
        seen.append(board(one))

    assert seen == [[(1, ANN, 10)], [(1, BOB, 20), (2, ANN, 10)], [(1, BOB, 20)]]


def test_reading_while_others_write() -> None:
    """Pages that are read while another thread adds XP are sorted and without doubles."""
    robo = memory()
    ids = [str(10**17 + number) for number in range(300)]
    done = threading.Event()

    def write() -> None:
        for turn in range(1, 6):
            for place, user_id in enumerate(ids):
                robo.xp.set(GUILD, user_id, (place * 7_919 * turn) % 1_000 + 1)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        page = robo.leaderboard.page(GUILD, limit=1_000).entries
        keys = [(-entry.xp, int(entry.user_id)) for entry in page]
        assert keys == sorted(set(keys))
        assert len({entry.user_id for entry in page}) == len(page)
    writer.join()

    assert robo.leaderboard.page(GUILD).total == 300


_CHANGES = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 5), st.booleans()), min_size=1, max_size=150
)


@settings(max_examples=40)
@given(_CHANGES)
def test_the_index_is_always_the_sorted_list(changes: list[tuple[int, int, bool]]) -> None:
    """Whatever changed since the last look, few members or many, the board is the sorted list."""
    robo = memory()
    totals: dict[str, int] = {}
    for number, xp, looks in changes:
        user_id = str(10**17 + number)
        if xp == 5 and user_id in totals:
            robo.xp.delete(GUILD, user_id)
            del totals[user_id]
        else:
            robo.xp.set(GUILD, user_id, xp)
            totals[user_id] = xp
        if looks:
            expected = sorted((-xp, int(one)) for one, xp in totals.items() if xp)
            assert [(-xp, int(one)) for _, one, xp in board(robo, limit=100)] == expected
