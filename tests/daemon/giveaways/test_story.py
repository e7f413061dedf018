"""One giveaway from its slash command to the proof of its draw, with the real programs."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from robo_xp_daemon.giveaways.card import enter_id, leave_id
from robo_xp_daemon.giveaways.entering import cooldown
from tests.daemon.giveaways.test_process import a_run
from tests.daemon.loopback import Guild
from tests.daemon.stage import played

CROWD = 50


def crowd(guild: Guild) -> list[str]:
    """Fifty members of the guild, by name."""
    names = [f"e{number}" for number in range(CROWD)]
    for name in names:
        guild.join(name)
    return names


@played
async def test_a_giveaway_from_its_start_to_its_proof(tmp_path: Path) -> None:
    """Started by slash command; fifty click Enter at once, one leaves; it ends by itself within a
    second, is announced once, winners are written to, and the draw can be verified.
    """
    async with a_run(tmp_path) as run:
        fair, discord, guild = run.fair, run.fair.discord, run.fair.guild
        names = crowd(guild)
        await run.daemon.start()
        await discord.until(lambda: "giveaway" in discord.commands, 10.0)
        options = {"prize": "Book", "duration": "10s", "winners": 3}
        started = await guild.slash(guild.owner, "giveaway start", options=options, timeout=10.0)
        book = run.only()
        message = fair.message(book)
        assert str(message.id) in started.text

        answers = await asyncio.gather(
            *(guild.click(name, message, enter_id(book.id)) for name in names)
        )
        clicked_at = time.monotonic()
        assert [answer.ephemeral for answer in answers] == [True] * CROWD
        assert len(fair.robo.giveaways.entries(fair.guild_id, book.id)) == CROWD
        # clicks of one member count a few seconds apart
        await discord.until(lambda: time.monotonic() - clicked_at > cooldown.SECONDS)
        await guild.click("e0", message, leave_id(book.id))
        assert len(fair.robo.giveaways.entries(fair.guild_id, book.id)) == CROWD - 1

        await discord.until(lambda: fair.announced(book), 15.0, 0.01)
        seconds_late = time.time() - book.ends_at / 1000
        await run.until_told(book)
        ended = fair.now(book)

        assert 0 <= seconds_late < 1.0
        assert str(guild.member("e0").id) not in ended.winners
        assert len(ended.winners) == 3
        assert ended.draws[0].rechecked
        assert fair.shown(book, "Entries") == str(CROWD - 1)
        assert fair.announced(book)[0].pings == set(map(int, ended.winners))
        run.is_consistent(book)
        await run.daemon.cli(guild, "giveaway", "verify", book.id)
        assert await run.daemon.stop() == 0
