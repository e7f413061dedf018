"""The names that fields of members have in files, and the member that such fields describe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from robo_xp.errors import InvalidValue, RoboXPError, RoundedIds
from robo_xp.model import MAX_XP
from robo_xp.model.ids import is_snowflake
from robo_xp.rules.levels.curve import MAX_LEVEL
from robo_xp.usecases.members.names import storable_name
from robo_xp.usecases.reading.amounts import amount_of, whole_of
from robo_xp.usecases.reading.ids import Ids
from robo_xp.usecases.reading.spelling import folded_key
from robo_xp.usecases.reading.times import instant_of
from robo_xp.usecases.transfer.entry import Entry, Skipped

# spelled as folded() leaves them: lower case, letters and digits only; the first one counts
ID: Final = ("userid", "memberid", "discordid", "user", "member", "id")
TOTAL: Final = ("totalxp", "totalexp", "totalexperience", "xptotal", "total")
XP: Final = ("xp", "exp", "experience", "points", "score")
LEVEL: Final = ("level", "lvl")
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ID,
    "total": TOTAL,
    "xp": XP,
    "level": LEVEL,
    "messages": ("messages", "messagecount", "msgs", "messagessent"),
    "xp_messages": ("xpmessages",),
    "voice": ("voiceseconds", "voicetime"),
    "last": ("lastawardedat", "lastupdated", "lastmessageat", "lastactive", "lastmessage"),
    "name": ("name", "username", "tag", "displayname", "globalname"),
    "guild": ("guildid", "serverid", "guild"),
    "hidden": ("hidden",),
    "inside": ("detailedxp",),
}
_WRAPPED: Final = ("$oid", "$numberLong", "$numberInt", "$numberDouble")
Plan = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """How one source names the fields: ``names`` in place of the usual ones.

    ``missing_xp`` is the XP of a member without any, where a source leaves defaults out.
    """

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missing_xp: int | None = None
    plans: dict[tuple[str, ...], Plan] = field(default_factory=dict)

    def found_in(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """What the object says, by the parts of an entry; a key that is there twice counts once."""
        keys = tuple(item)
        plan = self.plans.get(keys)
        if plan is None:
            plan = self._plan(keys)
            if len(self.plans) < 1000:
                self.plans[keys] = plan
        return {part: item[key] for part, key in plan if item[key] is not None}

    def _plan(self, keys: tuple[str, ...]) -> Plan:
        spelled: dict[str, str] = {}
        for key in keys:
            name = folded_key(key)
            # Mongo has _id beside id
            if name not in spelled or spelled[name].startswith("_"):
                spelled[name] = key
        plan = []
        for part, usual in _NAMES.items():
            names = self.names.get(part, usual)
            plan += [(part, spelled[name]) for name in reversed(names) if name in spelled]
        return tuple(plan)


OPEN: Final = Fields()
DEFAULTS_LEFT_OUT: Final = Fields({"voice": ("voice",)}, missing_xp=0)


@dataclass(slots=True)
class Reader:
    """Makes entries of what a file says about members.

    ``both`` counts those that say a total beside other XP.
    """

    fields: Fields
    now_ms: int
    file: str | None = None
    ids: Ids = field(default_factory=Ids)
    both: int = 0
    guilds: dict[str, str | None] = field(default_factory=dict)

    def entry(
        self, line: int, item: Any, *, user: Any = None, guild: str | None = None
    ) -> Entry | Skipped:
        """The member that an item describes, or what is wrong with it.

        An item is an object, XP, or ``[xp, level]``; ``user`` and ``guild`` are what the places
        above it say. RoundedIds where an id has lost digits.
        """
        try:
            found = self._found_fields(item)
            who = user if user is not None else found.get("id")
            return self._entry(line, found, self.ids.read(who), guild)
        except RoundedIds:
            raise
        except RoboXPError as error:
            told = user if user is not None else _id_in(item)
            return Skipped(
                line, f"member {told}: {error.message}" if told else error.message, self.file
            )

    def _found_fields(self, item: Any) -> dict[str, Any]:
        if isinstance(item, dict):
            found = self.fields.found_in(item)
            if (
                self.fields.missing_xp is not None
                and not found
                and any(map(_has_ids, item.values()))
            ):
                raise InvalidValue("is no member: it holds others")
            if isinstance(inner := found.get("id"), dict):
                found = {**self.fields.found_in(inner), **found, "id": _unwrapped_value(inner)}
            elif isinstance(inner := item.get("user"), dict):
                found = {**self.fields.found_in(inner), **found}
            return found
        if isinstance(item, list) and 1 <= len(item) <= 2:
            return dict(zip(("xp", "level"), item, strict=False))
        if isinstance(item, int | float | str) and not isinstance(item, bool):
            return {"xp": item}
        raise InvalidValue("is no object with a member's fields")

    def _entry(self, line: int, found: dict[str, Any], user_id: str, guild: str | None) -> Entry:
        number = found.get("total", found.get("xp"))
        level = _level(found.get("level"))
        inside = _inside(found.get("inside"))
        is_total = "total" in found
        if inside is not None:
            number, is_total = inside[2], True
        elif is_total and "xp" in found:
            self.both += 1
        xp, cut = None, 0.0
        if number is not None:
            xp, cut = amount_of(_plain(number))
        elif self.fields.missing_xp is not None:
            xp = self.fields.missing_xp
        elif level is None:
            raise InvalidValue("there is neither XP nor a level")
        own_guild = found.get("guild")
        return Entry(
            line,
            user_id,
            xp,
            level=level,
            inside=None if inside is None else inside[:2],
            messages=_count(found.get("messages"), "messages"),
            xp_messages=_count(found.get("xp_messages"), "xpMessages"),
            voice_seconds=_count(found.get("voice"), "voiceSeconds"),
            last_awarded_at=self._last(found.get("last")),
            name=storable_name(found.get("name")),
            file=self.file,
            guild_id=guild if own_guild is None else self._guild(own_guild),
            hidden=_truth(found.get("hidden")),
            is_total=is_total,
            cut=cut,
        )

    def _guild(self, value: Any) -> str | None:
        """The id of a guild; None for its name. Most members of a file name the same one."""
        if not isinstance(value, str):
            return _guild(value, self.ids)
        if value not in self.guilds:
            self.guilds[value] = _guild(value, self.ids)
        return self.guilds[value]

    def _last(self, value: Any) -> int | None:
        """When the last award was; None for never, and for what still lies ahead."""
        at = None if value is None else instant_of(_plain(value))
        return None if at is None or at > self.now_ms else at


def _has_ids(value: Any) -> bool:
    return isinstance(value, dict) and any(map(is_snowflake, value))


def _plain(value: Any) -> Any:
    return _unwrapped_value(value) if isinstance(value, dict) else value


def _unwrapped_value(value: Mapping[str, Any]) -> Any:
    """The id or number in an object: Mongo's wrappers, or a user with an id."""
    for key in (*_WRAPPED, "id", "userId", "user_id"):
        if key in value:
            inner = value[key]
            return int(inner) if key.startswith("$number") and str(inner).isdigit() else inner
    return dict(value)


