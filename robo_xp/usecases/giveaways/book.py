"""The giveaways of one guild within its namespace: where records lie and how they are found.

Tables: ``giveaways`` (records), ``secrets`` (what draws are made of, until they are public),
``entries:ID`` (one record per entrant, so entering is one small change), ``numbers`` (the last
number that an entry of a giveaway was given) and ``settings``.
Records have the number of their ULID as their id, since stock TinyDB wants digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from robo_xp.errors import (
    GiveawayNotActive,
    GiveawayNotFound,
    InvalidId,
    InvalidValue,
    LimitExceeded,
    SecretMissing,
)
from robo_xp.model import short_text
from robo_xp.model.giveaway import ACTIVE, CANCELLED, DRAWING, ENDED, SCHEDULED, Giveaway
from robo_xp.model.giveaway_record import giveaway_of, record_of
from robo_xp.model.ids import is_snowflake
from robo_xp.rules.giveaway.ulid import is_ulid, number_of
from robo_xp.settings.giveaway import GIVEAWAY, GiveawaySettings, settings_of
from robo_xp.settings.giveaway_terms import WINNERS
from robo_xp.text import first_of
from robo_xp.usecases.core import Core, Tables, check_reason
from robo_xp.usecases.giveaways.standings import Standings, standings_for
from robo_xp.usecases.plan import Plan
from robo_xp.usecases.settings.giveaways import SETTINGS, SettingsOfGiveaways
from robo_xp.vault import Namespace, Record, Transaction, giveaways_name

if TYPE_CHECKING:
    from tinydb import Query
    from tinydb.queries import QueryLike

R = TypeVar("R")
GIVEAWAYS = "giveaways"
SECRETS = "secrets"
NUMBERS = "numbers"
RECENT = 50
_FEW = 5
_PREFIX = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{3,24}")
_LINK = re.compile(
    r"https://(?:(?:canary|ptb)\.)?discord(?:app)?\.com/channels/([0-9]+)/([0-9]+)/([0-9]+)/?"
)


def doc_id_of(giveaway_id: str) -> str:
    """The id of the giveaway's record: digits."""
    return str(number_of(giveaway_id))


def entries_table(giveaway_id: str) -> str:
    """The table of the giveaway's entries."""
    return f"entries:{giveaway_id}"


