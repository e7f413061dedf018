"""Settings of giveaways: layers, faults, contradictions; nothing leaks from guild to guild."""

from __future__ import annotations

from typing import Any

import pytest

from robo_xp.errors import InvalidConfig, LimitExceeded
from tests.usecases.giveaways.drawn import OTHER_ROLE, ROLE, memory, started
from tests.usecases.small import GUILD, OTHER_GUILD

DEFAULTS = {
    "defaults": {
        "winners": 1,
        "duration": "1h",
        "buttonLabel": "Enter Giveaway",
        "dmWinners": True,
    },
    "limits": {"maxWinners": 20, "maxDurationDays": 30},
    "restrictions": {"allowRoleIds": [], "denyRoleIds": [], "minAccountAgeDays": 0},
    "hostRoleIds": [],
    "recheckAtDraw": True,
    "bonusEntries": {},
    "bonusMode": "max",
    "draw": {"beacon": "none", "beaconWait": "1h"},
}


def test_the_defaults_hold_where_nothing_was_ever_saved() -> None:
    """A guild without settings sends its winners direct messages, as the defaults say."""
    robo = memory()
    giveaway = started(robo, entrants=2, winners=None)

    ended = robo.giveaways.end(GUILD, giveaway)

    assert robo.giveaways.settings.get(GUILD) == DEFAULTS == robo.giveaways.settings.defaults()
    assert ended.giveaway.dm_winners
    assert ended.giveaway.pending_kinds == ("message", "announcement", "dm")


def test_each_layer_is_stronger_than_the_one_below_key_by_key() -> None:
    """Own settings are sparse: what a guild did not set follows the global defaults."""
    settings = memory().giveaways.settings
    settings.set(None, {"defaults": {"winners": 2, "duration": "2h"}, "bonusEntries": {ROLE: 1}})
    settings.set(GUILD, {"defaults": {"winners": 3}, "bonusEntries": {OTHER_ROLE: 2}})

    assert settings.own(GUILD) == {"defaults": {"winners": 3}, "bonusEntries": {OTHER_ROLE: 2}}
    holds = settings.get(GUILD)
    assert holds["defaults"] == {**DEFAULTS["defaults"], "winners": 3, "duration": "2h"}  # type: ignore[dict-item]
    assert holds["bonusEntries"] == {ROLE: 1, OTHER_ROLE: 2}
    sources = {
        key: settings.explain(key, GUILD).source
        for key in ("defaults.winners", "defaults.duration", "recheckAtDraw")
    }
    assert sources == {
        "defaults.winners": "guild",
        "defaults.duration": "global",
        "recheckAtDraw": "default",
    }
    settings.unset(GUILD, "defaults.winners")
    assert settings.get(GUILD)["defaults"]["winners"] == 2


