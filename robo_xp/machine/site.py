"""The public pages of a vault by their path: what the daemon answers and ``publish`` writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import msgspec

from robo_xp import RoboXP
from robo_xp.errors import GiveawayNotEnded
from robo_xp.model.giveaway import NOT_DRAWN_HERE
from robo_xp.pages.board import board_page, index_page
from robo_xp.pages.engine import asset
from robo_xp.pages.proof import policy, proof_page
from robo_xp.usecases.members.board import MOST_ENTRIES
from robo_xp.usecases.public import PublicGuild
from robo_xp.views.board import BoardCut
from robo_xp.views.giveaway import GiveawayDocument
from robo_xp.views.page import BoardPage, GuildPage

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self' data: https://cdn.discordapp.com; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
_HTML, _JSON, _CSS = "text/html", "application/json", "text/css"
_PATH = re.compile(
    r"(?P<guild>[0-9]{17,20})/"
    r"(?:(?P<first>index)\.html|board/(?P<number>[1-9][0-9]{0,5})\.html|(?P<all>board)\.json"
    r"|giveaway/(?P<giveaway>[0-9A-Z]{26})\.html)"
)


@dataclass(frozen=True, slots=True)
class Page:
    """One page, its type, and what a browser may do with it."""

    content: bytes
    content_type: str = _HTML
    policy: str = POLICY


def page_at(robo: RoboXP, path: str) -> Page | None:
    """The page at ``GUILD/index.html`` or so; None where there is none."""
    if path == "style.css":
        return _style()
    if path == "index.html":
        return _index([robo.public.guild(guild_id) for guild_id in robo.public.guild_ids()])
    found = _PATH.fullmatch(path)
    if found is None or not robo.public.is_public(found["guild"]):
        return None
    return _page_of(robo, found)


def all_pages(robo: RoboXP) -> Iterator[tuple[str, Callable[[], Page]]]:
    """The path of every page and what makes it, each after those that it links to."""
    yield "style.css", _style
    guilds = []
    for guild_id in robo.public.guild_ids():
        guild = robo.public.guild(guild_id)
        yield from _guild_pages(robo, guild)
        guilds.append(guild)
    yield "index.html", partial(_index, guilds)


def _guild_pages(robo: RoboXP, guild: PublicGuild) -> Iterator[tuple[str, Callable[[], Page]]]:
    names = robo.names.of(guild.guild_id)
    place = guild.guild_id
    for one in guild.giveaways:
        yield f"{place}/giveaway/{one.id}.html", partial(_proof, robo, place, one.id)
    yield f"{place}/board.json", partial(_json, robo, place, names)
    last = robo.public.board(place, 1).pages
    for number in range(last, 1, -1):
        yield f"{place}/board/{number}.html", partial(_board, robo, guild, number, names)
    yield f"{place}/index.html", partial(_board, robo, guild, 1, names)


def _page_of(robo: RoboXP, found: re.Match[str]) -> Page | None:
    guild_id = found["guild"]
    if found["all"]:
        return _json(robo, guild_id, robo.names.of(guild_id))
    guild = robo.public.guild(guild_id)
    if found["giveaway"]:
        known = {one.id for one in guild.giveaways}
        return _proof(robo, guild_id, found["giveaway"]) if found["giveaway"] in known else None
    number = 1 if found["first"] else int(found["number"])
    if not found["first"] and not 1 < number <= robo.public.board(guild_id, 1).pages:
        return None
    return _board(robo, guild, number, None)


def _style() -> Page:
    return Page(asset("style.css").encode(), _CSS)


def _index(guilds: list[PublicGuild]) -> Page:
    return Page(index_page([GuildPage.of(guild) for guild in guilds]).encode())


def _board(robo: RoboXP, guild: PublicGuild, number: int, names: Mapping[str, str] | None) -> Page:
    found = robo.public.board(guild.guild_id, number)
    if names is None:
        asked = {one.user_id: robo.names.name(guild.guild_id, one.user_id) for one in found.entries}
        names = {user_id: name for user_id, name in asked.items() if name}
    shown = BoardPage.of(found, names)
    return Page(board_page(GuildPage.of(guild), shown).encode())


def _json(robo: RoboXP, guild_id: str, names: Mapping[str, str]) -> Page:
    found = robo.leaderboard.page(guild_id, limit=MOST_ENTRIES)
    return Page(msgspec.json.encode(BoardCut.of(found, names)), _JSON)


def _proof(robo: RoboXP, guild_id: str, giveaway_id: str) -> Page:
    return Page(proof_of(robo, guild_id, giveaway_id).encode(), policy=policy())


def proof_of(robo: RoboXP, guild_id: str, giveaway_id: str) -> str:
    """The page that proves a giveaway's draws. Raises NotFound, GiveawayNotEnded."""
    found = robo.giveaways.get(guild_id, giveaway_id)
    if not found.is_over:
        raise GiveawayNotEnded(
            f"giveaway {found.id} is {found.status}, so there is nothing to prove yet",
            advice="its proof comes with its end",
        )
    if found.commitment == NOT_DRAWN_HERE:
        raise GiveawayNotEnded(
            f"nothing was drawn in giveaway {found.id}, so there is nothing to prove",
            advice="see 'robo-xp giveaway info ID'",
        )
    exported = robo.giveaways.export(guild_id, found.id)
    shown = GiveawayDocument.of(
        found,
        entry_count=exported["entryCount"],
        entries=exported["entries"],
        entry_numbers=exported["entryNumbers"],
    )
    return proof_page(shown)
