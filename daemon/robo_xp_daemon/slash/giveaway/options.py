"""The options of ``/giveaway``: giveaways, lengths and channels, and what is offered for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any, TypeVar

import discord
from discord import app_commands

from robo_xp import RoboXP
from robo_xp.errors import InvalidValue, RoboXPError
from robo_xp.model.giveaway import ACTIVE, ENDED, SCHEDULED, Giveaway
from robo_xp.rules.giveaway.duration import check_length, span_ms
from robo_xp.rules.wall_time import check_zone, end_of
from robo_xp.settings.giveaway import GiveawaySettings, settings_of
from robo_xp.settings.giveaway_terms import BEACONS
from robo_xp.text import spelled_time, utc_text
from robo_xp_daemon.context import context_of
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.interactions.permissions import guild_id_of

R = TypeVar("R")
REASON_LIMIT = 512
Reason = app_commands.Range[str, 1, REASON_LIMIT]
Duration = app_commands.Range[str, 1, 64]
Name = app_commands.Range[str, 1, 32]
Reference = app_commands.Range[str, 1, 120]
Choice = app_commands.Choice[str]
Complete = Callable[[discord.Interaction[Any], str], Coroutine[Any, Any, list[Choice]]]

MOST_CHOICES, CHOICE_LIMIT = 25, 100
BEACON_CHOICES = [Choice(name=label, value=word) for word, (label, _) in BEACONS.options.items()]
_READ_SECONDS = 2.0
_LENGTHS = ("10m", "1h", "6h", "12h", "1d", "3d", "1w", "2w", "30d")


def offering(*statuses: str) -> Complete:
    """An autocompletion with the guild's giveaways in one of these states; none means any."""

    async def complete(interaction: discord.Interaction[Any], current: str) -> list[Choice]:
        guild_id = guild_id_of(interaction)
        found = await _read_soon(interaction, lambda robo: _giveaways(robo, guild_id, statuses))
        now_ms, typed = context_of(interaction).clock.now_ms(), current.strip().casefold()
        matching = [one for one in found or () if typed in _search_text(one)]
        return [Choice(name=_line(one, now_ms), value=one.id) for one in matching[:MOST_CHOICES]]

    return complete


active, ended, every = offering(ACTIVE), offering(ENDED), offering()
unfinished = offering(ACTIVE, SCHEDULED)


async def duration(interaction: discord.Interaction[Any], current: str) -> list[Choice]:
    """How long what was typed is and when it would end, or what is wrong with it."""
    guild_id = guild_id_of(interaction)
    holds = await _read_soon(interaction, lambda robo: _settings(robo, guild_id))
    zone = await _read_soon(interaction, lambda robo: check_zone(robo.config.zone(guild_id)))
    days = 365 if holds is None else holds.max_duration_days
    start = _Start(context_of(interaction).clock.now_ms(), days, zone or UTC)
    if current.strip():
        return _typed_choices(current.strip(), start)
    first = [] if holds is None else [_default(holds.duration)]
    lengths = [text for text in _LENGTHS if _fault(text, start) is None]
    named = [Choice(name=spelled_time(span_ms(text) / 1000), value=text) for text in lengths]
    return [*first, *(choice for choice in named if choice.value not in {c.value for c in first})]


async def template(interaction: discord.Interaction[Any], current: str) -> list[Choice]:
    """The templates of the guild whose names have what was typed."""
    guild_id = guild_id_of(interaction)
    found = await _read_soon(interaction, lambda robo: robo.giveaways.templates(guild_id))
    names = [name for name in found or () if current.strip().lower() in name]
    return [Choice(name=name, value=name) for name in names[:MOST_CHOICES]]


async def length(interaction: discord.Interaction[Any], current: str) -> list[Choice]:
    """The same for a length of time alone, which no instant can stand for."""
    typed = current.strip()
    if not typed:
        return [Choice(name=spelled_time(span_ms(text) / 1000), value=text) for text in _LENGTHS]
    try:
        return [Choice(name=spelled_time(span_ms(typed) / 1000), value=typed[:CHOICE_LIMIT])]
    except InvalidValue as error:
        return [_wrong(typed, error)]


