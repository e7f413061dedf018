"""Time in voice through the use case: what is stored, told and counted."""

from __future__ import annotations

from typing import Any

import pytest

from robo_xp import RoboXP
from robo_xp.errors import InvalidId
from robo_xp.model import Awarded, Message
from robo_xp.rules.voice import VoiceTime
from robo_xp.usecases.history.history import WhichBatches
from robo_xp.usecases.transfer.entry import Entry
from tests.usecases.small import ANN, BOB, CHANNEL, GUILD, XP, memory, stored, write

NOON = 1_750_000_000_000
DAY = 86_400_000
ROOM = "300000000000000007"


def on(**settings: Any) -> RoboXP:
    """A guild in which a minute in voice earns 5 XP."""
    robo = memory()
    robo.config.set(GUILD, {"voice": {"xpPerMinute": 5, **settings.pop("voice", {})}, **settings})
    return robo


def spend(
    robo: RoboXP, seconds: int, *, who: str = ANN, at: int = NOON, roles: tuple[str, ...] = ()
) -> Awarded:
    """Time in voice of one member."""
    place = Message(ROOM, None, None, roles, at)
    return robo.xp.award_voice(GUILD, [VoiceTime(who, place, seconds)])[0]


def test_full_minutes_earn_and_seconds_are_carried() -> None:
    """Each minute earns once it is full, whenever its seconds come."""
    robo = on()

    earned = [spend(robo, seconds).xp for seconds in (59, 1, 150, 30)]

    assert earned == [0, 5, 10, 5]
    record = stored(robo)[ANN]
    assert (record["xp"], record["voiceSeconds"], record["messages"]) == (20, 240, 0)


def test_one_batch_for_all_of_a_guild() -> None:
    """A tick is one batch with the reason voice, however many members it has."""
    robo = on()
    members = [str(10**17 + number) for number in range(100)]
    before = robo.vault.namespace(XP).read().seq

    robo.xp.award_voice(GUILD, [VoiceTime(one, Message(ROOM, at=NOON), 60) for one in members])

    batches = list(robo.vault.namespace(XP).batches(before))
    (batch,) = batches
    changed = [user_id for table, user_id, _ in batch.ops if table == "users"]
    assert (batch.cmd, batch.reason, sorted(changed)) == ("award", "voice", members)
    assert {event["reason"] for event in batch.raw_events()} == {"voice"}


def test_multipliers_are_those_of_messages() -> None:
    """Rate, server, role, channel, member and boosts of that time count, exactly."""
    role = "400000000000000001"
    robo = on(
        xpRate=1.2,
        multipliers={"server": 2, "role": {role: 1.5}, "channel": {ROOM: 1.1}, "user": {ANN: 0.5}},
        boosts={"list": {CHANNEL: {"factor": 3, "from": NOON, "until": NOON + 1}}},
    )

    assert spend(robo, 60, roles=(role,)).xp == int(5 * 1.2 * 4.95)
    assert spend(robo, 60, at=NOON + 1).xp == int(5 * 1.2 * 1.1)


def test_voice_starts_no_cooldown() -> None:
    """A message right after time in voice earns; the next one meets the cooldown of the first."""
    robo = on()
    spend(robo, 60, at=NOON)
    write(robo, ANN, at=NOON + 1_000)
    spend(robo, 60, at=NOON + 2_000)
    write(robo, ANN, at=NOON + 3_000)

    record = stored(robo)[ANN]
    assert (record["xp"], record["messages"], record["xpMessages"]) == (30, 2, 1)
    assert record["lastAwardedAt"] == NOON + 2_000


def test_a_day_has_its_most_minutes() -> None:
    """Above the minutes of a day nothing is earned, until the guild's next day begins."""
    robo = on(voice={"maxMinutesPerDay": 3}, periods={"timezone": "America/New_York"})
    midnight = 1_750_046_400_000  # 2025-06-16 00:00 in New York

    earned = [spend(robo, 120, at=midnight - 1 - ago).xp for ago in (9_000, 5_000, 0)]

    assert earned == [10, 5, 0]
    assert spend(robo, 120, at=midnight).xp == 10
    assert stored(robo)[ANN]["voiceSeconds"] == 480


def test_a_level_is_told_where_announcements_go() -> None:
    """The new level names the channel for announcements, or else the chat of the voice channel."""
    robo = on(voice={"xpPerMinute": 200})
    spend(robo, 60)
    robo.config.set(GUILD, {"announcements": {"mode": "same", "channelId": CHANNEL}})
    spend(robo, 60)

    events = [event for batch in robo.vault.namespace(XP).batches() for event in batch.raw_events()]
    levels = [event for event in events if event["type"] == "levelUp"]
    assert [level["channelId"] for level in levels] == [ROOM, CHANNEL]


def test_undo_takes_the_xp_back_and_leaves_the_time() -> None:
    """A batch of voice can be undone as one of messages can."""
    robo = on()
    spend(robo, 600)
    seq = spend(robo, 600).seq
    assert seq is not None

    robo.history.undo(XP, seq)

    record = stored(robo)[ANN]
    assert (record["xp"], record["voiceSeconds"]) == (50, 1200)
    rows = list(robo.history.rows(XP, WhichBatches(awards=True)))
    assert rows[0].undoes == seq


def test_a_bad_id_counts_nothing() -> None:
    """One impossible member stops the batch."""
    robo = on()

    with pytest.raises(InvalidId):
        robo.xp.award_voice(
            GUILD, [VoiceTime(one, Message(ROOM, at=NOON), 60) for one in (ANN, "5")]
        )

    assert stored(robo) == {}


def test_time_of_other_bots_is_taken_over() -> None:
    """An import adds its seconds in voice, and its undo takes them back."""
    robo = on()
    spend(robo, 90)
    done = robo.transfer.import_members(
        GUILD, [Entry(1, ANN, 100, voice_seconds=7200), Entry(2, BOB, 5, voice_seconds=60)],
        merge="add",
    )  # fmt: skip
    assert [stored(robo)[one]["voiceSeconds"] for one in (ANN, BOB)] == [7290, 60]
    assert done.seq is not None

    robo.history.undo(XP, done.seq)

    assert stored(robo)[ANN]["voiceSeconds"] == 90
    assert BOB not in stored(robo)
