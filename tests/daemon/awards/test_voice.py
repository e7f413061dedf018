"""Time in voice, from who is in a channel to what is in the vault."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.errors import VaultBusy
from robo_xp.rules.voice import Occupant, VoiceRoom
from robo_xp_daemon.awards.voice import Voice
from robo_xp_daemon.base.counters import Counters
from robo_xp_daemon.base.work import Work
from robo_xp_daemon.context import Context
from robo_xp_daemon.session import Session
from tests.daemon.fake_discord import CHANNEL, GUILD, FakeDiscord
from tests.daemon.loopback import Loopback
from tests.daemon.loopback.flags import ChannelType
from tests.daemon.stage import on_stage, played
from tests.usecases.small import HandClock

ANN, BOB, CARL = (f"40000000000000000{n}" for n in range(1, 4))
OTHER = "200000000000000002"
RATE = 5


@dataclass
class Room:
    """A guild with voice switched on, and a clock that only the test moves."""

    robo: RoboXP
    discord: FakeDiscord
    voice: Voice
    context: Context
    wall: HandClock
    hand: list[float]

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return self.hand[0]

    @now.setter
    def now(self, seconds: float) -> None:
        self.hand[0] = seconds

    async def enter(self, *user_ids: str, channel_id: str = CHANNEL, is_known: bool = True) -> None:
        """These are in the channel, and nobody else."""
        people = tuple(Occupant(user_id=one, is_known=is_known) for one in user_ids)
        self.discord.rooms[channel_id] = VoiceRoom(channel_id=channel_id, occupants=people)
        self.voice.changed(GUILD, {channel_id})
        # the first change of all reads the settings
        await asyncio.gather(*self.voice._beginning.values())

    def seconds(self, user_id: str) -> int:
        """What was counted for a member."""
        record = self.robo.xp.record(GUILD, user_id)
        return 0 if record is None else record.voice_seconds

    def xp(self, user_id: str) -> int:
        """What a member has."""
        return self.robo.xp.get(GUILD, user_id)

    def seq(self) -> int:
        """The last batch."""
        return self.robo.vault.namespace(f"xp/default/{GUILD}").read().seq


def counting(robo: RoboXP, discord: FakeDiscord, context: Context, wall: HandClock) -> Room:
    """The part of the daemon that counts, with its clock at 0."""
    hand = [0.0]
    return Room(robo, discord, Voice(context, discord, lambda: hand[0]), context, wall, hand)


@asynccontextmanager
async def room(data_dir: Path, discord: FakeDiscord | None = None) -> AsyncIterator[Room]:
    """The guild with a part of the daemon that counts, until it is stopped."""
    wall = HandClock()
    with RoboXP.open(data_dir, durability="os", clock=wall) as robo:
        robo.config.set(GUILD, {"voice": {"xpPerMinute": RATE}})
        context = Context(robo, Work(), Counters(), wall)
        made = counting(robo, discord or FakeDiscord(), context, wall)
        made.voice.start()
        try:
            yield made
            await made.voice.finish()
        finally:
            context.work.close()


@played
async def test_the_first_one_earns_from_the_second_ones_arrival(tmp_path: Path) -> None:
    """Time alone counts for nothing; together both earn, until one of them goes."""
    async with room(tmp_path) as scene:
        await scene.enter(ANN)
        scene.now = 500.0
        await scene.enter(ANN, BOB)
        scene.now = 620.0
        await scene.enter(ANN)
        scene.now = 900.0
        await scene.voice.tick()

        assert (scene.seconds(ANN), scene.seconds(BOB)) == (120, 120)
        assert (scene.xp(ANN), scene.xp(BOB)) == (2 * RATE, 2 * RATE)


@played
async def test_a_hundred_members_are_one_batch_a_tick(tmp_path: Path) -> None:
    """However many earn, a minute of a guild is one batch, and a tick without time none."""
    members = [str(4 * 10**17 + number) for number in range(100)]
    async with room(tmp_path) as scene:
        await scene.enter(*members)
        before = scene.seq()
        for minute in range(1, 4):
            scene.now = 60.0 * minute
            await scene.voice.tick()
        await scene.voice.tick()

        assert scene.seq() == before + 3
        assert {scene.xp(one) for one in members} == {3 * RATE}


@played
async def test_the_wall_clock_gives_nothing(tmp_path: Path) -> None:
    """A clock that is put an hour ahead, or back, moves no time in voice."""
    async with room(tmp_path) as scene:
        await scene.enter(ANN, BOB)
        scene.wall.at += 3_600_000
        scene.now = 61.0
        await scene.voice.tick()
        scene.wall.at -= 7_200_000
        scene.now = 119.0
        await scene.voice.tick()

        assert (scene.seconds(ANN), scene.xp(ANN)) == (119, RATE)


@played
async def test_a_stop_commits_to_the_second_and_a_start_goes_on(tmp_path: Path) -> None:
    """Seconds below a minute outlive a stop; who is there at a start begins then."""
    discord = FakeDiscord()
    async with room(tmp_path, discord) as scene:
        await scene.enter(ANN, BOB)
        scene.now = 35.9
    async with room(tmp_path, discord) as scene:
        assert (scene.seconds(ANN), scene.xp(ANN)) == (35, 0)
        await scene.enter(ANN, BOB)
        scene.now = 25.0
        await scene.voice.tick()

        assert (scene.seconds(ANN), scene.xp(ANN)) == (60, RATE)


@played
async def test_a_vault_that_is_busy_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    """Time that could not be committed comes with the next minute, once."""
    async with room(tmp_path) as scene:
        await scene.enter(ANN, BOB)
        scene.now = 60.0
        real = scene.robo.xp.award_voice

        def busy(*_args: object, **_kw: object) -> tuple[()]:
            raise VaultBusy("somebody holds the lock")

        scene.robo.xp.award_voice = busy  # type: ignore[method-assign]  # as a lock would
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("robo_xp_daemon.base.work.PATIENCE_SECONDS", 0.0)
            await scene.voice.tick()
        scene.robo.xp.award_voice = real  # type: ignore[method-assign]
        scene.now = 130.0
        await scene.voice.tick()
        await scene.voice.tick()

        assert (scene.seconds(ANN), scene.xp(ANN)) == (130, 2 * RATE)


@played
async def test_a_move_to_another_channel_needs_company_there(tmp_path: Path) -> None:
    """Who moves earns on only with somebody else; the one who stays behind does not."""
    async with room(tmp_path) as scene:
        await scene.enter(ANN, BOB)
        scene.now = 60.0
        scene.discord.rooms[OTHER] = VoiceRoom(
            channel_id=OTHER, occupants=(Occupant(user_id=ANN), Occupant(user_id=CARL))
        )
        scene.discord.rooms[CHANNEL] = VoiceRoom(
            channel_id=CHANNEL, occupants=(Occupant(user_id=BOB),)
        )
        scene.voice.changed(GUILD, {CHANNEL, OTHER})
        scene.now = 120.0
        await scene.voice.tick()

        assert [scene.seconds(one) for one in (ANN, BOB, CARL)] == [120, 60, 60]


@played
async def test_a_channel_that_is_deleted_ends_the_time_in_it(tmp_path: Path) -> None:
    """With the channel everybody's time ends."""
    async with room(tmp_path) as scene:
        await scene.enter(ANN, BOB)
        scene.now = 30.0
        del scene.discord.rooms[CHANNEL]
        scene.voice.changed(GUILD, {CHANNEL})
        scene.now = 300.0
        await scene.voice.tick()

        assert scene.seconds(ANN) == 30


