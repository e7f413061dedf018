"""Which roles a member may let a level give: no more than Discord lets them give by hand."""

from __future__ import annotations

from pathlib import Path

import discord
import pytest

from tests.daemon.loopback import Answer, Permission
from tests.daemon.panel.test_rewards import add, levels
from tests.daemon.scene import Scene, private, scene, seen
from tests.daemon.stage import played

DANGEROUS = (
    "administrator",
    "manage_guild",
    "manage_roles",
    "manage_channels",
    "manage_messages",
    "manage_webhooks",
    "manage_threads",
    "ban_members",
    "kick_members",
    "moderate_members",
    "mention_everyone",
)
NO_ROLES = "You need the permission Manage Roles for this."


def permission(name: str) -> int:
    """One permission as Discord writes it."""
    return discord.Permissions(**{name: True}).value


async def choose(at: Scene, role: str, who: str = "ann", panel: Answer | None = None) -> Answer:
    """A member chooses a role for a reward on a panel of their own."""
    panel = panel or await at.open("rewards", who)
    custom_id = at.id("rewards_role_select", who, "1")
    return await at.select(who, panel, custom_id, [at.guild.role(role)])


async def until_known(at: Scene, role: str, permissions: int) -> None:
    """The role has these permissions, and the client has heard of it."""
    at.guild.change_role(role, permissions=Permission(permissions))
    role_id = at.guild.role(role).id

    def is_known() -> bool:
        found = at.stage.client.guilds[0].get_role(role_id)
        return found is not None and found.permissions.value == permissions

    await at.stage.until(is_known)


@played
async def test_without_manage_roles(tmp_path: Path) -> None:
    """Manage Server alone sets no reward: not by the select, and not by a form that was open."""
    async with scene(tmp_path) as at:
        panel = await at.open("rewards")
        form = await choose(at, "Bronze", panel=panel)
        at.guild.change_role("Mods", permissions=Permission.MANAGE_GUILD)
        said = [seen(await at.submit(form, reward_level="1")), private(await choose(at, "Bronze"))]

        assert said == [NO_ROLES, NO_ROLES]
        assert levels(at) == [] and at.seq() == 0


@played
async def test_roles_that_are_not_below(tmp_path: Path) -> None:
    """A role at or above the member's highest one is refused, also once it has risen."""
    async with scene(tmp_path) as at:
        at.guild.add_role("High", position=50)
        panel = await at.open("rewards")
        form = await choose(at, "Bronze", panel=panel)
        said = [private(await choose(at, role)) for role in ("High", "Mods")]
        at.guild.change_role("Bronze", position=60)
        bronze = at.guild.role("Bronze").id
        await at.stage.until(
            lambda: at.stage.client.guilds[0].get_role(bronze).position == 60  # type: ignore[union-attr]
        )
        said.append(seen(await at.submit(form, reward_level="1")))

        assert "not below your highest one" in said[0] and "not below your highest one" in said[2]
        assert "dangerous permissions (Manage Server, Manage Roles)" in said[1].replace("Guild", "")
        assert levels(at) == []


@played
async def test_the_owner(tmp_path: Path) -> None:
    """Whoever owns the guild needs no role for it, and sets no dangerous one either."""
    async with scene(tmp_path) as at:
        at.guild.add_role("High", position=50)
        at.guild.add_role("Guards", permissions=permission("kick_members"))
        form = await choose(at, "High", who="owner")
        await at.guild.submit("owner", form, {"reward_level": "3"})
        refused = await choose(at, "Guards", who="owner")

        assert "dangerous permissions (Kick Members)" in private(refused)
        await at.stage.until(lambda: levels(at) == [3])


@pytest.mark.parametrize("name", DANGEROUS)
@played
async def test_dangerous_roles_are_not_set_on_discord(tmp_path: Path, name: str) -> None:
    """A role that lets its members manage is refused before the level is asked, and after it."""
    async with scene(tmp_path) as at:
        form = await choose(at, "Bronze")
        await until_known(at, "Bronze", permission(name))
        late = seen(await at.submit(form, reward_level="1"))
        early = private(await choose(at, "Bronze"))

        for said in (early, late):
            assert "dangerous permissions" in said and "only the operator" in said
        assert levels(at) == []


@played
async def test_permissions_that_came_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A reward whose role has become dangerous is not given, until an operator says so."""
    async with scene(tmp_path) as at:
        await add(at, await at.open("rewards"), "Bronze", "1")
        bronze = at.guild.role("Bronze")
        await until_known(at, "Bronze", permission("administrator"))
        at.give("bob", 400)
        await at.stage.all_done()
        before = at.member("bob").has(bronze)
        named = [one.code for one in at.stage.robo.outbox.refused()]
        at.stage.robo.rewards.add(at.guild_id, 1, str(bronze.id), dangerous=True)
        at.give("bob", 400)
        await at.stage.all_done()

        assert (before, at.member("bob").has(bronze)) == (False, True)
        assert named == ["dangerous"] and at.stage.robo.outbox.refused() == []
        told = next(one for one in caplog.messages if "may administrator" in one)
        assert f"guild {at.guild_id}" in told and "--dangerous" in told


@pytest.mark.parametrize(("named", "comes_later"), [("view_channel", False), ("ban_members", True)])
@played
async def test_an_admin_permission_that_everybody_has(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, named: str, comes_later: bool
) -> None:
    """It is told when the client is ready, and when @everyone gets the permission later."""
    async with scene(tmp_path, admin_permission=named) as at:
        told = (
            f"every member may change XP and settings: @everyone has {named}, guild {at.guild_id}"
        )
        await at.stage.until(at.stage.client.is_ready)
        if comes_later:
            assert not any(told in one for one in caplog.messages)
            at.guild.change_role(at.guild.id, permissions=Permission(permission(named)))
        await at.stage.until(lambda: any(told in one for one in caplog.messages))