class Room(app_commands.Transformer[Any]):
    """A channel in which a giveaway can be posted, also one that the bot does not see."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """A channel."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Text and announcement channels, and threads."""
        return [*ROOMS]

    async def transform(
        self, interaction: discord.Interaction[Any], value: object, /
    ) -> app_commands.AppCommandChannel | app_commands.AppCommandThread:
        """The channel as Discord described it."""
        if isinstance(value, app_commands.AppCommandChannel | app_commands.AppCommandThread):
            return value
        raise InvalidValue("that channel is not in this server")


ROOMS = (
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.news_thread,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
)


async def _read_soon(
    interaction: discord.Interaction[Any], read: Callable[[RoboXP], R]
) -> R | None:
    """What was read; None where the vault cannot say before the member's client gives up."""
    context = context_of(interaction)
    try:
        async with asyncio.timeout(_READ_SECONDS):
            return await context.work(read, context.robo)
    except (TimeoutError, RoboXPError):
        return None


def _giveaways(robo: RoboXP, guild_id: str, statuses: tuple[str, ...]) -> list[Giveaway]:
    listed = [one.giveaway for one in robo.giveaways.list(guild_id, which="all")]
    return [one for one in listed if not statuses or one.status in statuses]


def _settings(robo: RoboXP, guild_id: str) -> GiveawaySettings:
    return settings_of(robo.giveaways.settings.get(guild_id))


def _search_text(giveaway: Giveaway) -> str:
    """What members may type to find the giveaway; a link ends in the message's id."""
    link = f"/{giveaway.guild_id}/{giveaway.channel_id}/{giveaway.message_id or ''}"
    return f"{giveaway.prize}\n{giveaway.id}\nhttps://discord.com/channels{link}".casefold()


def _line(giveaway: Giveaway, now_ms: int) -> str:
    """The prize, and how far away the end is."""
    if giveaway.is_active:
        left = giveaway.ends_at - now_ms
        when = f"ends in {spelled_time(left / 1000, 2)}" if left > 0 else "ends now"
    elif giveaway.is_scheduled:
        when = f"starts in {spelled_time(max(0, giveaway.began_at - now_ms) / 1000, 2)}"
    elif not giveaway.is_over:
        when = "being drawn"
    else:
        ago = now_ms - (giveaway.finalized_at or giveaway.ends_at)
        when = f"{giveaway.status} {spelled_time(ago / 1000, 2)} ago"
    return f"{words.cut(' '.join(giveaway.prize.split()), 60)} · {when}"


@dataclass(frozen=True, slots=True)
class _Start:
    """Now in epoch ms, how many days a giveaway may last, and the zone of times by the clock."""

    now_ms: int
    days: int
    zone: tzinfo


def _typed_choices(text: str, start: _Start) -> list[Choice]:
    """What was typed as a choice; a bare number is offered with the units it can have."""
    if text.isdecimal() and len(text) < 6:
        units = [f"{text}{unit}" for unit in "mhdw"]
        fitting = [one for one in units if _fault(one, start) is None]
        if fitting:
            return [Choice(name=_until(one, start), value=one) for one in fitting]
    fault = _fault(text, start)
    if fault is not None:
        return [_wrong(text, fault)]
    return [Choice(name=_until(text, start), value=text[:CHOICE_LIMIT])]


def _fault(text: str, start: _Start) -> RoboXPError | None:
    """Why no giveaway can last so long, if it cannot."""
    try:
        check_length(start.now_ms, end_of(text, start.now_ms, start.zone), start.days)
    except RoboXPError as error:
        return error
    return None


def _until(text: str, start: _Start) -> str:
    ends_at = end_of(text, start.now_ms, start.zone)
    return f"{spelled_time((ends_at - start.now_ms) / 1000)} · until {utc_text(ends_at)}"


def _default(text: str) -> Choice:
    return Choice(name=f"{spelled_time(span_ms(text) / 1000)} (as set for this server)", value=text)


def _wrong(text: str, error: RoboXPError) -> Choice:
    """What is wrong with the text; whoever chooses it all the same is told once more."""
    said = f"✗ {error.message[:1].upper()}{error.message[1:]}. Write it like 1h30m or 2d."
    return Choice(name=words.cut(said, CHOICE_LIMIT), value=text[:CHOICE_LIMIT])
