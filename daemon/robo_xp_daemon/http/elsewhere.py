"""Requests about guilds of other shards: they go on to the daemon that has the guild.

Only it can look at members before a draw, and only it tells Discord. Who has a token is known
there as well; users of this machine choose the socket by themselves.
"""

from __future__ import annotations

import asyncio
from typing import Final

import aiohttp
from aiohttp import web
from yarl import URL

from robo_xp.errors import Unhealthy
from robo_xp.machine.daemon_lock import daemon_of
from robo_xp_daemon.http.daemon import Daemon
from robo_xp_daemon.http.doors.callers import Caller

PATIENCE_SECONDS: Final = 60.0

_ASKED = ("Authorization", "Content-Type")
_TOLD = (
    "Content-Type", "Cache-Control", "X-Content-Type-Options", "Server", "Retry-After",
    "WWW-Authenticate",
)  # fmt: skip


async def answer_of_other(
    daemon: Daemon, request: web.Request, caller: Caller, guild_id: str
) -> web.Response | None:
    """What the daemon answers that has the guild; None where this one has to answer.

    That is also so where no other runs: what is in the vault can be told and changed without.
    Raises Unhealthy where it did not come to an answer.
    """
    if caller.token is None or not guild_id or daemon.context.shards.has(guild_id):
        return None
    holder = await asyncio.to_thread(daemon_of, daemon.options.data_dir, guild_id)
    if holder is None or not holder.socket:
        return None
    url = URL("http://daemon" + request.raw_path, encoded=True)
    headers = {name: request.headers[name] for name in _ASKED if name in request.headers}
    patience = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
    connector = aiohttp.UnixConnector(holder.socket)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=patience) as session,
            session.request(
                request.method, url, headers=headers, data=await request.read()
            ) as found,
        ):
            told = {name: found.headers[name] for name in _TOLD if name in found.headers}
            return web.Response(body=await found.read(), status=found.status, headers=told)
    except aiohttp.ClientConnectorError:
        return None
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Unhealthy(
            f"the daemon of the shards {holder.shards} did not answer",
            advice="look whether it was done before you ask again",
        ) from error
