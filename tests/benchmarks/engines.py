"""Both engines side by side: awards on PostgreSQL and on files, and a large bulk change.

``./dev bench --engines`` takes about a minute, and starts a server of its own.
"""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

from robo_xp import RoboXP
from robo_xp.usecases.members.rows import rows_in
from tests import postgres
from tests.benchmarks.beside import Pair, compared, spent
from tests.benchmarks.ours import Ours
from tests.benchmarks.peers import GUILD, member_id

ROUNDS = 15
ROWS = 100_000


def awards(server: postgres.Server, group: int, durability: str) -> str:
    """Awards in groups on both engines, in alternate rounds: cost as a ratio."""
    choose, files, database = random.Random(7), list[Pair](), list[Pair]()
    members, times = 10_000, max(20, 400 // group)
    with tempfile.TemporaryDirectory() as scratch:
        address = server.address(f"bench_{durability}_{group}")
        subjects = [
            Ours(Path(scratch), members, durability),
            Ours(Path(scratch), members, durability, address),
        ]
        for _ in range(ROUNDS):
            chosen = [[choose.randrange(members) for _ in range(group)] for _ in range(times)]
            for subject, pairs in zip(subjects, (files, database), strict=True):
                pairs.append(spent(subject.award, chosen))
        for subject in subjects:
            subject.close()
    title = f"{group} awards a batch, durability {durability}, PostgreSQL over files"
    return compared(title, files[1:], database[1:])


def bulk(server: postgres.Server) -> str:
    """Seconds that a bulk change of many members takes on PostgreSQL: new ones, then the same."""
    lines = (f"give,{member_id(number)},{1 + number % 9_000}\n" for number in range(ROWS))
    content = ("op,user,amount\n" + "".join(lines)).encode()
    told = []
    with RoboXP.open(server.address("bench_bulk")) as robo:
        for what in ("new members", "the same again"):
            start = time.perf_counter()
            robo.xp.apply(GUILD, rows_in(content))
            told.append(f"{time.perf_counter() - start:.2f} s for {what}")
    return f"{ROWS:,} rows by xp apply on PostgreSQL: {', '.join(told)}"


def main() -> None:
    """Measure and print; the disk of both is waited for."""
    with postgres.server(careless=False) as server:
        if server is None:
            print("PostgreSQL is not installed: NOT MEASURED")
            return
        for durability in ("batch", "os"):
            for group in (1, 50):
                print(awards(server, group, durability), flush=True)
        print(bulk(server))
