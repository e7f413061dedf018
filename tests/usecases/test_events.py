"""The event stream: listeners of one handle, what is past, and what any process commits next."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from robo_xp import RoboXP
from robo_xp.errors import InvalidValue, Refused
from robo_xp.model.events import Event, LevelUp
from robo_xp.usecases.events import Told, Wanted
from tests.usecases.small import ANN, BOB, GUILD, MINUTE, XP, HandClock, memory, write


def brief(events: Sequence[Told]) -> list[tuple[int, str]]:
    """Number and type of each event."""
    return [(event["seq"], event["type"]) for event in events]


def filled() -> RoboXP:
    """A store with three batches and five events, one second apart."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 200)
    robo.xp.add(GUILD, BOB, 10, reason="thanks")
    robo.xp.set(GUILD, ANN, 5)
    return robo


# -- listeners ------------------------------------------------------------------------------


def test_listeners_get_their_type_after_the_commit() -> None:
    """A listener hears each event of its type, with guild, store and number, already stored."""
    robo = memory()
    heard: list[tuple[Any, ...]] = []
    robo.events.on_level_up(
        lambda e: heard.append((e["guildId"], e["storeId"], e["newLevel"], robo.xp.get(GUILD, ANN)))
    )

    robo.xp.add(GUILD, ANN, 200)
    robo.xp.remove(GUILD, ANN, 200)

    assert heard == [(GUILD, "default", 1, 200)]


def test_a_listener_matches_on_classes() -> None:
    """A type can be named by its class, and what a listener gets has the event as its class."""
    robo = memory()
    heard: list[Event] = []
    robo.events.on(LevelUp, lambda told: heard.append(told.event))

    robo.xp.add(GUILD, ANN, 200)

    assert heard == [LevelUp(ANN, 0, 1, 200)]


@pytest.mark.parametrize("name", ["levelup", "LevelUp", "level_up"])
def test_a_name_that_no_event_has_is_refused(name: str) -> None:
    """A listener that would never be called is an error that offers the nearest name."""
    with pytest.raises(InvalidValue, match="did you mean 'levelUp'"):
        memory().events.on(name, print)


async def _awaited(_told: Told) -> None:
    """A listener that would have to be awaited."""


@pytest.mark.parametrize("register", ["on", "once"])
def test_an_async_listener_is_refused(register: str) -> None:
    """Nobody awaits a listener, so one that would need it is refused and not left to itself."""
    with pytest.raises(InvalidValue, match="never run") as caught:
        getattr(memory().events, register)("levelUp", _awaited)

    assert "run_coroutine_threadsafe" in caught.value.advice


def test_a_coroutine_out_of_a_listener_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """A plain function that only makes a coroutine is told in the log, and the change stands."""
    robo = memory()

    def forgetful(told: Told) -> object:
        return _awaited(told)

    robo.events.on_xp_change(forgetful)

    assert robo.xp.add(GUILD, ANN, 5).seq == 1
    assert "nobody awaits" in caplog.text


def test_a_listener_that_fails_harms_nobody() -> None:
    """The change stands, and the other listeners hear of it."""
    robo = memory()
    heard: list[Any] = []

    def fail(event: Any) -> None:
        raise RuntimeError("boom")

    robo.events.on_xp_change(fail)
    robo.events.on_xp_change(heard.append)

    assert robo.xp.add(GUILD, ANN, 5).seq == 1
    assert len(heard) == 1


def test_once_and_off() -> None:
    """A listener for once hears one event; one that was taken off hears none."""
    robo = memory()
    once: list[Any] = []
    off: list[Any] = []
    robo.events.once("xpChange", once.append)
    listener = robo.events.on("xpChange", off.append)
    robo.events.off("xpChange", listener)
    robo.events.off("levelUp", listener)

    robo.xp.add(GUILD, ANN, 5)
    robo.xp.add(GUILD, ANN, 5)

    assert (len(once), off) == (1, [])


# -- the past -------------------------------------------------------------------------------


def test_the_past_is_told_in_order_with_all_that_identifies_it() -> None:
    """Events come oldest first, each with its batch, author, command and reason."""
    robo = filled()

    assert brief(list(robo.events.past(XP))) == [
        (1, "xpChange"),
        (1, "levelUp"),
        (2, "xpChange"),
        (3, "xpChange"),
        (3, "levelDown"),
    ]
    [event] = robo.events.past(XP, wanted=Wanted(user_id=BOB))
    assert (event["by"], event["cmd"], event["reason"]) == ("test", "xp give", "thanks")
    assert (event["namespace"], event["guildId"], event["storeId"]) == (XP, GUILD, "default")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(types=frozenset({"levelUp", "levelDown"})), [(1, "levelUp"), (3, "levelDown")]),
        (Wanted(user_id=BOB), [(2, "xpChange")]),
        (Wanted(types=frozenset({"levelUp"}), user_id=BOB), []),
    ],
)
def test_only_wanted_events_are_told(wanted: Wanted, expected: list[tuple[int, str]]) -> None:
    """Type and member narrow the stream, alone and together."""
    assert brief(list(filled().events.past(XP, wanted=wanted))) == expected


