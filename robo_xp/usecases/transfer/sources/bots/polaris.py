"""Polaris: its export with settings, and the lists, tables and texts that it writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from robo_xp.usecases.reading.documents import Document
from robo_xp.usecases.reading.spelling import folded_key
from robo_xp.usecases.transfer.entry import ForeignSettings, SourceCurve
from robo_xp.usecases.transfer.fields import Fields
from robo_xp.usecases.transfer.members import Found, members_in
from robo_xp.usecases.transfer.sources.base import How, Source, lists
from robo_xp.usecases.transfer.sources.convert import Converted, each, inner
from robo_xp.usecases.transfer.sources.curves import POLARIS, polaris

_GAIN_SECONDS: Final = 60
_HIGHEST: Final = 1000


def _fits(document: Document) -> bool:
    if document.table is not None:
        names = tuple(map(folded_key, document.table.columns))
        return document.table.delimiter == "-" or names == ("id", "totalxp")
    value = document.value
    if not isinstance(value, Mapping) or not isinstance(value.get("settings"), Mapping):
        return False
    return any(isinstance(value.get(key), dict | list) for key in ("users", "leaderboard"))


def _could_be(document: Document) -> bool:
    """Its lists and objects without settings."""
    value = document.value
    by_id = ("users", "leaderboard", "xp")
    if isinstance(value, Mapping):
        return any(isinstance(value.get(key), dict | list) for key in by_id)
    return lists("id", "xp")(document)


def _members(document: Document, how: How) -> Iterator[Found]:
    """The members; a cooldown there is an instant until which nothing is awarded."""
    gain = _seconds(inner(document.value, "settings", "gain").get("time"))
    for found in members_in(_without_settings(document.value)):
        item = found.item
        if isinstance(item, Mapping) and isinstance(until := item.get("cooldown"), int | float):
            last = until - gain * 1000 if 0 < until <= how.now_ms else None
            item = {**item, "lastAwardedAt": last and max(last, 0)}
        yield Found(item, found.user, found.guild, found.fault)


def _without_settings(value: Any) -> Any:
    if isinstance(value, Mapping) and "settings" in value:
        return {key: inside for key, inside in value.items() if key != "settings"}
    return value


def _seconds(value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9
    return value if is_number else _GAIN_SECONDS


def _curve(document: Document, how: How) -> SourceCurve:
    settings = inner(document.value, "settings")
    powers = {
        int(key): float(value)
        for key, value in inner(settings, "curve").items()
        if key in ("1", "2", "3") and isinstance(value, int | float) and abs(value) < 1e12
    }
    if not powers:
        return POLARIS
    step, top = settings.get("rounding", 100), settings.get("maxLevel", _HIGHEST)
    step = step if isinstance(step, int | float) and 0 <= step < 1e12 else 100
    return polaris(powers, step, top if type(top) is int and 0 < top <= _HIGHEST else _HIGHEST)


def _settings(document: Document, how: How) -> ForeignSettings:
    settings = inner(document.value, "settings")
    found = Converted()
    if not settings:
        return found.done()
    found.curve(_curve(document, how))
    gain = inner(settings, "gain")
    if "min" in gain and "max" in gain:
        found.award(gain["min"], gain["max"])
    if "time" in gain:
        found.put("cooldownSeconds", gain["time"], "cooldown")
    kept = False
    for reward in each(settings.get("rewards")):
        found.reward(reward.get("level"), reward.get("id"))
        kept = kept or bool(reward.get("keep"))
    if found.rewards:
        found.put("rewardsMode", "stack" if kept else "replace")
    roles = each(inner(settings, "multipliers").get("roles"))
    found.multipliers("role", ((one.get("id"), one.get("boost")) for one in roles))
    channels = each(inner(settings, "multipliers").get("channels"))
    found.places("noXpChannelIds", [one.get("id") for one in channels if one.get("boost") == 0])
    found.multipliers(
        "channel", ((one.get("id"), one["boost"]) for one in channels if one.get("boost"))
    )
    return found.done("rank cards and messages of level-ups")


SOURCES: Final = (
    Source(
        name="polaris", title="Polaris", kinds=("json", "table"), fits=_fits,
        could_be=_could_be, members=_members,
        fields=Fields({"hidden": ("hidden",)}, missing_xp=0), curve=_curve, settings=_settings,
    ),
)  # fmt: skip
