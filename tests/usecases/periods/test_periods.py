"""Boards of days, weeks and months: their sums, and what becomes of them when they are over."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from robo_xp import RoboXP
from robo_xp.errors import (
    InvalidConfig,
    InvalidValue,
    NotRanked,
    PeriodNotFound,
    Refused,
    UndoUnclear,
)
from robo_xp.model import Awarded, Message, Post
from robo_xp.rules.period import DAY, KINDS, MONTH, WEEK, Calendar
from robo_xp.rules.voice import VoiceTime
from robo_xp.usecases.periods.checking import sum_faults
from robo_xp.usecases.periods.use import NOW, Cut, When
from robo_xp.vault import Origin
from tests.usecases.small import (
    ANN,
    BOB,
    CARL,
    CHANNEL,
    DORA,
    GUILD,
    XP,
    HandClock,
    memory,
    write,
)

HOUR, A_DAY = 3_600_000, 86_400_000
MONDAY = 1_749_427_200_000  # 2025-06-09 00:00 UTC
ROLE, OTHER_ROLE = "500000000000000001", "500000000000000002"


def guild(**periods: Any) -> tuple[RoboXP, HandClock]:
    """A guild without a cooldown, on a Monday."""
    clock = HandClock()
    clock.at = MONDAY
    robo = memory(clock)
    robo.config.set(GUILD, {"cooldownSeconds": 0, "periods": periods})
    return robo, clock


def gained(robo: RoboXP, kind: str, when: When = NOW) -> dict[str, int]:
    """The board of a period."""
    found = robo.periods.board(GUILD, kind, when, Cut(limit=1000))
    return {entry.user_id: entry.xp for entry in found.board.entries}


def faults(robo: RoboXP, calendar: Calendar) -> list[str]:
    """What the journal says of the sums."""
    namespace = robo.vault.namespace(XP)
    return [fault.what for fault in sum_faults(namespace, calendar)]


# -- sums -------------------------------------------------------------------------------------


def test_awards_count_in_the_periods_of_their_time() -> None:
    """A message counts where it was written, however late it is committed."""
    robo, clock = guild()
    clock.at = MONDAY + 9 * A_DAY
    write(robo, BOB, at=clock.at)
    for at in (-1, 8 * A_DAY, 8 * A_DAY + HOUR, 9 * A_DAY):
        write(robo, ANN, at=MONDAY + at)

    assert gained(robo, WEEK) == {ANN: 60, BOB: 20}
    assert gained(robo, DAY) == {ANN: 20, BOB: 20}
    assert gained(robo, DAY, When(back=1)) == {ANN: 40}
    assert gained(robo, WEEK, When(back=1)) == {}
    assert gained(robo, WEEK, When(at=MONDAY - HOUR)) == {ANN: 20}
    assert gained(robo, MONTH) == {ANN: 80, BOB: 20}


@pytest.mark.parametrize("seed", [1, 2])
def test_sums_equal_the_journal_on_ten_thousand_awards(seed: int) -> None:
    """At any time, with late messages, undo, changes by hand and closings in between, the sums of
    open periods are those of a plain count, and of the journal.
    """
    chance, zone = random.Random(seed), "Europe/Berlin"
    robo, clock = guild(timezone=zone, hour=5, firstDay="sun")
    calendar = Calendar(zone, 6, 5)
    members = [str(2 * 10**17 + number) for number in range(20)]
    # how late what a member wrote comes to be counted
    late = {one: chance.choice((0, 0, 0, HOUR, A_DAY, 40 * A_DAY)) for one in members}
    counted: Counter[tuple[str, str, int]] = Counter()
    closed: dict[str, int] = dict.fromkeys(KINDS, 0)

    def count(user_id: str, at: int, xp: int) -> None:
        for kind in KINDS:
            first = calendar.period(kind, at)
            if first >= closed[kind]:
                counted[user_id, kind, first] += xp

    done = 0
    while done < 10_000:
        clock.at += chance.randrange(0, 6 * HOUR)
        authors = [chance.choice(members) for _ in range(chance.randrange(1, 120))]
        posts = [Post(one, Message(CHANNEL, at=clock.at - late[one])) for one in authors]
        found = robo.xp.award_many(GUILD, posts)
        done += len(posts)
        for post, one in zip(posts, found, strict=True):
            assert isinstance(one, Awarded)
            count(post.user_id, post.message.at, one.xp)
        if chance.random() < 0.1 and isinstance(found[0], Awarded) and found[0].seq:
            robo.history.undo(XP, found[0].seq)
            for post, one in zip(posts, found, strict=True):
                assert isinstance(one, Awarded)
                count(post.user_id, post.message.at, -one.xp)
        if chance.random() < 0.2:
            robo.xp.add(GUILD, chance.choice(members), 1000)
        if chance.random() < 0.1:
            for period in robo.periods.close(GUILD):
                closed[period.kind] = calendar.period(period.kind, period.ends_at)
        if chance.random() < 0.3:
            kind = chance.choice(KINDS)
            first = calendar.period(kind, clock.at)
            now = {user: counted[user, kind, first] for user in members}
            assert first < closed[kind] or gained(robo, kind) == {u: x for u, x in now.items() if x}

    for kind in KINDS:
        for first in {first for _, one, first in counted if one == kind and first >= closed[kind]}:
            wanted = {user: counted[user, kind, first] for user in members}
            at = calendar.begins_at(first)
            assert gained(robo, kind, When(at)) == {u: xp for u, xp in wanted.items() if xp > 0}
    assert faults(robo, calendar) == []


def test_a_sum_that_the_journal_contradicts_is_found_and_mended() -> None:
    """The check names the member, and what it should have."""
    robo, clock = guild()
    for _ in range(3):
        write(robo, ANN, at=clock.at)
    with robo.vault.namespace(XP).transaction(Origin("test", "spoil")) as transaction:
        mark = transaction.get("marks", ANN)
        assert mark is not None
        transaction.put("marks", ANN, {**mark, "week": 53})

    (fault,) = sum_faults(robo.vault.namespace(XP), Calendar())

    assert fault.what == f"member {ANN}: 53 XP too few in a week, as the journal has it"
    assert fault.sound == mark


def test_what_counts_is_what_the_guild_says() -> None:
    """By default messages and voice; by hand only where that is set."""
    robo, clock = guild(count=["hand", "voice"])
    robo.config.set(GUILD, {"voice": {"xpPerMinute": 5}})
    write(robo, ANN, at=clock.at)
    robo.xp.award_voice(GUILD, [VoiceTime(BOB, Message(CHANNEL, at=clock.at), 60)])
    robo.xp.add(GUILD, CARL, 70)
    robo.xp.remove(GUILD, CARL, 20)
    assert gained(robo, DAY) == {CARL: 50, BOB: 5}
    robo.config.set(GUILD, {"periods": {"count": ["message"]}})
    robo.xp.add(GUILD, DORA, 70)
    write(robo, ANN, at=clock.at)

    assert gained(robo, DAY) == {CARL: 50, ANN: 20, BOB: 5}
    assert faults(robo, Calendar()) == []


def test_boards_have_pages_places_and_no_hidden_members() -> None:
    """Equals stand by their ids; a member is found with those around it; hidden ones are not."""
    robo, clock = guild()
    for who, times in ((ANN, 1), (BOB, 3), (CARL, 2), (DORA, 1)):
        for _ in range(times):
            write(robo, who, at=clock.at)
    robo.members.hide(GUILD, [CARL])

    page = robo.periods.board(GUILD, WEEK, cut=Cut(1, 1)).board
    around = robo.periods.board(GUILD, WEEK, cut=Cut(limit=1, around=DORA)).board

    assert (page.total, [(one.rank, one.user_id) for one in page.entries]) == (3, [(2, ANN)])
    assert [(one.rank, one.user_id, one.xp) for one in around.entries] == [(3, DORA, 20)]
    with pytest.raises(NotRanked):
        robo.periods.board(GUILD, WEEK, cut=Cut(around=CARL))
    with pytest.raises(InvalidValue):
        robo.periods.board(GUILD, "year")


def test_a_board_since_an_instant_comes_from_the_history() -> None:
    """What was gained since then counts, whatever its period, and undo takes it out again."""
    robo, clock = guild()
    write(robo, ANN, at=clock.at)
    since = clock.at + 10 * A_DAY
    clock.at = since
    write(robo, ANN, at=clock.at)
    write(robo, BOB, at=clock.at)
    seq = robo.vault.namespace(XP).read().seq
    robo.history.undo(XP, seq)

    found = robo.periods.board_since(GUILD, since)

    assert [(one.user_id, one.xp) for one in found.board.entries] == [(ANN, 20)]
    assert (found.period.kind, found.period.begins_at) == ("since", since)


# -- closing ----------------------------------------------------------------------------------


def three_weeks(**periods: Any) -> tuple[RoboXP, HandClock]:
    """Ann is first in the first week, Bob in the second, Carl in the third; then it is Monday."""
    robo, clock = guild(**periods)
    for week, first in enumerate((ANN, BOB, CARL)):
        at = MONDAY + week * 7 * A_DAY + HOUR
        for who in (ANN, BOB, CARL, first):
            write(robo, who, at=at)
    clock.at = MONDAY + 21 * A_DAY
    return robo, clock


def test_three_weeks_are_closed_in_order_and_once() -> None:
    """After three weeks away all are closed, the oldest first, and prizes are given once."""
    robo, _ = three_weeks(prizes=[{"kind": WEEK, "xp": 500, "roleId": ROLE}])

    shown = robo.periods.close(GUILD, dry_run=True)
    assert [period.seq for period in shown] == [None] * len(shown)
    found = robo.periods.close(GUILD)
    again = robo.periods.close(GUILD)

    weeks = [period for period in found if period.kind == WEEK]
    assert [(one.kind, one.begins_at) for one in shown] == [
        (one.kind, one.begins_at) for one in found
    ]
    assert [period.top[0].user_id for period in weeks] == [ANN, BOB, CARL]
    assert [period.begins_at for period in weeks] == [MONDAY + n * 7 * A_DAY for n in range(3)]
    assert [period.ends_at for period in found] == sorted(period.ends_at for period in found)
    assert again == []
    assert {who: robo.xp.get(GUILD, who) for who in (ANN, BOB, CARL)} == dict.fromkeys(
        (ANN, BOB, CARL), 80 + 500
    )
    assert robo.periods.prize_plan(GUILD, CARL, ()).add == (ROLE,)
    assert robo.periods.prize_plan(GUILD, ANN, (ROLE,)).remove == (ROLE,)
    assert gained(robo, MONTH, When(at=MONDAY)) == dict.fromkeys((ANN, BOB, CARL), 80)


def test_a_closed_board_stays_as_it_was() -> None:
    """What comes late counts no more, and lists and boards show what was kept."""
    robo, clock = three_weeks()
    robo.periods.close(GUILD)
    write(robo, BOB, at=MONDAY + HOUR)
    write(robo, BOB, at=clock.at)

    assert gained(robo, WEEK, When(back=3)) == {ANN: 40, BOB: 20, CARL: 20}
    assert gained(robo, WEEK) == {BOB: 20}
    listed = robo.periods.list(GUILD, WEEK)
    assert [(one.closed, one.members) for one in listed] == [(False, 1)] + [(True, 3)] * 3
    assert robo.periods.show(GUILD, WEEK, When(back=3)).top[0].user_id == ANN
    with pytest.raises(PeriodNotFound):
        robo.periods.show(GUILD, WEEK, When(back=4))
    assert faults(robo, Calendar()) == []


def test_undo_of_a_close_takes_prizes_back() -> None:
    """XP and role go back to how they were; the board stays, and is not closed again."""
    robo, _ = three_weeks(prizes=[{"kind": WEEK, "xp": 500, "roleId": ROLE, "first": 2}])
    weeks = [period for period in robo.periods.close(GUILD) if period.kind == WEEK]
    last = weeks[-1].seq
    assert last is not None
    before = robo.xp.get(GUILD, CARL)

    robo.history.undo(XP, last)

    assert robo.xp.get(GUILD, CARL) == before - 500
    assert robo.periods.prize_plan(GUILD, CARL, (ROLE,)).remove == (ROLE,)
    assert robo.periods.prize_plan(GUILD, ANN, ()).add == (ROLE,)
    assert robo.periods.prize_plan(GUILD, BOB, ()).add == (ROLE,)
    assert robo.periods.close(GUILD) == []
    assert faults(robo, Calendar()) == []


def test_a_role_that_went_on_is_not_given_back() -> None:
    """Undo of an earlier close names the one that gave the role to others."""
    robo, _ = three_weeks(prizes=[{"kind": WEEK, "roleId": ROLE}])
    weeks = [period for period in robo.periods.close(GUILD) if period.kind == WEEK]
    assert weeks[0].seq is not None and weeks[2].seq is not None

    with pytest.raises(UndoUnclear, match=f"batch {weeks[2].seq}"):
        robo.history.undo(XP, weeks[0].seq)


def test_a_close_without_prizes_has_nothing_to_undo() -> None:
    """A board is a fact."""
    robo, _ = three_weeks()
    period = robo.periods.close(GUILD)[0]
    assert period.seq is not None

    with pytest.raises(Refused):
        robo.history.undo(XP, period.seq)


def test_a_period_stays_open_for_what_comes_late() -> None:
    """Within the time that is granted nothing is closed."""
    robo, clock = three_weeks()
    clock.at = MONDAY + 21 * A_DAY + 30_000

    late = robo.periods.close(GUILD, late_ms=60_000)

    assert [one.begins_at for one in late if one.kind == WEEK] == [MONDAY, MONDAY + 7 * A_DAY]
    assert robo.periods.next_day(GUILD) == MONDAY + 22 * A_DAY


def test_a_deleted_member_is_on_no_board() -> None:
    """With the record go the sums, of earlier days too; undo brings those of now back."""
    robo, clock = guild()
    for at in (MONDAY + HOUR, MONDAY + A_DAY + HOUR):
        clock.at = at
        write(robo, ANN, at=at)
        write(robo, BOB, at=at)
    robo.xp.delete(GUILD, ANN)
    assert gained(robo, WEEK) == {BOB: 40}
    assert gained(robo, DAY, When(back=1)) == {BOB: 20}
    assert faults(robo, Calendar()) == []

    robo.history.undo(XP, robo.vault.namespace(XP).read().seq)

    assert gained(robo, WEEK) == {ANN: 40, BOB: 40}
    assert gained(robo, DAY, When(back=1)) == {ANN: 20, BOB: 20}


def test_a_new_record_has_no_part_in_the_sums_of_the_old_one() -> None:
    """Who is deleted and writes again begins anew."""
    robo, clock = guild()
    for _ in range(3):
        write(robo, ANN, at=clock.at)
    robo.xp.delete(GUILD, ANN)
    write(robo, ANN, at=clock.at + HOUR)

    assert gained(robo, WEEK) == gained(robo, DAY) == {ANN: 20}


def test_who_was_erased_and_comes_back_is_no_fault() -> None:
    """What the journal still has of before the erasure is held against nobody."""
    robo, clock = guild()
    write(robo, ANN, at=clock.at)
    write(robo, BOB, at=clock.at)
    robo.members.erase(GUILD, ANN)
    write(robo, ANN, at=clock.at + HOUR)

    assert gained(robo, WEEK) == {ANN: 20, BOB: 20}
    assert faults(robo, Calendar()) == []


def test_the_week_follows_the_clock_of_the_guild() -> None:
    """Zone and hour say when a week ends, over a change of the clock too."""
    robo, clock = guild(timezone="America/New_York", hour=4, firstDay="mon")
    end = int(datetime(2025, 6, 16, 4, tzinfo=ZoneInfo("America/New_York")).timestamp() * 1000)
    write(robo, ANN, at=end - 1)
    write(robo, BOB, at=end)
    clock.at = end

    (week,) = [one for one in robo.periods.close(GUILD) if one.kind == WEEK]

    assert (week.ends_at, [one.user_id for one in week.top]) == (end, [ANN])
    assert gained(robo, WEEK) == {BOB: 20}


@pytest.mark.parametrize(
    "periods",
    [
        {"timezone": "Europe/Atlantis"},
        {"firstDay": "someday"},
        {"hour": 24},
        {"count": ["message", "message"]},
        {"count": ["luck"]},
        {"prizes": [{"first": 1}]},
        {"prizes": [{"kind": "year"}]},
        {"prizes": [{"kind": "week", "first": 0}]},
        {"prizes": [{"kind": "week", "roleId": ROLE}, {"kind": "day", "roleId": ROLE}]},
        {"prizes": {"kind": "week"}},
    ],
)
def test_bad_settings_are_refused(periods: dict[str, Any]) -> None:
    """Each bound has its fault."""
    robo, _ = guild()

    with pytest.raises(InvalidConfig):
        robo.config.set(GUILD, {"periods": periods})
