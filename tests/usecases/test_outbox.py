"""What waits for Discord: kept until it is done, and named where it is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.model.outbox import ANNOUNCEMENT, GIVEAWAY, ROLES, NewLevel, NotDone, RolesDue
from robo_xp.rules.giveaway.duration import DAY_MS
from tests.daemon.giveaways.scenes import MovedClock

GUILD, ANN, BOB = "100000000000000001", "400000000000000001", "400000000000000002"
ROLE = "500000000000000001"
GIVEAWAY_ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
ABOVE = NotDone("hierarchy", "a role is not given", "drag the bot's role up", {"role_id": ROLE})


@pytest.fixture
def robo() -> RoboXP:
    """A vault in memory."""
    return RoboXP.open("memory:")


def rise(user_id: str, seq: int, level: int, old_level: int = 0) -> NewLevel:
    """A rise that a batch told."""
    return NewLevel(user_id, level, old_level, 1000, at=seq * 1000, seq=seq)


def test_what_is_asked_for_is_kept_with_how_far_was_read(robo: RoboXP) -> None:
    """One batch holds both, so a crash leaves neither or both."""
    robo.outbox.take(GUILD, "default", 7, roles=[RolesDue(ANN, True, False, 1)],
                     levels=[rise(ANN, 7, 2)])  # fmt: skip
    assert robo.vault.namespace(f"outbox/{GUILD}").read().seq == 1
    assert robo.outbox.taken(GUILD) == {"default": 7}
    assert robo.outbox.roles_due(GUILD) == [RolesDue(ANN, True, False, 1)]
    assert robo.outbox.levels_due(GUILD) == {"default": [rise(ANN, 7, 2)]}
    assert robo.outbox.left(GUILD) == 2


def test_it_outlives_the_process(tmp_path: Path) -> None:
    """What waits is there after a start."""
    with RoboXP.open(tmp_path) as robo:
        robo.outbox.take(GUILD, "default", 7, levels=[rise(ANN, 7, 2)])
    with RoboXP.open(tmp_path) as robo:
        assert robo.outbox.guilds() == [GUILD]
        assert robo.outbox.levels_due(GUILD) == {"default": [rise(ANN, 7, 2)]}


def test_what_was_asked_for_again_meanwhile_stays(robo: RoboXP) -> None:
    """A member whose level moved while Discord was told is looked at once more."""
    first = RolesDue(ANN, True, False, 1)
    robo.outbox.take(GUILD, "default", 1, roles=[first], levels=[rise(ANN, 1, 2)])
    robo.outbox.take(GUILD, "default", 2, roles=[first], levels=[rise(ANN, 2, 3, 2)])
    robo.outbox.roles_settled(GUILD, [first])
    robo.outbox.levels_done(GUILD, "default", [rise(ANN, 1, 2)])
    assert robo.outbox.roles_due(GUILD) == [RolesDue(ANN, True, False, 1, asks=2)]
    assert robo.outbox.levels_due(GUILD) == {"default": [rise(ANN, 2, 3, 2)]}
    robo.outbox.roles_settled(GUILD, robo.outbox.roles_due(GUILD))
    robo.outbox.levels_done(GUILD, "default", [rise(ANN, 2, 3, 2)])
    assert robo.outbox.left(GUILD) == 0


def test_refusals_are_named_by_cause(robo: RoboXP) -> None:
    """Members with one cause make one row, which is gone when it passed for all of them."""
    due = [RolesDue(user_id, True, False, 1) for user_id in (ANN, BOB)]
    robo.outbox.take(GUILD, "default", 1, roles=due)
    assert robo.outbox.roles_settled(GUILD, [], [(one, [ABOVE]) for one in due]) == 2
    assert robo.outbox.roles_settled(GUILD, [], [(due[0], [ABOVE])]) == 0
    (row,) = robo.outbox.refused()
    assert (row.kind, row.code, row.members, row.role_id) == (ROLES, "hierarchy", 2, ROLE)
    assert row.user_ids == (ANN, BOB)
    robo.outbox.roles_settled(GUILD, due)
    assert robo.outbox.refused() == []


def members(count: int, *, rose: bool = True) -> list[RolesDue]:
    """So many members whose roles are to be looked at."""
    ids = (str(410_000_000_000_000_000 + number) for number in range(count))
    return [RolesDue(user_id, rose, not rose, 1) for user_id in ids]


def test_many_wait_as_crowds(robo: RoboXP) -> None:
    """They are kept by the hundred in their order, and each leaves when it is settled."""
    robo.outbox.take(GUILD, "default", 1, roles=members(120))
    robo.outbox.take(GUILD, "default", 2, roles=members(30, rose=False))
    crowd, left = robo.outbox.next_crowd(GUILD)
    assert (crowd, left) == ([replace(one, crowd="1") for one in members(100)], 150)
    assert robo.outbox.left(GUILD) == 150

    robo.outbox.roles_settled(GUILD, crowd[:98], [(crowd[98], [ABOVE])])
    assert robo.outbox.next_crowd(GUILD) == (crowd[99:], 51)
    assert [one.user_id for one in robo.outbox.roles_due(GUILD)] == [crowd[98].user_id]
    robo.outbox.roles_settled(GUILD, crowd[99:])
    sizes = list[tuple[int, bool]]()
    while due := robo.outbox.next_crowd(GUILD)[0]:
        sizes.append((len(due), due[0].rose))
        robo.outbox.roles_settled(GUILD, due)

    assert sizes == [(20, True), (30, False)]
    assert robo.outbox.left(GUILD) == 1


def test_one_of_a_crowd_reads_of_itself_alone(robo: RoboXP) -> None:
    """What is kept of a member who waits among many names nobody else."""
    crowd = members(120)
    robo.outbox.take(GUILD, "default", 1, roles=crowd)
    own = crowd[7].user_id
    (found,) = robo.members.export(GUILD, own).documents

    assert (found["table"], found["record"]["userIds"]) == ("crowds", [own])


@pytest.mark.parametrize("refuses", [False, True])
def test_one_of_a_crowd_is_erased(robo: RoboXP, refuses: bool) -> None:
    """The others wait as before, also if it was alone in the first crowd, or in hand just now."""
    robo.outbox.take(GUILD, "default", 1, roles=members(101))
    first = robo.outbox.next_crowd(GUILD)[0]
    robo.outbox.roles_settled(GUILD, first[1:])
    alone, last = robo.outbox.next_crowd(GUILD)[0][0], members(101)[100]
    robo.members.erase(GUILD, alone.user_id)
    if refuses:
        robo.outbox.roles_settled(GUILD, [], [(alone, [ABOVE])])

    assert robo.outbox.next_crowd(GUILD) == ([replace(last, crowd="2")], 1)
    assert robo.outbox.left(GUILD) == 1
    documents = robo.members.export(GUILD, alone.user_id).documents
    assert {one["table"] for one in documents} == {"erased"}


def test_what_is_refused_as_before_is_written_once(robo: RoboXP) -> None:
    """However many members wait, a try that changes nothing costs one small record."""
    crowd = members(500)
    robo.outbox.take(GUILD, "default", 1, roles=crowd)
    while due := robo.outbox.next_crowd(GUILD)[0]:
        assert robo.outbox.roles_settled(GUILD, [], [(one, [ABOVE]) for one in due]) == 100
    name = f"outbox/{GUILD}"
    before = robo.vault.namespace(name).read().seq
    assert robo.outbox.roles_settled(GUILD, [], [(one, [ABOVE]) for one in crowd]) == 0
    robo.outbox.tried(GUILD)

    written = [op for batch in robo.vault.namespace(name).batches(before) for op in batch.ops]
    assert {op[0] for op in written} == {"tried"} and len(written) <= 2
    (row,) = robo.outbox.refused()
    assert row.members == 500 and row.tried_at >= row.since
    assert robo.outbox.roles_due(GUILD, but=ABOVE) == []
    assert len(robo.outbox.roles_due(GUILD)) == 500


def test_what_nobody_tries_any_more_is_forgotten(tmp_path: Path) -> None:
    """What was refused of a giveaway for good is shown for a week; nothing has to be mended."""
    why = NotDone("10003", "refused", "the channel is gone", {"channel_id": GUILD})
    clock = MovedClock()
    with RoboXP.open(tmp_path, clock=clock) as robo:
        robo.outbox.giveaway_refused(GUILD, GIVEAWAY_ID, "message", why)
        clock.moved_ms = 6 * DAY_MS
        assert len(robo.outbox.refused()) == 1
        clock.moved_ms = 8 * DAY_MS
        assert robo.outbox.refused() == []
        other = f"{GIVEAWAY_ID[:-1]}0"
        robo.outbox.giveaway_refused(GUILD, other, "message", why)

        assert [row.giveaway_id for row in robo.outbox.refused()] == [other]
        stored = robo.vault.namespace(f"outbox/{GUILD}").read().records("giveaways")
        assert [record["id"] for record in stored.values()] == [other]


def test_each_kind_of_refusal_is_read_back(robo: RoboXP) -> None:
    """Announcements name their store, giveaways their id; both are gone when they pass."""
    why = NotDone("50013", "refused", "give the permission", {"channel_id": GUILD})
    robo.outbox.take(GUILD, "season", 1, levels=[rise(ANN, 1, 2)])
    robo.outbox.levels_refused(GUILD, "season", [rise(ANN, 1, 2)], why)
    robo.outbox.giveaway_refused(GUILD, GIVEAWAY_ID, "message", why)
    found = {row.kind: row for row in robo.outbox.refused(GUILD)}
    assert found[ANNOUNCEMENT].store_id == "season"
    assert found[GIVEAWAY].giveaway_id == GIVEAWAY_ID
    assert {row.mend for row in found.values()} == {"give the permission"}
    robo.outbox.levels_done(GUILD, "season", [rise(ANN, 1, 2)])
    robo.outbox.giveaway_passed(GUILD, GIVEAWAY_ID, "message")
    assert robo.outbox.refused(GUILD) == []
