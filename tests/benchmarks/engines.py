"""Both engines side by side: awards on PostgreSQL and on files, and a large bulk change.

``./dev bench --engines`` takes about a minute, and starts a server of its own.
"""

from __future__ import annotations

import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from robo_xp import RoboXP
from robo_xp.usecases.members.rows import rows_in
from robo_xp.vault.postgres.vault import PostgresVault
from tests import postgres
from tests.benchmarks.beside import Pair, compared, posted, spent
from tests.benchmarks.ours import Ours
from tests.benchmarks.peers import GUILD, member_id, turns

ROUNDS = 15
# eight connections each, every one in a guild of its own
_WRITER = """
import sys, threading
from robo_xp.vault import Origin
from robo_xp.vault.postgres.vault import PostgresVault

def write(guild):
    namespace = PostgresVault(sys.argv[1], durability="os").namespace(f"xp/default/{guild}")
    turn = 0
    while True:
        turn += 1
        with namespace.transaction(Origin("benchmark", "write")) as transaction:
            transaction.put("users", str(10**17 + turn % 500), {"xp": turn})

for number in range(8):
    threading.Thread(target=write, args=(10**17 + int(sys.argv[2]) * 8 + number,)).start()
"""
_FOLLOWER = """
import sys
from robo_xp.vault.postgres.vault import PostgresVault
from robo_xp.vault.watch import Watch

vault = PostgresVault(sys.argv[1])
watch = Watch(vault, "xp")
while True:
    for name in watch.changed():
        vault.namespace(name).read()
"""
ROWS = 100_000


def awards(server: postgres.Server, group: int, durability: str) -> str:
    """Awards in groups on both engines, in alternate rounds: cost as a ratio."""
    files, database = list[Pair](), list[Pair]()
    members, times = 10_000, max(20, 400 // group)
    turn = turns(members)
    with tempfile.TemporaryDirectory() as scratch:
        address = server.address(f"bench_{durability}_{group}")
        subjects = [
            Ours(Path(scratch), members, durability),
            Ours(Path(scratch), members, durability, address),
        ]
        for _ in range(ROUNDS):
            chosen = [list(islice(turn, group)) for _ in range(times)]
            for subject, pairs in zip(subjects, (files, database), strict=True):
                pairs.append(spent(posted(subject), chosen))
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


def followers(server: postgres.Server) -> str:
    """Commits a second of 32 connections, with two followers and while those stand still."""
    address = server.address("bench_followers")
    with ExitStack() as stack:

        def started(script: str, number: int) -> subprocess.Popen[bytes]:
            words = [sys.executable, "-c", script, address, str(number)]
            made = stack.enter_context(subprocess.Popen(words))
            stack.callback(made.kill)
            return made

        vault = PostgresVault(address)
        stack.callback(vault.close)
        vault.shared.prepare()
        for number in range(4):
            started(_WRITER, number)
        looking = [started(_FOLLOWER, number) for number in range(2)]
        while len(vault.names("xp")) < 32:
            time.sleep(0.1)
        with_them, without = list[float](), list[float]()
        for round_ in range(ROUNDS * 2):
            for one in looking:
                one.send_signal(signal.SIGCONT if round_ % 2 else signal.SIGSTOP)
            before, start = sum(vault.numbers().values()), time.perf_counter()
            time.sleep(1.5)
            count = sum(vault.numbers().values()) - before
            (with_them if round_ % 2 else without).append(count / (time.perf_counter() - start))
        for one in looking:
            one.send_signal(signal.SIGCONT)
    most, least = statistics.median(without), statistics.median(with_them)
    cost = 1 - least / most
    return f"32 connections: {most:.0f} commits/s, {least:.0f} with two followers: {cost:.1%} less"


def main() -> None:
    """Measure and print; the disk of both is waited for."""
    with postgres.server(careless=False) as server:
        if server is None:
            print("PostgreSQL is not installed: NOT MEASURED")
            return
        for durability in ("batch", "os"):
            for group in (1, 50):
                print(awards(server, group, durability), flush=True)
        print(bulk(server), flush=True)
        print(followers(server))
