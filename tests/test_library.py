"""The library as its users see it: the public names, and a session that uses each of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import robo_xp
from robo_xp import RoboXP, RoboXPError, build_curve
from robo_xp.errors import InvalidValue

GUILD = "746807687960896580"
ADA = "160686414550454520"
BOB = "341251674692969418"
ROLE = "404510317632694527"
CHANNEL = "460345667129797344"


def test_every_public_name_exists() -> None:
    """Each name in the package's list can be taken from it, and no other name is promised."""
    found = {name: getattr(robo_xp, name) for name in robo_xp.__all__}

    assert all(value is not None for value in found.values())
    with pytest.raises(AttributeError, match="nonsense"):
        _ = robo_xp.nonsense


def test_importing_the_package_loads_nothing_heavy() -> None:
    """A bare import pulls in no document store, no JSON library and no asyncio."""
    script = (
        "import sys, robo_xp; "
        "print([m for m in ('tinydb', 'msgspec', 'asyncio', 'robo_xp.vault') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.stdout.strip() == "[]", done.stderr


def test_a_session_with_the_library(data_dir: Path) -> None:
    """Add, remove, set and recalc return frozen results with totals, levels and a batch number."""
    with RoboXP.open(data_dir, durability="batch") as robo:
        added = robo.xp.add(GUILD, ADA, 400, reason="contest", store="reputation")
        removed = robo.xp.remove(GUILD, ADA, 300, store="reputation")
        fixed = robo.xp.set(GUILD, ADA, 5675, store="reputation")
        same = robo.xp.recalc(GUILD, ADA, store="reputation")

        assert (added.old_xp, added.new_xp, added.old_level, added.new_level) == (0, 400, 0, 2)
        assert (added.leveled_up, added.seq) == (True, 1)
        assert (removed.new_xp, removed.new_level, removed.leveled_down) == (100, 0, True)
        assert (fixed.new_level, fixed.seq) == (10, 3)
        assert (same.reconciled, same.total_xp) == (False, 5675)
        assert robo.xp.get(GUILD, ADA, store="reputation") == 5675
        assert robo.xp.level(GUILD, ADA, store="reputation") == 10
        assert robo.xp.record(GUILD, ADA) is None
        with pytest.raises(AttributeError):
            added.new_xp = 1  # type: ignore[misc]


def test_settings_boards_rewards_and_events(data_dir: Path) -> None:
    """Settings merge over defaults, boards rank, rewards plan, and listeners hear of it all."""
    heard: list[tuple[str, int]] = []
    with RoboXP.open(data_dir) as robo:
        robo.events.on_level_up(lambda event: heard.append((event["userId"], event["newLevel"])))
        robo.config.set(GUILD, {"theme": {"embedColor": 1}, "cooldownSeconds": 30})
        robo.config.set_global({"xpRate": 2.0})
        robo.rewards.add(GUILD, 1, ROLE)
        robo.xp.add(GUILD, ADA, 200)
        robo.xp.add(GUILD, BOB, 50)

        assert robo.config.get(GUILD)["xpRate"] == 2.0
        assert "theme" not in robo.config.unset(GUILD, "theme.embedColor")
        assert robo.config.get_global() == {"xpRate": 2.0}
        assert robo.config.defaults()["cooldownSeconds"] == 60
        assert [fault.where for fault in robo.config.validate({"cooldownSeconds": -1})] == [
            "cooldownSeconds"
        ]
        page = robo.leaderboard.page(GUILD, offset=0, limit=10)
        assert [(entry.rank, entry.user_id) for entry in page.entries] == [(1, ADA), (2, BOB)]
        rank = robo.leaderboard.rank(GUILD, BOB)
        assert rank is not None and (rank.rank, rank.total) == (2, 2)
        assert robo.rewards.plan(GUILD, ADA, held_role_ids=[]).add == (ROLE,)
    assert heard == [(ADA, 1)]


def test_an_award_says_what_it_gave_or_which_rule_refused(data_dir: Path) -> None:
    """The first message is awarded, the second within the cooldown is refused by name."""
    with RoboXP.open(data_dir) as robo:
        first = robo.xp.award(GUILD, ADA, channel_id=CHANNEL, role_ids=[ROLE], at=1_000_000)
        second = robo.xp.award(GUILD, ADA, channel_id=CHANNEL, at=1_059_999)
        third = robo.xp.award(GUILD, ADA, channel_id=CHANNEL, at=1_060_000)

        assert isinstance(first, robo_xp.Awarded) and 15 <= first.xp <= 25
        assert isinstance(second, robo_xp.Refusal)
        assert (second.rule, second.retry_after_ms) == ("cooldown", 1)
        assert isinstance(third, robo_xp.Awarded)
        member = robo.xp.record(GUILD, ADA)
        assert member is not None and (member.messages, member.xp_messages) == (3, 2)


def test_a_curve_of_ones_own(data_dir: Path) -> None:
    """A callback's curve stands above every setting."""
    steep = build_curve({"type": "linear", "params": {"xpPerLevel": 10}})
    with RoboXP.open(data_dir, curve_for=lambda guild, store: steep) as robo:
        assert robo.xp.add(GUILD, ADA, 95).new_level == 9
        assert robo.curves.get(GUILD).source == "callback"


def test_the_math_needs_no_vault(data_dir: Path) -> None:
    """Level mathematics work on plain numbers, and nothing is written to the data folder."""
    with RoboXP.open(data_dir) as robo:
        assert robo.math.total_xp_for_level(10) == 5675
        assert robo.math.xp_needed_for_level(1) == 155
        assert robo.math.level_from_total_xp(5500).level == 9
        assert robo.math.xp_delta_for_level_range(1, 2) == 220
        assert robo.math.is_valid_level(3) and not robo.math.is_valid_xp(-1)
    assert not data_dir.exists()


def test_bad_input_is_one_family_of_errors(data_dir: Path) -> None:
    """Whatever is wrong with an argument, what is raised is a RoboXPError with a code."""
    with RoboXP.open(data_dir) as robo:
        for attempt in (
            lambda: robo.xp.add("1", ADA, 1),
            lambda: robo.xp.add(GUILD, ADA, -1),
            lambda: robo.xp.add(GUILD, ADA, 1, store="global"),
            lambda: robo.xp.add(GUILD, ADA, 1, reason="x" * 513),
            lambda: robo.xp.remove(GUILD, ADA, 1),
            lambda: robo.config.unset(GUILD, "nonsense"),
        ):
            with pytest.raises(RoboXPError) as caught:
                attempt()
            assert caught.value.code and caught.value.exit_code in (2, 3)
    with pytest.raises(InvalidValue):
        RoboXP.open(data_dir, durability="sometimes")
