"""What Discord shows of a period that was closed: who was first, and the roles of prizes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from robo_xp import RoboXP
from robo_xp_daemon.base.counters import Counters
from robo_xp_daemon.base.work import Work
from robo_xp_daemon.client.port import Role
from robo_xp_daemon.context import Context
from robo_xp_daemon.levels.announcements import Announcements
from robo_xp_daemon.levels.roles import RoleRewards
from tests.daemon.fake_discord import CHANNEL, GUILD, FakeDiscord, refusal
from tests.daemon.levels.carrying import ANN, BOB, Carrying
from tests.daemon.stage import played

ROLE = "500000000000000001"
MONDAY, A_DAY = 1_749_427_200_000, 86_400_000
PRIZES = [{"kind": "week", "first": 1, "roleId": ROLE, "xp": 5}]


class Wall:
    """A clock that stands."""

    at = MONDAY

    def now_ms(self) -> int:
        """Now."""
        return self.at


@dataclass
class Week:
    """A guild whose weeks have a prize, and the part of the daemon that is looked at."""

    robo: RoboXP
    wall: Wall
    discord: FakeDiscord
    context: Context

    def won_by(self, user_id: str) -> None:
        """A week goes by in which this member alone writes."""
        self.robo.xp.award(GUILD, user_id, channel_id=CHANNEL, at=self.wall.at)
        self.wall.at += 7 * A_DAY
        self.robo.periods.close(GUILD)


@asynccontextmanager
async def week(data_dir: Path) -> AsyncIterator[Week]:
    """The guild on a Monday."""
    wall, discord = Wall(), FakeDiscord(ROLE)
    wall.at = MONDAY
    for who in (ANN, BOB):
        discord.join(who)
    with RoboXP.open(data_dir, durability="os", clock=wall) as robo:
        robo.config.set(GUILD, {"periods": {"prizes": PRIZES}})
        context = Context(robo, Work(), Counters(), wall)
        try:
            yield Week(robo, wall, discord, context)
        finally:
            context.work.close()


@played
async def test_the_role_of_a_prize_goes_from_hand_to_hand(tmp_path: Path) -> None:
    """The first one gets it, the earlier holder loses it, and undo turns that round."""
    async with week(tmp_path) as scene:
        carrying = Carrying(scene.context, RoleRewards(scene.context, scene.discord))

        def holders() -> list[str]:
            return [one.id for one in scene.discord.members_by_id.values() if ROLE in one.role_ids]

        scene.won_by(ANN)
        await carrying.go_on()
        first = holders()
        scene.won_by(BOB)
        await carrying.go_on()
        second = holders()
        last = scene.robo.history.last(f"xp/default/{GUILD}")
        assert last is not None
        scene.robo.history.undo(f"xp/default/{GUILD}", last.seq)
        await carrying.go_on()

        assert (first, second, holders()) == ([ANN], [BOB], [ANN])


@played
async def test_a_role_that_became_dangerous_is_no_prize(tmp_path: Path) -> None:
    """It is not given to who was first, until its prize is called dangerous."""
    async with week(tmp_path) as scene:
        carrying = Carrying(scene.context, RoleRewards(scene.context, scene.discord))
        guild = scene.discord.guilds[GUILD]
        roles = {ROLE: Role(dangerous=("manage_roles",))}
        scene.discord.guilds[GUILD] = replace(guild, roles=roles)
        scene.won_by(ANN)
        await carrying.go_on()
        given = scene.discord.members_by_id[GUILD, ANN].role_ids
        meant = [{**PRIZES[0], "dangerous": True}]
        scene.robo.config.set(GUILD, {"periods": {"prizes": meant}})
        scene.won_by(BOB)
        await carrying.go_on()

        assert given == ()
        assert scene.discord.members_by_id[GUILD, BOB].role_ids == (ROLE,)


@played
async def test_a_board_is_announced_once(tmp_path: Path) -> None:
    """One message for each period with prizes, which notifies the first ones."""
    async with week(tmp_path) as scene:
        announcing = {"mode": "channel", "channelId": CHANNEL}
        scene.robo.config.set(GUILD, {"announcements": announcing})
        carrying = Carrying(scene.context, Announcements(scene.context, scene.discord))
        scene.won_by(ANN)
        await carrying.go_on()
        carrying.begin()
        await Carrying(scene.context, Announcements(scene.context, scene.discord)).go_on()

        (message,) = scene.discord.said_in(CHANNEL)
        begin, end = MONDAY // 1000, (MONDAY + 7 * A_DAY) // 1000 - 1
        xp = scene.robo.periods.show(GUILD, "month").top[0].xp
        assert message.content == (
            f"The week is over: <t:{begin}:D> – <t:{end}:D>, 1 member\n1. <@{ANN}> · {xp} XP"
        )
        assert message.pings == {ANN}
        assert scene.robo.outbox.boards_due(GUILD) == {}


@played
async def test_a_board_that_is_refused_waits(tmp_path: Path) -> None:
    """What Discord refuses is kept with why, and told when that is mended."""
    async with week(tmp_path) as scene:
        announcing = {"mode": "channel", "channelId": CHANNEL}
        scene.robo.config.set(GUILD, {"announcements": announcing})
        part = Announcements(scene.context, scene.discord)
        carrying = Carrying(scene.context, part)
        scene.discord.refuse("say", refusal(403, 50013))
        scene.won_by(ANN)
        await carrying.go_on()
        (row,) = scene.robo.outbox.refused(GUILD)
        assert (row.kind, row.channel_id) == ("announcement", CHANNEL)
        scene.discord.restore()

        part.drain.retry(GUILD)
        await carrying.settled()

        assert len(scene.discord.said_in(CHANNEL)) == 1
        assert scene.robo.outbox.refused(GUILD) == []


@played
async def test_a_silent_guild_hears_nothing(tmp_path: Path) -> None:
    """Where no level is announced, no board is."""
    async with week(tmp_path) as scene:
        carrying = Carrying(scene.context, Announcements(scene.context, scene.discord))
        scene.won_by(ANN)
        await carrying.go_on()

        assert scene.discord.messages == {}
        assert scene.robo.outbox.boards_due(GUILD) == {}
