"""Cogs of Red: LevelUp's backups, and Red's own files of LevelUp and Leveler."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from robo_xp.model.ids import is_snowflake
from robo_xp.usecases.reading.documents import Document
from robo_xp.usecases.transfer.entry import ForeignSettings, SourceCurve
from robo_xp.usecases.transfer.fields import DEFAULTS_LEFT_OUT
from robo_xp.usecases.transfer.members import Found, guild_of, members_in
from robo_xp.usecases.transfer.sources.base import How, Source, objects_in, on_object
from robo_xp.usecases.transfer.sources.convert import Converted, inner
from robo_xp.usecases.transfer.sources.curves import LEVELUP, power

_OWN: Final = ("levelroles", "algorithm", "prestigelevel", "prestigedata", "starcooldown")
_USER: Final = ("prestige", "stars", "voice")


def _fits(value: Mapping[str, Any]) -> bool:
    if isinstance(value.get("configs"), Mapping) or _in_red(value, "GUILD"):
        return True
    users = inner(value, "users")
    if users and "settings" not in value and {*_OWN} & {*value}:
        return True
    first = list(users.values())[:20]
    return any(isinstance(one, Mapping) and {*_USER} & {*one} for one in first)


def _in_red(value: Mapping[str, Any], scope: str) -> Mapping[str, Any]:
    """What Red's file of a cog keeps by guild or by member."""
    for cog in value.values():
        if isinstance(cog, Mapping) and isinstance(cog.get(scope), Mapping):
            return inner(cog, scope)
    return {}


def _guilds(value: Mapping[str, Any]) -> dict[str | None, Mapping[str, Any]]:
    """What the backup keeps by guild; under None where it is of one guild that it does not name."""
    many = inner(value, "configs") or _in_red(value, "GUILD")
    if many:
        return {guild: one for guild, one in many.items() if isinstance(one, Mapping)}
    return {guild_of(value): value}


def _members(document: Document, how: How) -> Iterator[Found]:
    for value in objects_in(document):
        for guild, one in _guilds(value).items():
            users = one.get("users")
            if guild is not None and not is_snowflake(guild):
                yield Found(one, fault=f"{guild[:40]!a} is no guild's id")
            elif isinstance(users, dict | list):
                yield from members_in(users, guild)
            elif users is not None:
                yield Found(users, guild=guild, fault="the users of a guild are no object")


def _config(document: Document, how: How) -> Mapping[str, Any]:
    """The settings of the guild that is wanted."""
    if not isinstance(document.value, Mapping):
        return {}
    guilds = _guilds(document.value)
    return guilds.get(how.guild) or guilds.get(None) or {}


def _curve(document: Document, how: How) -> SourceCurve:
    config = _config(document, how)
    algorithm = inner(config, "algorithm") or config
    base, exponent = algorithm.get("base", 100), algorithm.get("exp", 2)
    if not all(isinstance(n, int | float) and 0 < n < 1e9 for n in (base, exponent)):
        return LEVELUP
    return power("levelup", base, min(exponent, 20))


def _settings(document: Document, how: How) -> ForeignSettings:
    config, found = _config(document, how), Converted()
    found.curve(_curve(document, how))
    for level, role in inner(config, "levelroles").items():
        found.reward(level, role)
    span = config.get("xp")
    if isinstance(span, list) and len(span) == 2:
        found.award(*span)
    if "cooldown" in config:
        found.put("cooldownSeconds", config["cooldown"], "cooldown")
    ignored = inner(config, "ignored") or config
    found.places("noXpChannelIds", ignored.get("channels", config.get("ignoredchannels")))
    found.places("noXpRoleIds", ignored.get("roles", config.get("ignoredroles")))
    return found.done("prestige, stars, role bonuses and weekly boards")


def _leveler(document: Document, how: How) -> Iterator[Found]:
    for value in objects_in(document):
        yield from members_in(_in_red(value, "MEMBER"))


SOURCES: Final = (
    Source(
        name="levelup", title="LevelUp (Red)", fits=on_object(_fits),
        could_be=on_object(lambda value: "users" in value), members=_members,
        fields=DEFAULTS_LEFT_OUT, curve=_curve, settings=_settings,
    ),
    Source(
        name="red-leveler", title="Leveler (Red)",
        fits=on_object(lambda value: bool(_in_red(value, "MEMBER"))), members=_leveler,
        fields=DEFAULTS_LEFT_OUT,
    ),
)  # fmt: skip
