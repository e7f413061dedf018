"""``/boost``: multipliers for a time; members look, managers add and end them."""

from __future__ import annotations

from functools import partial
from typing import Any

import discord
from discord import app_commands

from robo_xp import RoboXP
from robo_xp.rules.boost import OVER
from robo_xp.rules.wall_time import period_ms, weekly_of, weekly_text
from robo_xp.settings.xp import settings_of
from robo_xp.usecases.settings.boosts import BoostTerms, ListedBoost
from robo_xp.views.boost import BoostStretch
from robo_xp_daemon.context import context_of
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.interactions.actor import acting
from robo_xp_daemon.interactions.page_buttons import Page
from robo_xp_daemon.interactions.paged_list import Leaf, Listing, PageRequest
from robo_xp_daemon.interactions.permissions import guild_id_of, require_admin
from robo_xp_daemon.interactions.replies import Reply, show, think

PER_PAGE = 10
Factor = app_commands.Range[float, 0.0, 10.0]
_NONE = "No boost runs or is planned."

boost = app_commands.Group(name="boost", description="Multipliers for a time")


@boost.command(name="list", description="The boosts that run or are planned")
async def list_(interaction: discord.Interaction[Any]) -> None:
    """Show the first page to all."""
    await BOOSTS.open(interaction, 1)


@boost.command(name="add", description="Multiply the XP of messages for a time")
@app_commands.describe(
    factor="0 to 10, such as 2",
    name="What it is called",
    begin="When it begins, such as sat 18:00; now without it",
    until="When it ends",
    length="How long it lasts, such as 2d",
    weekly="Only then, such as sat,sun 18:00-22:00",
    tz="Time zone of these times, such as Europe/Berlin; the server's without it",
    channel="Only in this channel or category",
    role="Only for members with this role",
)
@app_commands.check(require_admin)
async def add(
    interaction: discord.Interaction[Any],
    factor: Factor,
    name: app_commands.Range[str, 1, 50] | None = None,
    begin: str | None = None,
    until: str | None = None,
    length: str | None = None,
    weekly: str | None = None,
    tz: str | None = None,
    channel: discord.abc.GuildChannel | None = None,
    role: discord.Role | None = None,
) -> None:
    """Add a boost, and say privately what it is."""
    await think(interaction, private=True)
    context = context_of(interaction)
    guild_id = guild_id_of(interaction)
    zone = await context.work(context.robo.config.zone, guild_id) if tz is None else tz
    now = context.clock.now_ms()
    begins_at, ends_at = period_ms(begin, until, length, now, zone)
    terms = BoostTerms(
        words.typed(factor),
        name=name or "",
        begins_at=begins_at,
        ends_at=ends_at,
        weekly=None if weekly is None else weekly_of(weekly, zone),
        channel_ids=() if channel is None else (str(channel.id),),
        role_ids=() if role is None else (str(role.id),),
    )
    robo = acting(interaction, "boost add")
    done = await context.work(robo.boosts.add, guild_id, terms)
    said = f"Messages count {words.factor(factor)} by boost `{done.id}`."
    if ends_at is None:
        said += " It runs until `/boost end`."
    elif ends_at <= now:
        said += " It is over already, so it multiplies nothing."
    await show(interaction, Reply(discord.Embed(description=said)), private=True)


@boost.command(name="end", description="End a boost now, or forget one that is planned")
@app_commands.describe(boost_id="Its id, as /boost list shows it")
@app_commands.rename(boost_id="id")
@app_commands.check(require_admin)
async def end(interaction: discord.Interaction[Any], boost_id: str) -> None:
    """End a boost; messages from before keep its factor."""
    await think(interaction, private=True)
    robo = acting(interaction, "boost end")
    work = context_of(interaction).work
    done = await work(robo.boosts.end, guild_id_of(interaction), boost_id.strip())
    said = f"Boost `{done.id}` is over."
    await show(interaction, Reply(discord.Embed(description=said)), private=True)


@boost.command(name="preview", description="When boosts run, and what they come to together")
@app_commands.describe(days="How many days ahead; 7 without it")
async def preview(
    interaction: discord.Interaction[Any], days: app_commands.Range[int, 1, 366] = 7
) -> None:
    """Show the next stretches to all."""
    await Listing("preview", partial(read_ahead, days), public=True).open(interaction, 1)


def read_ahead(days: int, robo: RoboXP, asked: PageRequest) -> Leaf:
    """When boosts run from now on, as many stretches as one message holds."""
    lines = []
    for one in robo.boosts.preview(asked.guild_id, days=days):
        row = BoostStretch.of_stretch(one)
        span = f"{words.instant(row.begins_at)} to {words.instant(row.until)}"
        lines.append(f"**{words.factor(row.factor)}** {span}: {words.plain(', '.join(row.names))}")
    shown = lines[:PER_PAGE]
    if len(lines) > len(shown):
        shown.append(f"and {len(lines) - len(shown)} more")
    none = f"No boost runs in the next {days} days."
    colour = settings_of(robo.config.get(asked.guild_id)).embed_color
    said = words.cut("\n".join(shown) or none, 4096)
    embed = discord.Embed(title="Boosts to come", colour=colour, description=said)
    return Leaf(embed, Page(1, 1), public=True)


def read(robo: RoboXP, asked: PageRequest) -> Leaf:
    """A page of the boosts that are not over, as they stand now."""
    found = [one for one in robo.boosts.list(asked.guild_id) if one.state != OVER]
    page = Page.of(asked.page, len(found), PER_PAGE)
    start = (page.number - 1) * PER_PAGE
    colour = settings_of(robo.config.get(asked.guild_id)).embed_color
    embed = discord.Embed(title="Boosts", colour=colour)
    embed.description = "\n".join(map(_line, found[start : start + PER_PAGE])) or _NONE
    embed.set_footer(text=page.text)
    return Leaf(embed, page, public=True)


def _line(found: ListedBoost) -> str:
    """One boost: its factor and name, when, where and for whom it counts, and its id."""
    given = found.document
    until = f" until {words.instant(given['until'])}" if "until" in given else ""
    weekly = f", {weekly_text(given['weekly'])}" if "weekly" in given else ""
    where = "".join(f" {words.channel(one)}" for one in given.get("channels", ()))
    whom = "".join(f" {words.role(one)}" for one in given.get("roles", ()))
    name = words.plain(given.get("name", ""))
    begins = "" if found.state != "planned" else f" from {words.instant(given['from'])}"
    text = f"**{words.factor(given['factor'])}** {name}{begins}{until}{weekly}{where}{whom}"
    return f"{' '.join(text.split())} · `{found.id}`"


BOOSTS = Listing("boosts", read, public=True)
