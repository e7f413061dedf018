"""Giveaways in files of other bots: discord-giveaways, GiveawayBot, Robo.js."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from robo_xp.errors import InvalidValue, OtherGuild, RoboXPError, RoundedIds, UnknownSource
from robo_xp.model.giveaway import ACTIVE, CANCELLED, ENDED
from robo_xp.model.ids import is_snowflake
from robo_xp.rules.giveaway.ulid import is_ulid
from robo_xp.settings.giveaway import GIVEAWAY
from robo_xp.usecases.reading.amounts import whole_of
from robo_xp.usecases.reading.documents import Document
from robo_xp.usecases.reading.flashcore import Flashcore
from robo_xp.usecases.reading.ids import Ids
from robo_xp.usecases.reading.times import instant_of
from robo_xp.usecases.transfer.entry import Skipped
from robo_xp.vault import check_text

_MOST_WINNERS: Final = 1000
_PRIZE_LIMIT: Final = 200
_MENTION: Final = re.compile(r"<@!?([0-9]{17,20})>")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignGiveaway:
    """One giveaway of another bot. ``id`` is None unless it is an ULID; times are epoch ms.

    ``key`` names it within its source, so that it is known again in a second file.
    """

    key: str
    id: str | None = None
    guild_id: str | None = None
    channel_id: str | None = None
    message_id: str | None = None
    prize: str
    winners_count: int
    ends_at: int
    created_at: int | None = None
    host: str | None = None
    status: str
    winners: tuple[str, ...] = ()
    rerolls: tuple[tuple[str, ...], ...] = ()
    entries: Mapping[str, int]
    allow_role_ids: tuple[str, ...] = ()
    deny_role_ids: tuple[str, ...] = ()
    min_account_age_days: int | None = None
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GiveawaysRead:
    """The giveaways of a guild in files, what was skipped, and how many are of other guilds."""

    found: tuple[ForeignGiveaway, ...]
    skipped: tuple[Skipped, ...]
    elsewhere: int


def giveaways_in(documents: list[Document], guild: str) -> GiveawaysRead:
    """The giveaways of the guild in the documents.

    Raises UnknownSource for files that hold none, InvalidValue where none can be used, OtherGuild
    where all are of another guild.
    """
    found: list[ForeignGiveaway] = []
    skipped: list[Skipped] = []
    elsewhere: list[str] = []
    for document in documents:
        for line, (shape, value) in enumerate(_values(document, guild), start=1):
            try:
                one = shape(value, Ids())
            except RoundedIds:
                raise
            except RoboXPError as error:
                skipped.append(Skipped(line, error.message, document.file))
                continue
            if one.guild_id in (None, guild):
                found.append(one)
            else:
                elsewhere.append(str(one.guild_id))
    if not found and elsewhere:
        raise OtherGuild(
            f"the giveaways are of guild {elsewhere[0]}, not of {guild}",
            advice=f"to take them over all the same: --from-guild {elsewhere[0]}",
        )
    if not found and skipped:
        raise InvalidValue(f"no giveaway can be used: {skipped[0].error}")
    return GiveawaysRead(tuple(found), tuple(skipped), len(elsewhere))


def settings_in(document: Document, guild: str) -> Mapping[str, Any]:
    """The settings for giveaways in a Flashcore folder that differ from ours; no others' keys."""
    if document.folder is None:
        return {}
    found = Flashcore(document.folder).get(("giveaways", "guilds", guild, "settings"), "data")
    own: dict[str, Any] = {}
    for key, value in GIVEAWAY.leaves_of(found if isinstance(found, Mapping) else {}).items():
        if value is None or key not in GIVEAWAY.fields or value == GIVEAWAY[key].default:
            continue
        if not GIVEAWAY.value_faults(GIVEAWAY.set({}, key, value)):
            own = GIVEAWAY.set(own, key, value)
    return own


Shape = Callable[[Any, Ids], ForeignGiveaway]


def _values(document: Document, guild: str) -> Iterator[tuple[Shape, Any]]:
    """The records in a document, each with what reads it."""
    if document.folder is not None:
        yield from ((_robojs, record) for record in _in_flashcore(document.folder, guild))
        return
    values = list(_records(document.value))
    if not values:
        raise UnknownSource(
            "the file holds no giveaways that are known",
            advice="giveaways.json of discord-giveaways, summaries of GiveawayBot, or Robo.js",
        )
    yield from values


def _records(value: Any) -> Iterator[tuple[Shape, Any]]:
    if isinstance(value, list):
        for one in value:
            yield from _records(one)
    elif not isinstance(value, Mapping):
        return
    elif isinstance(value.get("giveaway"), Mapping):
        yield _giveawaybot, value
    elif "prize" in value and "winnersCount" in value:
        yield _robojs, value
    elif "prize" in value and "winnerCount" in value:
        yield _discord_giveaways, value
    else:
        for key in ("data", "active", "recent", "giveaways"):
            yield from _records(value.get(key))