def test_settings_of_one_guild_never_reach_another() -> None:
    """Neither setting, failing to set nor resetting in one guild is seen in any other."""
    robo = memory()
    settings = robo.giveaways.settings
    settings.set(GUILD, {"defaults": {"dmWinners": False}, "limits": {"maxWinners": 2}})
    with pytest.raises(InvalidConfig):
        settings.set(GUILD, {"defaults": {"dmWinners": True, "winners": 3}})

    assert settings.get(OTHER_GUILD) == DEFAULTS == settings.get(None)
    assert settings.get(GUILD)["defaults"]["dmWinners"] is False
    handed_out = settings.get(OTHER_GUILD)
    handed_out["defaults"]["winners"] = 9
    handed_out["hostRoleIds"].append(ROLE)
    assert settings.get(OTHER_GUILD) == DEFAULTS
    settings.unset_key(GUILD, None)
    assert (settings.own(GUILD), settings.get(GUILD)) == ({}, DEFAULTS)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("defaults.winners", 1),
        ("defaults.winners", 20),
        ("defaults.duration", "P1DT12H"),
        ("defaults.buttonLabel", "x" * 80),
        ("defaults.dmWinners", False),
        ("limits.maxWinners", 100),
        ("limits.maxDurationDays", 365),
        ("restrictions.allowRoleIds", [ROLE]),
        ("restrictions.minAccountAgeDays", 0),
        ("hostRoleIds", [ROLE, OTHER_ROLE]),
        ("recheckAtDraw", False),
        (f"bonusEntries.{ROLE}", 100),
        ("bonusEntries", {ROLE: 1}),
    ],
)
def test_good_values_are_stored(key: str, value: Any) -> None:
    """What is set is what holds."""
    settings = memory().giveaways.settings

    changed = settings.change_key(GUILD, key, value)

    assert settings.explain(key, GUILD).value == value
    assert changed.keys
    assert settings.change_key(GUILD, key, value).keys == ()


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("defaults.winners", 0, "defaults.winners"),
        ("defaults.winners", 101, "defaults.winners"),
        ("defaults.winners", 2.0, "defaults.winners"),
        ("defaults.winners", True, "defaults.winners"),
        ("defaults.winners", 21, "defaults.winners"),
        ("defaults.duration", "9s", "defaults.duration"),
        ("defaults.duration", 3600, "defaults.duration"),
        ("defaults.duration", "31d", "defaults.duration"),
        ("defaults.duration", "2030-01-01T00:00Z", "defaults.duration"),
        ("defaults.buttonLabel", "", "defaults.buttonLabel"),
        ("defaults.buttonLabel", "x" * 81, "defaults.buttonLabel"),
        ("defaults.buttonLabel", "a\nb", "defaults.buttonLabel"),
        ("defaults.dmWinners", "yes", "defaults.dmWinners"),
        ("defaults.dmWinners", None, "defaults.dmWinners"),
        ("limits.maxWinners", 101, "limits.maxWinners"),
        ("limits.maxDurationDays", 0, "limits.maxDurationDays"),
        ("limits.maxDurationDays", 366, "limits.maxDurationDays"),
        ("restrictions.allowRoleIds", ROLE, "restrictions.allowRoleIds"),
        ("restrictions.denyRoleIds", [ROLE, ROLE], "restrictions.denyRoleIds[1]"),
        ("restrictions.minAccountAgeDays", -1, "restrictions.minAccountAgeDays"),
        ("hostRoleIds", ["admin"], "hostRoleIds[0]"),
        ("recheckAtDraw", 1, "recheckAtDraw"),
        (f"bonusEntries.{ROLE}", 0, f"bonusEntries.{ROLE}"),
        (f"bonusEntries.{ROLE}", 101, f"bonusEntries.{ROLE}"),
        ("bonusEntries", {"admin": 1}, "bonusEntries.admin"),
        ("bonusEntries", 5, "bonusEntries"),
        ("bonusEntries.admin", 1, "bonusEntries.admin"),
        ("defaults", 5, "defaults"),
        ("limits.winners", 5, "limits.winners"),
        ("maxWinners", 5, "maxWinners"),
        ("", 5, ""),
    ],
)
def test_bad_values_are_refused_where_they_are(key: str, value: Any, where: str) -> None:
    """The fault names the setting, and nothing is stored."""
    settings = memory().giveaways.settings

    with pytest.raises(InvalidConfig) as caught:
        settings.change_key(GUILD, key, value)
    assert [fault.where for fault in caught.value.faults] == [where]
    assert settings.own(GUILD) == {}


def test_every_fault_is_named_at_once() -> None:
    """A document with many faults is refused once, with all of them."""
    settings = memory().giveaways.settings

    with pytest.raises(InvalidConfig) as caught:
        settings.set(
            GUILD, {"defaults": {"winners": 0, "dmWinner": True}, "limits": 5, "hostRoleIds": [1]}
        )
    assert [fault.where for fault in caught.value.faults] == [
        "defaults.winners",
        "defaults.dmWinner",
        "limits",
        "hostRoleIds[0]",
    ]
    assert "did you mean 'defaults.dmWinners'" in str(caught.value)


@pytest.mark.parametrize(
    "part",
    [
        {"restrictions": {"allowRoleIds": [ROLE], "denyRoleIds": [OTHER_ROLE, ROLE]}},
        {"defaults": {"winners": 5}, "limits": {"maxWinners": 4}},
        {"defaults": {"duration": "2d"}, "limits": {"maxDurationDays": 1}},
    ],
)
def test_contradictions_are_refused_within_and_between_layers(part: dict[str, Any]) -> None:
    """A role both allowed and denied, or a default above its limit, is never stored."""
    settings = memory().giveaways.settings
    with pytest.raises(InvalidConfig):
        settings.set(GUILD, part)

    (first, *rest) = [
        {group: {key: value}} for group, keys in part.items() for key, value in keys.items()
    ]
    settings.set(None, first)
    with pytest.raises(InvalidConfig):
        settings.set(GUILD, rest[0])
    assert settings.own(GUILD) == {}


def test_a_limit_that_was_lowered_for_all_holds_at_the_start() -> None:
    """Where the global limits came to contradict a guild's defaults, starting is refused."""
    robo = memory()
    robo.giveaways.settings.set(GUILD, {"defaults": {"winners": 5}})
    robo.giveaways.settings.set(None, {"limits": {"maxWinners": 4}})

    with pytest.raises(LimitExceeded):
        started(robo, winners=None)
