"""The pages of one store of a guild, by their path below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import islice
from typing import Any, Final

import msgspec

from robo_xp import RoboXP
from robo_xp.machine.draft import Draft
from robo_xp.pages.board import Frame, board_page
from robo_xp.pages.links import Links, base_of, board_path
from robo_xp.pages.member import find_page, member_page, names_page
from robo_xp.rules.period import KINDS
from robo_xp.usecases.members.board import MOST_ENTRIES
from robo_xp.usecases.members.directory import Drawer
from robo_xp.usecases.public import PublicBoard, PublicGuild, PublicMember
from robo_xp.views.board import BoardCut, BoardEntry
from robo_xp.views.page import BoardPage, GuildPage, MemberPage, NamedMember, NamesPage

FIND: Final = "find.html"
BOARD: Final = "board.json"
_ENTRIES_A_PART: Final = 500
_PATH: Final = re.compile(
    r"(?P<first>index)\.html"
    r"|(?P<kind>board|day|week|month)/(?P<number>[1-9][0-9]{0,5})\.html"
    r"|(?P<all>board)\.json"
    r"|member/(?P<member>[0-9]{17,20})\.html"
)


class StoreSite:
    """Makes the pages of a store. ``searches`` where a form can be answered: not in a folder."""

    def __init__(self, robo: RoboXP, guild: PublicGuild, *, searches: bool) -> None:
        self._robo = robo
        self._guild = guild
        self._searches = searches
        self._whole = GuildPage.of(guild)
        # what all pages say: what only the first board tells changes none of the others
        self._plain = msgspec.structs.replace(
            self._whole, total=0, rewards=[], levels=[], giveaways=[]
        )
        self._where = (guild.guild_id, guild.store_id)
        self.base = base_of(*self._where)
        # who has a page in the folder; those who came since the run began have one after the next
        self._linked: set[str] | None = None

    def page(self, path: str) -> bytes | None:
        """The page at ``member/ID.html`` or so; None where there is none."""
        draft = self._draft_at(path)
        return None if draft is None else draft.content()

    def find(self, text: str) -> bytes:
        """The members with the text in their names."""
        guild_id, store = self._where
        found = self._robo.public.found(guild_id, text, store)
        shown = [NamedMember.of(one) for one in found]
        return find_page(self._frame(FIND), text, shown).encode()

    def pages(self) -> Iterator[tuple[str, Draft]]:
        """The path of every page that can lie in a folder, and its draft.

        The first board comes last: who begins there finds whatever a page leads to.
        """
        guild_id, store = self._where
        self._linked = set()
        yield BOARD, self._json()
        total = self._robo.public.board(guild_id, 1, store)
        for number in range(1, total.pages + 1):
            for entry in self._robo.public.board(guild_id, number, store).entries:
                self._linked.add(entry.user_id)
                yield f"member/{entry.user_id}.html", self._member(entry.user_id)
        yield from self._name_pages()
        for kind in KINDS:
            whole = self._robo.public.period(guild_id, kind, None, store)
            for number in range(whole.pages, 0, -1):
                yield board_path(kind, number), self._board(kind, number, whole)
        for number in range(total.pages, 0, -1):
            yield board_path("", number), self._board("", number)

    def _draft_at(self, path: str) -> Draft | None:
        if path.startswith("names/") and not self._searches:
            return dict(self._name_pages()).get(path)
        found = _PATH.fullmatch(path)
        if found is None:
            return None
        if found["all"]:
            return self._json()
        if found["member"]:
            return self._member(found["member"])
        kind = "" if found["first"] or found["kind"] == "board" else found["kind"]
        number = int(found["number"] or 1)
        return self._board(kind, number) if path == board_path(kind, number) else None

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return self._robo.names.of(self._guild.guild_id)

    def _names_for(self, user_ids: Sequence[str]) -> Mapping[str, str]:
        """The names of a few members; those of all are read once where all pages are made."""
        if not self._searches:
            return {one: self._names[one] for one in user_ids if one in self._names}
        return self._robo.names.among(self._guild.guild_id, user_ids)

    def _frame(self, path: str) -> Frame:
        guild = self._whole if path == board_path("", 1) else self._plain
        return Frame(guild, Links(self.base, path), self._searches)

    # -- boards ---------------------------------------------------------------------------------

    def _board(self, kind: str, number: int, whole: PublicBoard | None = None) -> Draft:
        frame = self._frame(board_path(kind, number))
        shows = partial(self._board_shown, kind, number, whole)
        return Draft(shows, partial(_board_page, frame), frame.guild)

    def _board_shown(self, kind: str, number: int, whole: PublicBoard | None) -> Any:
        """The board, and who on it has a page."""
        guild_id, store = self._where
        if whole is not None:
            board = whole.cut(number)
        elif kind:
            board = self._robo.public.period(guild_id, kind, number, store)
        else:
            board = self._robo.public.board(guild_id, number, store)
        if number > board.pages:
            return None
        ids = [one.user_id for one in board.entries]
        return BoardPage.of(board, self._names_for(ids)), self._linked_of(ids)

    def _linked_of(self, user_ids: Sequence[str]) -> Sequence[str]:
        """Who has a page: those who lost all again are only on the board of the week."""
        if self._linked is not None:
            return [one for one in user_ids if one in self._linked]
        return [*filter(self._robo.public.listed(*self._where), user_ids)]

    def json_parts(self) -> Iterator[bytes]:
        """The board for programs, a piece at a time, so that nobody waits for the last one."""
        total, entries = self._robo.public.rows(*self._where)
        between, whole = b'{"entries":[', BoardCut([], total, 0, MOST_ENTRIES)
        while some := list(islice(entries, _ENTRIES_A_PART)):
            names = self._names_for([one.user_id for one in some])
            lines = [BoardEntry.of(one, names) for one in some]
            yield between + msgspec.json.encode(lines)[1:-1]
            between = b","
        yield msgspec.json.encode(whole).removeprefix(b'{"entries":[' if total else b"")

    def _json(self) -> Draft:
        return Draft(self._json_shown, msgspec.json.encode)

    def _json_shown(self) -> Any:
        guild_id, store = self._where
        found = self._robo.leaderboard.page(guild_id, limit=MOST_ENTRIES, store=store)
        return BoardCut.of(found, self._names)

    # -- members --------------------------------------------------------------------------------

    def _member(self, user_id: str) -> Draft:
        return Draft(partial(self._member_shown, user_id), self._member_page, self._plain)

    def _member_shown(self, user_id: str) -> Any:
        """What the member has, and its name."""
        guild_id, store = self._where
        found = self._robo.public.member(guild_id, user_id, store)
        if found is None and self._linked is not None:
            self._linked.discard(user_id)
        if found is None:
            return None
        # who else is ranked is said on no member's page
        alone = replace(found, standing=replace(found.standing, total=0))
        return alone, self._names_for([user_id])

    def _member_page(self, shown: tuple[PublicMember, Mapping[str, str]]) -> bytes:
        found, names = shown
        frame = self._frame(f"member/{found.standing.member.user_id}.html")
        return member_page(frame, MemberPage.of(found, names)).encode()

    # -- names ----------------------------------------------------------------------------------

    def _name_pages(self) -> Iterator[tuple[str, Draft]]:
        guild_id, store = self._where
        drawers = self._robo.public.drawers(guild_id, self._names, store)
        for drawer in drawers:
            path = f"names/{drawer.key}.html"
            page = partial(_names_page, self._frame(path))
            yield path, Draft(partial(self._drawer_shown, drawer), page, self._plain)
        beginnings = [(one.key, one.prefix) for one in drawers]
        page = partial(_beginnings_page, self._frame("names/index.html"))
        yield "names/index.html", Draft(lambda: beginnings, page, self._plain)

    def _drawer_shown(self, drawer: Drawer) -> Any:
        linked = {*self._linked_of([one.user_id for one in drawer.members])}
        members = tuple(one for one in drawer.members if one.user_id in linked)
        return NamesPage.of(replace(drawer, members=members))


def _board_page(frame: Frame, shown: tuple[BoardPage, Sequence[str]]) -> bytes:
    board, linked = shown
    return board_page(frame, board, {*linked}).encode()


def _names_page(frame: Frame, shown: NamesPage) -> bytes:
    return names_page(frame, [], shown).encode()


def _beginnings_page(frame: Frame, shown: Sequence[tuple[str, str]]) -> bytes:
    return names_page(frame, shown, None).encode()
