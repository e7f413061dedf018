"""Several real processes on one vault: nothing is lost, and nobody sees half of anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from robo_xp import RoboXP

GUILD = "746807687960896580"
ADA = "160686414550454520"
AMOUNT, TIMES, WRITERS = 7, 250, 4

_WRITER = f"""
import sys
from robo_xp import RoboXP
with RoboXP.open(sys.argv[1], durability="os", by="writer:" + sys.argv[2]) as robo:
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range({TIMES}):
        print(robo.xp.add("{GUILD}", "{ADA}", {AMOUNT}).seq)
"""

_READER = f"""
import sys, threading
from robo_xp import RoboXP
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
looks, last = 0, -1
with RoboXP.open(sys.argv[1]) as robo:
    namespace = robo.vault.namespace("xp/default/{GUILD}")
    print("ready", flush=True)
    while not stop.is_set():
        state = namespace.read()
        record = state.records("users").get("{ADA}")
        xp = 0 if record is None else record["xp"]
        level = 0 if record is None else record["level"]
        assert xp == {AMOUNT} * state.seq, (xp, state.seq)
        assert level == robo.math.level_from_total_xp(xp).level, (xp, level)
        assert state.seq >= last, (state.seq, last)
        looks, last = looks + 1, state.seq
print(looks, last)
"""


def _start(script: str, *arguments: str) -> subprocess.Popen[str]:
    """A process that has said that it is ready and waits for a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    if process.stdout.readline() != "ready\n":
        raise AssertionError(process.communicate()[1])
    return process


def test_four_writers_and_a_reader(data_dir: Path) -> None:
    """Four processes give XP to one member at once: all of it arrives, each batch has a number of
    its own, and a fifth process only ever sees states that some batch left.
    """
    RoboXP.open(data_dir).close()
    reader = _start(_READER, str(data_dir))
    writers = [_start(_WRITER, str(data_dir), str(number)) for number in range(WRITERS)]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    ended = [writer.communicate() for writer in writers]
    looked = reader.communicate("stop\n")

    numbers = [int(line) for out, _ in ended for line in out.split()]
    with RoboXP.open(data_dir) as robo:
        assert robo.xp.get(GUILD, ADA) == WRITERS * TIMES * AMOUNT
        authors = [row.by for row in robo.history.rows(f"xp/default/{GUILD}")]
    assert sorted(numbers) == list(range(1, WRITERS * TIMES + 1)), [err for _, err in ended]
    assert {authors.count(f"writer:{number}") for number in range(WRITERS)} == {TIMES}
    assert reader.returncode == 0, looked[1]
    assert int(looked[0].split()[0]) > 0
