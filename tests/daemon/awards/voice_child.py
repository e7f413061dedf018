"""A process that counts two members in voice until it is killed; a minute lasts 0.2 seconds.

It says by the clock of the machine when their time began.
"""

from __future__ import annotations

import asyncio
import sys
import time

from robo_xp import RoboXP
from robo_xp.rules.voice import Occupant, VoiceRoom
from robo_xp_daemon.awards import voice
from robo_xp_daemon.base.counters import Counters
from robo_xp_daemon.base.work import Work
from robo_xp_daemon.context import Context
from tests.daemon.fake_discord import CHANNEL, GUILD, FakeDiscord

ANN, BOB = "400000000000000001", "400000000000000002"
SCALE = 300.0


async def count(data_dir: str) -> None:
    """Count for ever."""
    voice.TICK_SECONDS = 60.0 / SCALE
    with RoboXP.open(data_dir, durability="os") as robo:
        discord = FakeDiscord()
        people = tuple(Occupant(user_id=one) for one in (ANN, BOB))
        discord.rooms[CHANNEL] = VoiceRoom(channel_id=CHANNEL, occupants=people)
        context = Context(robo, Work(), Counters())
        part = voice.Voice(context, discord, lambda: time.monotonic() * SCALE)
        part.start()
        part.changed(GUILD)
        await asyncio.gather(*part._beginning.values())
        print(time.monotonic(), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(count(sys.argv[1]))
