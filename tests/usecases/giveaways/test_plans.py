"""Giveaways that are planned, and those that come again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest

from robo_xp import RoboXP
from robo_xp.errors import InvalidValue, LimitExceeded, Refused
from robo_xp.model.giveaway import Giveaway, Series
from robo_xp.rules.boost import clock_of, zone_of
from robo_xp.rules.giveaway.series import next_slot
from robo_xp.usecases.giveaways.book import doc_id_of
from robo_xp.vault import Origin
from tests.usecases.giveaways.drawn import MANY, memory, started, tables
from tests.usecases.small import CHANNEL, GUILD, HandClock

HOUR_MS = 3_600_000
WEEK_MS = 7 * 24 * HOUR_MS


class StillClock(HandClock):
    """A clock that moves only when told to."""

    def now_ms(self) -> int:
        """The instant that it was put to."""
        return self.at


def all_of(robo: RoboXP) -> list[Giveaway]:
    """Every giveaway, oldest first."""
    found = [one.giveaway for one in robo.giveaways.list(GUILD, which="all")]
    return sorted(found, key=lambda one: one.id)


def test_a_planned_one_starts_in_its_time() -> None:
    """Nothing is told of it and nothing drawn before; then it lasts as long as was said."""
    clock = StillClock()
    robo = memory(clock)
    giveaway = started(robo, at="2h", duration="1d")
    found = robo.giveaways.get(GUILD, giveaway)

    assert (found.status, found.commitment, found.pending) == ("scheduled", "", ())
    assert "secrets" not in tables(robo)
    assert found.starts_at == found.due_at == clock.now_ms() + 2 * HOUR_MS
    with pytest.raises(Refused):
        robo.giveaways.enter(GUILD, giveaway, MANY[0])
    assert not robo.giveaways.begin(GUILD, giveaway).changed, "it is not due"

    clock.at += 2 * HOUR_MS
    begun = robo.giveaways.begin(GUILD, giveaway)
    assert (begun.changed, begun.giveaway.status) == (True, "active")
    assert begun.giveaway.ends_at == clock.now_ms() + 24 * HOUR_MS
    assert [effect.key for effect in begun.giveaway.pending] == [
        "announcement:commitment",
        "message",
    ]
    assert not robo.giveaways.begin(GUILD, giveaway).changed, "once"
    robo.giveaways.enter(GUILD, giveaway, MANY[:3])
    robo.giveaways.end(GUILD, giveaway)
    assert robo.giveaways.verify(GUILD, giveaway).valid


def test_one_that_starts_late() -> None:
    """It lasts as long as was said, or until the instant that was said."""
    clock = StillClock()
    robo = memory(clock)
    long = started(robo, at="2h", duration="1d")
    until = started(robo, at="2h", duration=str((clock.now_ms() + 9 * HOUR_MS) // 1000))

    clock.at += 5 * HOUR_MS
    now = clock.now_ms()
    assert robo.giveaways.begin(GUILD, long).giveaway.ends_at == now + 24 * HOUR_MS
    assert abs(robo.giveaways.begin(GUILD, until).giveaway.ends_at - now - 4 * HOUR_MS) < 1000


def test_a_planned_one_is_edited_and_taken_back() -> None:
    """Freely, and Discord hears of none of it; the edit can be undone."""
    clock = StillClock()
    robo = memory(clock)
    giveaway = started(robo, at="2h", duration="1d")

    moved = robo.giveaways.edit(GUILD, giveaway, starts="4h", prize="Tea", winners=1).giveaway
    assert moved.starts_at == clock.now_ms() + 4 * HOUR_MS
    assert moved.ends_at == clock.now_ms() + 28 * HOUR_MS
    shorter = robo.giveaways.edit(GUILD, giveaway, ends="2h").giveaway
    assert shorter.ends_at == clock.now_ms() + 6 * HOUR_MS
    robo.history.undo(f"giveaways/{GUILD}", 3)
    robo.history.undo(f"giveaways/{GUILD}", 2)
    back = robo.giveaways.get(GUILD, giveaway)
    assert (back.starts_at, back.prize) == (clock.now_ms() + 2 * HOUR_MS, "Nitro")
    assert back.ends_at == clock.now_ms() + 26 * HOUR_MS

    cancelled = robo.giveaways.cancel(GUILD, giveaway).giveaway
    assert (cancelled.status, cancelled.pending) == ("cancelled", ())


@pytest.mark.parametrize(
    ("terms", "error"),
    [
        ({"at": "2020-01-01"}, InvalidValue),
        ({"at": "tomorrow"}, InvalidValue),
        ({"at": "2h", "duration": "31d"}, LimitExceeded),
        ({"every": "1w"}, InvalidValue),
        ({"every": "1w", "times": 1}, InvalidValue),
        ({"every": "1w", "times": 2, "until": "30d"}, InvalidValue),
        ({"every": "1h", "times": 2}, InvalidValue),
        ({"times": 2}, InvalidValue),
        ({"times": 2, "until": "30d"}, InvalidValue),
        ({"duration": "1h", "last_chance": "61m"}, InvalidValue),
        ({"duration": "1h", "last_chance": "1h"}, None),
        ({"every": "1w", "until": "1s"}, None),
    ],
)
def test_what_cannot_be_planned(terms: dict[str, Any], error: type[Exception] | None) -> None:
    """A start in the past, a series without an end, or faster than it lasts."""
    robo = memory()
    if error is None:
        started(robo, **terms)
        return
    with pytest.raises(error):
        started(robo, **terms)
    assert all_of(robo) == []


@pytest.mark.parametrize(
    ("now", "slot"), [(0, 10), (9, 10), (10, 10), (11, 10), (19, 10), (20, 20), (35, 30)]
)
def test_the_next_slot(now: int, slot: int) -> None:
    """The one after this, or the last that has come: those that passed unseen are left out."""
    series = Series(id="1", number=1, every="10s", left=1, until=None, slot=0)
    assert next_slot(series, now * 1000) == slot * 1000


@pytest.mark.parametrize(
    ("every", "began", "now", "slot"),
    [
        ("1w", "2026-10-24T18:00+02:00", "2026-10-24T18:30+02:00", "2026-10-31T18:00+01:00"),
        ("7d", "2026-03-28T18:00:30+01:00", "2026-03-28T19:00+01:00", "2026-04-04T18:00:30+02:00"),
        ("1d", "2026-03-28T02:30+01:00", "2026-03-28T03:00+01:00", "2026-03-29T03:00+02:00"),
        ("1d", "2026-10-24T02:30+02:00", "2026-10-24T03:00+02:00", "2026-10-25T02:30+02:00"),
        ("24h", "2026-10-24T18:00+02:00", "2026-10-24T18:30+02:00", "2026-10-25T18:00+01:00"),
        ("12h", "2026-10-24T18:00+02:00", "2026-10-24T18:30+02:00", "2026-10-25T05:00+01:00"),
        # a stop over both changes of the clock, to the minute before and after a slot
        ("1w", "2026-10-24T18:00+02:00", "2026-11-14T17:59+01:00", "2026-11-07T18:00+01:00"),
        ("1w", "2026-10-24T18:00+02:00", "2026-11-14T18:00+01:00", "2026-11-14T18:00+01:00"),
        ("1w", "2026-03-28T18:00+01:00", "2026-04-11T17:59+02:00", "2026-04-04T18:00+02:00"),
        ("1w", "2026-03-28T18:00+01:00", "2026-04-11T18:00+02:00", "2026-04-11T18:00+02:00"),
    ],
)
def test_a_series_keeps_to_the_clock_of_its_zone(
    every: str, began: str, now: str, slot: str
) -> None:
    """Where it comes every so many days it comes at the same time of day, in summer and winter;
    a time that the clock skips is when it skips, and only on that day.
    """
    began_ms, now_ms, slot_ms = (epoch_ms(text) for text in (began, now, slot))
    series = Series(
        id="1", number=1, every=every, left=9, until=None, slot=began_ms,
        tz="Europe/Berlin", clock=clock_of(began_ms, zone_of("Europe/Berlin")),
    )  # fmt: skip

    assert next_slot(series, now_ms) == slot_ms
    if every == "1d":
        later = next_slot(replace(series, slot=slot_ms), slot_ms)
        assert datetime.fromtimestamp(later / 1000, zone_of("Europe/Berlin")).time() == time(2, 30)


def epoch_ms(text: str) -> int:
    """The instant of an ISO text in epoch ms."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def test_a_series() -> None:
    """The end of one starts the next, in its rhythm, until there were enough."""
    clock = StillClock()
    robo = memory(clock)
    began = clock.now_ms()
    first = started(robo, duration="1d", every="1w", times=3, winners=1)
    for number in range(3):
        (current,) = [one for one in all_of(robo) if one.finalized_at is None]
        assert current.series is not None
        assert (current.series.id, current.series.number) == (first, number + 1)
        assert (current.series.every, current.series.left) == ("1w", 2 - number)
        assert current.began_at == began + number * WEEK_MS
        clock.at = max(clock.at, current.began_at)
        robo.giveaways.begin(GUILD, current.id)
        robo.giveaways.enter(GUILD, current.id, MANY[:3])
        clock.at += 24 * HOUR_MS
        robo.giveaways.end(GUILD, current.id, only_due=True)

    found = all_of(robo)
    assert [one.status for one in found] == ["ended"] * 3
    assert len({one.commitment for one in found}) == 3
    assert all(robo.giveaways.verify(GUILD, one.id).valid for one in found)


