"""A process that counts two members in voice until it is killed; a minute lasts 0.2 seconds.

Its clock goes while it runs itself: where a busy machine lets it wait, its members wait with it.
The last reading stands in a file, which outlives it.
"""

from __future__ import annotations

import asyncio
import mmap
import struct
import sys
from pathlib import Path

from robo_xp import RoboXP
from robo_xp.rules.voice import Occupant, VoiceRoom
from robo_xp_daemon.awards import voice
from robo_xp_daemon.base.counters import Counters
from robo_xp_daemon.base.work import Work
from robo_xp_daemon.context import Context
from tests.daemon.fake_discord import CHANNEL, GUILD, FakeDiscord

ANN, BOB = "400000000000000001", "400000000000000002"
SCALE = 300.0
STEP_SECONDS = 0.01
FORMAT = "d"
BYTES = struct.calcsize(FORMAT)


class OwnClock:
    """A clock that is wound by the loop, and read by others in a file."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(bytes(BYTES))
        with path.open("r+b") as file:
            self._shown = mmap.mmap(file.fileno(), BYTES)

    def __call__(self) -> float:
        """How many counted seconds it has gone."""
        return float(struct.unpack(FORMAT, self._shown)[0])

    async def wind(self) -> None:
        """Go on for ever."""
        while True:
            await asyncio.sleep(STEP_SECONDS)
            struct.pack_into(FORMAT, self._shown, 0, self() + STEP_SECONDS * SCALE)


async def count(data_dir: str, clock_file: str) -> None:
    """Count for ever."""
    clock = OwnClock(Path(clock_file))
    voice.TICK_SECONDS = 60.0 / SCALE
    with RoboXP.open(data_dir, durability="os") as robo:
        discord = FakeDiscord()
        people = tuple(Occupant(user_id=one) for one in (ANN, BOB))
        discord.rooms[CHANNEL] = VoiceRoom(channel_id=CHANNEL, occupants=people)
        context = Context(robo, Work(), Counters())
        part = voice.Voice(context, discord, clock)
        part.start()
        part.changed(GUILD)
        await asyncio.gather(*part._beginning.values())
        print("counting", flush=True)
        await clock.wind()


if __name__ == "__main__":
    asyncio.run(count(*sys.argv[1:]))
