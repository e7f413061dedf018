"""XP of members through the use cases: what is stored, what is told and in which order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robo_xp import RoboXP
from robo_xp.errors import (
    InvalidAmount,
    InvalidId,
    InvalidValue,
    LimitExceeded,
    MemberNotFound,
    RoboXPError,
)
from robo_xp.model import MAX_XP, Awarded, Message, Post, Refusal
from robo_xp.rules.levels.curve import DEFAULT_CURVE
from robo_xp.usecases.selection import Selection
from robo_xp.vault import Origin
from tests.usecases.small import (
    ANN,
    BOB,
    CARL,
    CHANNEL,
    DORA,
    GUILD,
    OTHER_GUILD,
    XP,
    HandClock,
    Twenty,
    held,
    memory,
    stored,
)

NOON = 1_750_000_000_000
CAPPED = {"levels": {"type": "linear", "params": {"xpPerLevel": 100}, "maxLevel": 3}}


def told(robo: RoboXP, *, after: int = 0) -> list[dict[str, Any]]:
    """The events of the default store, as its batches hold them."""
    return [
        event for batch in robo.vault.namespace(XP).batches(after) for event in batch.raw_events()
    ]


def kinds(robo: RoboXP, *, after: int = 0) -> list[str]:
    """The types of the events of the default store."""
    return [event["type"] for event in told(robo, after=after)]


def keep(robo: RoboXP, user_id: str, **fields: int) -> None:
    """Store a record as it is, whatever the curve says of its level."""
    record = {"xp": 0, "level": 0, "lastAwardedAt": 0, "messages": 0, "xpMessages": 0, **fields}
    with robo.vault.namespace(XP).transaction(Origin("test", "keep")) as transaction:
        transaction.put("users", user_id, record)


def award(robo: RoboXP, at: int, **more: Any) -> Awarded | Refusal:
    """One message of Ann."""
    return robo.xp.award(GUILD, ANN, channel_id=CHANNEL, at=at, **more)


# -- changes by hand ------------------------------------------------------------------------


def test_the_order_of_events_of_changes_by_hand() -> None:
    """Adding, setting and removing tell the XP first, then the level, once per change."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 700, reason="contest")
    robo.xp.remove(GUILD, ANN, 650)
    robo.xp.set(GUILD, ANN, 60)

    xp = {"type": "xpChange", "userId": ANN}
    level = {"userId": ANN}
    assert told(robo) == [
        {**xp, "oldXp": 0, "newXp": 700, "delta": 700, "how": "add", "reason": "contest"}
        | {"created": True},
        {"type": "levelUp", **level, "oldLevel": 0, "newLevel": 3, "totalXp": 700},
        {**xp, "oldXp": 700, "newXp": 50, "delta": -650, "how": "remove"},
        {"type": "levelDown", **level, "oldLevel": 3, "newLevel": 0, "totalXp": 50},
        {**xp, "oldXp": 50, "newXp": 60, "delta": 10, "how": "set"},
    ]


def test_changes_by_hand_leave_the_counters_alone() -> None:
    """Only a message moves the counters and the time of the last award."""
    robo = memory()
    award(robo, NOON)
    robo.xp.add(GUILD, ANN, 100)
    robo.xp.remove(GUILD, ANN, 20)
    robo.xp.set(GUILD, ANN, 50)
    robo.xp.recalc(GUILD, ANN)

    assert held(robo) == {ANN: (50, 0, 1, 1, NOON)}


