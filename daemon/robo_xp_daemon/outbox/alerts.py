"""What operators are told on Discord: what it refuses in a guild, and what ails the daemon.

Each is told once, in the channel of ``alerts.channelId``, and again when it passed and came back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import discord

from robo_xp import RoboXP
from robo_xp.errors import RoboXPError
from robo_xp.model.outbox import RefusedByDiscord
from robo_xp.text import count_text
from robo_xp.vault import Look, name_of
from robo_xp_daemon.base.health_cause import Cause
from robo_xp_daemon.client.port import MESSAGE_LIMIT, Discord, nonce_of
from robo_xp_daemon.client.refusals import NETWORK, is_passing, tell, tell_refusal
from robo_xp_daemon.context import Context

log = logging.getLogger("robo_xp_daemon")

LOOK_SECONDS: Final = 60.0
_SHOWN: Final = 10
_FIX: Final = "give the bot View Channel and Send Messages there, or set another channel"


@dataclass(frozen=True, slots=True)
class _News:
    """What a guild's operators have yet to read; if ``free`` the channel may be anywhere."""

    guild_id: str
    channel_id: str
    rows: Sequence[RefusedByDiscord]
    free: bool


class Alerts:
    """Looks once a minute."""

    def __init__(
        self, context: Context, port: Discord, causes: Callable[[], Sequence[Cause]]
    ) -> None:
        """``causes`` says what ails the daemon now."""
        self._context = context
        self._discord = port
        self._causes = causes
        self._told: set[str] = set()
        self._last_look: Look | None = None
        self._again: set[str] = set()

    async def run(self) -> None:
        """Tell what is new, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._look()

    async def _look(self) -> None:
        """One guild after the other; what stands in the way of one keeps no other from it."""
        with _telling_later():
            await self._tell_causes()
        with _telling_later():
            await self._find_changed()
        for guild_id in sorted(self._again):
            with _telling_later():
                news = await self._context.work(_news_of, self._context.robo, guild_id)
                if news is None or await self._tell(news):
                    self._again.discard(guild_id)

    async def _find_changed(self) -> None:
        look = await self._context.work(self._context.robo.vault.changes, "outbox", self._last_look)
        self._last_look = look
        guild_ids = {name_of(name).guild_id for name in look.changed}
        self._again |= set(filter(self._context.shards.has, guild_ids))

    async def _tell(self, news: _News) -> bool:
        """Say it; whether that is over, be it that the channel cannot be used."""
        guild_id, channel_id = news.guild_id, news.channel_id
        keys = sorted(row.key for row in news.rows)
        try:
            place: str | None = channel_id
            if not news.free:
                place = await self._discord.channel(guild_id, channel_id)
            if place is None:
                tell("alerts", "operators are not told: that is no channel of this guild",
                     "set another: robo-xp config set alerts.channelId ID",
                     guild_id=guild_id, channel_id=channel_id)  # fmt: skip
                return True
            await self._discord.say(
                place, _text_of(news.rows, guild_id), nonce=nonce_of("alert", guild_id, *keys)
            )
        except discord.HTTPException as error:
            if is_passing(error):
                return False
            tell_refusal("an alert", error, _FIX, guild_id=guild_id, channel_id=channel_id)
            return True
        await self._context.work(self._context.robo.outbox.alerted, guild_id, keys)
        return True

    async def _tell_causes(self) -> None:
        """Say what ails the daemon, where all guilds' alerts go."""
        causes = {cause.code: cause for cause in self._causes()}
        self._told &= set(causes)
        new = [causes[code] for code in causes if code not in self._told]
        robo, work = self._context.robo, self._context.work
        if not new:
            return
        channel_id = await work(_channel_of, robo, None)
        if channel_id is not None:
            text = "**The daemon is not well.**\n" + "\n".join(f"- {one.text}" for one in new)
            nonce = nonce_of("causes", self._context.clock.now_ms())
            await self._discord.say(channel_id, text[:MESSAGE_LIMIT], nonce=nonce)
        self._told |= {one.code for one in new}


@contextmanager
def _telling_later() -> Iterator[None]:
    """Within the block what stands in the way of telling operators is a line in the log."""
    try:
        yield
    except (*NETWORK, RoboXPError, discord.HTTPException) as error:
        log.info("operators are told later what Discord refuses: %s", error)


def _news_of(robo: RoboXP, guild_id: str) -> _News | None:
    """What is yet to be told of the guild; None for nothing, or where it is told nobody."""
    rows = robo.outbox.refused(guild_id)
    told = robo.outbox.told(guild_id)
    if told - {row.key for row in rows}:
        robo.outbox.alerted(guild_id, sorted(told & {row.key for row in rows}), only=True)
    new = [row for row in rows if row.key not in told]
    channel_id = _channel_of(robo, guild_id)
    if not new or channel_id is None:
        return None
    free = channel_id == _channel_of(robo, None)
    return _News(guild_id, channel_id, new, free)


def _channel_of(robo: RoboXP, guild_id: str | None) -> str | None:
    """Where alerts go; None for nowhere."""
    channel_id: str | None = robo.config.get(guild_id).get("alerts", {}).get("channelId")
    return channel_id


def _text_of(rows: Sequence[RefusedByDiscord], guild_id: str) -> str:
    """What is said of these, within Discord's length."""
    lines = [f"**Discord refuses something in the server {guild_id}.**"]
    for row in rows[:_SHOWN]:
        place = f" <#{row.channel_id}>" if row.channel_id else ""
        role = f" <@&{row.role_id}>" if row.role_id else ""
        who = f" ({count_text(row.members, 'member')})" if row.members else ""
        lines.append(f"- {row.what}{place}{role}{who}; to mend it: {row.mend}")
    if len(rows) > _SHOWN:
        lines.append(f"- and {len(rows) - _SHOWN} more: `robo-xp daemon status`")
    return "\n".join(lines)[:MESSAGE_LIMIT]