def test_after_a_long_stop_there_is_one_and_not_five() -> None:
    """What passed meanwhile is left out, and the rhythm stays."""
    clock = StillClock()
    robo = memory(clock)
    began = clock.now_ms()
    first = started(robo, duration="1d", every="1w", times=10)
    clock.at += 3 * WEEK_MS + HOUR_MS

    robo.giveaways.end(GUILD, first, only_due=True)
    (_, second) = all_of(robo)

    assert (second.status, second.ends_at) == ("active", clock.now_ms() + 24 * HOUR_MS)
    assert second.series is not None
    assert (second.series.number, second.series.left) == (2, 8)
    assert second.series.slot == began + 3 * WEEK_MS


def test_a_series_until_a_day() -> None:
    """None starts after it."""
    clock = StillClock()
    robo = memory(clock)
    first = started(robo, duration="1d", every="1w", until="10d")
    robo.giveaways.end(GUILD, first)
    (_, second) = all_of(robo)
    clock.at += WEEK_MS
    robo.giveaways.begin(GUILD, second.id)
    robo.giveaways.end(GUILD, second.id)

    assert [one.status for one in all_of(robo)] == ["ended", "ended"]


def test_a_cancel_ends_a_series() -> None:
    """Nothing follows a giveaway that was cancelled."""
    robo = memory()
    first = started(robo, duration="1d", every="1w", times=10)
    robo.giveaways.cancel(GUILD, first)

    assert [one.status for one in all_of(robo)] == ["cancelled"]


