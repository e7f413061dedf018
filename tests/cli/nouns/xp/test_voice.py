"""Time in voice, by the words of the terminal."""

from __future__ import annotations

import time
from pathlib import Path

from robo_xp import RoboXP
from robo_xp.model import Message
from robo_xp.rules.voice import VoiceTime
from tests.cli.program import ANN, GUILD, Program


def test_time_in_voice_is_shown_set_and_told(data_dir: Path) -> None:
    """``rank``, ``xp list`` and the history of awards know it; the settings are like any other."""
    program = Program(data_dir)
    for key, value in (("xpPerMinute", "4"), ("minOthers", "2"), ("allowMuted", "yes")):
        assert program("config", "set", f"voice.{key}", value).returncode == 0
    assert program.refused("config", "set", "voice.xpPerMinute", "-1")[0] == 2
    place = Message("300000000000000001", at=int(time.time() * 1000))
    with RoboXP.open(data_dir) as robo:
        robo.xp.award_voice(GUILD, [VoiceTime(ANN, place, 7_320)])

    assert program.json("rank", ANN)["voiceSeconds"] == 7_320
    assert program.json("rank", ANN)["xp"] == 122 * 4
    assert program.json("xp", "list")[0]["voiceSeconds"] == 7_320
    assert "voice" in program.for_people("rank", ANN).stdout
    assert "2 h 2 min" in program.for_people("rank", ANN).stdout
    (row,) = program.json("history", "--awards", "--cmd", "award")
    assert (row["reason"], row["members"]) == ("voice", 1)
    assert program.json("lb", "--period", "day")["entries"][0]["xp"] == 122 * 4
