"""``/giveaway settings get|set|reset``: every setting, all or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.daemon.loopback import NotOffered
from tests.daemon.scene import private
from tests.daemon.slash.giveaway.scenes import Table, table
from tests.daemon.stage import played


@played
async def test_get(tmp_path: Path) -> None:
    """All settings are shown by name, with what was not set here."""
    async with table(tmp_path) as at:
        at.set(defaults={"buttonLabel": "*Join*"}, bonusEntries={at.role_id("Red"): 3})
        at.at.stage.robo.giveaways.settings.set(None, {"limits": {"maxWinners": 50}})
        answer = await at.slash("dan", "settings get")

        assert private(answer).splitlines() == [
            "Settings of giveaways",
            "Winners: **1** (default)",
            "Duration: **1h** (default)",
            r"Button: **\*Join\***",
            "Direct messages to winners: **yes** (default)",
            "Most winners: **50** (for all servers)",
            "Longest giveaway in days: **30** (default)",
            "Allowed roles: **none** (default)",
            "Denied roles: **none** (default)",
            "Account age in days: **0** (default)",
            f"Host roles: <@&{at.role_id('Hosts')}>",
            "Second look at winners: **yes** (default)",
            f"Bonus entries: <@&{at.role_id('Red')}> +3",
            "Bonuses of several roles: **The highest** (default)",
            "Templates: **none** (default)",
            "Beacon: **None** (default)",
            "Longest wait for the beacon: **1h** (default)",
        ]


@played
async def test_set_everything(tmp_path: Path) -> None:
    """All options can be given at once; they are one change, in the member's name."""
    async with table(tmp_path) as at:
        red, blue, mods = at.role("Red"), at.role("Blue"), at.role("Mods")
        before = len(at.acts("ann"))
        answer = await at.slash(
            "ann", "settings set", winners=2, duration="2d", button_label="Join", dm_winners=False,
            max_winners=10, max_days=5, min_account_age=14, recheck=False, add_allowed_role=red,
            add_denied_role=blue, add_host_role=mods, bonus_role=red, bonus_entries=7,
        )  # fmt: skip
        holds = at.settings()

        assert holds == {
            "defaults": {
                "winners": 2, "duration": "2d", "buttonLabel": "Join", "dmWinners": False,
            },
            "limits": {"maxWinners": 10, "maxDurationDays": 5},
            "restrictions": {
                "allowRoleIds": [str(red.id)],
                "denyRoleIds": [str(blue.id)],
                "minAccountAgeDays": 14,
            },
            "hostRoleIds": [at.role_id("Hosts"), str(mods.id)],
            "recheckAtDraw": False,
            "bonusEntries": {str(red.id): 7},
            "bonusMode": "max",
            "draw": {"beacon": "none", "beaconWait": "1h"},
        }  # fmt: skip
        assert at.acts("ann")[before:] == [("giveaway settings set", None)]
        assert "Settings changed" in private(answer) and "Duration: **2d**" in answer.text
        assert f"Bonus entries: <@&{red.id}> +7" in answer.text


@played
async def test_lists_grow_and_shrink(tmp_path: Path) -> None:
    """Roles are added to lists and taken off again, also what only the global defaults hold."""
    async with table(tmp_path) as at:
        red, blue = at.role("Red"), at.role("Blue")
        everywhere = {"restrictions": {"denyRoleIds": [str(red.id)]}}
        at.at.stage.robo.giveaways.settings.set(None, everywhere)
        await at.slash("ann", "settings set", add_denied_role=blue)
        both = at.settings()["restrictions"]["denyRoleIds"]
        again = await at.slash("ann", "settings set", add_denied_role=blue)
        await at.slash("ann", "settings set", remove_denied_role=red)
        one = at.settings()["restrictions"]["denyRoleIds"]
        await at.slash("ann", "settings set", bonus_role=red, bonus_entries=2)
        await at.slash("ann", "settings set", bonus_role=red, bonus_entries=0)

        assert both == [str(red.id), str(blue.id)] and one == [str(blue.id)]
        assert private(again) == "These settings were like this before."
        assert at.settings()["bonusEntries"] == {}


