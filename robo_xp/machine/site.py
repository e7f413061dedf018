"""The public pages of a vault by their path: what the daemon answers and ``publish`` writes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qs

import msgspec

from robo_xp import RoboXP, __version__
from robo_xp.errors import GiveawayNotEnded
from robo_xp.machine.draft import Draft
from robo_xp.machine.store_site import BOARD, FIND, StoreSite
from robo_xp.model.giveaway import NOT_DRAWN_HERE
from robo_xp.pages.board import index_page
from robo_xp.pages.engine import asset
from robo_xp.pages.links import base_of
from robo_xp.pages.proof import policy, proof_page
from robo_xp.usecases.core import DEFAULT_STORE
from robo_xp.usecases.public import PublicGuild
from robo_xp.views.giveaway import GiveawayDocument
from robo_xp.views.page import GuildPage

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self' data: https://cdn.discordapp.com; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
_LONGEST = 100
_LONGEST_QUERY = 2000
_HTML, _JSON, _CSS = "text/html", "application/json", "text/css"
_PATH = re.compile(
    r"(?P<guild>[0-9]{17,20})/"
    r"(?:giveaway/(?P<giveaway>[0-9A-Z]{26})\.html"
    r"|(?:store/(?P<store>(?!default/)[a-z0-9_-]{1,32})/)?(?P<rest>.+))"
)


@dataclass(frozen=True, slots=True)
class Page:
    """One page, its type, and what a browser may do with it."""

    content: bytes
    content_type: str = _HTML
    policy: str = POLICY

    @property
    def tag(self) -> str:
        """What tells it from others."""
        return hashlib.sha256(self.content).hexdigest()[:32]


def page_at(robo: RoboXP, path: str, query: str | None = None) -> Page | None:
    """The page at ``GUILD/index.html`` or so; None where there is none.

    With a query, which may be empty, members can be searched for; a folder of files has none.
    """
    if path == "style.css":
        return _style()
    if path == "index.html":
        return index_of(robo, robo.public.guild_ids())
    found = _PATH.fullmatch(path)
    if found is None or not robo.public.is_public(found["guild"], found["store"] or DEFAULT_STORE):
        return None
    guild = robo.public.guild(found["guild"], found["store"] or DEFAULT_STORE)
    if found["giveaway"]:
        known = {one.id for one in guild.giveaways}
        return _proof(robo, guild, found["giveaway"]) if found["giveaway"] in known else None
    site = StoreSite(robo, guild, searches=query is not None)
    if query is not None and found["rest"] == FIND:
        return Page(site.find(_search_of(query)))
    return _page(path, site.page(found["rest"]))


def store_at(path: str) -> tuple[str, str] | None:
    """The guild and store whose page would be at the path; None for a path of none."""
    found = _PATH.fullmatch(path)
    return None if found is None else (found["guild"], found["store"] or DEFAULT_STORE)


def index_of(robo: RoboXP, guild_ids: Iterable[str]) -> Page:
    """The list of these guilds. Raises GuildNotFound for one that has no pages."""
    guilds = [GuildPage.of(robo.public.guild(guild_id)) for guild_id in guild_ids]
    return Page(index_page(guilds).encode())


@dataclass(frozen=True, slots=True)
class Parts:
    """A long page piece by piece, and what tells it from what it was and will be."""

    tag: str
    content: Iterator[bytes]
    content_type: str = _JSON
    policy: str = POLICY


def board_parts_at(robo: RoboXP, path: str) -> Parts | None:
    """The board for programs at ``GUILD/board.json`` or so; None where there is none."""
    where = store_at(path)
    if where is None or path != base_of(*where) + BOARD or not robo.public.is_public(*where):
        return None
    version = msgspec.json.encode((__version__, path, *robo.public.version(*where)))
    site = StoreSite(robo, robo.public.guild(*where), searches=True)
    return Parts(hashlib.sha256(version).hexdigest()[:32], site.json_parts())


def all_pages(robo: RoboXP) -> Iterator[tuple[str, Draft]]:
    """The path of every page and its draft, which shows nothing where it went in the meantime.

    A board comes after the pages that it leads to.
    """
    yield "style.css", Draft(lambda: "", lambda _: _style().content)
    guilds = []
    for guild_id in robo.public.guild_ids():
        guild = robo.public.guild(guild_id)
        for one in guild.giveaways:
            shows = partial(proof_of, robo, guild_id, one.id)
            yield f"{guild_id}/giveaway/{one.id}.html", Draft(shows, str.encode)
        for store in reversed(guild.stores):
            site = StoreSite(robo, robo.public.guild(guild_id, store), searches=False)
            for path, draft in site.pages():
                yield site.base + path, draft
        guilds.append(GuildPage.of(guild))
    yield "index.html", Draft(lambda: guilds, lambda shown: index_page(shown).encode())


def _page(path: str, content: bytes | None) -> Page | None:
    if content is None:
        return None
    return Page(content, _JSON if path.endswith(".json") else _HTML)


def _search_of(query: str) -> str:
    """What is searched for, of a form's query; what no form sends is left out."""
    return parse_qs(query[:_LONGEST_QUERY]).get("q", [""])[0].strip()[:_LONGEST]


def _style() -> Page:
    return Page(asset("style.css").encode(), _CSS)


def _proof(robo: RoboXP, guild: PublicGuild, giveaway_id: str) -> Page:
    return Page(proof_of(robo, guild.guild_id, giveaway_id).encode(), policy=policy())


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
            advice=f"see 'robo-xp giveaway info {found.id}'",
        )
    exported = robo.giveaways.export(guild_id, found.id)
    shown = GiveawayDocument.of(
        found,
        entry_count=exported["entryCount"],
        entries=exported["entries"],
        entry_numbers=exported["entryNumbers"],
    )
    return proof_page(shown)
