"""Whom a new level is told, where, and what is said when that cannot be, on a Discord in memory."""

from __future__ import annotations

import pytest

from robo_xp_daemon.context import Context
from robo_xp_daemon.levels.announcements import Announcements
from tests.daemon.fake_discord import CHANNEL, GUILD, FakeDiscord, refusal
from tests.daemon.levels.carrying import ANN, XP, Carrying
from tests.daemon.stage import played, warnings_in

NEWS, FOREIGN = "200000000000000002", "200000000000000003"
LEVEL_5 = f"<@{ANN}> has reached level 5!"


class Guild:
    """The guild with two channels; ``FOREIGN`` is one of another guild."""

    def __init__(self, context: Context, mode: str, channel_id: str | None = None) -> None:
        self.robo = context.robo
        self.discord = FakeDiscord()
        self.discord.channels |= {NEWS: GUILD, FOREIGN: "100000000000000009"}
        self.levels = Carrying(context, Announcements(context, self.discord).tell)
        named = {} if channel_id is None else {"channelId": channel_id}
        self.robo.config.set(GUILD, {"announcements": {"mode": mode, **named}})

    async def gift(self, level: int = 5) -> None:
        """An operator gives XP, which was earned in no channel."""
        self.robo.xp.add(GUILD, ANN, XP[level])
        await self.levels.go_on()

    def said(self) -> dict[str, list[str]]:
        """What was said, by channel."""
        places = dict.fromkeys(one.channel_id for one in self.discord.messages.values())
        return {place: [one.content for one in self.discord.said_in(place)] for place in places}


@pytest.mark.parametrize(
    ("mode", "channel_id", "said"),
    [
        ("off", NEWS, {}),
        ("channel", NEWS, {NEWS: [LEVEL_5]}),
        ("same", NEWS, {NEWS: [LEVEL_5]}),
        ("same", None, {}),
        ("dm", NEWS, {f"9{ANN}": [LEVEL_5]}),
    ],
)
@played
async def test_where_a_gift_is_announced(
    context: Context, mode: str, channel_id: str | None, said: dict[str, list[str]]
) -> None:
    """XP that was earned in no channel is told in the one that is set, privately, or nowhere."""
    guild = Guild(context, mode, channel_id)
    await guild.gift()

    assert guild.said() == said
    assert all(one.pings == {ANN} for one in guild.discord.messages.values())


@pytest.mark.parametrize(
    ("channel_id", "status", "code"),
    [
        (None, 0, 0),
        (FOREIGN, 0, 0),
        ("200000000000000009", 0, 0),
        (CHANNEL, 403, 50001),
        (CHANNEL, 403, 50013),
    ],
)
@played
async def test_a_channel_that_cannot_be_used_is_told(
    context: Context,
    channel_id: str | None,
    status: int,
    code: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """None, a foreign, a deleted or a closed channel is one warning with the ids."""
    guild = Guild(context, "channel", channel_id)
    if code:
        guild.discord.refuse("say", refusal(status, code))
    await guild.gift()

    assert guild.said() == {}
    (warning,) = warnings_in(caplog)
    assert GUILD in warning.getMessage()
    assert channel_id is None or channel_id in warning.getMessage()


@pytest.mark.parametrize("code", [50007, 10013])
@played
async def test_a_member_who_takes_no_messages(
    context: Context, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    """That is the member's choice and no reason for a warning."""
    guild = Guild(context, "dm")
    guild.discord.refuse("say", refusal(403, code))
    await guild.gift()

    assert warnings_in(caplog) == []


@played
async def test_an_outage_is_for_the_queue(context: Context) -> None:
    """Discord out of reach is raised, so that the job is tried again, and then said once."""
    guild = Guild(context, "channel", NEWS)
    guild.discord.refuse("say", refusal(503), times=1)
    with pytest.raises(Exception, match="503"):
        await guild.gift()

    assert guild.said() == {}


@played
async def test_each_store_has_its_own_settings(context: Context) -> None:
    """A level of another store is announced where that store asks for it."""
    guild = Guild(context, "off")
    chosen = {"announcements": {"mode": "channel", "channelId": NEWS}}
    context.robo.config.set(GUILD, chosen, store="season-2")
    await guild.gift(1)
    context.robo.xp.add(GUILD, ANN, XP[5], store="season-2")
    await guild.levels.go_on("season-2")

    assert guild.said() == {NEWS: [LEVEL_5]}


@played
async def test_a_long_text_is_cut(context: Context) -> None:
    """A guild's name that makes the text too long for Discord costs its end only."""
    guild = Guild(context, "channel", NEWS)
    template = "{member} " + "{guild}" * 60
    context.robo.config.set(GUILD, {"announcements": {"template": template}})
    guild.discord.guilds[GUILD] = type(guild.discord.guilds[GUILD])(GUILD, "long" * 20)
    await guild.gift()

    [[text]] = guild.said().values()
    assert len(text) == 2000
