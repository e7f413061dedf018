"""Pages of a large guild, asked of the real daemon: run by hand with ``-m long -s``."""

from __future__ import annotations

import asyncio
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
from tests.daemon.process import Daemon, daemon
from tests.daemon.stage import played

pytestmark = pytest.mark.long

MEMBERS, REQUESTS = 100_000, 100
FIRST = 2 * 10**17
WORDS = ("Ada", "Åsa", "Bob", "桜井", "مرحبا", "🦊 fox", "Mia", "Zoë")


def fill(robo: RoboXP, guild_id: str, chance: random.Random, page: str = "public") -> None:
    """A public guild whose members all gained something today, and have names."""
    count = {"periods": {"count": ["message", "voice", "hand"]}}
    robo.config.set(guild_id, {**count, "leaderboard": {"page": page}})
    for number in range(MEMBERS):
        robo.xp.add(guild_id, str(FIRST + number), chance.randrange(1, 200_000))
    names = {
        str(FIRST + number): f"{chance.choice(WORDS)} {chance.randbytes(chance.randrange(9)).hex()}"
        for number in range(MEMBERS)
    }
    robo.names.remember(guild_id, names)


async def first_byte(port: int, path: str, status: int = 200) -> float:
    """How many milliseconds the head of the answer takes, on a connection of its own."""
    return await asyncio.to_thread(_first_byte, port, path, status)


def _first_byte(port: int, path: str, status: int) -> float:
    """How many milliseconds the head of the answer takes, on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.connect()
    began = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    took = (time.perf_counter() - began) * 1000
    assert answer.status == status, path
    answer.read()
    connection.close()
    return took


def port_of(run: Daemon) -> int:
    """Where the daemon shows pages."""
    shown = re.search(r"showing pages on 127\.0\.0\.1:(\d+)", run.log)
    assert shown is not None
    return int(shown[1])


@played
async def test_a_large_guild_begins_to_show_its_pages(tmp_path: Path) -> None:
    """While it shows none no clock tells of it; then it is prepared, and others do not wait."""
    chance = random.Random(5)
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        guild = str(discord.add_guild("G").id)
        with run.vault() as robo:
            fill(robo, guild, chance, "off")
            run.pages = "127.0.0.1:0"
            await run.start()
            await discord.until(lambda: "the pages are prepared" in run.log, 60.0)
            port, unknown = port_of(run), str(FIRST)
            took: dict[str, list[float]] = {guild: [], unknown: []}
            for _ in range(REQUESTS):
                for one, each in took.items():
                    each.append(await first_byte(port, f"/{one}/index.html", 404))
            for name, each in (("off", took[guild]), ("unknown", took[unknown])):
                print(f"{name}: first {each[0]:.1f} ms, median {statistics.median(each):.1f}")
            robo.config.set(guild, {"leaderboard": {"page": "public"}})
            beside = []
            while f"pages of {guild}/default are prepared" not in run.log:
                beside.append(await first_byte(port, "/style.css"))
            firsts = {
                path: await first_byte(port, f"/{guild}/{path}")
                for path in ("index.html", "week/2.html", f"member/{FIRST}.html", "board.json")
            }
            print(f"beside: {len(beside)}, most {max(beside):.1f} ms; then {firsts}")
            await run.stop()

    medians = [statistics.median(each) for each in took.values()]
    assert abs(medians[0] - medians[1]) < 5
    assert max(firsts.values()) < 100


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
            port = port_of(run)
            pages: dict[str, Callable[[], str]] = {
                "first": lambda: "index.html",
                "board": lambda: f"board/{chance.randrange(2, 1000)}.html",
                "week": lambda: f"week/{chance.randrange(1, 1000)}.html",
                "member": lambda: f"member/{FIRST + chance.randrange(MEMBERS)}.html",
                "json": lambda: "board.json",
                "search": lambda: f"find.html?q={chance.choice(('ada', 'zo', 'abc', '7'))}",
            }
            medians = {}
            for awarded in (False, True):
                for name, page in pages.items():
                    took = [await first_byte(port, f"/{guild}/{page()}")]
                    for _ in range(REQUESTS if name != "json" else 5):
                        if awarded:
                            robo.xp.add(guild, str(FIRST + chance.randrange(MEMBERS)), 7)
                        took.append(await first_byte(port, f"/{guild}/{page()}"))
                    medians[name, awarded] = statistics.median(took)
                    print(
                        f"{name}{', after awards' if awarded else ''}: first {took[0]:.1f} ms,"
                        f" median {medians[name, awarded]:.1f},"
                        f" p95 {statistics.quantiles(took, n=20)[-1]:.1f}, most {max(took):.1f}"
                    )
            await run.stop()

    assert max(medians.values()) < 20