@dataclass(frozen=True, slots=True)
class Book:
    """The giveaways of a guild as a state or a transaction has them."""

    guild_id: str
    tables: Tables

    def find(self, reference: str) -> Giveaway:
        """The giveaway with this id, or its beginning where no other begins so, or with the message
        of this id or link; for an empty text the only one that is active.

        Raises NotFound, also for giveaways of other guilds, and InvalidId for what fits several.
        """
        text = reference.strip()
        if not text:
            return _only(self.active(), "giveaway is active")
        if is_ulid(text.upper()):
            found = self.tables.table(GIVEAWAYS).get(doc_id=doc_id_of(text.upper()))
            if found is not None:
                return giveaway_of(found.record)
            raise GiveawayNotFound(
                f"there is no giveaway {short_text(text)} in guild {self.guild_id}"
            )
        return self._of_message(text)

    def all(self) -> list[Giveaway]:
        """Every giveaway of the guild, oldest first."""
        found = sorted(self.tables.table(GIVEAWAYS), key=lambda one: int(one.doc_id))
        return [giveaway_of(one.record) for one in found]

    def active(self) -> list[Giveaway]:
        """The giveaways that can be entered or wait for their draw, next end first."""
        found = self.matching(_status().one_of([ACTIVE, DRAWING]))
        return sorted(found, key=lambda one: (one.ends_at, one.id))

    def scheduled(self) -> list[Giveaway]:
        """The giveaways that have yet to start, next start first."""
        found = self.matching(_status() == SCHEDULED)
        return sorted(found, key=lambda one: (one.began_at, one.id))

    def finished(self) -> list[Giveaway]:
        """The giveaways that have ended or were cancelled, last first."""
        return sorted(
            self.matching(_status().one_of([ENDED, CANCELLED])),
            key=lambda one: (one.finalized_at or 0, one.id),
            reverse=True,
        )

    def matching(self, query: QueryLike) -> list[Giveaway]:
        """The giveaways whose records match the query."""
        return [giveaway_of(one.record) for one in self.tables.table(GIVEAWAYS).search(query)]

    def entries(self, giveaway_id: str) -> Mapping[str, Record]:
        """The giveaway's entries by user id."""
        return self.tables.records(entries_table(giveaway_id))

    def weights(self, giveaway_id: str) -> dict[str, int]:
        """The weights of the giveaway's entries by user id."""
        return {user_id: entry["weight"] for user_id, entry in self.entries(giveaway_id).items()}

    def places(self, giveaway_id: str) -> list[str]:
        """Who entered a drop, in the order in which they did."""
        numbers = self.numbers(giveaway_id)
        return sorted(numbers, key=lambda user_id: numbers[user_id])

    def exempt(self, giveaway_id: str) -> dict[str, str]:
        """Why entries count whatever is asked, by user id; nothing of the others."""
        entries = self.entries(giveaway_id).items()
        return {user_id: entry["exempt"] for user_id, entry in entries if "exempt" in entry}

    def numbers(self, giveaway_id: str) -> dict[str, int]:
        """The numbers of the giveaway's entries by user id; some earlier entries have none."""
        entries = self.entries(giveaway_id)
        return {user_id: entry["number"] for user_id, entry in entries.items() if "number" in entry}

    def last_number(self, giveaway_id: str) -> int:
        """The last number that an entry of the giveaway was given, 0 before the first."""
        held = self.tables.table(NUMBERS).get(doc_id=doc_id_of(giveaway_id))
        return 0 if held is None else int(held.record["last"])

    def secret(self, giveaway: Giveaway) -> bytes:
        """The secret that the giveaway's draws are made of."""
        secret = self.known_secret(giveaway)
        if secret is None:
            raise SecretMissing(
                f"the secret of giveaway {giveaway.id} is gone, so nobody can draw",
            )
        return bytes.fromhex(secret)

    def known_secret(self, giveaway: Giveaway) -> str | None:
        """The same in hex; None when it is gone."""
        held = self.tables.table(SECRETS).get(doc_id=doc_id_of(giveaway.id))
        return giveaway.secret or (None if held is None else held.record.get("secret"))

    def _of_message(self, text: str) -> Giveaway:
        """The giveaway whose message this is: an id, or a link into this guild."""
        message_id = text
        if link := _LINK.fullmatch(text):
            if link.group(1) != self.guild_id:
                raise GiveawayNotFound(f"that message is not in guild {self.guild_id}")
            message_id = link.group(3)
        elif may_begin_id(text):
            begun = [one for one in self.all() if one.id.startswith(text.upper())]
            return _only(begun, f"giveaway's id begins with {short_text(text)}")
        elif not is_snowflake(text):
            raise GiveawayNotFound(f"{short_text(text)} is neither a giveaway nor a message")
        from tinydb import where

        for giveaway in self.matching(where("messageId") == message_id):
            return giveaway
        raise GiveawayNotFound(f"message {message_id} is no giveaway of guild {self.guild_id}")


def may_begin_id(text: str) -> bool:
    """Whether the ids of giveaways can begin with the text, which is no id of a message."""
    return _PREFIX.fullmatch(text.upper()) is not None and not is_snowflake(text)


def _only(found: list[Giveaway], what: str) -> Giveaway:
    """The one that was found; InvalidId for several, GiveawayNotFound for none."""
    if not found:
        raise GiveawayNotFound(f"no {what}")
    if len(found) > 1:
        ids = first_of([f"{one.id} ({one.prize})" for one in found], _FEW)
        raise InvalidId(f"more than one {what}: {ids}", advice="give more of its id")
    return found[0]