def _guild(value: Any, ids: Ids) -> str | None:
    """The id of a guild; None for its name."""
    value = _plain(value)
    is_name = isinstance(value, str) and not any(map(str.isdigit, value))
    return None if is_name else ids.read(value, "guild id")


def _level(value: Any) -> int | None:
    return None if value is None else whole_of(_plain(value), "level", MAX_LEVEL)


def _count(value: Any, what: str) -> int | None:
    return None if value is None else whole_of(_plain(value), what)


def _truth(value: Any) -> bool | None:
    if isinstance(value, str):
        return value.strip().casefold() in ("true", "1", "yes")
    return value if isinstance(value, bool) else None


def _inside(detailed: Any) -> tuple[int, int, int] | None:
    """XP in the level, what the level takes, and the total, where they can be right."""
    if not isinstance(detailed, list) or len(detailed) != 3:
        return None
    gained, needed, total = detailed
    if any(type(number) is not int for number in detailed):
        return None
    if 0 <= gained < needed <= MAX_XP and gained <= total <= MAX_XP:
        return gained, needed, total
    return None


def _id_in(item: Any) -> str | None:
    """The id that a faulty item says, for the message about it."""
    found = OPEN.found_in(item).get("id") if isinstance(item, dict) else None
    return found if is_snowflake(found) else None
