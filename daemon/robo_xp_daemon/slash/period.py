"""``/period``: days, weeks and months that run or are closed, and closing those that are over."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import discord
from discord import app_commands

from robo_xp import RoboXP
from robo_xp.errors import InvalidValue
from robo_xp.rules.period import KINDS
from robo_xp.settings.xp import settings_of
from robo_xp.text import count_text, thousands
from robo_xp.usecases.periods.closing import Period
from robo_xp.usecases.periods.use import NOW, When, when_of
from robo_xp_daemon.context import context_of
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.interactions.actor import acting
from robo_xp_daemon.interactions.page_buttons import Page
from robo_xp_daemon.interactions.paged_list import Leaf, Listing, PageRequest
from robo_xp_daemon.interactions.permissions import guild_id_of, require_admin
from robo_xp_daemon.interactions.replies import Reply, show, think

Interaction = discord.Interaction[Any]
PER_PAGE = 10
_SHOWN: Final = 25
_KINDS: Final = [app_commands.Choice(name=kind, value=kind) for kind in KINDS]

period = app_commands.Group(name="period", description="Boards of days, weeks and months")


@period.command(name="list", description="The days, weeks and months that run or are closed")
@app_commands.describe(kind="Only these; all without it")
@app_commands.choices(kind=_KINDS)
async def list_(interaction: Interaction, kind: str | None = None) -> None:
    """Show the first page, to whom the leaderboard is shown."""
    await PERIODS[kind].open(interaction, 1)


@period.command(name="show", description="One day, week or month and its first members")
@app_commands.describe(
    kind="day, week or month", at="-1 for the one before, or a day in it such as 2026-05-01"
)
@app_commands.choices(kind=_KINDS)
async def show_(interaction: Interaction, kind: str, at: str | None = None) -> None:
    """Show a period, to whom the leaderboard is shown."""
    when = NOW if at is None else when_of(at.strip())
    if when is None:
        raise InvalidValue("a period is named by -1, -2 …, or by a day such as 2026-05-01")
    await Listing("period", partial(read_one, kind, when)).open(interaction, 1)


@period.command(name="close", description="Close the periods that are over, and give their prizes")
@app_commands.describe(dry_run="True shows which, and changes nothing")
@app_commands.rename(dry_run="dry-run")
@app_commands.check(require_admin)
async def close(interaction: Interaction, dry_run: bool = False) -> None:
    """Close what is over, and say privately what it was."""
    await think(interaction, private=True)
    robo = acting(interaction, "period close")
    found = await context_of(interaction).work(
        robo.periods.close, guild_id_of(interaction), dry_run=dry_run
    )
    lines = _lines(found) or ["No period is over that is not closed."]
    title = "Would be closed" if dry_run else "Closed"
    embed = discord.Embed(title=title, description=words.cut("\n".join(lines), 4096))
    await show(interaction, Reply(embed), private=True)


def read(kind: str | None, robo: RoboXP, asked: PageRequest) -> Leaf:
    """A page of the periods with anything in them, as they stand now."""
    found = robo.periods.list(asked.guild_id, kind)
    page = Page.of(asked.page, len(found), PER_PAGE)
    start = (page.number - 1) * PER_PAGE
    lines = _lines(found[start : start + PER_PAGE]) or ["Nothing is kept of any."]
    leaf = _leaf(robo, asked, page, "Periods", lines)
    leaf.embed.set_footer(text=page.text)
    return leaf


def read_one(kind: str, when: When, robo: RoboXP, asked: PageRequest) -> Leaf:
    """One period with its first members. Raises PeriodNotFound."""
    found = robo.periods.show(asked.guild_id, kind, when)
    lines = [_span(found), count_text(found.members, "member")]
    lines += [
        f"{words.ordinal(place)} {words.member(one.user_id)} {thousands(one.xp)} XP"
        for place, one in enumerate(found.top[:_SHOWN], start=1)
    ]
    return _leaf(robo, asked, Page(1, 1), f"Leaderboard: {kind}", lines)


def _leaf(robo: RoboXP, asked: PageRequest, page: Page, title: str, lines: Sequence[str]) -> Leaf:
    settings = settings_of(robo.config.get(asked.guild_id))
    embed = discord.Embed(title=title, colour=settings.embed_color, description="\n".join(lines))
    return Leaf(embed, page, settings.leaderboard_public)


def _lines(found: Sequence[Period]) -> list[str]:
    """One line a period: when it was, how many had a place in it, and the first."""
    return [
        f"**{one.kind}** {_span(one)} · {count_text(one.members, 'member')}{_first(one)}"
        for one in found
    ]


def _span(found: Period) -> str:
    state = "" if found.closed else ", not closed"
    return f"{words.instant(found.begins_at)} to {words.instant(found.ends_at)}{state}"


def _first(found: Period) -> str:
    if not found.top:
        return ""
    return f" · {words.member(found.top[0].user_id)} {thousands(found.top[0].xp)} XP"


PERIODS = {
    kind: Listing(f"periods-{kind or 'all'}", partial(read, kind)) for kind in (None, *KINDS)
}
"""The lists of periods by the choices of the command; None is all of them."""
