"""Print the figures of the vault beside stock TinyDB and SQLite, all measured in this one run.

``./dev bench`` takes about two minutes; ``--quick`` about twenty seconds. ``--json FILE`` keeps
the figures. ``--beside`` measures three ratios alone, in alternate rounds; ``--engines`` sets
PostgreSQL beside files; with ``--simulation`` daemons of a large bot hear messages. Ratios mean
something on any machine, single figures only on the one they are from.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from robo_xp import RoboXP
from tests.benchmarks import beside, engines, simulation
from tests.benchmarks.ours import Ours
from tests.benchmarks.peers import (
    BEGIN_AT,
    GUILD,
    STEP_MS,
    Awarding,
    SQLite,
    StockTinyDB,
    member_id,
    turns,
)

SIZES = (100, 1_000, 10_000, 100_000)
Figures = dict[str, Any]


def rate(subject: Awarding, turn: Iterator[tuple[int, int]], group: int, seconds: float) -> float:
    """Awards a second, over about so many seconds, of members as it is their turn."""

    def award() -> None:
        numbers, times = zip(*islice(turn, group), strict=True)
        subject.award(list(numbers), times[-1])

    for _ in range(3):
        award()
    done, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        award()
        done += group
    return done / spent


def best(work: Callable[[], object], times: int) -> float:
    """The shortest of several runs, in seconds."""
    spans = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spans.append(time.perf_counter() - start)
    return min(spans)


def throughput(members: int, seconds: float) -> list[Figures]:
    """Awards a second on a guild of that size, one at a time and fifty in a batch."""
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        subjects: list[tuple[Any, tuple[int, ...]]] = [
            (Ours(folder, members, durability), (1, 50))
            for durability in ("os", "interval", "batch")
        ]
        subjects += [(SQLite(folder, members, mode), (1, 50)) for mode in ("NORMAL", "FULL")]
        if members <= 10_000:
            subjects.append((StockTinyDB(folder, members), (1,)))
        for subject, groups in subjects:
            turn = turns(members)
            for group in groups:
                value = rate(subject, turn, group, seconds)
                rows.append(
                    {"members": members, "what": subject.name, "group": group, "rate": value}
                )
            subject.close()
    return rows


def board(members: int) -> Figures:
    """Times of pages and ranks, beside SQLite's, and the bytes that an award writes."""
    with tempfile.TemporaryDirectory() as scratch:
        ours, peer = Ours(Path(scratch), members, "os"), SQLite(Path(scratch), members, "NORMAL")
        page, rank = ours.robo.leaderboard.page, ours.robo.leaderboard.rank
        deep = members // 2
        first_ever = best(lambda: page(GUILD), 1)
        instants = count(BEGIN_AT, STEP_MS)

        def page_after_award() -> float:
            ours.award([3], next(instants))
            return best(lambda: page(GUILD), 1)

        figures: Figures = {
            "first page ever, ms": first_ever * 1e3,
            "first page, warm, ms": best(lambda: page(GUILD), 20) * 1e3,
            "first page after an award, ms": min(page_after_award() for _ in range(20)) * 1e3,
            f"page at {deep}, ms": best(lambda: page(GUILD, offset=deep), 20) * 1e3,
            "rank, ms": best(lambda: rank(GUILD, member_id(deep)), 20) * 1e3,
            f"SQLite: page at {deep}, ms": best(lambda: peer.page(deep), 20) * 1e3,
            "SQLite: rank, ms": best(lambda: peer.rank(deep), 20) * 1e3,
        }
        before = ours.journal_bytes()
        for number in range(1000):
            ours.award([number % members], next(instants))
        figures["bytes written per award"] = (ours.journal_bytes() - before) / 1000

        def compact_after_award() -> float:
            ours.award([5], next(instants))
            return best(ours.compact, 1)

        figures["compaction, ms"] = min(compact_after_award() for _ in range(5)) * 1e3
        figures["open, ms"] = best(lambda: _open(ours.folder), 5) * 1e3
        figures["memory per member, bytes"] = _memory(ours.folder, members)
        ours.close()
        peer.close()
    return figures


