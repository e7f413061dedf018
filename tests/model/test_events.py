"""Types of events: what the journal writes of each, and what is read back from any version."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import msgspec
import pytest

from robo_xp.model.event_reading import event_of, raw_of
from robo_xp.model.events import (
    KINDS,
    CountersChanged,
    Event,
    GiveawayCancelled,
    GiveawayClaim,
    GiveawayClosed,
    GiveawayEdited,
    GiveawayEnded,
    GiveawayEntered,
    GiveawayLeft,
    GiveawayPosted,
    GiveawayRerolled,
    GiveawayScheduled,
    GiveawaySettingChanged,
    GiveawayStarted,
    LevelRepaired,
    MadeTogether,
    MemberDeleted,
    MemberErased,
    MemberHidden,
    MemberRestored,
    NamespaceRepaired,
    NamespaceRestored,
    PeriodClosed,
    RecordRepaired,
    RoleHoldersChanged,
    SettingChanged,
    SumsMoved,
    UnknownEvent,
    XpChanged,
    level_event,
    name_of,
)

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = {"11": {"at": 5, "weight": 2}}
# what version 0.1.0 has written, byte for byte
WRITTEN: list[tuple[Event, str]] = [
    (
        XpChanged("11", 0, 7, 7, "award", "message"),
        '{"type":"xpChange","userId":"11","oldXp":0,"newXp":7,"delta":7,"how":"award",'
        '"reason":"message"}',
    ),
    (
        XpChanged("11", 7, 7, 0, "set", created=True),
        '{"type":"xpChange","userId":"11","oldXp":7,"newXp":7,"delta":0,"how":"set",'
        '"created":true}',
    ),
    (
        level_event("11", 1, 3, 400),
        '{"type":"levelUp","userId":"11","oldLevel":1,"newLevel":3,"totalXp":400}',
    ),
    (
        level_event("11", 3, 0, 0, "77"),
        '{"type":"levelDown","userId":"11","oldLevel":3,"newLevel":0,"totalXp":0,"channelId":"77"}',
    ),
    (LevelRepaired("11"), '{"type":"recalc","userId":"11"}'),
    (
        CountersChanged("11", {"messages": 1}, {"messages": 0}),
        '{"type":"countersChange","userId":"11","old":{"messages":1},"new":{"messages":0}}',
    ),
    (
        MemberDeleted("11", {"xp": 5, "level": 0}),
        '{"type":"memberDelete","userId":"11","record":{"xp":5,"level":0}}',
    ),
    (MemberErased("11"), '{"type":"memberErase","userId":"11"}'),
    (
        MemberHidden("11", False, True),
        '{"type":"memberHide","userId":"11","hidden":false,"created":true}',
    ),
    (
        MadeTogether("giveaways/100000000000000009", 7),
        '{"type":"madeTogether","namespace":"giveaways/100000000000000009","seq":7}',
    ),
    (MemberRestored("11", 0), '{"type":"memberRestore","userId":"11","xp":0}'),
    (
        SumsMoved("11", 739_000, -20),
        '{"type":"sumsChange","userId":"11","day":739000,"delta":-20}',
    ),
    (
        PeriodClosed("week", 1, 2, 1, [{"userId": "11", "xp": 20}], True),
        '{"type":"periodClose","kind":"week","beginsAt":1,"endsAt":2,"members":1,'
        '"top":[{"userId":"11","xp":20}],"announced":true}',
    ),
    (
        RoleHoldersChanged("33", [], ["11"]),
        '{"type":"prizeRole","roleId":"33","old":[],"new":["11"]}',
    ),
    (
        SettingChanged("xpRate", new=None),
        '{"type":"configChange","key":"xpRate","new":null}',
    ),
    (
        GiveawaySettingChanged("dmWinners", False),
        '{"type":"giveawaySettingsChange","key":"dmWinners","old":false}',
    ),
    (
        GiveawayScheduled("1", "Nitro", "22", 1, 9),
        '{"type":"giveawaySchedule","giveawayId":"1","prize":"Nitro","channelId":"22",'
        '"winnersCount":1,"startsAt":9}',
    ),
    (
        GiveawayStarted("1", "Nitro", "22", 1, 9, "c"),
        '{"type":"giveawayStart","giveawayId":"1","prize":"Nitro","channelId":"22",'
        '"winnersCount":1,"endsAt":9,"commitment":"c"}',
    ),
    (
        GiveawayEdited("1", "ends_at", 8, 9),
        '{"type":"giveawayEdit","giveawayId":"1","key":"ends_at","old":8,"new":9}',
    ),
    (
        GiveawayEntered("1", ENTRIES),
        '{"type":"giveawayEnter","giveawayId":"1","entries":{"11":{"at":5,"weight":2}}}',
    ),
    (
        GiveawayLeft("1", ENTRIES),
        '{"type":"giveawayLeave","giveawayId":"1","entries":{"11":{"at":5,"weight":2}}}',
    ),
    (
        GiveawayClosed("1", 0, "ab", 7),
        '{"type":"giveawayClose","giveawayId":"1","number":0,"digest":"ab","round":7}',
    ),
    (GiveawayEnded("1", []), '{"type":"giveawayEnd","giveawayId":"1","winners":[]}'),
    (
        GiveawayRerolled("1", 1, ["11"]),
        '{"type":"giveawayReroll","giveawayId":"1","number":1,"winners":["11"]}',
    ),
    (
        GiveawayClaim("1", "11", "open", "claimed"),
        '{"type":"giveawayClaim","giveawayId":"1","userId":"11","old":"open","new":"claimed"}',
    ),
    (GiveawayCancelled("1"), '{"type":"giveawayCancel","giveawayId":"1"}'),
    (
        GiveawayPosted("1", "33"),
        '{"type":"giveawayMessage","giveawayId":"1","messageId":"33"}',
    ),
    (NamespaceRestored(None, 5), '{"type":"restore","fromSeq":null,"at":5}'),
    (
        NamespaceRepaired("all", [[3, 4]]),
        '{"type":"repair","kept":"all","lost":[[3,4]]}',
    ),
    (
        RecordRepaired("users", "11", None),
        '{"type":"recordRepair","table":"users","id":"11","old":null}',
    ),
]


@pytest.mark.parametrize(("event", "line"), WRITTEN, ids=lambda one: getattr(one, "type", ""))
def test_the_journal_s_bytes_stay(event: Event, line: str) -> None:
    """Each event is written as the first version wrote it, and read back as the same."""
    assert msgspec.json.encode(raw_of(event)).decode() == line
    assert event_of(msgspec.json.decode(line)) == event
    assert KINDS[event.type] is type(event)


def test_every_type_is_among_them() -> None:
    """No type of event was forgotten above."""
    assert {type(event) for event, _ in WRITTEN} == set(KINDS.values())
    assert len({name_of(kind) for kind in KINDS.values()}) == len(KINDS)


@pytest.mark.parametrize(("event", "line"), WRITTEN, ids=lambda one: getattr(one, "type", ""))
def test_fields_of_a_later_version_are_passed_over(event: Event, line: str) -> None:
    """A field that is not known here does not stand in the way of those that are."""
    assert event_of({**msgspec.json.decode(line), "ofTomorrow": {"a": [1]}}) == event


@pytest.mark.parametrize(
    "raw",
    [
        {"type": "ofTomorrow", "userId": "11", "deep": {"a": [1]}},
        {"type": "levelUp", "userId": "11"},
        {"type": "levelUp", "userId": 11, "oldLevel": 0, "newLevel": 1, "totalXp": 1},
        {"type": ["levelUp"]},
        {},
    ],
)
def test_what_cannot_be_read_keeps_all_that_it_says(raw: dict[str, Any]) -> None:
    """An event of another type, or in another shape, goes through whole."""
    event = event_of(raw)

    assert isinstance(event, UnknownEvent)
    assert raw_of(event) == raw


@pytest.mark.parametrize(
    ("event", "user_ids"),
    [
        (LevelRepaired("11"), ["11"]),
        (GiveawayEntered("1", ENTRIES), ["11"]),
        (GiveawayCancelled("1"), []),
        (event_of({"type": "ofTomorrow", "userId": "11"}), ["11"]),
        (event_of({"type": "ofTomorrow", "entries": {"11": {}, "22": {}}}), ["11", "22"]),
    ],
)
def test_whom_it_happened_to(event: Event, user_ids: list[str]) -> None:
    """Every event names its members, also one of a later version that says them as we do."""
    assert list(event.user_ids) == user_ids


def test_no_type_is_named_outside_this_room() -> None:
    """The programs match on classes: no name of a type stands as text in them.

    Three names are words that mean other things too: those of commands.
    """
    words = {"restore", "repair", "recalc"}
    names = set(KINDS) - words
    named = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for source in ("robo_xp", "cli", "daemon")
        for path in (ROOT / source).rglob("*.py")
        if path != ROOT / "robo_xp/model/events.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in names
    ]

    assert named == []


def test_no_event_is_taken_apart_as_text() -> None:
    """Nobody outside this room asks for the ``type`` of an event in the journal's words."""
    asked = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for source in ("robo_xp", "cli", "daemon")
        for path in (ROOT / source).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Subscript)
        and ast.unparse(node) in ("event['type']", "record['type']")
    ]

    assert asked == []
