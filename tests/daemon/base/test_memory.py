"""Memory that was needed for a while goes back to the machine."""

from __future__ import annotations

import subprocess
import sys

from tests.daemon.process import environment

_MIB = """
from pathlib import Path
from robo_xp_daemon.base.memory import keep_little
keep_little()
largest = bytearray(8 << 20)
del largest
held = [(bytearray(1 << 20), bytearray(600)) for _ in range(64)]
small = [one for _, one in held]
del held
line = next(one for one in Path("/proc/self/status").read_text().splitlines() if "VmRSS" in one)
print(int(line.split()[1]) // 1024)
"""


def test_large_blocks_are_given_back_at_once() -> None:
    """Though small ones that lie between them are kept."""
    words = [sys.executable, "-c", _MIB]
    said = subprocess.run(words, env=environment(), capture_output=True, check=True, text=True)

    assert int(said.stdout) < 50
