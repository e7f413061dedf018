"""The end of a guild's day: periods closed and members decayed by the daemon, once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from robo_xp import RoboXP
from robo_xp.model.outbox import BoostEdge
from robo_xp.usecases.settings.boosts import BoostTerms
from robo_xp_daemon.awards.days import LATE_MS, Days
from robo_xp_daemon.base.counters import Counters
from robo_xp_daemon.base.work import Work
from robo_xp_daemon.context import Context
from robo_xp_daemon.levels.announcements import Announcements
from tests.daemon.fake_discord import CHANNEL, GUILD, FakeDiscord, refusal
from tests.daemon.levels.carrying import Carrying
from tests.daemon.stage import played

HOUR = 3_600_000
ANN, BOB, CARL = (f"40000000000000000{n}" for n in range(1, 4))
KEPT_ROLE = "500000000000000001"
MONDAY, A_DAY = 1_749_427_200_000, 86_400_000


class Wall:
    """A clock that stands."""

    at = MONDAY

    def now_ms(self) -> int:
        """Now."""
        return self.at


@dataclass
class Place:
    """A guild, its vault, and what a daemon is given."""

    robo: RoboXP
    wall: Wall
    discord: FakeDiscord
    context: Context

    async def start(self) -> None:
        """A daemon starts, and looks once."""
        await Days(self.context, self.discord).look()

    def write(self, user_id: str, at: int) -> None:
        """A message of a member."""
        self.robo.xp.award(GUILD, user_id, channel_id=CHANNEL, at=at)

    def batches(self, cmd: str) -> int:
        """How many batches a command made."""
        namespace = self.robo.vault.namespace(f"xp/default/{GUILD}")
        return sum(batch.cmd == cmd for batch in namespace.batches())


@asynccontextmanager
async def place(data_dir: Path) -> AsyncIterator[Place]:
    """A guild on a Monday."""
    wall, discord = Wall(), FakeDiscord(KEPT_ROLE)
    wall.at = MONDAY
    with RoboXP.open(data_dir, durability="os", clock=wall) as robo:
        context = Context(robo, Work(), Counters(), wall)
        try:
            yield Place(robo, wall, discord, context)
        finally:
            context.work.close()


@played
async def test_periods_are_closed_a_minute_after_their_end(tmp_path: Path) -> None:
    """Before that they wait for what comes late; after three weeks away all come in order."""
    async with place(tmp_path) as scene:
        for week, who in enumerate((ANN, BOB, CARL)):
            scene.write(who, MONDAY + week * 7 * A_DAY + 1)
        days = Days(scene.context, scene.discord)
        await days.look()
        assert scene.batches("period close") == 0

        scene.wall.at = MONDAY + 21 * A_DAY + LATE_MS - 1
        await scene.start()
        early = scene.batches("period close")
        scene.wall.at += 1
        await scene.start()
        await scene.start()

        weeks = scene.robo.periods.list(GUILD, "week")
        assert [one.top[0].user_id for one in weeks if one.closed] == [CARL, BOB, ANN]
        assert (early, scene.batches("period close")) == (5, 6)


@played
async def test_a_day_has_one_decay_however_often_the_daemon_starts(tmp_path: Path) -> None:
    """Thirty starts of a day take once, the next day again, and undo gives all back."""
    async with place(tmp_path) as scene:
        scene.robo.config.set(GUILD, {"decay": {"afterDays": 7, "percent": 10}})
        for who in (ANN, BOB):
            scene.write(who, MONDAY)
            scene.robo.xp.set(GUILD, who, 1_000)
        scene.wall.at = MONDAY + 8 * A_DAY
        scene.write(BOB, scene.wall.at)
        bob = scene.robo.xp.get(GUILD, BOB)
        for _ in range(30):
            scene.wall.at += A_DAY // 40
            await scene.start()
        assert (scene.robo.xp.get(GUILD, ANN), scene.robo.xp.get(GUILD, BOB)) == (900, bob)

        scene.wall.at = MONDAY + 9 * A_DAY
        await scene.start()
        assert scene.robo.xp.get(GUILD, ANN) == 810
        assert scene.batches("member decay") == 2

        for _ in range(2):
            last = scene.robo.history.last(f"xp/default/{GUILD}")
            assert last is not None
            scene.robo.history.undo(f"xp/default/{GUILD}", last.seq)
        assert scene.robo.xp.get(GUILD, ANN) == 1_000
        await scene.start()
        assert scene.robo.xp.get(GUILD, ANN) == 1_000


@played
async def test_who_has_an_exempt_role_loses_nothing(tmp_path: Path) -> None:
    """Discord is asked who holds the roles; while it does not answer nobody loses anything."""
    async with place(tmp_path) as scene:
        exempt = {"afterDays": 1, "amount": 50, "exemptRoleIds": [KEPT_ROLE]}
        scene.robo.config.set(GUILD, {"decay": exempt})
        for who, roles in ((ANN, (KEPT_ROLE,)), (BOB, ())):
            scene.write(who, MONDAY - 2 * A_DAY)
            scene.robo.xp.set(GUILD, who, 1_000)
            scene.discord.join(who, *roles)
        scene.discord.refuse("members", refusal(503), times=1)
        await scene.start()
        assert scene.batches("member decay") == 0

        await scene.start()

        assert [scene.robo.xp.get(GUILD, one) for one in (ANN, BOB)] == [1_000, 950]
        assert scene.robo.decay.exempt(GUILD).user_ids == (ANN,)


@played
async def test_without_the_guild_nobody_loses_anything(tmp_path: Path) -> None:
    """Where roles are exempt and the bot was sent away, it waits until it is back."""
    async with place(tmp_path) as scene:
        exempt = {"afterDays": 1, "amount": 50, "exemptRoleIds": [KEPT_ROLE]}
        scene.robo.config.set(GUILD, {"decay": exempt})
        scene.write(ANN, MONDAY - 2 * A_DAY)
        scene.robo.xp.set(GUILD, ANN, 1_000)
        scene.discord.join(ANN, KEPT_ROLE)
        gone = scene.discord.guilds.pop(GUILD)
        await scene.start()
        scene.discord.guilds[GUILD] = gone
        await scene.start()

        assert scene.robo.xp.get(GUILD, ANN) == 1_000
        assert scene.robo.decay.exempt(GUILD).user_ids == (ANN,)


@played
async def test_boosts_are_announced_at_both_ends(tmp_path: Path) -> None:
    """Each begin and end once, also where a daemon starts in between, and with levels unsaid."""
    async with place(tmp_path) as at:
        announced = {"boosts": {"announce": True}, "announcements": {"channelId": CHANNEL}}
        at.robo.config.set(GUILD, announced)
        terms = BoostTerms(1.5, name="*Tea*", begins_at=MONDAY + HOUR, ends_at=MONDAY + 2 * HOUR)
        at.robo.boosts.add(GUILD, terms)
        told: list[str] = []
        days = Days(at.context, at.discord, told.append)
        part = Announcements(at.context, at.discord)
        for hours in (0, 0.5, 1, 1, 1.5):
            at.wall.at = MONDAY + int(hours * HOUR)
            await days.look()
        at.wall.at = MONDAY + 2 * HOUR
        await Days(at.context, at.discord, told.append).look()
        await Days(at.context, at.discord, told.append).look()
        part.ask(GUILD)
        await Carrying(at.context, part).settled()

        end = (MONDAY + 2 * HOUR) // 1000
        assert [message.content for message in at.discord.said_in(CHANNEL)] == [
            rf"From now on XP count ×1.5 (\*Tea\*) until <t:{end}:f>.",
            r"The boost ×1.5 (\*Tea\*) is over.",
        ]
        assert told == [GUILD, GUILD]
        assert at.robo.outbox.boards_due(GUILD) == {}


@played
async def test_a_boost_that_is_no_news_is_not_announced(tmp_path: Path) -> None:
    """Neither what began before that was asked for, nor while no daemon ran for long."""
    async with place(tmp_path) as at:
        at.robo.boosts.add(GUILD, BoostTerms(2, begins_at=MONDAY - HOUR))
        await at.start()
        at.robo.config.set(GUILD, {"boosts": {"announce": True}})
        await at.start()
        at.robo.boosts.add(GUILD, BoostTerms(3, begins_at=MONDAY + HOUR, ends_at=MONDAY + A_DAY))
        at.wall.at = MONDAY + 5 * HOUR
        await at.start()

        assert at.robo.outbox.boards_due(GUILD) == {}


@played
async def test_a_boost_that_is_added_is_seen_at_once(tmp_path: Path) -> None:
    """A change of settings has the guild looked at with the next round."""
    async with place(tmp_path) as at:
        at.robo.config.set(GUILD, {"boosts": {"announce": True}})
        days = Days(at.context, at.discord)
        await days.look()
        at.wall.at += 60_000
        at.robo.boosts.add(GUILD, BoostTerms(2))
        days.again(GUILD)
        at.wall.at += 1
        await days.look()

        (edge,) = at.robo.outbox.boards_due(GUILD)["default"]
        assert edge.at == MONDAY + 60_000


@played
async def test_what_changes_during_a_look_is_seen_by_the_next(tmp_path: Path) -> None:
    """A boost that is added while another is announced does not wait for an hour."""
    async with place(tmp_path) as at:

        def another(guild_id: str) -> None:
            at.wall.at += 1
            at.robo.boosts.add(guild_id, BoostTerms(3))
            days.again(guild_id)

        at.robo.config.set(GUILD, {"boosts": {"announce": True}})
        days = Days(at.context, at.discord, another)
        await days.look()
        at.wall.at += 1
        at.robo.boosts.add(GUILD, BoostTerms(2))
        days.again(GUILD)
        for _ in range(2):
            at.wall.at += 60_000
            await days.look()

        told = at.robo.outbox.boards_due(GUILD)["default"]
        assert [one.factor for one in told if isinstance(one, BoostEdge)][:2] == ["2", "3"]