class Cases:
    """What the use cases of giveaways share."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.settings = SettingsOfGiveaways(core)

    def _namespace(self, guild_id: str) -> Namespace:
        """The namespace of the guild's giveaways; InvalidId for an id that cannot be."""
        return self._core.vault.namespace(giveaways_name(guild_id))

    def _read(self, guild_id: str) -> Book:
        """The guild's giveaways as they are now."""
        return Book(guild_id, self._namespace(guild_id).read())

    def _standings(self, guild_id: str, giveaway: str) -> Standings:
        """What the giveaway's requirements are judged by, as the vault has it now."""
        found = self._read(guild_id).find(giveaway)
        return standings_for(self._core, guild_id, found.requirements)

    def _holding(self, tables: Tables) -> GiveawaySettings:
        """The settings that hold in the guild."""
        own = SETTINGS.own(tables)
        return settings_of(GIVEAWAY.effective(self.settings.own(None), own))

    def _plan(
        self,
        guild_id: str,
        cmd: str,
        decide: Callable[[Transaction, Book], R],
        reason: str | None = None,
    ) -> Plan[R]:
        """A change to the guild's giveaways that can be previewed or committed."""
        return Plan(
            self._namespace(guild_id),
            self._core.origin_for(cmd),
            lambda transaction: decide(transaction, Book(guild_id, transaction)),
            reason=check_reason(reason),
        )


def store(transaction: Transaction, giveaway: Giveaway) -> None:
    """Put the record; fields of it that this version does not know stay as they are."""
    doc_id = doc_id_of(giveaway.id)
    before = transaction.get(GIVEAWAYS, doc_id) or {}
    transaction.db.table(GIVEAWAYS).replace({doc_id: {**before, **record_of(giveaway)}})


def _status() -> Query:
    """What queries ask of a giveaway's status."""
    from tinydb import where

    return where("status")


def check_active(giveaway: Giveaway) -> None:
    """Raise Refused for a giveaway that has not started, is ended or cancelled."""
    if not giveaway.is_active:
        sooner = f"it has yet to start; sooner: robo-xp giveaway edit {giveaway.id} --at 1m"
        raise GiveawayNotActive(
            f"giveaway {giveaway.id} is {giveaway.status}, not active",
            advice=sooner if giveaway.is_scheduled else GiveawayNotActive.advice,
        )


def check_open(giveaway: Giveaway) -> None:
    """Raise Refused for a giveaway that is ended or cancelled; a planned one is open too."""
    if not giveaway.is_scheduled:
        check_active(giveaway)


def check_winners(count: int, settings: GiveawaySettings) -> None:
    """Raise InvalidValue for a number that nobody can draw, LimitExceeded for too many winners."""
    if faults := WINNERS.faults("winners", count):
        raise InvalidValue(str(faults[0]))
    if count > settings.max_winners:
        raise LimitExceeded(
            f"{count} winners are too many: at most {settings.max_winners}",
            advice="choose fewer, or raise limits.maxWinners in the settings",
        )


def effects_after(giveaway: Giveaway, *keys: str) -> dict[str, Any]:
    """The fields of the giveaway that say that Discord has to be told these things."""
    revision = giveaway.revision + 1
    asked = {
        key: {"asked": revision, "done": giveaway.effects.get(key, {}).get("done", 0)}
        for key in keys
    }
    return {"revision": revision, "effects": {**giveaway.effects, **asked}}


def effects_done(giveaway: Giveaway, done: Mapping[str, int]) -> dict[str, Any]:
    """The field of the giveaway that says that Discord was told these, in these revisions."""
    effects = dict(giveaway.effects)
    for key, revision in done.items():
        marks = effects[key]
        effects[key] = {**marks, "done": max(marks["done"], revision)}
    return {"effects": effects}
