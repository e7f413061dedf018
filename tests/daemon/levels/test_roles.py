"""Role rewards, seen on the members of a whole Discord."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.daemon.loopback import Guild, Loopback
from tests.daemon.stage import Stage, on_stage, played

ROLES = ["One", "Two", "Five"]
LEVELS = {"One": 1, "Two": 2, "Five": 5}
XP = {0: 0, 1: 155, 2: 375, 3: 670, 4: 1050, 5: 1525, 6: 2105}


def set_up(stage: Stage, guild: Guild, mode: str = "stack", *, on_loss: bool = False) -> None:
    """Rewards at levels 1, 2 and 5."""
    stage.set(guild, rewardsMode=mode, removeRewardOnXpLoss=on_loss)
    for name, level in LEVELS.items():
        stage.reward(guild, level, guild.role(name))


def held(guild: Guild, name: str = "ann") -> list[str]:
    """The names of the member's roles."""
    return sorted(role.name for role in guild.member(name).roles)


def role_calls(discord: Loopback) -> list[tuple[str, str, str | None]]:
    """Every change of a role: method, id of the role, audit-log reason."""
    calls = [*discord.calls("PUT", "*/roles/*"), *discord.calls("DELETE", "*/members/*/roles/*")]
    return [(call.method, call.path.rpartition("/")[2], call.reason) for call in calls]


@played
async def test_reasons_in_the_audit_log(tmp_path: Path) -> None:
    """Each change says why, and a role is changed only when it has to be."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", roles=ROLES, members=["ann"])
        one = str(guild.role("One").id)
        async with on_stage(discord, tmp_path) as stage:
            set_up(stage, guild, on_loss=True)
            stage.give(guild, guild.member("ann"), XP[1])
            await stage.all_done()
            stage.take(guild, guild.member("ann"), 1)
            await stage.all_done()
            stage.set(guild, rewardsMode="replace")
            stage.give(guild, guild.member("ann"), XP[1])
            await stage.all_done()
            stage.give(guild, guild.member("ann"), XP[2])
            await stage.all_done()

            assert [call for call in role_calls(discord) if call[0] == "PUT"] == [
                ("PUT", one, "XP level reward"),
                ("PUT", one, "XP level reward (replace mode)"),
            ]
            assert [call for call in role_calls(discord) if call[0] == "DELETE"] == [
                ("DELETE", one, "XP level reward (level down)")
            ]
            (both,) = discord.calls("PATCH", "*/members/*")
            assert both.reason == "XP level reward (replace mode)"
            assert held(guild) == ["Two"]


@played
async def test_a_level_without_reward_asks_discord_nothing(tmp_path: Path) -> None:
    """A guild without rewards, a level without one, and other stores cost no call."""
    async with Loopback() as discord:
        plain = discord.add_guild("plain", members=["ann"])
        guild = discord.add_guild("G", roles=ROLES, members=["ann"])
        ann = str(guild.member("ann").id)
        async with on_stage(discord, tmp_path) as stage:
            stage.reward(guild, 5, guild.role("Five"))
            stage.give(plain, plain.member("ann"), XP[6])
            stage.give(guild, guild.member("ann"), XP[3])
            stage.robo.xp.add(str(guild.id), ann, XP[6], store="season-2")
            await stage.all_done()

            assert discord.calls("*", "/guilds/*") == []


@played
async def test_who_is_not_there_is_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A guild without the bot is told once; a member who has left is nothing to tell."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", roles=ROLES, members=["ann", "bob"])
        gone = discord.add_guild("gone", roles=ROLES, members=["ann"])
        gone.dismiss_bot()
        ann, bob = guild.member("ann"), guild.member("bob")
        guild.leave(ann)
        async with on_stage(discord, tmp_path) as stage:
            for place in (guild, gone):
                set_up(stage, place)
            stage.give(gone, gone.member("ann"), XP[1])
            for member in (ann, bob):
                stage.give(guild, member, XP[1])
            await stage.all_done()

            assert held(guild, "bob") == ["One"]
    assert sum("the bot is not in the guild" in said for said in caplog.messages) == 1
    assert str(ann.id) not in caplog.text


@played
async def test_coming_back_restores_the_roles(tmp_path: Path) -> None:
    """A member who left and joins again gets the roles of the level, in either mode."""
    async with Loopback() as discord:
        stacked = discord.add_guild("stack", roles=ROLES, members=["ann"])
        single = discord.add_guild("replace", roles=ROLES, members=["ann"])
        async with on_stage(discord, tmp_path, members_intent=True) as stage:
            set_up(stage, stacked)
            set_up(stage, single, "replace")
            for guild in (stacked, single):
                stage.give(guild, guild.member("ann"), XP[3])
            await stage.all_done()
            for guild in (stacked, single):
                guild.join(guild.leave("ann"))
                assert held(guild) == []
            await stage.until(lambda: held(stacked) == ["One", "Two"] and held(single) == ["Two"])


@played
async def test_rate_limits_are_waited_for(tmp_path: Path) -> None:
    """A 429 delays a role and loses nothing; a lost connection is tried again."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", roles=ROLES, members=["ann"])
        async with on_stage(discord, tmp_path) as stage:
            set_up(stage, guild)
            discord.rate_limit("PUT */roles/*", retry_after=0.2)
            discord.refuse_rest(503, 1, matching="GET */members/*")
            stage.give(guild, guild.member("ann"), XP[6])
            await stage.all_done()

            assert held(guild) == ["Five", "One", "Two"]