def test_a_drop_in_a_series() -> None:
    """The entry that fills it starts or plans the next one."""
    robo = memory()
    first = started(robo, duration="1d", every="1w", times=2, drop=True, winners=1)
    robo.giveaways.enter(GUILD, first, MANY[0])

    assert [(one.status, one.drop) for one in all_of(robo)] == [
        ("ended", True),
        ("scheduled", True),
    ]


def test_a_series_with_a_beacon() -> None:
    """Each has the rule of the one before, and a round of its own."""
    clock = StillClock()
    robo = memory(clock)
    first = started(robo, duration="1d", every="1w", times=2, beacon="drand")
    robo.giveaways.enter(GUILD, first, MANY[:3])
    robo.giveaways.end(GUILD, first)
    assert robo.giveaways.get(GUILD, first).status == "drawing"
    assert len(all_of(robo)) == 1, "the end is the draw"
    clock.at += 3 * HOUR_MS
    robo.giveaways.end(GUILD, first)
    done, after = all_of(robo)

    assert done.beacon is not None and done.beacon.round is not None
    assert after.beacon is not None
    assert (after.beacon.round, after.beacon.chain) == (None, done.beacon.chain)


def test_one_that_is_drawn_anew_has_no_second_successor() -> None:
    """Also where a restore has opened it again."""
    robo = memory()
    first = started(robo, duration="1d", every="1w", times=10)
    robo.giveaways.end(GUILD, first)
    namespace = robo.vault.namespace(f"giveaways/{GUILD}")
    with namespace.transaction(Origin("test", "as a restore does")) as change:
        doc_id = doc_id_of(first)
        record = {**change.records("giveaways")[doc_id], "status": "active", "draws": []}
        change.put("giveaways", doc_id, {**record, "finalizedAt": None})
        change.put("secrets", doc_id, {"secret": record["secret"]})

    assert robo.giveaways.end(GUILD, first).changed
    assert len(all_of(robo)) == 2


KILLED = """
import sys
from robo_xp import RoboXP

class Fast:
    at = int(sys.argv[2])

    def now_ms(self):
        self.at += 5000
        return self.at

robo = RoboXP.open(sys.argv[1], by="test", durability="os", clock=Fast())
print("ready", flush=True)
while True:
    for one in robo.giveaways.list({guild!r}, which="all"):
        robo.giveaways.begin({guild!r}, one.giveaway.id)
        if robo.giveaways.end({guild!r}, one.giveaway.id).changed:
            print("ended", flush=True)
"""


def test_a_series_that_is_killed_has_one_successor(tmp_path: Path) -> None:
    """Whenever the process that ends and starts its giveaways dies, each has one at most."""
    with RoboXP.open(tmp_path / "data") as robo:
        robo.giveaways.create(
            GUILD, prize="Tea", channel_id=CHANNEL, duration="10s", every="10s", times=1000
        )
    script = KILLED.replace("{guild!r}", repr(GUILD))
    for pause in range(6):
        at = str(2 * 10**12 + pause * 10**9)
        ending = subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "data"), at],
            stdout=subprocess.PIPE, env=os.environ, text=True,
        )  # fmt: skip
        assert ending.stdout is not None and ending.stdout.readline() == "ready\n"
        for _ in range(2 * pause):
            assert ending.stdout.readline() == "ended\n"
        ending.send_signal(signal.SIGKILL)
        ending.wait()
        ending.stdout.close()

    with RoboXP.open(tmp_path / "data") as robo:
        numbers = [one.series.number for one in all_of(robo) if one.series is not None]
        unfinished = [one for one in all_of(robo) if one.finalized_at is None]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(unfinished) == 1
    assert len(numbers) > 10
