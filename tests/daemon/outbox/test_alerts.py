"""What operators are told on Discord."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from robo_xp.errors import VaultUnavailable
from robo_xp.model.outbox import NotDone, RolesDue
from robo_xp_daemon.base.health_cause import Cause
from robo_xp_daemon.context import Context
from robo_xp_daemon.outbox.alerts import Alerts
from tests.daemon.fake_discord import CHANNEL, GUILD, FakeDiscord, refusal
from tests.daemon.stage import played, warnings_in

ANN = "400000000000000001"
FOREIGN = "200000000000000009"
ABOVE = NotDone("hierarchy", "a role is not given", "drag the bot's role", {"role_id": "501"})


class Office:
    """The guild in which ``ABOVE`` is refused, and what its channel shows."""

    def __init__(self, context: Context, channel_id: str | None) -> None:
        self.robo = context.robo
        self.discord = FakeDiscord()
        self.discord.channels[FOREIGN] = "100000000000000009"
        self.causes: list[Cause] = []
        self.alerts = Alerts(context, self.discord, lambda: self.causes)
        if channel_id is not None:
            self.robo.config.set(GUILD, {"alerts": {"channelId": channel_id}})
        self.due = RolesDue(ANN, True, False, 1)
        self.robo.outbox.take(GUILD, "default", 1, roles=[self.due])
        self.refuse()

    def refuse(self) -> None:
        """Discord refuses it."""
        self.robo.outbox.take(GUILD, "default", 1, roles=[self.due])
        self.robo.outbox.roles_settled(GUILD, [], [(self.due, [ABOVE])])

    def said(self, channel_id: str = CHANNEL) -> list[str]:
        """What stands there."""
        assert not any(one.pings for one in self.discord.messages.values())
        return [one.content for one in self.discord.said_in(channel_id)]


@played
async def test_a_refusal_is_told_once(context: Context) -> None:
    """With what mends it, and whom it is about; again only after it had passed."""
    office = Office(context, CHANNEL)
    await office.alerts._look()
    office.refuse()
    await office.alerts._look()
    (told,) = office.said()
    assert all(word in told for word in (GUILD, ABOVE.what, ABOVE.mend, "<@&501>", "1 member"))

    office.robo.outbox.roles_settled(GUILD, office.robo.outbox.roles_due(GUILD))
    await office.alerts._look()
    office.refuse()
    office.discord.forget_nonces()
    await office.alerts._look()
    assert len(office.said()) == 2


@played
async def test_nobody_is_told_by_default(context: Context) -> None:
    """Without a channel nothing is said anywhere."""
    office = Office(context, None)
    await office.alerts._look()

    assert office.discord.messages == {}


@pytest.mark.parametrize(("channel_id", "is_global"), [(FOREIGN, False), (FOREIGN, True)])
@played
async def test_a_channel_of_another_guild(
    context: Context, channel_id: str, is_global: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """It is for the operator's own setting alone, which holds for all guilds."""
    if is_global:
        context.robo.config.set_global({"alerts": {"channelId": channel_id}})
    office = Office(context, None if is_global else channel_id)
    await office.alerts._look()

    assert len(office.said(channel_id)) == is_global
    assert len(warnings_in(caplog)) == (not is_global)


@played
async def test_a_channel_that_does_not_answer(context: Context) -> None:
    """What the network kept from being told is told at the next look."""
    office = Office(context, CHANNEL)
    office.discord.refuse("say", refusal(503), times=1)
    await office.alerts._look()
    assert office.said() == []
    await office.alerts._look()

    assert len(office.said()) == 1


@played
async def test_a_guild_of_which_nothing_can_be_read(context: Context) -> None:
    """It keeps no other from being told of."""
    context.robo.outbox.take("100000000000000000", "default", 1)
    office = Office(context, CHANNEL)
    refused = context.robo.outbox.refused

    def damaged(guild_id: str) -> object:
        if guild_id != GUILD:
            raise VaultUnavailable("its journal cannot be read")
        return refused(guild_id)

    with patch.object(type(context.robo.outbox), "refused", lambda _, one: damaged(one)):
        await office.alerts._look()

    assert len(office.said()) == 1


@played
async def test_what_ails_the_daemon(context: Context) -> None:
    """It is told where the alerts of all guilds go, once until it has passed."""
    context.robo.config.set_global({"alerts": {"channelId": CHANNEL}})
    office = Office(context, None)
    for text in ("the disk is full", "the disk is still full", "", "the disk is full"):
        office.causes = [Cause("vault", text)] if text else []
        await office.alerts._look()

    assert [told for told in office.said() if "not well" in told] == [
        "**The daemon is not well.**\n- the disk is full"
    ] * 2
