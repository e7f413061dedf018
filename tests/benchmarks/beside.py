"""Comparisons in alternate rounds, so that whatever else the machine does meets both sides.

``./dev bench --beside`` takes about a minute: single awards beside SQLite's, each a later one of
its member's day and then each the first, awards where all that can count is switched on beside
those where nothing is, and awards over 10,000 guilds in turn beside awards in one of them.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from robo_xp import RoboXP
from tests.benchmarks.ours import Ours
from tests.benchmarks.peers import (
    CHANNEL,
    DAY_MS,
    GUILD,
    ROLES,
    STEP_MS,
    Awarding,
    SQLite,
    member_id,
    turns,
)

ROUNDS = 15
EVERYTHING: dict[str, Any] = {
    "multipliers": {"server": 1.5, "channel": {CHANNEL: 1.2}, "role": {ROLES[0]: 1.1}},
    "boosts": {
        "stack": "multiply",
        "announce": True,
        "list": {
            "10000000000000001": {"factor": 2, "from": 0},
            "10000000000000002": {
                "factor": 1.5,
                "from": 0,
                "weekly": {
                    "days": ["fri", "sat", "sun"],
                    "from": "18:00",
                    "to": "02:00",
                    "tz": "Europe/Berlin",
                },
            },
        },
    },
    "voice": {"xpPerMinute": 3},
    "periods": {"timezone": "Europe/Berlin", "prizes": [{"kind": "week", "xp": 500}]},
    "decay": {"afterDays": 30, "percent": 1},
    "onLeave": "hide",
}
"""Settings with which everything that members and operators ask for is switched on."""
Pair = tuple[float, float]
T = TypeVar("T")


def spent(work: Callable[[T], object], subjects: Sequence[T]) -> Pair:
    """Seconds by the clock, and of CPU, that a call took, one for each of the subjects."""
    wall, cpu = time.perf_counter(), time.process_time()
    for subject in subjects:
        work(subject)
    times = len(subjects)
    return (time.perf_counter() - wall) / times, (time.process_time() - cpu) / times


def posted(subject: Awarding) -> Callable[[list[tuple[int, int]]], None]:
    """What awards members whose turn it is, each with its time, in one transaction."""

    def award(posts: list[tuple[int, int]]) -> None:
        subject.award([number for number, _ in posts], posts[-1][1])

    return award


def compared(title: str, first: list[Pair], second: list[Pair]) -> str:
    """How much longer the second takes than the first, by the medians of the rounds."""
    wall, cpu = (
        [statistics.median(pair[side] for pair in pairs) for pairs in (first, second)]
        for side in (0, 1)
    )
    return (
        f"{title}: {wall[1] / wall[0]:.2f} by the clock, {cpu[1] / cpu[0]:.2f} of CPU time"
        f" ({wall[0] * 1e6:.1f} and {wall[1] * 1e6:.1f} us, CPU {cpu[0] * 1e6:.1f}"
        f" and {cpu[1] * 1e6:.1f} us)"
    )


def beside_sqlite(what: str, step_ms: int, members: int = 10_000, times: int = 4_000) -> str:
    """Single awards with durability ``os``, and SQLite WAL NORMAL: rates as a ratio."""
    turn, ours, theirs = turns(members, step_ms), list[Pair](), list[Pair]()
    with tempfile.TemporaryDirectory() as scratch:
        robo, peer = Ours(Path(scratch), members, "os"), SQLite(Path(scratch), members, "NORMAL")
        for _ in range(ROUNDS):
            chosen = [[one] for one in islice(turn, times)]
            ours.append(spent(posted(robo), chosen))
            theirs.append(spent(posted(peer), chosen))
        robo.close()
        peer.close()
    title = f"one award a batch, {what}, os over SQLite WAL NORMAL, {members:,} members"
    return compared(title, ours[1:], theirs[1:])


def with_everything(members: int = 10_000, times: int = 4_000) -> str:
    """Single awards with nothing switched on, and with ``EVERYTHING``: rates as a ratio."""
    turn, plain, full = turns(members), list[Pair](), list[Pair]()
    with tempfile.TemporaryDirectory() as scratch:
        bare = Ours(Path(scratch) / "bare", members, "os")
        rich = Ours(Path(scratch) / "rich", members, "os")
        rich.robo.config.set(GUILD, EVERYTHING)
        rich.robo.members.hide(GUILD, [member_id(number) for number in range(0, members, 100)])
        for _ in range(ROUNDS):
            chosen = [[one] for one in islice(turn, times)]
            full.append(spent(posted(rich), chosen))
            plain.append(spent(posted(bare), chosen))
        bare.close()
        rich.close()
    return compared("one award a batch, rate with everything over nothing", full[1:], plain[1:])


def over_guilds(guilds: int = 10_000) -> str:
    """Awards over guilds in turn, and as many in one of them: cost as a ratio."""
    ids = [member_id(number) for number in range(guilds)]
    alone, in_turn, at = list[Pair](), list[Pair](), 1_800_000_000_000
    with (
        tempfile.TemporaryDirectory() as scratch,
        RoboXP.open(scratch, durability="os", by="benchmark") as robo,
    ):

        def award(one: tuple[str, str]) -> None:
            robo.xp.award(*one, channel_id=CHANNEL, role_ids=ROLES, at=at)

        turn, same = [(one, ids[0]) for one in ids], [(ids[0], one) for one in ids]

        # what a guild's first awards cost once, for its files and its rules, is no part of it
        for round_ in range(ROUNDS):
            at += STEP_MS
            in_turn.append(spent(award, turn))
            alone.append(spent(award, same))
            if round_ == 0:
                print(f"the first award of a guild: {in_turn[0][0] * 1e6:.0f} us")
    title = f"awards over {guilds:,} guilds in turn, over awards in one guild"
    return compared(title, alone[2:], in_turn[2:])


def main() -> None:
    """Measure and print all."""
    print(beside_sqlite("a later one of its day", STEP_MS))
    print(beside_sqlite("the first of its day", DAY_MS))
    print(with_everything())
    print(over_guilds())
