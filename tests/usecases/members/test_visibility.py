"""Hidden members: off every board, and members like the others in all else."""

from __future__ import annotations

import pytest

from robo_xp import Awarded, RoboXP
from robo_xp.errors import InvalidId, InvalidValue, NotRanked, UndoUnclear
from robo_xp.model import Message, Post
from robo_xp.model.events import MemberHidden
from robo_xp.usecases.selection import Selection
from tests.usecases.small import ANN, BOB, CARL, CHANNEL, DORA, GUILD, XP, memory, stored


def filled() -> RoboXP:
    """Ann before Bob before Carl."""
    robo = memory()
    for user_id, xp in ((ANN, 300), (BOB, 200), (CARL, 100)):
        robo.xp.set(GUILD, user_id, xp)
    return robo


def board(robo: RoboXP) -> list[tuple[int, str]]:
    """Rank and id of those that stand on the board."""
    return [(one.rank, one.user_id) for one in robo.leaderboard.page(GUILD).entries]


def test_ranks_close_up() -> None:
    """The others move up, totals do not count the hidden one, and its own rank is none."""
    robo = filled()
    done = robo.members.hide(GUILD, [ANN, ANN], reason="asked for it")

    assert (done.changed, done.seq, done.dry_run) == ((ANN,), 4, False)
    assert board(robo) == [(1, BOB), (2, CARL)]
    assert robo.leaderboard.rank(GUILD, ANN) is None
    standing = robo.leaderboard.standing(GUILD, ANN)
    assert (standing.rank, standing.total, standing.member.hidden) == (None, 2, True)
    rank = robo.leaderboard.rank(GUILD, CARL)
    assert rank is not None and (rank.rank, rank.total) == (2, 2)
    with pytest.raises(NotRanked, match="is hidden"):
        robo.leaderboard.around(GUILD, ANN)
    stats = robo.stores.stats(GUILD)
    assert stats.top is not None
    assert (stats.top.user_id, stats.row.ranked, stats.row.members) == (BOB, 2, 3)


def test_shown_again_in_the_place_that_was_earned_meanwhile() -> None:
    """A hidden member earns as ever, and stands where its XP belong when it is shown."""
    robo = filled()
    robo.members.hide(GUILD, [CARL])
    robo.xp.add(GUILD, CARL, 150)
    post = Post(CARL, Message(CHANNEL, at=1_750_000_000_000))
    assert isinstance(robo.xp.award_many(GUILD, [post])[0], Awarded)
    assert board(robo) == [(1, ANN), (2, BOB)]
    done = robo.members.hide(GUILD, [CARL, BOB], hidden=False)

    assert done.changed == (CARL,)
    assert board(robo) == [(1, ANN), (2, CARL), (3, BOB)]
    assert "hidden" not in stored(robo)[CARL]


def test_who_has_no_record_is_hidden_too() -> None:
    """What it earns later stands on no board; undo takes an empty record away."""
    robo = filled()
    done = robo.members.hide(GUILD, [DORA])
    robo.xp.add(GUILD, DORA, 900)
    assert board(robo)[0] == (1, ANN)
    assert done.seq is not None
    robo.history.undo(XP, done.seq)
    assert board(robo)[0] == (1, DORA)

    again = robo.members.hide(GUILD, ["200000000000000009"])
    assert again.seq is not None
    robo.history.undo(XP, again.seq)
    assert "200000000000000009" not in stored(robo)


def test_nothing_to_change() -> None:
    """Who is hidden already changes nothing; a dry run says what would."""
    robo = filled()
    assert robo.members.hide(GUILD, [ANN], dry_run=True).changed == (ANN,)
    assert robo.members.hide(GUILD, [ANN]).seq == 4
    done = robo.members.hide(GUILD, [ANN])

    assert (done.changed, done.seq) == ((), None)
    for wrong, error in (([], InvalidValue), (["17"], InvalidId)):
        with pytest.raises(error):
            robo.members.hide(GUILD, wrong)


def test_history_undo_and_events() -> None:
    """The batch says who was hidden; undo shows them, and refuses where somebody did already."""
    robo = filled()
    robo.names.remember(GUILD, {ANN: "Ada"})
    first = robo.members.hide(GUILD, [ANN, BOB])
    assert first.seq is not None
    shown = robo.history.show(XP, first.seq)
    assert shown.row.what == f"Ada, {BOB} hidden"
    assert [(one["kind"], one["old"], one["new"]) for one in shown.changes] == [
        ("memberHide", False, True)
    ] * 2
    undone = robo.history.undo(XP, first.seq)
    assert undone.members == 2
    assert board(robo) == [(1, ANN), (2, BOB), (3, CARL)]
    [event, _] = list(robo.vault.namespace(XP).batches())[-1].told()
    assert event == MemberHidden(ANN, False)

    second = robo.members.hide(GUILD, [ANN])
    third = robo.members.hide(GUILD, [ANN], hidden=False)
    assert second.seq is not None
    with pytest.raises(UndoUnclear, match=f"batch {third.seq} showed"):
        robo.history.undo(XP, second.seq)


def test_a_deleted_record_comes_back_hidden() -> None:
    """Undo of a deletion gives the flag back with the rest."""
    robo = filled()
    robo.members.hide(GUILD, [ANN])
    before = stored(robo)[ANN]
    done = robo.xp.delete(GUILD, ANN)
    assert done.seq is not None
    robo.history.undo(XP, done.seq)

    assert stored(robo)[ANN] == before
    assert board(robo) == [(1, BOB), (2, CARL)]


def test_lists_of_an_operator() -> None:
    """They mark who is hidden, and can be of the hidden ones alone or of all others."""
    robo = filled()
    robo.members.hide(GUILD, [BOB])

    found = {one.user_id: one.hidden for one in robo.xp.select(GUILD).members}
    assert found == {ANN: False, BOB: True, CARL: False}
    for hidden, ids in ((True, [BOB]), (False, [ANN, CARL])):
        which = Selection(hidden=hidden)
        assert [one.user_id for one in robo.xp.select(GUILD, which).members] == ids
