"""What a guild shows to everybody, where its settings say so: the source of all pages.

Who has no place on the board is nowhere here, hidden members above all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from typing import Final

from robo_xp.errors import GuildNotFound, InvalidId, MemberNotFound
from robo_xp.model import BoardEntry, BoardPage, Message, RoleReward
from robo_xp.model.giveaway import ENDED, NOT_DRAWN_HERE
from robo_xp.model.ids import is_snowflake
from robo_xp.rules.award import xp_for
from robo_xp.rules.board import is_ranked
from robo_xp.rules.multiplier import NO_BOOSTS, multiplier_for
from robo_xp.rules.period import KINDS, Calendar
from robo_xp.text import visible_name
from robo_xp.usecases.core import DEFAULT_STORE, Core, GuildRules
from robo_xp.usecases.giveaways.use import Giveaways
from robo_xp.usecases.members.award import ROLL_HIGH, ROLL_LOW
from robo_xp.usecases.members.board import MOST_ENTRIES, Leaderboard, Standing
from robo_xp.usecases.members.changes import USERS
from robo_xp.usecases.members.days import DaySums
from robo_xp.usecases.members.directory import Drawer, Named, NameSearch, drawers_of
from robo_xp.usecases.members.names import ROLES, Names
from robo_xp.usecases.periods.use import NOW, Cut, PeriodCases
from robo_xp.usecases.settings.curves import Curves, Level
from robo_xp.vault import GLOBAL, name_of, names_name

ROWS: Final = 100
LEVELS: Final = 30
MOST_FOUND: Final = 50
_PUBLIC: Final = "public"
_LARGE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class GivenAway:
    """A giveaway that is over and was drawn here."""

    id: str
    prize: str
    winners: int
    entries: int


@dataclass(frozen=True, slots=True)
class NamedReward:
    """A role that a level earns, and what it is called where that was seen."""

    level: int
    role_id: str
    name: str | None


@dataclass(frozen=True, slots=True)
class PublicGuild:
    """What all pages of a store of a guild say; ``stores`` are all that it shows."""

    guild_id: str
    store_id: str
    stores: tuple[str, ...]
    title: str
    unit: str
    total: int
    least: int
    most: int
    cooldown_seconds: int
    rewards: tuple[NamedReward, ...]
    levels: tuple[Level, ...]
    giveaways: tuple[GivenAway, ...]


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a period by the calendar of the guild, first and last."""

    kind: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class PublicBoard:
    """A page of a board, counted from 1; with ``days`` of what was gained in them."""

    page: BoardPage
    number: int
    days: Days | None = None

    @property
    def entries(self) -> tuple[BoardEntry, ...]:
        """The lines of the page."""
        return self.page.entries

    @property
    def pages(self) -> int:
        """How many pages there are; one where nobody is ranked."""
        return max(1, -(-self.page.total // ROWS))

    def cut(self, number: int) -> PublicBoard:
        """One page of a board that was read as a whole."""
        start = (number - 1) * ROWS
        entries = self.page.entries[start : start + ROWS]
        page = BoardPage(entries, self.page.total, start, ROWS)
        return PublicBoard(page, number, self.days)


@dataclass(frozen=True, slots=True)
class PublicMember:
    """A member's page: where it stands, and what it gained on each of the last days."""

    standing: Standing
    days: tuple[tuple[date, int], ...]


class Public:
    """The pages of guilds whose ``leaderboard.page`` says public."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._board = Leaderboard(core)
        self._giveaways = Giveaways(core)
        self._periods = PeriodCases(core)
        self._names = Names(core)

    def guild_ids(self) -> list[str]:
        """The guilds that have pages, by id."""
        there = map(name_of, self._core.vault.names("xp"))
        ids = [one.guild_id for one in there if one.store_id == DEFAULT_STORE]
        return sorted((one for one in ids if self._says_public(one, DEFAULT_STORE)), key=int)

    def store_ids(self, guild_id: str) -> list[str]:
        """The stores of a guild that have pages, the default one first."""
        shown = [one for one in self._there(guild_id) if self._says_public(guild_id, one)]
        shown.sort(key=lambda one: (one != DEFAULT_STORE, one))
        return shown if DEFAULT_STORE in shown else []

    def is_public(self, guild_id: str, store: str = DEFAULT_STORE) -> bool:
        """Whether the store has pages, which it never has without the guild's default one."""
        if not is_snowflake(guild_id):
            return False
        there = self._there(guild_id)
        return all(
            one in there and self._says_public(guild_id, one) for one in {DEFAULT_STORE, store}
        )

    def guild(self, guild_id: str, store: str = DEFAULT_STORE) -> PublicGuild:
        """What all pages of the store say. Raises GuildNotFound where it has none."""
        if not self.is_public(guild_id, store):
            raise GuildNotFound(f"store {store!r} of guild {guild_id} has no pages")
        rules = self._rules(guild_id, store)
        settings = rules.settings
        # boosts come and go, and a page that did not change is not written again
        everybody = multiplier_for(replace(settings.multipliers, boosts=NO_BOOSTS), "", Message(""))
        least, most = (
            xp_for(base, settings.rate_num, settings.rate_den, everybody)
            for base in (ROLL_LOW, ROLL_HIGH)
        )
        return PublicGuild(
            guild_id,
            store,
            tuple(self.store_ids(guild_id)),
            visible_name(self._names.guild(guild_id), f"Guild {guild_id}"),
            settings.xp_display_name,
            self._board.page(guild_id, limit=1, store=store).total,
            least,
            most,
            settings.cooldown_ms // 1000,
            self._rewards(guild_id, settings.rewards),
            tuple(Curves.table(rules.curve, 1, LEVELS)),
            tuple(self._given_away(guild_id)) if store == DEFAULT_STORE else (),
        )

    def board(self, guild_id: str, number: int, store: str = DEFAULT_STORE) -> PublicBoard:
        """A page of the board, counted from 1; it may be empty."""
        page = self._board.page(guild_id, offset=(number - 1) * ROWS, limit=ROWS, store=store)
        return PublicBoard(page, number)

    def rows(self, guild_id: str, store: str = DEFAULT_STORE) -> tuple[int, Iterator[BoardEntry]]:
        """How many are ranked, and the first 100,000 of them one by one, as of this moment."""
        return self._board.rows(guild_id, offset=0, limit=MOST_ENTRIES, store=store)

    def version(self, guild_id: str, store: str = DEFAULT_STORE) -> tuple[int, ...]:
        """What tells the board and its names as they are from what they were and will be."""
        vault, scope = self._core.vault, self._core.scope(guild_id, store)
        parts = (scope.namespace, vault.namespace(names_name(guild_id)), vault.namespace(GLOBAL))
        return tuple(one.read().seq for one in parts)

    def period(
        self, guild_id: str, kind: str, number: int | None, store: str = DEFAULT_STORE
    ) -> PublicBoard:
        """A page of the board of the day, week or month that runs; without a number all of it."""
        cut = Cut(limit=MOST_ENTRIES) if number is None else Cut((number - 1) * ROWS, ROWS)
        found = self._periods.board(guild_id, kind, NOW, cut, store=store)
        calendar = self._calendar(guild_id, store)
        first = calendar.day_of(found.period.begins_at)
        last = calendar.after(kind, first) - 1
        days = Days(kind, date.fromordinal(first), date.fromordinal(last))
        return PublicBoard(found.board, number or 1, days)

    def member(
        self, guild_id: str, user_id: str, store: str = DEFAULT_STORE
    ) -> PublicMember | None:
        """The member's page; None for one that has no place on the board."""
        try:
            standing = self._board.standing(guild_id, user_id, store=store)
        except (InvalidId, MemberNotFound):
            return None
        if standing.rank is None:
            return None
        rows = self._days(guild_id, store).rows(user_id)
        days = tuple((date.fromordinal(day), xp) for day, xp in rows)
        return PublicMember(standing, days)

    def found(self, guild_id: str, text: str, store: str = DEFAULT_STORE) -> Sequence[Named]:
        """The members on the board with this text in their names, at most 50."""
        return self._search(guild_id).found(text, self.listed(guild_id, store), MOST_FOUND)

    def listed(self, guild_id: str, store: str = DEFAULT_STORE) -> Callable[[str], bool]:
        """What tells of members by id whether they are on the board of the store now."""
        records = self._core.scope(guild_id, store).namespace.read().records(USERS)

        def is_listed(user_id: str) -> bool:
            record = records.get(user_id)
            return record is not None and is_ranked(record)

        return is_listed

    def is_large(self, guild_id: str, store: str = DEFAULT_STORE) -> bool:
        """Whether the first reader of the store would wait for what its pages are made from."""
        return self._core.scope(guild_id, store).namespace.sizes().total > _LARGE

    def prepare(self, guild_id: str, store: str = DEFAULT_STORE) -> None:
        """Work out once what all pages of the store are made from, so that readers do not wait."""
        if not self.is_public(guild_id, store):
            return
        self._board.page(guild_id, limit=1, store=store)
        for kind in KINDS:
            self.period(guild_id, kind, 1, store)
        self._days(guild_id, store)
        self._search(guild_id)

    def drawers(self, guild_id: str, names: Mapping[str, str], store: str) -> Sequence[Drawer]:
        """All members on the board by the beginnings of their names."""
        return drawers_of(self._ranked_members(guild_id, store, names))

    def _ranked_members(
        self, guild_id: str, store: str, names: Mapping[str, str]
    ) -> Iterator[Named]:
        """All members on the board with their names."""
        for offset in count(step=MOST_ENTRIES):
            page = self._board.page(guild_id, offset=offset, limit=MOST_ENTRIES, store=store)
            for one in page.entries:
                yield Named(one.user_id, names.get(one.user_id, one.user_id))
            if offset + MOST_ENTRIES >= page.total:
                return

    def _days(self, guild_id: str, store: str) -> DaySums:
        """What all members gained by day."""
        namespace = self._core.scope(guild_id, store).namespace
        now = self._core.clock.now_ms()
        return DaySums.of(namespace, self._calendar(guild_id, store), now)

    def _search(self, guild_id: str) -> NameSearch:
        return NameSearch.of(self._core.vault.namespace(names_name(guild_id)))

    def _there(self, guild_id: str) -> list[str]:
        # nothing of a guild that is not there is opened or remembered, whoever asks how often
        return [name_of(name).store_id for name in self._core.vault.stores_of(guild_id)]

    def _says_public(self, guild_id: str, store: str) -> bool:
        values = self._rules(guild_id, store).settings.values
        return bool(values["leaderboard"]["page"] == _PUBLIC)

    def _rules(self, guild_id: str, store: str) -> GuildRules:
        scope = self._core.scope(guild_id, store)
        scope.namespace.read()
        return self._core.rules(scope)

    def _calendar(self, guild_id: str, store: str) -> Calendar:
        return self._rules(guild_id, store).settings.periods.calendar

    def _rewards(self, guild_id: str, rewards: Sequence[RoleReward]) -> tuple[NamedReward, ...]:
        called = self._names.of(guild_id, ROLES) if rewards else {}
        return tuple(
            NamedReward(one.level, one.role_id, called.get(one.role_id)) for one in rewards
        )

    def _given_away(self, guild_id: str) -> Iterator[GivenAway]:
        """The giveaways that ended and were drawn here, last first."""
        for one in self._giveaways.list(guild_id, which="all"):
            found = one.giveaway
            if found.status == ENDED and found.commitment != NOT_DRAWN_HERE:
                yield GivenAway(found.id, found.prize, len(found.winners), one.entries)
