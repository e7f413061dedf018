"""The pages of one store of a guild, by their path below it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cached_property, partial
from typing import Final

import msgspec

from robo_xp import RoboXP
from robo_xp.pages.board import Frame, board_page
from robo_xp.pages.links import Links, base_of, board_path
from robo_xp.pages.member import find_page, member_page, names_page
from robo_xp.rules.period import KINDS
from robo_xp.usecases.members.board import MOST_ENTRIES
from robo_xp.usecases.members.directory import Drawer
from robo_xp.usecases.public import PublicBoard, PublicGuild
from robo_xp.views.board import BoardCut
from robo_xp.views.page import BoardPage, GuildPage, MemberPage, NamedMember, NamesPage

FIND: Final = "find.html"
_PATH: Final = re.compile(
    r"(?P<first>index)\.html"
    r"|(?P<kind>board|day|week|month)/(?P<number>[1-9][0-9]{0,5})\.html"
    r"|(?P<all>board)\.json"
    r"|member/(?P<member>[0-9]{17,20})\.html"
)
Made = Callable[[], bytes | None]


class StoreSite:
    """Makes the pages of a store. ``searches`` where a form can be answered: not in a folder."""

    def __init__(self, robo: RoboXP, guild: PublicGuild, *, searches: bool) -> None:
        self._robo = robo
        self._guild = guild
        self._searches = searches
        self._shown = GuildPage.of(guild)
        self._where = (guild.guild_id, guild.store_id)
        self.base = base_of(*self._where)
        # who has a page in the folder; those who came since the run began have one after the next
        self._linked: set[str] | None = None

    def page(self, path: str) -> bytes | None:
        """The page at ``member/ID.html`` or so; None where there is none."""
        if path.startswith("names/") and not self._searches:
            made = dict(self._name_pages()).get(path)
            return made() if made else None
        found = _PATH.fullmatch(path)
        if found is None:
            return None
        if found["all"]:
            return self._json()
        if found["member"]:
            return self._member(found["member"])
        kind = "" if found["first"] or found["kind"] == "board" else found["kind"]
        number = int(found["number"] or 1)
        if path != board_path(kind, number):
            return None
        board = self._board(kind, number)
        return self._board_page(board) if number <= board.pages else None

    def find(self, text: str) -> bytes:
        """The members with the text in their names."""
        guild_id, store = self._where
        found = self._robo.public.found(guild_id, text, store)
        shown = [NamedMember.of(one) for one in found]
        return find_page(self._frame(FIND), text, shown).encode()

    def pages(self) -> Iterator[tuple[str, Made]]:
        """The path of every page that can lie in a folder, and what makes it: None for no page.

        The first board comes last: who begins there finds whatever a page leads to.
        """
        guild_id, store = self._where
        self._linked = set()
        yield "board.json", self._json
        total = self._robo.public.board(guild_id, 1, store)
        for number in range(1, total.pages + 1):
            for entry in self._robo.public.board(guild_id, number, store).entries:
                path = f"member/{entry.user_id}.html"
                self._linked.add(entry.user_id)
                yield path, partial(self._linked_member, entry.user_id)
        yield from self._name_pages()
        for kind in KINDS:
            whole = self._robo.public.period(guild_id, kind, None, store)
            for number in range(whole.pages, 0, -1):
                yield board_path(kind, number), partial(self._cut_page, whole, number)
        for number in range(total.pages, 0, -1):
            yield board_path("", number), partial(self._numbered, number)

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return self._robo.names.of(self._guild.guild_id)

    def _names_for(self, user_ids: Sequence[str]) -> Mapping[str, str]:
        """The names of a few members; those of all are read once where all pages are made."""
        if not self._searches:
            return self._names
        asked = {one: self._robo.names.name(self._guild.guild_id, one) for one in user_ids}
        return {user_id: name for user_id, name in asked.items() if name}

    def _frame(self, path: str) -> Frame:
        return Frame(self._shown, Links(self.base, path), self._searches)

    def _board(self, kind: str, number: int) -> PublicBoard:
        guild_id, store = self._where
        if kind:
            return self._robo.public.period(guild_id, kind, number, store)
        return self._robo.public.board(guild_id, number, store)

    def _numbered(self, number: int) -> bytes:
        return self._board_page(self._board("", number))

    def _cut_page(self, whole: PublicBoard, number: int) -> bytes:
        return self._board_page(whole.cut(number))

    def _board_page(self, board: PublicBoard) -> bytes:
        ids = [one.user_id for one in board.entries]
        kind = board.days.kind if board.days else ""
        shown = BoardPage.of(board, self._names_for(ids))
        frame = self._frame(board_path(kind, board.number))
        return board_page(frame, shown, self._linked_of(ids)).encode()

    def _linked_of(self, user_ids: Sequence[str]) -> AbstractSet[str]:
        """Who has a page: those who lost all again are only on the board of the week."""
        if self._linked is not None:
            return self._linked.intersection(user_ids)
        return {*filter(self._robo.public.listed(*self._where), user_ids)}

    def _json(self) -> bytes:
        guild_id, store = self._where
        found = self._robo.leaderboard.page(guild_id, limit=MOST_ENTRIES, store=store)
        return msgspec.json.encode(BoardCut.of(found, self._names))

    def _member(self, user_id: str) -> bytes | None:
        guild_id, store = self._where
        found = self._robo.public.member(guild_id, user_id, store)
        if found is None or found.standing.rank is None:
            return None
        shown = MemberPage.of(found, self._names_for([user_id]))
        return member_page(self._frame(f"member/{user_id}.html"), shown).encode()

    def _linked_member(self, user_id: str) -> bytes | None:
        found = self._member(user_id)
        if found is None and self._linked is not None:
            self._linked.discard(user_id)
        return found

    def _name_pages(self) -> Iterator[tuple[str, Made]]:
        guild_id, store = self._where
        drawers = self._robo.public.drawers(guild_id, self._names, store)
        for drawer in drawers:
            yield f"names/{drawer.key}.html", partial(self._names_page, drawers, drawer)
        yield "names/index.html", partial(self._names_page, drawers, None)

    def _names_page(self, drawers: Sequence[Drawer], drawer: Drawer | None) -> bytes:
        page = None
        if drawer:
            linked = self._linked_of([one.user_id for one in drawer.members])
            members = tuple(one for one in drawer.members if one.user_id in linked)
            page = NamesPage.of(replace(drawer, members=members))
        path = f"names/{drawer.key if drawer else 'index'}.html"
        found = [] if page else [(one.key, one.prefix) for one in drawers]
        return names_page(self._frame(path), found, page).encode()
