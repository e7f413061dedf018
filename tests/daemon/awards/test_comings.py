"""Members who leave and come back: what a guild wants of them, seen from Discord."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

from robo_xp.errors import VaultUnavailable
from robo_xp.usecases.persons.pruning import Which
from robo_xp_daemon.awards.comings import Comings
from robo_xp_daemon.base import backoff
from robo_xp_daemon.base.work import Work
from robo_xp_daemon.context import Context
from tests.daemon.fake_discord import GUILD
from tests.daemon.loopback import Intent, Loopback
from tests.daemon.stage import on_stage, played

ANN, BOB = "400000000000000001", "400000000000000002"
P = ParamSpec("P")
R = TypeVar("R")


@played
async def test_leaving_hides_and_coming_back_shows(tmp_path: Path) -> None:
    """Who leaves stands on no board; with the next join the member is shown again."""
    async with Loopback(privileged=Intent.GUILD_MEMBERS) as discord:
        guild = discord.add_guild("home", members=["ann", "bob"])
        async with on_stage(discord, tmp_path, members_intent=True) as stage:
            ann, gid = guild.member("ann"), str(guild.id)
            stage.give(guild, ann, 500)
            stage.set(guild, onLeave="hide")
            user = guild.leave(ann)
            await stage.until(lambda: stage.robo.leaderboard.page(gid).total == 0)
            await stage.until(lambda: stage.robo.members.leaving.gone(gid) == {str(ann.id)})
            pruned = stage.robo.members.prune(gid, Which(left_days=0), dry_run=True)
            guild.join(user)
            await stage.until(lambda: stage.robo.leaderboard.page(gid).total == 1)
            await stage.until(lambda: not stage.robo.members.leaving.gone(gid))

            assert pruned.pruned == 1


@played
async def test_back_with_the_first_message(tmp_path: Path) -> None:
    """Without the members intent a message shows that somebody is back."""
    async with Loopback() as discord:
        guild = discord.add_guild("home", members=["ann", "bob"])
        async with on_stage(discord, tmp_path) as stage:
            ann, gid = guild.member("ann"), str(guild.id)
            stage.give(guild, ann, 500)
            stage.set(guild, onLeave="hide")
            stage.robo.members.leaving.leave(gid, str(ann.id))
            assert stage.robo.leaderboard.page(gid).total == 0
            guild.say("ann", "general", "here I am")
            await stage.until(lambda: not stage.robo.members.leaving.gone(gid))

            assert stage.robo.leaderboard.rank(gid, str(ann.id)) is not None


@played
async def test_bans(tmp_path: Path) -> None:
    """A ban counts as leaving where the guild asks for it, and else changes nothing."""
    async with Loopback(privileged=Intent.GUILD_MEMBERS) as discord:
        guild = discord.add_guild("home", members=["ann", "bob", "carl"])
        async with on_stage(discord, tmp_path, members_intent=True) as stage:
            gid = str(guild.id)
            for name in ("ann", "bob", "carl"):
                stage.give(guild, guild.member(name), 500)
            stage.set(guild, onLeave="reset")
            guild.ban("ann")
            bob = str(guild.member("bob").id)
            guild.leave("bob")
            await stage.until(lambda: stage.robo.members.leaving.gone(gid) == {bob})
            assert stage.robo.leaderboard.page(gid).total == 2
            stage.set(guild, onLeave="reset", onBan=True)
            guild.ban("carl")
            await stage.until(lambda: stage.robo.leaderboard.page(gid).total == 1)


@played
async def test_bans_of_strangers_are_forgotten(context: Context) -> None:
    """However many were banned who never were members, what is kept of them has its bound."""
    comings = Comings(context, lambda _guild, _user: None)
    for number in range(1_100):
        comings.banned(GUILD, str(10**17 + number))
    await comings.finish()

    assert len(comings._banned) == 1_000


class Away(Work):
    """What runs in threads, with a vault that cannot be written the first times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def __call__(self, function: Callable[P, R], *args: P.args, **kw: P.kwargs) -> R:
        """What the function returns, some time."""
        if self.times:
            self.times -= 1
            raise VaultUnavailable("the disk is full", advice="make room")
        return await super().__call__(function, *args, **kw)


@played
async def test_what_the_vault_cannot_take_now(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept when it can, and in its order: who came back last is there."""
    monkeypatch.setattr(backoff.Backoff, "seconds", lambda _: 0.001)
    context.robo.xp.add(GUILD, ANN, 500)
    context.robo.xp.add(GUILD, BOB, 500)
    away = Away(times=3)
    comings = Comings(replace(context, work=away), lambda _guild, _user: None)
    for user_id in (ANN, BOB):
        comings.left(GUILD, user_id)
        comings.wrote(GUILD, "400000000000000009")
    comings.came(GUILD, ANN)
    await comings.finish()
    away.close()

    assert away.times == 0
    assert context.robo.members.leaving.gone(GUILD) == {BOB}
    assert comings._gone == {GUILD: {BOB}}
