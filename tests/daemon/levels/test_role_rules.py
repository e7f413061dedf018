"""What levels make of a member's roles, on a Discord in memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from robo_xp.usecases.members.rows import Row
from robo_xp_daemon.base.pace import Pace
from robo_xp_daemon.client.port import Role
from robo_xp_daemon.context import Context
from robo_xp_daemon.levels import roles
from robo_xp_daemon.levels.roles import RoleRewards
from robo_xp_daemon.outbox import retrying_rounds as rounds
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
        self.levels = Carrying(context, RoleRewards(context, self.discord))
        self.robo.config.set(GUILD, {"rewardsMode": mode, "removeRewardOnXpLoss": on_loss})
        for level, role_id in LEVELS.items():
            self.robo.rewards.add(GUILD, level, role_id)

    def held(self, user_id: str = ANN) -> set[str]:
        """The member's roles."""
        return set(self.discord.members_by_id[GUILD, user_id].role_ids)


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
            guild.discord.refuse("set_roles", refusal(403, 50013))
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
async def test_trouble_with_one_role_is_made_up_for(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the network kept from being given is given a little later, and the rest before it."""
    monkeypatch.setattr(rounds, "FIRST_PAUSE", 0.001)
    guild = Guild(context)
    guild.discord.refuse("set_roles", refusal(403, 50013), times=1)
    guild.discord.refuse("give_role", refusal(503), of=ONE, times=1)
    await guild.levels.level(2)

    assert guild.held() == {ONE, TWO, OTHER}
    assert guild.discord.reasons[0][:2] == ("give_role", TWO)


@pytest.mark.parametrize("trouble", ["guild", "permission", "hierarchy", "missing"])
@played
async def test_what_is_mended_is_made_up_for(context: Context, trouble: str) -> None:
    """What Discord refuses is named with its members, tried when it is mended, and forgotten."""
    guild = Guild(context)
    found, roles = guild.discord.guilds[GUILD], dict(guild.discord.guilds[GUILD].roles)
    match trouble:
        case "guild":
            del guild.discord.guilds[GUILD]
        case "permission":
            guild.discord.guilds[GUILD] = replace(found, may_manage_roles=False)
        case "hierarchy":
            guild.discord.guilds[GUILD] = replace(found, roles={**roles, TWO: Role(is_below=False)})
        case _:
            del roles[TWO]
            guild.discord.guilds[GUILD] = replace(found, roles=roles)
    await guild.levels.level(2)
    guild.levels.part.retry(GUILD)  # type: ignore[union-attr]  # that of roles
    await guild.levels.settled()
    (row,) = context.robo.outbox.refused()
    assert (row.code, row.user_ids, row.members) == (trouble, (ANN,), 1)
    effects = context.counters.effects.read()
    assert (effects["role_rewards", "done"], effects["role_rewards", "refused"]) == (0, 1)

    guild.discord.guilds[GUILD] = found
    guild.levels.part.retry(GUILD)  # type: ignore[union-attr]  # that of roles
    await guild.levels.settled()
    assert guild.held() == {ONE, TWO, OTHER}
    assert context.robo.outbox.refused() == []
    assert context.robo.outbox.left(GUILD) == 0


@played
async def test_many_members_cost_little(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 250 members three looks are made, and one change each; a single one is not held up."""
    monkeypatch.setattr(roles, "Pace", lambda: Pace(2000.0))
    guild = Guild(context)
    crowd = [guild.discord.join(str(410_000_000_000_000_000 + n)) for n in range(250)]
    rows = [Row(n, "set", user_id, 1525) for n, user_id in enumerate(crowd)]
    context.robo.xp.apply(GUILD, rows, resolve=str)
    guild.levels.begin()
    while len(guild.discord.reasons) < 12:
        await asyncio.sleep(0)
    (gauge,) = guild.levels.part.progress()  # type: ignore[union-attr]  # that of roles
    assert (gauge.guild_id, gauge.done + gauge.left) == (GUILD, 250)
    context.robo.xp.set(GUILD, ANN, 155)
    guild.levels.begin()
    while ONE not in guild.held():
        await asyncio.sleep(0)
    served = sum(len(guild.held(user_id)) > 0 for user_id in crowd)
    await guild.levels.settled()

    assert served < 100
    assert guild.levels.part.progress() == []  # type: ignore[union-attr]  # that of roles
    assert all(guild.held(user_id) == {ONE, TWO, FIVE} for user_id in crowd)
    asked = [guild.discord.calls[name] for name in ("members", "member", "set_calls", "give_role")]
    assert asked == [3, 1, 250, 1]


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