def test_since_counts_the_instant_itself() -> None:
    """Events from an instant on include those of the instant."""
    robo = filled()
    instants = [event["ts"] for event in robo.events.past(XP)]

    assert brief(list(robo.events.past(XP, wanted=Wanted(since=instants[2])))) == [
        (2, "xpChange"),
        (3, "xpChange"),
        (3, "levelDown"),
    ]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(0, []), (1, [(3, "levelDown")]), (3, [(2, "xpChange"), (3, "xpChange"), (3, "levelDown")])],
)
def test_the_last_events_are_the_end_of_the_past(
    limit: int, expected: list[tuple[int, str]]
) -> None:
    """A limit cuts the stream from its front, inside a batch too."""
    assert brief(filled().events.last(XP, limit)) == expected


def test_fewer_events_than_asked_for_are_all() -> None:
    """A limit above what there is gives what there is."""
    robo = filled()

    assert robo.events.last(XP, 99) == list(robo.events.past(XP))


# -- following ------------------------------------------------------------------------------


def test_following_starts_behind_the_cursor_and_hears_other_handles(data_dir: Path) -> None:
    """A follower gets what came after its cursor, then what others commit while it waits."""
    with (
        RoboXP.open(data_dir, clock=HandClock()) as here,
        RoboXP.open(data_dir, clock=HandClock()) as there,
    ):
        here.xp.add(GUILD, ANN, 1)
        here.xp.add(GUILD, ANN, 2)
        stream = here.events.follow({XP: 1}, poll_seconds=0.01)

        assert next(stream)["seq"] == 2
        there.xp.add(GUILD, BOB, 3)
        event = next(stream)

    assert (event["seq"], event["userId"], event["delta"]) == (3, BOB, 3)


def test_following_a_pattern_hears_of_what_begins_later() -> None:
    """Namespaces that fit are followed from the start, those too that are made meanwhile."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 1)
    stream = robo.events.follow({XP: 1, f"xp/*/{GUILD}": 0}, poll_seconds=0.01)
    robo.xp.add(GUILD, ANN, 2, store="season")
    assert (first := next(stream))["storeId"] == "season" and first["delta"] == 2
    robo.xp.add(GUILD, ANN, 3, store="later")
    robo.xp.add("100000000000000077", ANN, 4)
    assert next(stream)["delta"] == 3


def test_following_ends_when_it_is_told_to() -> None:
    """With nothing left to tell, a follower that is to stop stops."""
    robo = filled()
    stop = threading.Event()
    stop.set()

    assert brief(list(robo.events.follow({XP: 2}, stop=stop))) == [
        (3, "xpChange"),
        (3, "levelDown"),
    ]


def test_following_without_a_pause_is_refused() -> None:
    """A pause of nothing would keep a processor busy for ever."""
    with pytest.raises(InvalidValue, match="poll_seconds"):
        next(memory().events.follow({XP: 0}, poll_seconds=0))


def test_an_award_tells_the_level_before_the_xp() -> None:
    """For messages the level event comes first; for operators' changes the XP does."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 154)
    write(robo, ANN, at=MINUTE)

    assert brief(robo.events.last(XP, 2)) == [(2, "levelUp"), (2, "xpChange")]


def test_listeners_hear_of_other_programs(tmp_path: Path) -> None:
    """Within ``listen`` each event is heard once: of this handle and of others, new stores too."""
    heard: list[str] = []
    all_heard = threading.Event()

    def hear(told: Told) -> None:
        heard.append(told["userId"])
        if len(heard) == 3:
            all_heard.set()

    with (
        RoboXP.open(tmp_path / "v", durability="os") as robo,
        RoboXP.open(tmp_path / "v", durability="os") as other,
    ):
        other.xp.add(GUILD, "200000000000000001", 5)
        robo.events.on_xp_change(hear)
        with robo.events.listen(poll_seconds=0.01):
            other.xp.add(GUILD, "200000000000000002", 5)
            robo.xp.add(GUILD, "200000000000000003", 5)
            other.xp.add(GUILD, "200000000000000004", 5, store="season")
            assert all_heard.wait(10)
            with pytest.raises(Refused), robo.events.listen():
                pass
        robo.xp.add(GUILD, "200000000000000005", 5)

    assert sorted(heard) == [f"20000000000000000{number}" for number in (2, 3, 4, 5)]