def test_nothing_goes_below_zero() -> None:
    """Removing more than there is leaves 0, and tells what was really removed."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 30)
    change = robo.xp.remove(GUILD, ANN, 1_000)

    assert (change.new_xp, change.delta) == (0, -30)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda xp: xp.add(GUILD, ANN, -1), InvalidAmount),
        (lambda xp: xp.add(GUILD, ANN, 1.5), InvalidAmount),
        (lambda xp: xp.add(GUILD, ANN, True), InvalidAmount),
        (lambda xp: xp.set(GUILD, ANN, MAX_XP + 1), InvalidAmount),
        (lambda xp: xp.add(GUILD, "12", 1), InvalidId),
        (lambda xp: xp.add("guild", ANN, 1), InvalidId),
        (lambda xp: xp.add(GUILD, ANN, 1, store="global"), InvalidId),
        (lambda xp: xp.add(GUILD, ANN, 1, store="../x"), InvalidId),
        (lambda xp: xp.add(GUILD, ANN, 1, reason="x" * 513), InvalidValue),
        (lambda xp: xp.remove(GUILD, BOB, 1), MemberNotFound),
        (lambda xp: xp.recalc(GUILD, BOB), MemberNotFound),
        (lambda xp: xp.recalc_many(GUILD, [ANN, BOB]), MemberNotFound),
        (lambda xp: xp.delete(GUILD, [ANN, BOB]), MemberNotFound),
        (lambda xp: xp.add(GUILD, ANN, MAX_XP), LimitExceeded),
        (lambda xp: xp.award(GUILD, "12", channel_id=CHANNEL), InvalidId),
        (lambda xp: xp.award(GUILD, ANN, channel_id=CHANNEL, message_id="x"), InvalidId),
        (lambda xp: xp.record(GUILD, "12"), InvalidId),
    ],
)
def test_what_is_refused_changes_nothing(
    call: Callable[[Any], object], error: type[RoboXPError]
) -> None:
    """An impossible value, an unknown member or a passed limit raises its error and no more."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 10)
    before = (stored(robo), len(told(robo)))

    with pytest.raises(error):
        call(robo.xp)

    assert (stored(robo), len(told(robo))) == before
    assert robo.vault.names() == [XP]


def test_the_limit_is_reached_exactly() -> None:
    """A total of MAX_XP can be had, and one more cannot."""
    robo = memory()
    robo.xp.set(GUILD, ANN, MAX_XP - 1)
    assert robo.xp.add(GUILD, ANN, 1).new_xp == MAX_XP
    with pytest.raises(LimitExceeded):
        robo.xp.add(GUILD, ANN, 1)


def test_the_cap_of_the_curve() -> None:
    """Adding and setting stop at the highest level and say so; who is above it is not lowered."""
    robo = memory()
    keep(robo, BOB, xp=900, level=3)
    robo.config.set(GUILD, CAPPED)
    added = robo.xp.add(GUILD, ANN, 5_000)
    above = robo.xp.add(GUILD, BOB, 10)
    lowered = robo.xp.set(GUILD, BOB, 5_000)

    assert (added.new_xp, added.new_level, added.capped) == (300, 3, True)
    assert (above.new_xp, above.new_level, above.capped) == (900, 3, True)
    assert (lowered.new_xp, lowered.capped) == (300, True)


def test_a_stale_level_is_mended_by_whatever_comes_first() -> None:
    """Every path compares the stored level with the curve, and tells of the one that it finds."""
    robo = memory()
    keep(robo, ANN, xp=100, level=7)
    keep(robo, BOB, xp=1_000, level=0)
    keep(robo, CARL, xp=100, level=7)
    keep(robo, DORA, xp=100, level=7)
    last = robo.vault.namespace(XP).read().seq

    added = robo.xp.add(GUILD, ANN, 5)
    removed = robo.xp.remove(GUILD, BOB, 5)
    found = robo.xp.award(GUILD, CARL, channel_id=CHANNEL, at=NOON)
    mended = robo.xp.recalc(GUILD, DORA)

    assert (added.old_level, added.new_level, added.leveled_down) == (7, 0, True)
    assert (removed.old_level, removed.new_level, removed.leveled_up) == (0, 3, True)
    assert isinstance(found, Awarded)
    assert (found.old_level, found.new_level) == (7, 0)
    assert (mended.old_level, mended.new_level, mended.reconciled) == (7, 0, True)
    assert kinds(robo, after=last) == [
        *("xpChange", "levelDown"),
        *("xpChange", "levelUp"),
        *("levelDown", "xpChange"),
        *("levelDown", "recalc"),
    ]


def test_reading_never_shows_a_stale_level() -> None:
    """Level, record, records and select say what the curve says, whatever is stored."""
    robo = memory()
    keep(robo, ANN, xp=1_000, level=9)

    assert robo.xp.level(GUILD, ANN) == 3
    found = robo.xp.record(GUILD, ANN)
    assert found is not None
    assert found.level == 3
    assert [one.level for one in robo.xp.records(GUILD)] == [3]
    assert [one.level for one in robo.xp.select(GUILD).members] == [3]
    assert stored(robo)[ANN]["level"] == 9


def test_recalculating_twice_finds_nothing() -> None:
    """A second look corrects nothing, and each member is looked at once however often named."""
    robo = memory()
    keep(robo, ANN, xp=1_000, level=9)
    keep(robo, BOB, xp=10, level=0)

    first = robo.xp.recalc_many(GUILD, [ANN, BOB, ANN])
    again = robo.xp.recalc_many(GUILD)

    assert [(one.user_id, one.reconciled) for one in first] == [(ANN, True), (BOB, False)]
    assert {one.seq for one in first} == {3}
    assert not any(one.reconciled for one in again)


