"""What a guild shows to everybody, where its settings say so: the source of all pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from robo_xp.errors import GuildNotFound
from robo_xp.model import BoardEntry, BoardPage, Message, RoleReward
from robo_xp.model.giveaway import ENDED, NOT_DRAWN_HERE
from robo_xp.model.ids import is_snowflake
from robo_xp.rules.award import xp_for
from robo_xp.rules.multiplier import NO_BOOSTS, multiplier_for
from robo_xp.usecases.core import DEFAULT_STORE, Core
from robo_xp.usecases.giveaways.use import Giveaways
from robo_xp.usecases.members.award import ROLL_HIGH, ROLL_LOW
from robo_xp.usecases.members.board import Leaderboard
from robo_xp.usecases.settings.curves import Curves, Level
from robo_xp.vault import name_of, xp_name

ROWS = 100
LEVELS = 30
_PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class GivenAway:
    """A giveaway that is over and was drawn here."""

    id: str
    prize: str
    winners: int
    entries: int


@dataclass(frozen=True, slots=True)
class PublicGuild:
    """What all pages of a guild say."""

    guild_id: str
    title: str
    unit: str
    total: int
    least: int
    most: int
    cooldown_seconds: int
    rewards: tuple[RoleReward, ...]
    levels: tuple[Level, ...]
    giveaways: tuple[GivenAway, ...]


@dataclass(frozen=True, slots=True)
class PublicBoard:
    """A page of the board, counted from 1."""

    page: BoardPage
    number: int

    @property
    def entries(self) -> tuple[BoardEntry, ...]:
        """The lines of the page."""
        return self.page.entries

    @property
    def pages(self) -> int:
        """How many pages there are; one where nobody is ranked."""
        return max(1, -(-self.page.total // ROWS))


class Public:
    """The pages of guilds whose ``leaderboard.page`` says public."""

    def __init__(self, core: Core, board: Leaderboard, giveaways: Giveaways) -> None:
        self._core = core
        self._board = board
        self._giveaways = giveaways

    def guild_ids(self) -> list[str]:
        """The guilds that have pages, by id."""
        names = self._core.vault.names("xp")
        ids = {one.guild_id for one in map(name_of, names) if one.store_id == DEFAULT_STORE}
        return [guild_id for guild_id in sorted(ids, key=int) if self.is_public(guild_id)]

    def is_public(self, guild_id: str) -> bool:
        """Whether the guild has pages; not one that the vault has nothing of."""
        # nothing of a guild that is not there is opened or remembered, whoever asks how often
        if not is_snowflake(guild_id) or xp_name(DEFAULT_STORE, guild_id) not in set(
            self._core.vault.names("xp")
        ):
            return False
        scope = self._core.scope(guild_id, DEFAULT_STORE)
        scope.namespace.read()
        values = self._core.rules(scope).settings.values
        return bool(values["leaderboard"]["page"] == _PUBLIC)

    def guild(self, guild_id: str) -> PublicGuild:
        """What all pages of the guild say. Raises GuildNotFound where it has none."""
        if not self.is_public(guild_id):
            raise GuildNotFound(f"guild {guild_id} has no pages")
        rules = self._core.rules(self._core.scope(guild_id, DEFAULT_STORE))
        settings = rules.settings
        # boosts come and go, and a page that did not change is not written again
        everybody = multiplier_for(replace(settings.multipliers, boosts=NO_BOOSTS), "", Message(""))
        least, most = (
            xp_for(base, settings.rate_num, settings.rate_den, everybody)
            for base in (ROLL_LOW, ROLL_HIGH)
        )
        return PublicGuild(
            guild_id,
            f"Guild {guild_id}",
            settings.xp_display_name,
            self._board.page(guild_id, limit=1).total,
            least,
            most,
            settings.cooldown_ms // 1000,
            settings.rewards,
            tuple(Curves.table(rules.curve, 1, LEVELS)),
            tuple(self._given_away(guild_id)),
        )

    def board(self, guild_id: str, number: int) -> PublicBoard:
        """A page of the board, counted from 1; it may be empty."""
        page = self._board.page(guild_id, offset=(number - 1) * ROWS, limit=ROWS)
        return PublicBoard(page, number)

    def _given_away(self, guild_id: str) -> Iterator[GivenAway]:
        """The giveaways that ended and were drawn here, last first."""
        for one in self._giveaways.list(guild_id, which="all"):
            found = one.giveaway
            if found.status == ENDED and found.commitment != NOT_DRAWN_HERE:
                yield GivenAway(found.id, found.prize, len(found.winners), one.entries)
