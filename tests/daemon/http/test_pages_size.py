"""Pages of a large guild, asked of the real daemon: run by hand with ``-m long -s``."""

from __future__ import annotations

import http.client
import random
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests.daemon.loopback import Loopback
from tests.daemon.process import daemon
from tests.daemon.stage import played

pytestmark = pytest.mark.long

MEMBERS, REQUESTS = 100_000, 100
FIRST = 2 * 10**17
WORDS = ("Ada", "Åsa", "Bob", "桜井", "مرحبا", "🦊 fox", "Mia", "Zoë")


def fill(robo: RoboXP, guild_id: str, chance: random.Random) -> None:
    """A public guild whose members all gained something today, and have names."""
    count = {"periods": {"count": ["message", "voice", "hand"]}}
    robo.config.set(guild_id, {**count, "leaderboard": {"page": "public"}})
    for number in range(MEMBERS):
        robo.xp.add(guild_id, str(FIRST + number), chance.randrange(1, 200_000))
    names = {
        str(FIRST + number): f"{chance.choice(WORDS)} {chance.randbytes(chance.randrange(9)).hex()}"
        for number in range(MEMBERS)
    }
    robo.names.remember(guild_id, names)


def first_byte(port: int, path: str) -> float:
    """How many milliseconds the head of the answer takes, on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.connect()
    began = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    took = (time.perf_counter() - began) * 1000
    assert answer.status == 200, path
    answer.read()
    connection.close()
    return took


@played
async def test_first_byte_of_a_guild_of_a_hundred_thousand(tmp_path: Path) -> None:
    """Within 20 ms, on all pages, at rest and with an award before each request."""
    chance = random.Random(5)
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        guild = str(discord.add_guild("G").id)
        with run.vault() as robo:
            fill(robo, guild, chance)
            run.pages = "127.0.0.1:0"
            await run.start()
            await discord.until(lambda: "the pages are prepared" in run.log, 60.0)
            shown = re.search(r"showing pages on 127\.0\.0\.1:(\d+)", run.log)
            assert shown is not None
            port = int(shown[1])

            pages: dict[str, Callable[[], str]] = {
                "first": lambda: "index.html",
                "board": lambda: f"board/{chance.randrange(2, 1000)}.html",
                "week": lambda: f"week/{chance.randrange(1, 1000)}.html",
                "member": lambda: f"member/{FIRST + chance.randrange(MEMBERS)}.html",
                "search": lambda: f"find.html?q={chance.choice(('ada', 'zo', 'abc', '7'))}",
            }
            medians = {}
            for awarded in (False, True):
                for name, page in pages.items():
                    took = [first_byte(port, f"/{guild}/{page()}")]
                    for _ in range(REQUESTS):
                        if awarded:
                            robo.xp.add(guild, str(FIRST + chance.randrange(MEMBERS)), 7)
                        took.append(first_byte(port, f"/{guild}/{page()}"))
                    medians[name, awarded] = statistics.median(took)
                    print(
                        f"{name}{', after awards' if awarded else ''}: first {took[0]:.1f} ms,"
                        f" median {medians[name, awarded]:.1f},"
                        f" p95 {statistics.quantiles(took, n=20)[-1]:.1f}, most {max(took):.1f}"
                    )
            await run.stop()

    assert max(medians.values()) < 20