@played
async def test_a_lost_connection_ends_the_time_until_it_is_back(tmp_path: Path) -> None:
    """While nobody hears who stays, nobody earns, whatever was known last."""
    async with room(tmp_path) as scene:
        await scene.enter(ANN, BOB)
        scene.now = 40.0
        scene.voice.lost(GUILD)
        scene.now = 4_000.0
        await scene.voice.tick()
        scene.now = 5_000.0
        scene.voice.changed(GUILD)
        scene.now = 5_020.0
        await scene.voice.tick()

        assert (scene.seconds(ANN), scene.xp(ANN)) == (60, RATE)


@played
async def test_settings_hold_from_the_next_minute_on(tmp_path: Path) -> None:
    """Voice that is switched off, or on, counts so within a minute."""
    async with room(tmp_path) as scene:
        await scene.enter(ANN, BOB)
        scene.now = 60.0
        scene.robo.config.set(GUILD, {"voice": {"xpPerMinute": 0}})
        await scene.voice.tick()
        scene.now = 600.0
        await scene.voice.tick()
        scene.robo.config.set(GUILD, {"voice": {"xpPerMinute": 1}})
        await scene.voice.tick()
        scene.now = 660.0
        await scene.voice.tick()

        # the minute that began before the change earns nothing any more, but counts
        assert (scene.seconds(ANN), scene.xp(ANN)) == (120, 1)