def test_deleting() -> None:
    """Members go in one batch whose events keep their records; an empty store has none to lose."""
    robo = memory()
    for user_id in (ANN, BOB, CARL):
        robo.xp.add(GUILD, user_id, 200)
    two = robo.xp.delete(GUILD, [ANN, BOB, ANN], reason="left")
    rest = robo.xp.delete_all(GUILD)
    none = robo.xp.delete_all(GUILD)

    assert (two.count, two.seq, rest.count, rest.seq) == (2, 4, 1, 5)
    assert (none.count, none.seq) == (0, None)
    assert held(robo) == {}
    assert [event["record"]["xp"] for event in told(robo, after=3)] == [200, 200, 200]


def test_stores_and_guilds_are_apart() -> None:
    """What happens in one store of one guild is seen in no other."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 100)
    robo.xp.add(GUILD, ANN, 200, store="reputation")
    robo.xp.add(OTHER_GUILD, ANN, 400)
    robo.config.set(GUILD, {"xpRate": 2.0}, store="reputation")
    robo.xp.delete(GUILD, ANN)

    assert robo.xp.get(GUILD, ANN) == 0
    assert robo.xp.get(GUILD, ANN, store="reputation") == 200
    assert robo.xp.get(OTHER_GUILD, ANN) == 400
    assert robo.config.get(GUILD)["xpRate"] == 1.0


@pytest.mark.parametrize(
    "call",
    [
        lambda xp: xp.add(GUILD, ANN, 500, dry_run=True),
        lambda xp: xp.remove(GUILD, ANN, 5, dry_run=True),
        lambda xp: xp.set(GUILD, BOB, 5, dry_run=True),
        lambda xp: xp.recalc(GUILD, ANN, dry_run=True),
        lambda xp: xp.delete(GUILD, ANN, dry_run=True),
        lambda xp: xp.delete_all(GUILD, dry_run=True),
    ],
)
def test_a_dry_run_changes_nothing(call: Callable[[Any], Any]) -> None:
    """A preview is marked, has no number, and neither stores nor tells anything."""
    robo = memory()
    keep(robo, ANN, xp=100, level=7)
    before = stored(robo)
    heard: list[object] = []
    for name in ("xpChange", "levelUp", "levelDown", "memberDelete", "recalc"):
        robo.events.on(name, heard.append)

    result = call(robo.xp)

    assert (result.seq, result.dry_run) == (None, True)
    assert (stored(robo), heard) == (before, [])


def test_a_preview_is_what_happens_then() -> None:
    """Apart from its number, the result of a dry run is that of the change."""
    robo = memory()
    trial = robo.xp.add(GUILD, ANN, 500, dry_run=True)
    real = robo.xp.add(GUILD, ANN, 500)

    assert (trial.old_xp, trial.new_xp, trial.new_level) == (0, real.new_xp, real.new_level)


# -- listeners ------------------------------------------------------------------------------


def test_a_listener_that_fails_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """The change stands, the other listeners are called, and the failure is logged."""
    robo = memory()
    heard: list[int] = []

    def fails(event: object) -> None:
        raise RuntimeError("no")

    robo.events.on_xp_change(fails)
    robo.events.on_xp_change(lambda event: heard.append(event["newXp"]))
    change = robo.xp.add(GUILD, ANN, 50)
    found = award(robo, NOON)

    assert (change.new_xp, change.seq) == (50, 1)
    assert isinstance(found, Awarded)
    assert heard == [50, 70]
    assert robo.xp.get(GUILD, ANN) == 70
    assert "a listener of xpChange failed" in caplog.text


def test_a_listener_may_change_xp_itself() -> None:
    """Listeners run outside the transaction, so one that adds XP does not block itself."""
    robo = memory()
    robo.events.on_level_up(lambda event: robo.xp.add(GUILD, BOB, event["newLevel"]))
    robo.xp.add(GUILD, ANN, 700)

    assert robo.xp.get(GUILD, BOB) == 3


# -- awards ---------------------------------------------------------------------------------


def test_the_order_of_events_of_an_award() -> None:
    """A message tells the level first, then the XP."""
    robo = memory()
    robo.xp.set(GUILD, ANN, 150)
    found = award(robo, NOON)

    assert isinstance(found, Awarded)
    assert (found.xp, found.old_xp, found.new_xp, found.seq) == (20, 150, 170, 2)
    assert (found.base, found.multiplier, found.leveled_up) == (20, 1.0, True)
    level, xp = told(robo, after=1)
    assert (level["type"], level["newLevel"], level["totalXp"]) == ("levelUp", 1, 170)
    assert xp == {
        "type": "xpChange",
        "userId": ANN,
        "oldXp": 150,
        "newXp": 170,
        "delta": 20,
        "how": "award",
        "reason": "message",
    }


def test_the_cooldown_to_the_millisecond() -> None:
    """Inside the cooldown a message counts and earns nothing; at its end it earns again."""
    robo = memory()
    first, early, late = award(robo, NOON), award(robo, NOON + 59_999), award(robo, NOON + 60_000)

    assert isinstance(first, Awarded)
    assert isinstance(early, Refusal)
    assert (early.rule, early.retry_after_ms) == ("cooldown", 1)
    assert isinstance(late, Awarded)
    assert held(robo) == {ANN: (40, 0, 3, 2, NOON + 60_000)}


def test_the_cooldown_is_each_members_and_each_stores_own() -> None:
    """Other members, and other stores, do not wait for one another."""
    robo = memory()
    award(robo, NOON)

    assert isinstance(robo.xp.award(GUILD, BOB, channel_id=CHANNEL, at=NOON), Awarded)
    assert isinstance(award(robo, NOON, store="reputation"), Awarded)


@pytest.mark.parametrize(
    ("setting", "rule"),
    [
        ({"noXpChannelIds": [CHANNEL]}, "no_xp_channel"),
        ({"noXpRoleIds": [DORA]}, "no_xp_role"),
        ({"multipliers": {"user": {ANN: 0}}}, "zero"),
        ({"levels": {**CAPPED["levels"], "maxLevel": 1}}, "at_cap"),
    ],
)
def test_a_refused_message_is_counted_and_no_more(setting: dict[str, Any], rule: str) -> None:
    """Whatever rule refuses: one more message, no XP, no cooldown, no event."""
    robo = memory()
    robo.xp.set(GUILD, ANN, 100)
    robo.config.set(GUILD, setting)
    last = robo.vault.namespace(XP).read().seq
    found = award(robo, NOON, role_ids=[DORA])

    assert isinstance(found, Refusal)
    assert found.rule == rule
    assert [row[2:] for row in held(robo).values()] == [(1, 0, 0)]
    assert told(robo, after=last) == []


def test_a_message_counts_once() -> None:
    """A message whose id is not above the last counted one changes nothing at all."""
    robo = memory()
    robo.config.set(GUILD, {"cooldownSeconds": 0})
    newest, older = "1400000000000000002", "1400000000000000001"
    award(robo, NOON, message_id=newest)
    before = stored(robo)
    again = [award(robo, NOON, message_id=one) for one in (newest, older)]

    assert [isinstance(one, Refusal) and one.rule for one in again] == ["duplicate"] * 2
    assert stored(robo) == before
    assert isinstance(award(robo, NOON, message_id="1400000000000000003"), Awarded)


def test_changes_by_hand_keep_what_guards_against_counting_twice() -> None:
    """After XP are set, and even after a rewrite of the total, an old message stays counted."""
    robo = memory()
    award(robo, NOON, message_id="1400000000000000002")
    robo.xp.set(GUILD, ANN, 0)

    found = award(robo, NOON + 120_000, message_id="1400000000000000002")
    assert isinstance(found, Refusal)
    assert found.rule == "duplicate"


def test_a_record_without_counters_is_completed() -> None:
    """A record that knows only XP and level gets the other fields with its next message."""
    robo = memory()
    with robo.vault.namespace(XP).transaction(Origin("test", "old")) as transaction:
        transaction.put("users", ANN, {"xp": 200, "level": 1, "note": "kept"})
    award(robo, NOON)

    assert stored(robo)[ANN] == {
        "xp": 220,
        "level": 1,
        "note": "kept",
        "lastAwardedAt": NOON,
        "messages": 1,
        "xpMessages": 1,
    }


def test_many_messages_in_one_batch() -> None:
    """In one batch each message sees those before it, and all share one number."""
    robo = memory()
    posts = [Post(ANN, Message(CHANNEL, at=NOON + step)) for step in (0, 1, 60_000)]

    found = robo.xp.award_many(GUILD, posts)

    assert [type(one) for one in found] == [Awarded, Refusal, Awarded]
    assert {one.seq for one in found if isinstance(one, Awarded)} == {1}
    assert held(robo) == {ANN: (40, 0, 3, 2, NOON + 60_000)}


def test_new_rules_hold_for_the_next_message(data_dir: Path) -> None:
    """A setting of the guild or of all guilds, made by another process, counts at once."""
    clock = HandClock()
    with (
        RoboXP.open(data_dir, durability="os", clock=clock, chance=Twenty()) as daemon,
        RoboXP.open(data_dir, durability="os", clock=clock) as operator,
    ):

        def earned() -> int:
            clock.at += 100_000
            found = daemon.xp.award(GUILD, ANN, channel_id=CHANNEL)
            assert isinstance(found, Awarded)
            return found.xp

        seen = [earned(), earned()]
        operator.config.set_global({"xpRate": 2.0})
        seen.append(earned())
        operator.config.set(GUILD, {"xpRate": 3.0})
        seen.append(earned())
        operator.config.unset(GUILD, "xpRate")
        operator.config.set_global({"xpRate": 4.0})
        seen.append(earned())

    assert seen == [20, 20, 40, 60, 80]


# -- lists ----------------------------------------------------------------------------------


def four() -> RoboXP:
    """Four members, one of them without XP."""
    robo = memory()
    keep(robo, ANN, xp=500, level=2, messages=9, lastAwardedAt=30)
    keep(robo, BOB, xp=9_000, level=0, messages=50, lastAwardedAt=10)
    keep(robo, CARL, xp=0, messages=3)
    keep(robo, DORA, xp=500, level=2, messages=50, lastAwardedAt=20)
    return robo


@pytest.mark.parametrize(
    ("which", "found", "total"),
    [
        (Selection(), [BOB, ANN, DORA, CARL], 4),
        (Selection(sort="messages"), [BOB, DORA, ANN, CARL], 4),
        (Selection(sort="last"), [ANN, DORA, BOB, CARL], 4),
        (Selection(min_xp=1), [BOB, ANN, DORA], 3),
        (Selection(min_xp=500, max_xp=500), [ANN, DORA], 2),
        (Selection(max_xp=0), [CARL], 1),
        (Selection(min_level=3), [BOB], 1),
        (Selection(offset=1, limit=2), [ANN, DORA], 4),
        (Selection(offset=9), [], 4),
        (Selection(limit=0), [], 4),
    ],
)
def test_selecting_members(which: Selection, found: list[str], total: int) -> None:
    """Bounds are inclusive, the order is total, and what is cut off is still counted."""
    got = four().xp.select(GUILD, which)

    assert [one.user_id for one in got.members] == found
    assert got.total == total


@pytest.mark.parametrize("wrong", [{"sort": "name"}, {"limit": -1}, {"offset": -1}, {"min_xp": -1}])
def test_a_selection_that_cannot_be(wrong: dict[str, Any]) -> None:
    """An unknown order and negative numbers are refused."""
    with pytest.raises(InvalidValue):
        Selection(**wrong)


# -- any sequence of changes ----------------------------------------------------------------

_ACTS = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "set", "award", "delete"]),
        st.sampled_from([ANN, BOB]),
        st.integers(0, 3_000),
    ),
    max_size=25,
)


@settings(max_examples=60)
@given(_ACTS)
def test_totals_levels_and_events_agree(acts: list[tuple[str, str, int]]) -> None:
    """After any changes each level is that of its total, and the events add up to the totals."""
    robo = memory()
    robo.config.set(GUILD, {"cooldownSeconds": 0})
    for verb, user_id, number in acts:
        if verb == "award":
            robo.xp.award(GUILD, user_id, channel_id=CHANNEL, at=NOON)
        elif verb in ("add", "set") or user_id in stored(robo):
            arguments = () if verb == "delete" else (number,)
            getattr(robo.xp, verb)(GUILD, user_id, *arguments)

    totals: dict[str, int] = {}
    levels: dict[str, int] = {}
    for event in told(robo, after=1):
        if event["type"] == "xpChange":
            assert event["oldXp"] == totals.get(event["userId"], 0)
            totals[event["userId"]] = event["newXp"]
        elif event["type"] == "memberDelete":
            del totals[event["userId"]]
            levels.pop(event["userId"], None)
        else:
            assert event["oldLevel"] == levels.get(event["userId"], 0)
            levels[event["userId"]] = event["newLevel"]
    assert {user_id: row["xp"] for user_id, row in stored(robo).items()} == totals
    for user_id, row in stored(robo).items():
        assert row["level"] == DEFAULT_CURVE.level_for(totals[user_id]) == levels.get(user_id, 0)
