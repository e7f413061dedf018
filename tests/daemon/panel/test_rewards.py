"""The role rewards of the panel, through interactions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.daemon.loopback import Answer, Permission
from tests.daemon.scene import Scene, private, scene, seen
from tests.daemon.stage import played


def levels(at: Scene) -> list[int]:
    """The levels with a reward."""
    return [reward.level for reward in at.stage.robo.rewards.list(at.guild_id)]


async def add(at: Scene, panel: Answer, role: str, level: str) -> Answer:
    """Choose a role and type its level."""
    form = await at.choose(panel, "rewards_role_select", [at.guild.role(role)], "1")
    return await at.submit(form, reward_level=level)


@played
async def test_adding(tmp_path: Path) -> None:
    """A role is chosen, its level typed, and a member who reaches it has the role."""
    async with scene(tmp_path) as at:
        panel = await at.open("rewards")
        done = await add(at, panel, "Bronze", "2")
        at.give("bob", 400)
        await at.stage.all_done()

        assert levels(at) == [2] and done.followups == []
        assert f"Level **2**: <@&{at.guild.role('Bronze').id}>" in panel.text
        assert at.member("bob").has(at.guild.role("Bronze"))


@played
async def test_removing(tmp_path: Path) -> None:
    """Several are removed at once; what is gone already is passed over."""
    async with scene(tmp_path) as at:
        role = str(at.guild.role("Bronze").id)
        at.set(roleRewards=[{"level": n, "roleId": role} for n in (1, 2, 3)])
        panel = await at.open("rewards")
        at.stage.robo.rewards.remove(at.guild_id, 1)
        await at.choose(panel, "rewards_remove_select", ["Level 1", "Level 3"], "1")

        assert levels(at) == [2]


@pytest.mark.parametrize("typed", ["0", "1001", "5a", "1.5", "-3", "1e2"])
@played
async def test_levels_are_strict(tmp_path: Path, typed: str) -> None:
    """A level is a whole number from 1 to 1000 and nothing else."""
    async with scene(tmp_path) as at:
        done = await add(at, await at.open("rewards"), "Bronze", typed)

        assert seen(done).replace("\\", "") == f"“{typed}” is not a whole number from 1 to 1,000."
        assert done.followups[0].ephemeral and levels(at) == []


@played
async def test_roles_that_no_bot_can_give(tmp_path: Path) -> None:
    """@everyone, managed roles and those that are gone are refused before the level is asked."""
    async with scene(tmp_path) as at:
        booster = at.guild.add_role("Booster", managed=True)
        panel = await at.open("rewards")
        said = [
            private(await at.choose(panel, "rewards_role_select", [role], "1"))
            for role in (booster, at.guild.id, 10**17)
        ]

        assert "belongs to an integration" in said[0]
        assert "@everyone" in said[1]
        assert said[2] == "That role does not exist any more."


@played
async def test_a_role_that_went_while_the_form_was_open(tmp_path: Path) -> None:
    """The role is looked at again when the level arrives."""
    async with scene(tmp_path) as at:
        panel = await at.open("rewards")
        form = await at.choose(panel, "rewards_role_select", [at.guild.role("Bronze")], "1")
        at.guild.delete_role("Bronze")
        await at.stage.until(lambda: len(at.stage.client.guilds[0].roles) == 4)
        done = await at.submit(form, reward_level="5")

        assert seen(done) == "That role does not exist any more." and levels(at) == []


@played
async def test_a_level_that_is_taken(tmp_path: Path) -> None:
    """One level gives one role."""
    async with scene(tmp_path) as at:
        panel = await at.open("rewards")
        await add(at, panel, "Bronze", "5")
        done = await add(at, panel, "Silver", "5")

        assert seen(done) == "Level 5 earns another role already; remove that first."
        assert levels(at) == [5]


@played
async def test_doubts(tmp_path: Path) -> None:
    """A reward that cannot be given yet, and a role with two levels, are said beside the panel."""
    async with scene(tmp_path) as at:
        at.guild.add_role("High", position=200)
        chief = at.guild.add_role("Chief", position=250)
        at.guild.change_roles("ann", add=[chief])
        panel = await at.open("rewards")
        high = await add(at, panel, "High", "5")
        await high.changed(2)
        await add(at, panel, "Bronze", "6")
        twice = await add(at, panel, "Bronze", "7")
        await twice.changed(2)
        own = at.guild.me.roles[0]
        at.guild.change_role(own, permissions=Permission.VIEW_CHANNEL)
        at.guild.add_role("Fence")
        await at.stage.until(lambda: len(at.stage.client.guilds[0].roles) == 8)
        powerless = await add(at, panel, "Silver", "8")
        await powerless.changed(2)

        assert "drag the bot's role above it" in seen(high)
        assert "only level 7 counts" in seen(twice)
        assert "needs the permission Manage Roles" in seen(powerless)
        assert all(one.followups[0].ephemeral for one in (high, twice, powerless))
        assert levels(at) == [5, 6, 7, 8]


@played
async def test_mode_and_loss(tmp_path: Path) -> None:
    """Both modes and both ways on a loss are one click each."""
    async with scene(tmp_path) as at:
        panel = await at.open("rewards")
        await at.press(panel, "rewards_mode_replace")
        await at.press(panel, "rewards_toggle_loss", "on")
        on = (at.settings()["rewardsMode"], at.settings()["removeRewardOnXpLoss"])
        await at.press(panel, "rewards_mode_stack")
        await at.press(panel, "rewards_toggle_loss", "off")

        assert on == ("replace", True)
        assert at.settings()["rewardsMode"] == "stack"
        assert at.settings()["removeRewardOnXpLoss"] is False


@played
async def test_a_hundred_rewards(tmp_path: Path) -> None:
    """They are paged, removed from any page, and shown privately as a whole list."""
    async with scene(tmp_path) as at:
        role = str(at.guild.role("Bronze").id)
        at.set(roleRewards=[{"level": n * 10, "roleId": role} for n in range(1, 101)])
        panel = await at.open("rewards")
        for page in ("1", "2", "3"):
            await at.press(panel, "rewards_remove_next", page)
        last = panel.text
        await at.choose(panel, "rewards_remove_select", ["Level 1,000"], "4")
        await at.press(panel, "rewards_remove_prev", "4")
        every = await at.press(panel, "rewards_view")
        await at.click("ann", every, "Last »")

        assert "### Rewards (100) · page 4 of 4\nLevel **760**" in last
        assert len(levels(at)) == 99
        assert "page 3 of 4" in panel.text
        assert "Page 4 of 4 · 99 rewards" in private(every)