@played
async def test_an_outage_of_a_guild_is_waited_for(tmp_path: Path) -> None:
    """Roles of a guild that is dark are given when it comes back."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", roles=ROLES, members=["ann"])
        async with on_stage(discord, tmp_path) as stage:
            set_up(stage, guild)
            guild.go_dark()
            await stage.until(lambda: stage.client.get_guild(guild.id) is None
                              or stage.client.guilds[0].unavailable)  # fmt: skip
            stage.give(guild, guild.member("ann"), XP[1])
            await stage.until(lambda: stage.session.pipeline.left == 1)
            guild.come_back()
            await stage.until(lambda: held(guild) == ["One"])


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<html>Bad gateway</html>", "text/html"),
        (b'{"user": {"id', "application/json"),
        (b"[]", "application/json"),
    ],
)
@pytest.mark.parametrize("call", ["GET */members/*", "PATCH */members/*", "PUT */roles/*"])
@played
async def test_an_answer_of_somebody_between(
    tmp_path: Path, call: str, body: bytes, content_type: str
) -> None:
    """HTML, cut or foreign JSON with status 200 counts as no answer: it is tried again."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", roles=ROLES, members=["ann"])
        async with on_stage(discord, tmp_path) as stage:
            set_up(stage, guild)
            discord.answer_with(call, body, content_type)
            stage.give(guild, guild.member("ann"), XP[1 if call.startswith("PUT") else 6])
            await stage.all_done()

            assert held(guild) == (["One"] if call.startswith("PUT") else ["Five", "One", "Two"])
            assert stage.robo.outbox.refused() == []
            assert stage.robo.outbox.left(str(guild.id)) == 0


@played
async def test_who_came_back_gets_roles_with_a_message(tmp_path: Path) -> None:
    """Without the members intent the first message that earns XP brings the roles of the level;
    a role that somebody took by hand is not given back.
    """
    async with Loopback() as discord:
        guild = discord.add_guild("G", roles=ROLES, members=["ann"], channels=["general"])
        async with on_stage(discord, tmp_path) as stage:
            set_up(stage, guild)
            stage.set(guild, cooldownSeconds=0)
            guild.say("ann", "general", "hello")
            await stage.until(lambda: stage.messages(guild, guild.member("ann")) == 1)
            stage.give(guild, guild.member("ann"), XP[2])
            await stage.until(lambda: held(guild) == ["One", "Two"])
            guild.change_roles("ann", remove=["One"])
            guild.say("ann", "general", "hello again")
            await stage.until(lambda: stage.messages(guild, guild.member("ann")) == 2)
            await stage.all_done()
            assert held(guild) == ["Two"]
            guild.join(guild.leave("ann"))
            assert held(guild) == []
            guild.say("ann", "general", "I am back")
            await stage.until(lambda: held(guild) == ["One", "Two"])