@played
async def test_discord_is_asked_who_is_there_at_a_start(tmp_path: Path) -> None:
    """Of whom only the id is known, roles and bot are asked for, and bots are no company."""
    async with room(tmp_path) as scene:
        scene.discord.join(ANN)
        scene.discord.join(BOB, is_bot=True)
        scene.discord.join(CARL)
        await scene.enter(ANN, BOB, is_known=False)
        await scene.enter(CARL, ANN, BOB, is_known=False)
        async with asyncio.timeout(10):
            while scene.context.counters.voice_seconds.read() == {(): 0}:
                scene.now += 60.0
                await scene.voice.tick()

        assert (scene.xp(ANN), scene.xp(CARL), scene.xp(BOB)) == (RATE, RATE, 0)


@played
async def test_a_hundred_kills_lose_less_than_a_minute_each(tmp_path: Path) -> None:
    """A process that is gone without a word loses the time since its last minute, and no more."""
    chance, discord, stayed = random.Random(7), FakeDiscord(), 0.0
    with RoboXP.open(tmp_path, durability="os") as robo:
        robo.config.set(GUILD, {"voice": {"xpPerMinute": RATE}})
        for _ in range(100):
            context = Context(robo, Work(), Counters())
            scene = counting(robo, discord, context, HandClock())
            scene.voice.start()
            await scene.enter(ANN, BOB)
            lives, before = chance.uniform(0, 400), scene.seconds(ANN)
            while scene.now + 60.0 <= lives:
                scene.now += 60.0
                await scene.voice.tick()
            stayed += lives
            assert 0 <= lives - (scene.seconds(ANN) - before) < 60.0
            assert scene.voice._ticking is not None
            scene.voice._ticking.cancel()
            context.work.close()

        record = robo.xp.record(GUILD, ANN)
        assert record is not None
        assert record.xp == record.voice_seconds // 60 * RATE
        assert stayed - 6_000 < record.voice_seconds <= stayed


@played
async def test_voice_states_of_a_whole_discord(tmp_path: Path) -> None:
    """Who is there at the start, joins, is muted, deaf, away or on a stage, as Discord tells it."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", members=["ann", "bob", "carl"])
        talk = guild.add_channel("talk", type=ChannelType.VOICE)
        away = guild.add_channel("away", type=ChannelType.VOICE)
        stage_channel = guild.add_channel("stage", type=ChannelType.STAGE)
        robot = guild.join(discord.world.add_user("music", bot=True))
        guild.voice(robot, talk)
        guild.voice("ann", talk)
        async with on_stage(discord, tmp_path, begin=Session.count_voice) as stage:
            voice, rooms = stage.session.voice, stage.session.discord.voice_rooms
            stage.set(guild, voice={"xpPerMinute": RATE})
            await voice.tick()

            async def earning(*names: str) -> None:
                wanted = {str(guild.member(name).id) for name in names}

                def earn_now() -> bool:
                    accounts = voice._accounts.get(str(guild.id))
                    return wanted == (set() if accounts is None else accounts.earning)

                await stage.until(earn_now)

            await stage.until(lambda: len(rooms(str(guild.id))) == 1)
            await earning()
            guild.voice("bob", talk)
            await earning("ann", "bob")
            guild.voice("bob", talk, self_mute=True)
            await earning()
            guild.voice("bob", talk)
            guild.voice("carl", talk, deaf=True)
            await earning("ann", "bob")
            guild.voice("carl", stage_channel, suppress=True)
            guild.voice("bob", stage_channel)
            await earning()
            guild.voice("carl", stage_channel)
            await earning("bob", "carl")
            guild.voice("bob", away)
            guild.voice("carl", away)
            await earning("bob", "carl")
            guild.set_afk_channel(away)
            await earning()
            guild.set_afk_channel(None)
            await earning("bob", "carl")
            guild.delete_channel(away)
            await earning()
