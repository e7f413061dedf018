"""The client in the test's own event loop, between a loopback Discord and a vault on disk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import pytest

from robo_xp import RoboXP
from robo_xp.errors import RoboXPError
from robo_xp.ports import Clock, SystemClock
from robo_xp_daemon.awards.writer import Writer
from robo_xp_daemon.base.counters import Counters
from robo_xp_daemon.base.work import LOCK_WAIT_SECONDS, Work
from robo_xp_daemon.client.client import Client
from robo_xp_daemon.context import Context
from robo_xp_daemon.session import Session
from tests.daemon.loopback import Guild, Loopback, Member, Role, aimed

P = ParamSpec("P")


def played(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """A test that is a coroutine, run in an event loop of its own."""

    @wraps(test)
    def play(*args: P.args, **kw: P.kwargs) -> None:
        async def story() -> None:
            await test(*args, **kw)

        asyncio.run(story())

    return play


@dataclass(frozen=True)
class Stage:
    """A client that is connected, its vault, and what tests ask of them all the time."""

    discord: Loopback
    robo: RoboXP
    session: Session
    writer: Writer

    @property
    def client(self) -> Client:
        """The client that is connected."""
        return self.session.client

    def give(self, guild: Guild, member: Member, amount: int) -> None:
        """An operator gives XP."""
        self.robo.xp.add(str(guild.id), str(member.id), amount)

    def take(self, guild: Guild, member: Member, amount: int) -> None:
        """An operator takes XP away."""
        self.robo.xp.remove(str(guild.id), str(member.id), amount)

    def set(self, guild: Guild, **settings: object) -> None:
        """An operator changes settings of the guild."""
        self.robo.config.set(str(guild.id), settings)

    def reward(self, guild: Guild, level: int, role: Role) -> None:
        """An operator adds a role reward."""
        self.robo.rewards.add(str(guild.id), level, str(role.id))

    def xp(self, guild: Guild, member: Member) -> int:
        """What the member has."""
        return self.robo.xp.get(str(guild.id), str(member.id))

    def messages(self, guild: Guild, member: Member) -> int:
        """How many messages of the member were counted."""
        record = self.robo.xp.record(str(guild.id), str(member.id))
        return 0 if record is None else record.messages

    async def until(self, condition: Callable[[], object], timeout: float = 15.0) -> None:
        """Return when the condition is true."""
        await self.discord.until(condition, timeout, 0.01)

    async def all_done(self) -> None:
        """Return when Discord was told of all that is in the vault now, but what it refuses."""
        names = self.robo.vault.names("xp")
        last = {name: self.robo.vault.namespace(name).read().seq for name in names}
        cursors = self.session.pipeline.cursors

        def reached(name: str, seq: int) -> bool:
            cursor = cursors().get(name)
            return cursor is not None and min(cursor.rewarded, cursor.announced) >= seq

        await self.until(lambda: all(reached(name, seq) for name, seq in last.items()))
        # the thread that read them tells the loop, which has to hear it
        await asyncio.sleep(0)
        await self.until(lambda: not self.session.pipeline.left)


Begin = Callable[[Session], None]
"""Which features a client has."""


def levels(session: Session) -> None:
    """Roles and announcements, as every client has."""
    session.carry_levels()


def giveaways(session: Session) -> None:
    """Giveaways as well."""
    session.look_after_giveaways()
    levels(session)


def everything(session: Session) -> None:
    """All that a member can use."""
    session.answer_members()
    session.look_after_giveaways()
    session.tell_commands()
    levels(session)


@asynccontextmanager
async def on_stage(
    discord: Loopback,
    data_dir: Path,
    *,
    members_intent: bool = False,
    admin_permission: str = "manage_guild",
    begin: Begin = levels,
    clock: Clock | None = None,
    relays: tuple[str, ...] = (),
) -> AsyncIterator[Stage]:
    """A client at work; it ends as the daemon ends on SIGTERM."""
    with (
        RoboXP.open(data_dir, durability="os", lock_wait=LOCK_WAIT_SECONDS, clock=clock) as robo,
        aimed(discord),
    ):
        counters = Counters()
        writer, work = Writer(robo, counters), Work()
        context = Context(
            robo, work, counters, clock or SystemClock(), admin_permission, relays=relays
        )
        client = Client(context, members_intent=members_intent)
        session = Played(context, client, writer, begin)
        writer.start()
        running = asyncio.create_task(client.start(discord.token))
        try:
            before = sum(session.is_connected for session in discord.sessions)
            await discord.connected(before + 1)
            stage = Stage(discord, robo, session, writer)
            if session.follows:
                await stage.until(lambda: _was_followed(robo))
            yield stage
            await session.finish(5.0)
        finally:
            await client.close()
            await running
            await asyncio.to_thread(writer.stop, 5.0)
            work.close()


def _was_followed(robo: RoboXP) -> bool:
    """Whether what happens from now on is not the vault's past any more, or never will be."""
    try:
        return robo.vault.namespace("cursors").read().seq > 0
    except RoboXPError:
        return True


class Played(Session):
    """A session with some of the features."""

    def __init__(self, context: Context, client: Client, writer: Writer, begin: Begin) -> None:
        super().__init__(context, client, writer)
        self._begin = begin
        self.follows = False

    def carry_levels(self) -> None:
        """Roles and announcements are carried."""
        super().carry_levels()
        self.follows = True

    async def start(self) -> None:
        """Begin these."""
        self._begin(self)


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What our own loggers warned of; discord.py has warnings for the first client of a process."""
    return [
        record
        for record in caplog.records
        if record.levelno >= logging.WARNING and not record.name.startswith("discord")
    ]
