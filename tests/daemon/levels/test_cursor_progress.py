"""Cursors move past what is done, and past nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from robo_xp_daemon.levels.cursor_progress import CursorProgress, Round
from robo_xp_daemon.levels.cursors import Cursor, Kind
from robo_xp_daemon.levels.moves import Move

NAME = "xp/default/100000000000000001"


@given(
    sizes=st.lists(st.integers(0, 3), min_size=1, max_size=8),
    order=st.randoms(use_true_random=False),
)
def test_a_cursor_never_passes_what_is_not_done(sizes: list[int], order: object) -> None:
    """In whatever order effects end, the cursor stands at the last round before an open one."""
    progress = CursorProgress({}, lambda: None)
    rounds = [
        Round(NAME, Kind.REWARDED, seq, tuple(Move(str(n)) for n in range(size)))
        for seq, size in enumerate(sizes, 1)
    ]
    tickets = [progress.begin(one) for one in rounds]
    left = [ticket for ticket in tickets for _ in range(ticket.left)]
    order.shuffle(left)  # type: ignore[attr-defined]  # a random.Random
    for ticket in left:
        ticket.done()
        open_ones = [one.seq for one in tickets if one.left]
        expected = open_ones[0] - 1 if open_ones else len(sizes)
        assert progress.cursors.get(NAME, Cursor()).rewarded == expected

    assert progress.cursors[NAME] == Cursor(rewarded=len(sizes))


def test_kinds_and_namespaces_go_at_their_own_pace() -> None:
    """An open round holds back neither the other kind nor another namespace."""
    other = NAME.replace("default", "other")
    told: list[bool] = []
    progress = CursorProgress({NAME: Cursor(4, 5)}, lambda: told.append(True))
    progress.begin(Round(NAME, Kind.REWARDED, 6, (Move("1"),)))
    progress.begin(Round(NAME, Kind.ANNOUNCED, 6, ()))
    progress.begin(Round(other, Kind.REWARDED, 3, (Move("1"),))).done()

    assert progress.cursors == {NAME: Cursor(4, 6), other: Cursor(3, 0)}
    assert told == [True]


def test_cursors_are_handed_out_once_unless_given_back() -> None:
    """What could not be stored is stored with the next ones, and newer ones win."""
    progress = CursorProgress({}, lambda: None)
    progress.begin(Round(NAME, Kind.REWARDED, 1, ()))
    taken = progress.take_unsaved()
    assert progress.take_unsaved() == {}
    progress.begin(Round(NAME, Kind.REWARDED, 2, ()))
    progress.give_back(taken)

    assert progress.take_unsaved() == {NAME: Cursor(2, 0)}
