"""Bots whose leaderboard comes as one list: Lurkr, Amari, Tatsu, Arcane, discord-xp."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from robo_xp.usecases.reading.documents import Document
from robo_xp.usecases.transfer.entry import ForeignSettings, SourceCurve
from robo_xp.usecases.transfer.members import first_members
from robo_xp.usecases.transfer.sources.base import How, Source, lists, objects_in, on_object
from robo_xp.usecases.transfer.sources.convert import Converted, each, inner
from robo_xp.usecases.transfer.sources.curves import (
    AMARI,
    ARCANE,
    ARCANE_CONSTANT,
    DISCORD_XP,
    LURKR,
    leaving,
    named_curve,
)


def _always(curve: SourceCurve) -> Callable[[Document, How], SourceCurve]:
    return lambda document, how: curve


def _listing(container: str, *keys: str) -> Callable[[Mapping[str, Any]], bool]:
    """Whether an object lists members with all of these keys under this one."""

    def check(value: Mapping[str, Any]) -> bool:
        first = each(value.get(container))[:20]
        return any(all(key in one for key in keys) for one in first)

    return check


_has_levels = on_object(lambda value: isinstance(value.get("levels"), list))


def _lurkr(value: Mapping[str, Any]) -> bool:
    of_lurkr = "roleRewards" in value or _listing("levels", "userId", "xp")(value)
    return isinstance(value.get("levels"), list) and of_lurkr


def _lurkr_settings(document: Document, how: How) -> ForeignSettings:
    found = Converted()
    found.curve(LURKR)
    for page in objects_in(document):
        for reward in each(page.get("roleRewards")):
            roles = each(reward.get("roles")) or [{"id": reward.get("roleId")}]
            for role in roles:
                found.reward(reward.get("level"), role)
        for one in each(page.get("multipliers")):
            for kind in ("role", "channel"):
                found.multipliers(kind, _lurkr_factors(one, kind))
    return found.done()


def _lurkr_factors(one: Mapping[str, Any], kind: str) -> Iterator[tuple[Any, Any]]:
    """The ids of a kind that a multiplier of Lurkr names, each with its factor."""
    for target in each(one.get("targets")):
        if str(target.get("type")).lower() == kind:
            yield target.get("id"), one.get("multiplier")


def _amari(value: Mapping[str, Any]) -> bool:
    return any(
        _listing(container, "id", "exp", "level")(value) for container in ("data", "members")
    )


def _arcane(value: Mapping[str, Any]) -> bool:
    if not isinstance(value.get("levels"), list):
        return False
    return "xp_options" in value or (not _lurkr(value) and _listing("levels", "id", "level")(value))


def _arcane_curve(document: Document, how: How) -> SourceCurve:
    """Arcane's three curves, times a factor, wherever its options name them."""
    options = next((inner(one, "xp_options") for one in objects_in(document)), {})
    words = " ".join(str(value).lower() for value in options.values() if isinstance(value, str))
    factor = options.get("multiplier", options.get("factor", 1))
    factor = factor if isinstance(factor, int | float) and 0.01 <= factor <= 1000 else 1
    if "linear" in words:
        return leaving("arcane-linear", 0, 100, 75, factor)
    if "constant" in words or "flat" in words:
        return ARCANE_CONSTANT if factor == 1 else _constant(factor)
    return ARCANE if factor == 1 else leaving("arcane", 5, 50, 75, factor)


def _constant(factor: float) -> SourceCurve:
    return named_curve("arcane-constant", "linear", xpPerLevel=round(1000 * factor, 6))


def _arcane_settings(document: Document, how: How) -> ForeignSettings:
    found = Converted()
    found.curve(_arcane_curve(document, how))
    return found.done("rewards and multipliers: Arcane does not export them")


def _discord_xp(document: Document) -> bool:
    if document.kind != "json":
        return False
    first = first_members(document.value)
    return bool(first) and all("userID" in one and "guildID" in one for one in first)


SOURCES: Final = (
    Source(
        name="lurkr", title="Lurkr", fits=on_object(_lurkr), could_be=_has_levels,
        curve=_always(LURKR), settings=_lurkr_settings,
    ),
    Source(name="amari", title="Amari", fits=on_object(_amari), curve=_always(AMARI)),
    Source(
        name="tatsu", title="Tatsu",
        fits=on_object(lambda value: isinstance(value.get("rankings"), list)),
    ),
    Source(
        name="arcane", title="Arcane", fits=on_object(_arcane),
        could_be=lambda document: _has_levels(document) or lists("id", "level")(document),
        curve=_arcane_curve, settings=_arcane_settings,
    ),
    Source(
        name="discord-xp", title="discord-xp", fits=_discord_xp, could_be=lists("userID"),
        curve=_always(DISCORD_XP),
    ),
)  # fmt: skip