def _in_flashcore(folder: str, guild: str) -> Iterator[Any]:
    """The records of a guild's active and recent giveaways."""
    core = Flashcore(folder)
    for which in ("active", "recent"):
        for giveaway_id in core.get(("giveaways", "guilds", guild, which), "list") or ():
            yield core.get(("giveaways", "data"), str(giveaway_id)) or {"id": giveaway_id}


def _discord_giveaways(value: Any, ids: Ids) -> ForeignGiveaway:
    message = ids.read(value.get("messageId"), "message id")
    is_over = bool(value.get("ended"))
    host = _MENTION.search(str(value.get("hostedBy", "")))
    code = [key for key in ("bonusEntries", "exemptMembers") if value.get(key)]
    return ForeignGiveaway(
        key=f"discord-giveaways {message}",
        guild_id=ids.read(value.get("guildId"), "guild id"),
        channel_id=ids.read(value.get("channelId"), "channel id"),
        message_id=message,
        prize=_prize(value.get("prize")),
        winners_count=_count(value.get("winnerCount")),
        ends_at=_instant(value.get("endAt"), "endAt"),
        created_at=instant_of(value.get("startAt") or 0),
        host=host[1] if host else None,
        status=ENDED if is_over else ACTIVE,
        winners=_people(value.get("winnerIds"), ids),
        entries={},
        left_out=tuple(f"{key} is code" for key in code),
    )


def _giveawaybot(value: Any, ids: Ids) -> ForeignGiveaway:
    one = value["giveaway"]
    message = ids.read(one.get("id"), "giveaway id")
    host = one.get("host")
    return ForeignGiveaway(
        key=f"giveawaybot {message}",
        message_id=message,
        channel_id=one.get("channel") if is_snowflake(one.get("channel")) else None,
        guild_id=one.get("guild") if is_snowflake(one.get("guild")) else None,
        prize=_prize(one.get("prize")),
        winners_count=_count(one.get("num_winners", one.get("winners"))),
        ends_at=_instant(one.get("end"), "end"),
        host=host.get("id") if isinstance(host, Mapping) and is_snowflake(host.get("id")) else None,
        status=ENDED,
        winners=_people(value.get("winners"), ids),
        entries=dict.fromkeys(_people(value.get("entries"), ids), 1),
    )


def _robojs(value: Any, ids: Ids) -> ForeignGiveaway:
    giveaway_id = str(value.get("id"))
    if not is_ulid(giveaway_id):
        raise InvalidValue(f"{giveaway_id[:40]!a} is no id of a giveaway")
    status = value.get("status")
    if status not in (ACTIVE, ENDED, CANCELLED):
        raise InvalidValue(f"giveaway {giveaway_id}: there is no record, or it has no status")
    entries = value.get("entries")
    age = value.get("minAccountAgeDays")
    return ForeignGiveaway(
        key=f"robojs {giveaway_id}",
        id=giveaway_id,
        guild_id=ids.read(value.get("guildId"), "guild id"),
        channel_id=ids.read(value.get("channelId"), "channel id"),
        message_id=value.get("messageId") if is_snowflake(value.get("messageId")) else None,
        prize=_prize(value.get("prize")),
        winners_count=_count(value.get("winnersCount")),
        ends_at=_instant(value.get("endsAt"), "endsAt"),
        created_at=instant_of(value.get("createdAt") or 0),
        host=value.get("startedBy") if is_snowflake(value.get("startedBy")) else None,
        status=status,
        winners=_people(value.get("winners"), ids),
        rerolls=tuple(_people(batch, ids) for batch in value.get("rerolls") or ()),
        entries=dict.fromkeys(_people(list(entries) if entries else [], ids), 1),
        allow_role_ids=_people(value.get("allowRoleIds"), ids),
        deny_role_ids=_people(value.get("denyRoleIds"), ids),
        min_account_age_days=None if age is None else whole_of(age, "minAccountAgeDays", 36_500),
    )


def _prize(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidValue("there is no prize")
    return str(check_text(value.strip()[:_PRIZE_LIMIT], "prize", _PRIZE_LIMIT))


def _count(value: Any) -> int:
    return max(1, whole_of(value, "number of winners", _MOST_WINNERS))


def _instant(value: Any, what: str) -> int:
    at = instant_of(value)
    if at is None:
        raise InvalidValue(f"{what} says no time")
    return at


def _people(value: Any, ids: Ids) -> tuple[str, ...]:
    """The ids in a list of ids, or of objects with ids, each once."""
    listed = value if isinstance(value, list) else []
    plain = [one.get("id") if isinstance(one, Mapping) else one for one in listed]
    return tuple(dict.fromkeys(ids.read(one, "id") for one in plain))
