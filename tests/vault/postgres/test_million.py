"""A million members on PostgreSQL: what a fresh process needs, and the ranks on files."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests import postgres
from tests.conftest import NOT_TRIED
from tests.vault.acts import GUILD

MEMBERS = 1_000_000
MOST_SECONDS, MOST_MIB = 0.5, 100
# most wrote a few messages each, so many have the same; written by a process of its own, since
# what this one has in memory would be counted for those that it starts
_FILL = """
import random, sys
from robo_xp.ports import SystemClock
from robo_xp.vault.exchange.folder import FolderSide
from robo_xp.vault.exchange.whole import Whole
from robo_xp.vault.migrations import SCHEMA
from robo_xp.vault.state import Mark

choose, users = random.Random(1), {}
for number in range(int(sys.argv[2])):
    xp = int(min(2**31, 20 * choose.paretovariate(0.6)))
    users[str(10**17 + number * 104729)] = {
        "xp": xp, "level": 0, "lastAwardedAt": 1, "messages": 1, "xpMessages": 1}
side = FolderSide(sys.argv[1], SystemClock())
with side.writing() as writer:
    mark = Mark(SCHEMA, 1, 0, "cafe")
    writer.put(Whole(f"xp/default/{sys.argv[3]}", mark, {"users": users}, iter([])))
side.close()
"""
_MEASURED = """
import resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(sys.argv[1:], capture_output=True)
spent = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(done.returncode, spent, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def measured(address: str, *words: str) -> tuple[int, float, float, float]:
    """Exit code of a command, seconds by the clock and of CPU, and MiB of memory."""
    environ = {**os.environ, "ROBO_XP_DATA_DIR": address, "ROBO_XP_GUILD": GUILD}
    command = [sys.executable, "-m", "robo_xp_cli", *words]
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *command],
        capture_output=True,
        text=True,
        check=True,
        env=environ,
    )
    code, spent, cpu, size = done.stdout.split()
    return int(code), float(spent), float(cpu), float(size)


@pytest.mark.long
def test_a_million_members_are_asked_in_half_a_second(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ranks, deep pages and changes take half a second of CPU and 100 MB each in a fresh process;
    ranks of 1,000 members, ties included, and pages are those on files.
    """
    folder = tmp_path / "files"
    with postgres.server() as server:
        if server is None:
            pytest.skip(NOT_TRIED)
        address = server.address("million")
        subprocess.run([sys.executable, "-c", _FILL, str(folder), str(MEMBERS), GUILD], check=True)
        script = "import sys; from robo_xp.ports import SystemClock; from"
        script += " robo_xp.vault.exchange.move import move; move(*sys.argv[1:], SystemClock())"
        subprocess.run([sys.executable, "-c", script, str(folder), address], check=True)
        chosen = [
            str(10**17 + number * 104729)
            for number in random.Random(2).sample(range(MEMBERS), 1000)
        ]
        figures = {}
        for words in (
            ("xp", "show", chosen[0]),
            ("leaderboard", "--page", "50000"),
            ("leaderboard", "--page", "100000"),
            ("xp", "give", chosen[0], "1"),
        ):
            runs = [measured(address, *words) for _ in range(3)]
            assert {code for code, *_ in runs} == {0}
            figures[" ".join(words)] = [min(column) for column in list(zip(*runs, strict=True))[1:]]
        with RoboXP.open(folder, to_mend=True) as there, RoboXP.open(address) as here:
            for _ in range(3):
                there.xp.add(GUILD, chosen[0], 1)
            for user_id in chosen:
                assert here.leaderboard.rank(GUILD, user_id) == there.leaderboard.rank(
                    GUILD, user_id
                )
            for offset in (0, 499_990, 700_000, MEMBERS - 10):
                assert here.leaderboard.page(GUILD, offset=offset) == there.leaderboard.page(
                    GUILD, offset=offset
                )
    with capsys.disabled():
        print("a million members; seconds, CPU seconds, MiB:", json.dumps(figures))

    assert all(size < MOST_MIB for _, _, size in figures.values())
    assert all(cpu < MOST_SECONDS for _, cpu, _ in figures.values())
