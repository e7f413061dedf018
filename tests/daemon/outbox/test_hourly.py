"""What Discord refused is tried again by itself, though nobody told that anything changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from robo_xp_daemon.outbox import drain
from robo_xp_daemon.session import Session
from tests.daemon.loopback import Guild, Loopback
from tests.daemon.stage import Stage, giveaways, on_stage, played


def hourly(session: Session) -> None:
    """All effects, and what tries them again."""
    giveaways(session)
    session.try_again()


def a_role(stage: Stage, guild: Guild) -> Callable[[], object]:
    stage.reward(guild, 1, guild.role("One"))
    stage.give(guild, guild.member("ann"), 155)
    return lambda: guild.member("ann").has("One")


def an_announcement(stage: Stage, guild: Guild) -> Callable[[], object]:
    channel = guild.channel("general")
    stage.set(guild, announcements={"mode": "channel", "channelId": str(channel.id)})
    stage.give(guild, guild.member("ann"), 155)
    return lambda: channel.messages


def a_giveaway(stage: Stage, guild: Guild) -> Callable[[], object]:
    channel = guild.channel("general")
    stage.robo.giveaways.create(
        str(guild.id), prize="Book", channel_id=str(channel.id), duration="1h"
    )
    return lambda: channel.messages


@pytest.mark.parametrize(
    ("begin", "call"),
    [
        (a_role, "PUT */roles/*"),
        (an_announcement, "POST */messages"),
        (a_giveaway, "POST */messages"),
    ],
)
@played
async def test_it_is_made_up_for(
    tmp_path: Path,
    begin: Callable[[Stage, Guild], Callable[[], object]],
    call: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One refusal stands in the vault until the next try, and then nowhere."""
    monkeypatch.setattr(drain, "REFUSED_SECONDS", 1.0)
    async with Loopback() as discord:
        guild = discord.add_guild("G", roles=["One"], members=["ann"], channels=["general"])
        async with on_stage(discord, tmp_path, begin=hourly) as stage:
            discord.refuse_rest(403, 1, matching=call, code=50013)
            is_done = begin(stage, guild)
            await stage.until(stage.robo.outbox.refused)
            await stage.until(is_done)
            await stage.until(lambda: not stage.robo.outbox.refused())
            assert len([one for one in discord.requests if one.status == 403]) == 1
