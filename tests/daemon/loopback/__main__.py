"""A loopback Discord to try a bot on by hand: prints its address, then does what it is told."""

from __future__ import annotations

import argparse
import asyncio
import sys

from tests.daemon.loopback.answers import NoAnswer, NotOffered
from tests.daemon.loopback.guild import Guild
from tests.daemon.loopback.server import Loopback

_USAGE = (
    """lines: say TEXT | slash WORDS | chatter RATE SECONDS | roles | quit (as the member ann)"""
)


async def serve(port_file: str | None) -> None:
    """Serves one guild until ``quit`` or the end of the input."""
    async with Loopback() as discord:
        guild = discord.add_guild("Toy", roles=["Bronze", "Silver"], members=["ann", "bob"])
        addresses = f"{discord.api_base}\n{discord.gateway_url}\n{discord.token}\n"
        if port_file:
            with open(port_file, "w", encoding="utf-8") as file:
                file.write(addresses)
        print(addresses + _USAGE, flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            if line.strip() == "quit":
                return
            print(await act(guild, line), flush=True)


async def act(guild: Guild, line: str) -> str:
    """Does what one line asks for and returns what a member would see."""
    verb, _, rest = line.strip().partition(" ")
    if verb == "say":
        return str(guild.say("ann", "general", rest).id)
    if verb == "chatter":
        rate, seconds = map(float, rest.split())
        said = await guild.chatter(["ann", "bob"], "general", rate=rate, seconds=seconds)
        return f"{len(said)} messages"
    if verb == "roles":
        return ", ".join(role.name for role in guild.member("ann").roles) or "none"
    if verb == "slash":
        try:
            return (await guild.slash(guild.owner, rest)).text
        except (NoAnswer, NotOffered) as error:
            return str(error)
    return _USAGE


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", metavar="FILE", help="write the addresses and the token here")
    asyncio.run(serve(parser.parse_args().write))
