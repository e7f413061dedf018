"""Published pages, read by somebody else while they change: run whole with ``-m long -s``."""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from robo_xp import RoboXP
from robo_xp.machine.publish import publish
from tests.faces.public import GUILD, given_away, member, public_guild
from tests.pages import ROOT
from tests.pictures.names import HOSTILE


@pytest.mark.parametrize(
    ("members", "runs"),
    [
        (250, 8),
        pytest.param(5000, 100, marks=pytest.mark.long),
        pytest.param(100_000, 12, marks=pytest.mark.long),
    ],
)
def test_a_reader_never_meets_half_a_site(tmp_path: Path, members: int, runs: int) -> None:
    """While pages come, change and go, every file that is read is whole and its links lead on."""
    chance, took = random.Random(members), []
    with public_guild(tmp_path / "vault", members) as robo:
        publish(robo, tmp_path / "site")
        with reading(tmp_path / "site") as found:
            for number in range(runs):
                change(robo, chance, members, number)
                began = time.process_time()
                done = publish(robo, tmp_path / "site")
                took.append(time.process_time() - began)
                assert done.written
    median = statistics.median(took)
    print(
        f"{members} members, {runs} runs of {median:.2f} s of CPU (most {max(took):.2f}):"
        f" {found['rounds']} rounds, {found['files']} files, {found['links']} links"
    )

    assert found["faults"] == []
    assert found["files"] > runs


def change(robo: RoboXP, chance: random.Random, members: int, number: int) -> None:
    """Awards, and in turn members who go, come, hide, show themselves, and are called otherwise."""
    for _ in range(20):
        robo.xp.add(GUILD, member(chance.randrange(members)), chance.randrange(1, 500))
    some = [member(one) for one in random.Random(number // 5).sample(range(members), 150)]
    match number % 5:
        case 0:
            robo.xp.delete(GUILD, [one for one in some[100:] if robo.xp.record(GUILD, one)])
        case 1 | 2:
            robo.members.hide(GUILD, some[:100], hidden=number % 5 == 1)
        case 3:
            robo.names.remember(GUILD, {one: chance.choice(HOSTILE) for one in some})
        case 4:
            given_away(robo, entries=10)


@contextmanager
def reading(site: Path) -> Iterator[dict[str, Any]]:
    """A reader in a process of its own within the block; after it what the reader found."""
    found: dict[str, Any] = {}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faces.reader", str(site)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as reader:
        yield found
        found.update(json.loads(reader.communicate()[0]))
