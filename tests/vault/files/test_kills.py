"""A writing process is killed again and again: what it said is stored is stored."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from robo_xp.errors import VaultDamaged
from robo_xp.vault.files.vault import FileVault
from tests.vault.acts import ANN, BOB, NAME

ROOT = Path(__file__).parents[3]
WRITER = f"""
import sys
from robo_xp.vault import Origin
from robo_xp.vault.files.vault import FileVault
vault = FileVault(sys.argv[1], durability=sys.argv[2], compact_from=int(sys.argv[3]))
namespace = vault.namespace("{NAME}")
while True:
    with namespace.transaction(Origin("cli:alice", "xp give")) as transaction:
        xp = (transaction.get("users", "{ANN}") or {{"xp": 0}})["xp"] + 1
        transaction.put("users", "{ANN}", {{"xp": xp}})
        transaction.put("users", "{BOB}", {{"xp": -xp, "padding": "x" * 300}})
    sys.stdout.write(f"{{transaction.seq}}\\n")
    sys.stdout.flush()
"""


@dataclass
class Figures:
    """What the kills did."""

    kills: int = 0
    acknowledged: int = 0  # in the last folder
    lost: int = 0
    damaged: int = 0
    torn: int = 0


def kill_one(root: Path, chance: random.Random, durability: str, compact_from: int) -> int:
    """Let a writer run and kill it at a random moment; the last number that it acknowledged."""
    command = [sys.executable, "-c", WRITER, str(root), durability, str(compact_from)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as writer:
        assert writer.stdout is not None
        for _ in range(chance.randint(1, 120)):
            line = writer.stdout.readline()
            assert line
        for _ in range(chance.randint(0, 20_000)):
            pass  # a few hundred microseconds, to hit any moment between two lines
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().splitlines(keepends=True)
    whole = [line, *(line for line in rest if line.endswith(b"\n"))]
    return int(whole[-1])


def judge(root: Path, acknowledged: int, figures: Figures) -> None:
    """Compare the files with what the killed process said."""
    torn = root / f"{NAME}.journal.torn"
    figures.torn += torn.exists()
    torn.unlink(missing_ok=True)
    vault = FileVault(root)
    try:
        state = vault.namespace(NAME).read()
        users = state.records("users")
        numbers = [batch.seq for batch in vault.namespace(NAME).batches()]
    except VaultDamaged:
        figures.damaged += 1
        return
    finally:
        vault.close()
    figures.lost += max(acknowledged - state.seq, 0)
    figures.damaged += state.seq > acknowledged + 1
    figures.damaged += not users[ANN]["xp"] == -users[BOB]["xp"] == state.seq
    figures.damaged += numbers != list(range(1, state.seq + 1))


def kill_many(root: Path, kills: int, compact_from: int) -> Figures:
    """Kill so many writers, six in a row on the same files; the figures."""
    chance, figures = random.Random(20_241_121), Figures()
    for number in range(kills):
        durability = "os" if number % 3 else "batch"
        data = root / str(number // 6)
        acknowledged = kill_one(data, chance, durability, compact_from)
        figures.kills += 1
        figures.acknowledged = acknowledged
        judge(data, acknowledged, figures)
    print(f"\n{figures}")
    return figures


@pytest.mark.parametrize("compact_from", [1_000_000, 2000], ids=["journal", "compactions"])
def test_a_killed_writer_loses_nothing(data_dir: Path, compact_from: int) -> None:
    """Six kills in a row: no acknowledged batch is lost, nothing is damaged."""
    figures = kill_many(data_dir, 6, compact_from)

    assert figures.acknowledged > 6
    assert (figures.lost, figures.damaged) == (0, 0)


@pytest.mark.long
@pytest.mark.parametrize("compact_from", [1_000_000, 2000], ids=["journal", "compactions"])
def test_many_killed_writers_lose_nothing(data_dir: Path, compact_from: int) -> None:
    """150 kills: no acknowledged batch is lost, nothing is damaged."""
    figures = kill_many(data_dir, 150, compact_from)

    assert (figures.lost, figures.damaged) == (0, 0)
