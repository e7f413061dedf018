"""A hundred real kills of a process that counts time in voice."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests.daemon.awards.voice_child import ANN, FORMAT
from tests.daemon.fake_discord import GUILD

RATE = 5
SLOW = 30.0
"""So many counted seconds a commit may take on a busy machine: a tenth of a second."""


@pytest.mark.long
def test_a_hundred_kills_lose_less_than_a_minute_and_double_nothing(tmp_path: Path) -> None:
    """Whenever it is killed, what was counted is what was there but for the last minute."""
    chance, lost = random.Random(11), list[float]()
    clock = tmp_path / "clock"
    with RoboXP.open(tmp_path / "data") as robo:
        robo.config.set(GUILD, {"voice": {"xpPerMinute": RATE}})
        before = 0
        for _ in range(100):
            module = "tests.daemon.awards.voice_child"
            command = [sys.executable, "-m", module, str(tmp_path / "data"), str(clock)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
                assert child.stdout is not None
                assert child.stdout.readline() == "counting\n"
                time.sleep(chance.uniform(0.0, 1.0))
                child.kill()
            stayed = float(struct.unpack(FORMAT, clock.read_bytes())[0])
            record = robo.xp.record(GUILD, ANN)
            counted = 0 if record is None else record.voice_seconds
            lost.append(stayed - (counted - before))
            before = counted

        record = robo.xp.record(GUILD, ANN)
        assert record is not None
        assert min(lost) >= 0.0
        assert max(lost) < 60.0 + SLOW
        assert record.voice_seconds > 100 * 60
        assert record.xp == record.voice_seconds // 60 * RATE