def _open(folder: Path) -> None:
    """Open the vault and read the guild."""
    with RoboXP.open(folder) as robo:
        robo.vault.namespace(f"xp/default/{GUILD}").read()


def _memory(folder: Path, members: int) -> float:
    """What reading the guild adds to a fresh process, by the system's own account, a member."""
    script = f"""
import gc, resource
from robo_xp import RoboXP
import msgspec, robo_xp.robo
def now():
    gc.collect()
    return int(open('/proc/self/statm').read().split()[1]) * resource.getpagesize()
robo = RoboXP.open({str(folder)!r})
before = now()
state = robo.vault.namespace('xp/default/{GUILD}').read()
print(now() - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return int(done.stdout) / members


def ratios(rows: list[Figures]) -> Figures:
    """The comparisons that the project promises, from the rows of this run."""

    def at(members: int, what: str, group: int) -> float:
        wanted = (members, what, group)
        rates = {(row["members"], row["what"], row["group"]): float(row["rate"]) for row in rows}
        return rates[wanted]

    ours = [at(size, "Robo XP, os", 1) for size in (100, 10_000, 100_000)]
    return {
        "awards/s, os, slowest of 100 / 10,000 / 100,000 members": min(ours),
        "slowest over fastest of them": min(ours) / max(ours),
        "over stock TinyDB, 10,000 members": ours[1] / at(10_000, "TinyDB, stock", 1),
        "os over SQLite NORMAL, 1 a transaction, 10,000 members": ours[1]
        / at(10_000, "SQLite WAL NORMAL", 1),
        "batch over SQLite FULL, 50 a transaction, 10,000 members": at(10_000, "Robo XP, batch", 50)
        / at(10_000, "SQLite WAL FULL", 50),
    }


def show(rows: list[Figures], board_figures: Figures, promised: Figures) -> None:
    """Print everything as tables."""
    console = Console()
    table = Table("members", "what", "a batch", "awards/s", title="Awards")
    for row in rows:
        cells = (f"{row['members']:,}", row["what"], str(row["group"]), f"{row['rate']:,.0f}")
        table.add_row(*cells)
    for column in (0, 2, 3):
        table.columns[column].justify = "right"
    console.print(table)
    for title, figures in (("100,000 members", board_figures), ("In this run", promised)):
        listed = Table("figure", "value", title=title)
        listed.columns[1].justify = "right"
        for name, value in figures.items():
            listed.add_row(name, f"{value:,.3f}" if value < 100 else f"{value:,.0f}")
        console.print(listed)


def main() -> None:
    """Measure, print, and keep the figures if asked."""
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter runs")
    parser.add_argument("--json", metavar="FILE", help="write the figures to FILE as well")
    parser.add_argument("--beside", action="store_true", help="three ratios in alternate rounds")
    parser.add_argument("--engines", action="store_true", help="PostgreSQL beside files")
    parser.add_argument("--simulation", action="store_true", help="a bot of 20,000 guilds")
    usual = simulation.Load()
    for name, kind in (("guilds", int), ("daemons", int), ("rate", float), ("seconds", float)):
        parser.add_argument(f"--{name}", type=kind, default=getattr(usual, name), help="of it")
    parser.add_argument("--durability", default=usual.durability, help="of its vault")
    given = parser.parse_args()
    if given.simulation:
        names = ("guilds", "daemons", "rate", "seconds", "durability")
        simulation.main(simulation.Load(*(getattr(given, name) for name in names)))
        return
    if given.engines:
        engines.main()
        return
    if given.beside:
        beside.main()
        return
    seconds = 0.4 if given.quick else 2.0
    rows = [row for size in SIZES for row in throughput(size, seconds)]
    figures, promised = board(100_000), ratios(rows)
    show(rows, figures, promised)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this run: {peak:,.0f} MiB")
    if given.json:
        content = {"awards": rows, "board": figures, "ratios": promised}
        Path(given.json).write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
