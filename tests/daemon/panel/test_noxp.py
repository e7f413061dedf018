"""The no-XP zones of the panel, through interactions."""

from __future__ import annotations

from pathlib import Path

from tests.daemon.loopback import ChannelType
from tests.daemon.scene import Scene, scene, seen
from tests.daemon.stage import played


def listed(at: Scene) -> tuple[list[str], list[str]]:
    """The zones that hold."""
    zones = at.stage.robo.zones.get(at.guild_id)
    return zones["roles"], zones["channels"]


def some_ids(first: int, count: int) -> list[str]:
    """Ids of things that Discord does not know any more."""
    return [str(first + n) for n in range(count)]


@played
async def test_adding_and_removing(tmp_path: Path) -> None:
    """Each list grows by what is chosen and shrinks by what is named; the other one stays."""
    async with scene(tmp_path) as at:
        bronze, silver = at.guild.role("Bronze"), at.guild.role("Silver")
        forum = at.guild.add_channel("ideas", type=ChannelType.FORUM)
        group = at.guild.add_channel("group", type=ChannelType.CATEGORY)
        panel = await at.open("noxp")
        await at.choose(panel, "noxp_roles_select", [bronze], "1-1")
        await at.choose(panel, "noxp_roles_select", [silver, bronze], "1-1")
        await at.choose(panel, "noxp_channels_select", [forum, group], "1-1")
        added = listed(at)
        text = panel.text
        await at.choose(panel, "noxp_roles_remove", ["@Bronze"], "1-1")
        await at.choose(panel, "noxp_channels_remove", ["#ideas", "#group"], "1-1")

        assert added == ([str(bronze.id), str(silver.id)], [str(forum.id), str(group.id)])
        assert f"### Roles (2)\n<@&{bronze.id}>, <@&{silver.id}>" in text
        assert listed(at) == ([str(silver.id)], [])
        assert "### Channels\nNone." in panel.text
        assert (at.last().by, at.last().cmd) == (f"discord:{at.member('ann').id}", "xp config")


@played
async def test_what_may_be_a_zone(tmp_path: Path) -> None:
    """Managed roles may, @everyone and roles that are gone may not; then nothing is added."""
    async with scene(tmp_path) as at:
        booster = at.guild.add_role("Booster", managed=True)
        bronze = at.guild.role("Bronze")
        panel = await at.open("noxp")
        everyone = await at.choose(panel, "noxp_roles_select", [bronze, at.guild.id], "1-1")
        at.guild.delete_role("Silver")
        gone = await at.choose(panel, "noxp_roles_select", [10**17], "1-1")
        before = at.seq()
        await at.choose(panel, "noxp_roles_select", [booster], "1-1")

        assert "@everyone is every member" in seen(everyone)
        assert everyone.followups[0].ephemeral
        assert seen(gone) == "That role does not exist any more."
        assert before == 0
        assert listed(at) == ([str(booster.id)], [])


@played
async def test_many_zones(tmp_path: Path) -> None:
    """60 of each are paged, every one can be removed, and adding one drops none."""
    async with scene(tmp_path) as at:
        roles, channels = some_ids(10**17, 60), some_ids(2 * 10**17, 60)
        at.set(noXpRoleIds=roles, noXpChannelIds=channels)
        panel = await at.open("noxp")
        first = panel.text
        await at.choose(panel, "noxp_roles_select", [at.guild.role("Bronze")], "1-1")
        await at.press(panel, "noxp_roles_next", "1-1")
        await at.press(panel, "noxp_channels_next", "2-1")
        await at.press(panel, "noxp_channels_next", "2-2")
        await at.press(panel, "noxp_channels_prev", "2-3")
        await at.press(panel, "noxp_roles_prev", "2-2")
        await at.press(panel, "noxp_roles_next", "1-2")
        await at.choose(panel, "noxp_roles_remove", [roles[25], roles[49]], "2-2")

        assert "### Roles (60) · page 1 of 3" in first and roles[25] not in first
        assert "### Channels (60) · page 2 of 3" in panel.text
        kept = [*(one for one in roles if one not in (roles[25], roles[49]))]
        assert listed(at) == ([*kept, str(at.guild.role("Bronze").id)], channels)


@played
async def test_a_panel_behind_the_times(tmp_path: Path) -> None:
    """What somebody removed in a terminal meanwhile cannot be removed twice; the rest goes."""
    async with scene(tmp_path) as at:
        gone, left, new = some_ids(10**17, 3)
        at.set(noXpRoleIds=[gone, left])
        panel = await at.open("noxp")
        at.set(noXpRoleIds=[left, new])
        await at.choose(panel, "noxp_roles_remove", [gone, left], "1-1")

        assert listed(at)[0] == [new]
        assert "### Roles (1)" in panel.text
