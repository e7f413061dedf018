"""A hundred real kills of a process that counts time in voice."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests.daemon.awards.voice_child import ANN, SCALE
from tests.daemon.fake_discord import GUILD

RATE = 5
SLOW = 60.0
"""So many counted seconds a busy machine may be late with a minute: a fifth of a second."""


@pytest.mark.long
def test_a_hundred_kills_lose_less_than_a_minute_and_double_nothing(tmp_path: Path) -> None:
    """Whenever it is killed, what was counted is what was there but for the last minute."""
    chance, lost = random.Random(11), list[float]()
    with RoboXP.open(tmp_path) as robo:
        robo.config.set(GUILD, {"voice": {"xpPerMinute": RATE}})
        before = 0
        for _ in range(100):
            command = [sys.executable, "-m", "tests.daemon.awards.voice_child", str(tmp_path)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
                assert child.stdout is not None
                began = float(child.stdout.readline())
                time.sleep(chance.uniform(0.0, 1.0))
                child.kill()
                ended = time.monotonic()
            record = robo.xp.record(GUILD, ANN)
            counted = 0 if record is None else record.voice_seconds
            stayed = (ended - began) * SCALE
            lost.append(stayed - (counted - before))
            before = counted

        record = robo.xp.record(GUILD, ANN)
        assert record is not None
        # a second more at most, by which the child may have begun before it said so
        assert min(lost) >= -1.0 * SCALE / 10
        assert max(lost) < 60.0 + SLOW
        assert record.xp == record.voice_seconds // 60 * RATE
