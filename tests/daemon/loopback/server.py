"""The loopback Discord itself: one server on 127.0.0.1, with REST and gateway."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from fnmatch import fnmatchcase
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.daemon.loopback.faults import Fault, Hold
from tests.daemon.loopback.flags import BOT, Intent, Json
from tests.daemon.loopback.gateway import Gateway, Session
from tests.daemon.loopback.guild import Guild
from tests.daemon.loopback.messages import Message, post
from tests.daemon.loopback.people import User
from tests.daemon.loopback.rest import PREFIX, Request, Rest
from tests.daemon.loopback.world import Limits, World

TOKEN = "loopback.token.of-no-use-elsewhere"
_USUAL = Limits()


class Loopback:
    """A Discord for tests; the package's docstring tells what it can do."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        heartbeat_interval: float = 41.25,
        shards: int = 1,
        max_concurrency: int = 1,
        privileged: Intent = Intent.GUILD_MEMBERS,
        limits: Limits = _USUAL,
        zlib: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Nothing listens before ``async with``; guilds may be added already."""
        self.token = token
        self.shards = shards
        self.max_concurrency = max_concurrency
        self.world = World(clock, limits, privileged)
        self.rest = Rest(self.world, token)
        self.rest.gateway_bot = self._gateway_bot
        self.gateway = Gateway(self.world, token, heartbeat_interval)
        self.gateway.compresses = zlib
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        """Listens on a free port."""
        await self.come_back()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stops; routes that were called and do not exist make the test fail."""
        await self.vanish()
        if kind is None and self.unknown_routes:
            raise AssertionError(f"the loopback knows no {', '.join(self.unknown_routes)}")

    async def come_back(self) -> None:
        """Listens again, on the port that it had."""
        app = web.Application(client_max_size=32 * 1024**2)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/", self.gateway.serve)
        self.rest.add_to(app)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        self.gateway.url = self.gateway_url

    async def vanish(self) -> None:
        """Breaks every connection and listens no more; the world stays."""
        self.gateway.abort_all()
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = None

    # -- addresses -------------------------------------------------------------------------

    @property
    def api_base(self) -> str:
        """Where REST begins."""
        return f"http://127.0.0.1:{self._port}{PREFIX}"

    @property
    def gateway_url(self) -> str:
        """Where the gateway is."""
        return f"ws://127.0.0.1:{self._port}/gateway"

    def _gateway_bot(self) -> Json:
        start = {
            "total": 1000,
            "remaining": 1000,
            "reset_after": 0,
            "max_concurrency": self.max_concurrency,
        }
        return {"url": self.gateway_url, "shards": self.shards, "session_start_limit": start}

    # -- the world -------------------------------------------------------------------------

    @property
    def bot(self) -> User:
        """The bot's account."""
        return self.world.bot

    def add_user(
        self,
        name: str,
        *,
        created_at: datetime | None = None,
        bot: bool = False,
        dms_closed: bool = False,
    ) -> User:
        """A new account."""
        return self.world.add_user(name, created_at=created_at, bot=bot, dms_closed=dms_closed)

    def add_guild(
        self,
        name: str = "G",
        *,
        roles: Iterable[str] = (),
        channels: Iterable[str] = ("general",),
        members: Iterable[str | User] = (),
        bot_permissions: int = BOT,
        bot_role_position: int = 100,
    ) -> Guild:
        """A guild with the bot in it; roles go from the lowest to the highest."""
        guild = Guild(self.world, name, self._guild_id(), self.world.add_user("owner"))
        for role in roles:
            guild.add_role(role)
        own = guild.add_role(
            self.bot.name, permissions=bot_permissions, position=bot_role_position, managed=True
        )
        own.bot_id = self.bot.id
        guild.enter(self.bot, [own])
        for channel in channels:
            guild.add_channel(channel)
        for member in members:
            guild.join(member)
        self.world.guilds[guild.id] = guild
        guild.announce()
        return guild

    def _guild_id(self) -> int:
        """An id by which the guilds take turns over the shards."""
        shard = len(self.world.guilds) % self.shards
        while ((guild_id := self.world.ids.settled()) >> 22) % self.shards != shard:
            pass
        return guild_id

    def whisper(self, user: User, content: str) -> Message:
        """A user writes to the bot."""
        return post(self.world, self.world.dm_with(user), user, {"content": content})

    def dms(self, user: User) -> list[Message]:
        """What the bot wrote to a user."""
        sent = user.dm.messages if user.dm else []
        return [message for message in sent if message.author is self.bot]

    @property
    def commands(self) -> dict[str, Json]:
        """The global commands, as synced, by name."""
        return {command["name"]: command for command in self.world.commands.get(None, [])}

    # -- looking and waiting ---------------------------------------------------------------

    @property
    def requests(self) -> list[Request]:
        """Every REST call so far."""
        return self.rest.requests

    @property
    def unknown_routes(self) -> list[str]:
        """Calls that the loopback could not understand."""
        return self.rest.unknown

    @property
    def sessions(self) -> list[Session]:
        """Every gateway session so far, the newest last."""
        return self.gateway.sessions

    def calls(self, method: str, path: str) -> list[Request]:
        """The REST calls of a method whose path matches the pattern."""
        return [r for r in self.requests if fnmatchcase(r.name, f"{method} {path}")]

    async def until(
        self, condition: Callable[[], object], timeout: float = 15.0, every: float = 0.05
    ) -> None:
        """Returns when the condition is true; TimeoutError tells the last calls."""
        if not await self.world.bell.until(condition, timeout, every):
            last = "; ".join(f"{r.name} {r.status}" for r in self.requests[-8:])
            raise TimeoutError(f"not true after {timeout} s; the last calls: {last or 'none'}")

    async def connected(self, count: int = 1, timeout: float = 10.0) -> None:
        """Returns when that many sessions are READY, have their guilds and a socket."""
        await self.until(lambda: sum(s.is_connected for s in self.sessions) >= count, timeout)

    # -- faults ----------------------------------------------------------------------------

    @property
    def acknowledges(self) -> bool:
        """Whether heartbeats are answered."""
        return self.gateway.acknowledges

    @acknowledges.setter
    def acknowledges(self, value: bool) -> None:
        self.gateway.acknowledges = value

    def refuse_rest(
        self, status: int = 503, count: int | None = None, *, matching: str = "*", code: int = 0
    ) -> None:
        """Matching calls fail with a status and code, ``count`` times or until restored."""
        self.rest.faults.active.append(Fault(matching, count, status=status, code=code))

    def delay_rest(self, seconds: float, count: int | None = None, *, matching: str = "*") -> None:
        """Matching calls are answered late."""
        self.rest.faults.active.append(Fault(matching, count, delay=seconds))

    def lose_answers(self, matching: str, count: int | None = 1) -> None:
        """Matching calls are done, but the connection breaks before the answer."""
        self.rest.faults.active.append(Fault(matching, count, loses_answer=True))

    def answer_with(self, matching: str, body: bytes, content_type: str, count: int = 1) -> None:
        """Matching calls are done, and something else than Discord's answer comes back."""
        fault = Fault(matching, count, body=(body, content_type))
        self.rest.faults.active.append(fault)

    def hold_rest(
        self, matching: str, count: int | None = 1, *, after: bool = False, skip: int = 0
    ) -> Hold:
        """Matching calls, but the first few, wait before they are done, or before the answer."""
        hold = Hold(matching, count, after, skip)
        self.rest.faults.holds.append(hold)
        return hold

    def forget_nonces(self) -> None:
        """What is sent from now on is new, as it is for Discord after some minutes."""
        for channel in self.world.channels.values():
            channel.nonces.clear()

    def rate_limit(
        self,
        matching: str,
        retry_after: float,
        *,
        count: int = 1,
        is_global: bool = False,
        via: bool = True,
        scope: str = "user",
    ) -> None:
        """Matching calls get 429; without ``via`` it looks like a ban by address."""
        fault = Fault(
            matching, count, retry_after=retry_after, is_global=is_global, via=via, scope=scope
        )
        self.rest.faults.active.append(fault)

    def limit(self, matching: str, *, requests: int, per: float) -> None:
        """Matching calls share a bucket for each channel or guild, with truthful headers."""
        self.rest.faults.sizes[matching] = (requests, per)
        self.rest.faults.buckets.clear()

    def restore_rest(self) -> None:
        """Ends all faults of REST."""
        self.rest.faults.active.clear()

    def refuse_token(self) -> None:
        """The bot's token is valid no more."""
        self.rest.token = self.gateway.token = "replaced"

    async def drop_sockets(self, code: int = 4000) -> None:
        """Closes every gateway socket with a code."""
        await self.gateway.close_all(code)

    def abort_sockets(self) -> None:
        """Breaks every gateway connection without a word."""
        self.gateway.abort_all()

    def send_op7(self) -> None:
        """Asks the client to reconnect."""
        self.gateway.reconnect()

    def send_op9(self, *, resumable: bool) -> None:
        """Tells the client that its session is invalid."""
        self.gateway.invalidate(resumable=resumable)

    def close_with(self, code: int) -> None:
        """The next IDENTIFY is closed with this code."""
        self.gateway.close_codes.append(code)

    def forget_sessions(self) -> None:
        """No session that began so far can be resumed."""
        self.gateway.forget()

    def refuse_gateway(self, count: int = 1) -> None:
        """The next connects to the gateway fail."""
        self.gateway.refusals = count
