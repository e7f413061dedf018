"""What levels make of a member's roles, on a Discord in memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from robo_xp_daemon.client.port import Role
from robo_xp_daemon.context import Context
from robo_xp_daemon.levels.roles import RoleRewards
from tests.daemon.fake_discord import GUILD, FakeDiscord, refusal
from tests.daemon.levels.carrying import ANN, BOB, Carrying
from tests.daemon.stage import played, warnings_in

ONE, TWO, FIVE, OTHER = (f"50000000000000000{number}" for number in (1, 2, 5, 9))
LEVELS = {1: ONE, 2: TWO, 5: FIVE}


class Guild:
    """The guild with its rewards, and ``ann`` who has another role."""

    def __init__(self, context: Context, mode: str = "stack", *, on_loss: bool = False) -> None:
        self.robo = context.robo
        self.discord = FakeDiscord(ONE, TWO, FIVE, OTHER)
        self.discord.join(ANN, OTHER)
        self.levels = Carrying(context, RoleRewards(context, self.discord).settle)
        self.robo.config.set(GUILD, {"rewardsMode": mode, "removeRewardOnXpLoss": on_loss})
        for level, role_id in LEVELS.items():
            self.robo.rewards.add(GUILD, level, role_id)

    def held(self, user_id: str = ANN) -> set[str]:
        """The member's roles."""
        return set(self.discord.members[GUILD, user_id].role_ids)


@pytest.mark.parametrize(
    ("mode", "on_loss", "levels", "roles"),
    [
        ("stack", False, [1], {ONE}),
        ("stack", False, [1, 2], {ONE, TWO}),
        ("stack", False, [6], {FIVE, ONE, TWO}),
        ("stack", False, [6, 1], {FIVE, ONE, TWO}),
        ("stack", True, [6, 2], {ONE, TWO}),
        ("stack", True, [6, 0], set()),
        ("stack", True, [6, 0, 1], {ONE}),
        ("replace", False, [1, 2], {TWO}),
        ("replace", False, [6], {FIVE}),
        ("replace", False, [6, 1], {FIVE}),
        ("replace", False, [6, 1, 2], {TWO}),
        ("replace", True, [6, 4], {TWO}),
        ("replace", True, [6, 0], set()),
    ],
)
@played
async def test_levels_become_roles(
    context: Context, mode: str, on_loss: bool, levels: list[int], roles: set[str]
) -> None:
    """Both modes, with and without removal on loss, over rises, falls and jumps of many levels."""
    guild = Guild(context, mode, on_loss=on_loss)
    await guild.levels.level(*levels)

    assert guild.held() == {*roles, OTHER}


@pytest.mark.parametrize("problem", ["deleted", "managed", "above", "refused"])
@played
async def test_a_role_in_the_way_stops_no_other(
    context: Context, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    """One role that cannot be given is told with guild, role and fix; the others are given."""
    guild = Guild(context)
    roles = dict(guild.discord.guilds[GUILD].roles)
    match problem:
        case "deleted":
            del roles[TWO]
        case "managed":
            roles[TWO] = Role(is_own=True)
        case "above":
            roles[TWO] = Role(is_below=False)
        case _:
            guild.discord.refuse("give_role", refusal(403, 50013), of=TWO)
    guild.discord.guilds[GUILD] = replace(guild.discord.guilds[GUILD], roles=roles)
    await guild.levels.level(5)

    assert guild.held() == {ONE, FIVE, OTHER}
    (warning,) = warnings_in(caplog)
    told = warning.getMessage()
    assert (GUILD in told, TWO in told, "to mend it: " in told) == (True, True, True)


@played
async def test_without_the_permission_nothing_is_tried(
    context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    """A bot without Manage Roles warns, naming the guild and the permission, and calls nothing."""
    guild = Guild(context)
    found = guild.discord.guilds[GUILD]
    guild.discord.guilds[GUILD] = replace(found, may_manage_roles=False)
    await guild.levels.level(1)

    assert (guild.held(), guild.discord.calls["give_role"]) == ({OTHER}, 0)
    assert any("Manage Roles" in told and GUILD in told for told in caplog.messages)


@pytest.mark.parametrize(("status", "code"), [(403, 50001), (404, 10004)])
@played
async def test_a_member_who_cannot_be_looked_at(
    context: Context, status: int, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A refused look is told with the member's id, and changes nothing."""
    guild = Guild(context)
    guild.discord.refuse("member", refusal(status, code))
    await guild.levels.level(1)

    assert guild.held() == {OTHER}
    assert ANN in warnings_in(caplog)[0].getMessage()


@played
async def test_trouble_with_one_role_leaves_the_others_given(context: Context) -> None:
    """What the network kept from being given is raised after the rest, and made up for later."""
    guild = Guild(context)
    guild.discord.refuse("give_role", refusal(503), of=ONE, times=1)
    with pytest.raises(Exception, match="503"):
        await guild.levels.level(2)
    assert guild.held() == {TWO, OTHER}
    context.robo.xp.recalc(GUILD, ANN)
    await guild.levels.go_on()

    assert guild.held() == {ONE, TWO, OTHER}


@played
async def test_recalc_repairs_roles(context: Context) -> None:
    """Recalculating a member whose level is right gives back a role that was taken by hand."""
    guild = Guild(context, on_loss=True)
    await guild.levels.level(2)
    guild.discord.join(ANN, TWO, FIVE)
    result = context.robo.xp.recalc(GUILD, ANN)
    await guild.levels.go_on()

    assert not result.reconciled
    assert guild.held() == {ONE, TWO}


@played
async def test_deleting_a_member_is_a_fall(context: Context) -> None:
    """A deleted record takes the roles along where loss does, and undo brings them back."""
    guild = Guild(context, on_loss=True)
    await guild.levels.level(2)
    context.robo.xp.delete(GUILD, ANN)
    await guild.levels.go_on()
    assert guild.held() == {OTHER}
    name = f"xp/default/{GUILD}"
    context.robo.history.undo(name, context.robo.vault.namespace(name).read().seq)
    await guild.levels.go_on()

    assert guild.held() == {ONE, TWO, OTHER}


@played
async def test_who_has_the_roles_costs_no_change(context: Context) -> None:
    """Done twice, it is done once; a member who left is passed over."""
    guild = Guild(context)
    guild.discord.join(BOB, ONE)
    await guild.levels.level(1, user_id=BOB)
    await guild.levels.level(1, user_id="400000000000000003")

    assert guild.discord.reasons == []
    assert guild.discord.calls["member"] == 2