@played
async def test_all_or_nothing(tmp_path: Path) -> None:
    """Where anything is wrong the member reads what, by name, and nothing is stored."""
    async with table(tmp_path) as at:
        red, everyone = at.role("Red"), at.at.guild.everyone
        before = at.settings()
        cases: list[tuple[dict[str, object], str]] = [
            ({}, "Nothing to change: give at least one of the options."),
            ({"winners": 30}, "Winners: 30 is more than “Most winners”, 20."),
            (
                {"duration": "40d"},
                "Duration: '40d' is more than “Longest giveaway in days”, 30.",
            ),
            ({"duration": "soon"}, "Duration: 'soon' is not a length of time."),
            (
                {"add_allowed_role": red, "add_denied_role": red},
                f"Allowed roles: role <@&{red.id}> is allowed and denied at once.",
            ),
            (
                {"add_host_role": red, "remove_host_role": red},
                f"Host roles: <@&{red.id}> cannot be added and removed at once.",
            ),
            ({"remove_allowed_role": red}, f"Allowed roles: <@&{red.id}> is not among them."),
            (
                {"add_host_role": everyone},
                "@everyone is every member, so it cannot be chosen; leave the option out.",
            ),
            (
                {"bonus_role": red},
                "A bonus needs both a role and how many entries it has on top.",
            ),
            (
                {"bonus_role": red, "bonus_entries": 0},
                f"<@&{red.id}> has no bonus entries here.",
            ),
        ]
        for options, told in cases:
            more = {"dm_winners": False} if options else {}
            answer = await at.slash("ann", "settings set", **options, **more)
            assert private(answer) == told
        assert at.settings() == before and at.acts("ann") == []


@played
async def test_ranges(tmp_path: Path) -> None:
    """Discord itself takes no numbers and labels that could not be stored."""
    async with table(tmp_path) as at:
        cases: list[dict[str, object]] = [
            {"winners": 0}, {"max_winners": 101}, {"max_days": 366}, {"min_account_age": -1},
            {"button_label": "x" * 81}, {"bonus_role": at.role("Red"), "bonus_entries": 101},
        ]  # fmt: skip
        for options in cases:
            with pytest.raises(NotOffered):
                await at.slash("ann", "settings set", **options)


def with_much_set(at: Table) -> None:
    """Several settings that an operator made."""
    at.set(defaults={"winners": 3}, recheckAtDraw=False, bonusEntries={at.role_id("Red"): 2})


@played
async def test_reset_one(tmp_path: Path) -> None:
    """One setting goes back to its default, a list to none; the others stay."""
    async with table(tmp_path) as at:
        with_much_set(at)
        hosts = await at.slash("ann", "settings reset", setting="Host roles")
        bonus = await at.slash("ann", "settings reset", setting="Bonus entries")

        assert "Host roles: **none**" in private(hosts)
        assert "Bonus entries: **none**" in private(bonus)
        assert at.settings()["defaults"]["winners"] == 3
        assert at.settings()["hostRoleIds"] == [] and at.settings()["bonusEntries"] == {}


@played
async def test_reset_all(tmp_path: Path) -> None:
    """Without a name everything goes back."""
    async with table(tmp_path) as at:
        with_much_set(at)
        answer = await at.slash("ann", "settings reset")
        defaults = at.at.stage.robo.giveaways.settings.defaults()

        assert "Winners: **1**" in private(answer)
        assert at.settings() == defaults


@played
async def test_a_reset_that_contradicts(tmp_path: Path) -> None:
    """A default that the other settings do not allow is refused, and nothing changes."""
    async with table(tmp_path) as at:
        at.set(defaults={"winners": 30}, limits={"maxWinners": 40})
        answer = await at.slash("ann", "settings reset", setting="Most winners")

        assert private(answer) == "Winners: 30 is more than “Most winners”, 20."
        assert at.settings()["limits"]["maxWinners"] == 40


@played
async def test_only_new_giveaways_follow(tmp_path: Path) -> None:
    """A giveaway that goes on keeps what it started with."""
    async with table(tmp_path) as at:
        made = await at.give("eve")
        await at.slash("ann", "settings set", winners=5, dm_winners=False)
        later = await at.give("eve")

        assert (at.get(made.id).winners_count, at.get(made.id).dm_winners) == (1, True)
        assert (later.winners_count, later.dm_winners) == (5, False)


@played
async def test_lengths_are_explained(tmp_path: Path) -> None:
    """The default length is completed too, and takes no instants."""
    async with table(tmp_path) as at:
        words = "settings set"
        assert (await at.offered("ann", words, "duration"))["1 day"] == "1d"
        assert await at.offered("ann", words, "duration", "90m") == {"1 hour 30 minutes": "90m"}
        (wrong,) = await at.offered("ann", words, "duration", "2030-05-01T18:30Z")
        assert wrong.startswith("✗ '2030-05-01T18:30Z' is not a length of time.")
