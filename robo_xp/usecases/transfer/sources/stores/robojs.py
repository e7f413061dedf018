"""Robo.js' XP plugin: its Flashcore folder with all stores, and what its REST routes answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from robo_xp.errors import InvalidValue
from robo_xp.model.ids import is_snowflake
from robo_xp.rules.levels.curve import build_curve, curve_faults
from robo_xp.settings.xp import XP
from robo_xp.usecases.reading.documents import Document
from robo_xp.usecases.reading.flashcore import Flashcore
from robo_xp.usecases.transfer.entry import ForeignSettings, SourceCurve
from robo_xp.usecases.transfer.fields import Fields
from robo_xp.usecases.transfer.members import Found, guild_of, members_in
from robo_xp.usecases.transfer.sources.base import How, Source, on_object
from robo_xp.usecases.transfer.sources.convert import Converted, each

# its stored levels come from several curves, so they are worked out anew
_FIELDS: Final = Fields({"level": ()}, missing_xp=0)
# names of stores that its documents suggest; the folder itself names none
_USUAL_STORES: Final = (
    "default", "reputation", "rep", "credits", "coins", "gold", "gems", "economy", "combat",
    "crafting", "trading", "voice", "season1", "season2", "season3", "season-1", "season-2",
    "event_halloween",
)  # fmt: skip
_ANSWERS: Final = ("data", "entries", "users")
_SCALARS: Final = (
    "cooldownSeconds", "xpRate", "noXpRoleIds", "noXpChannelIds", "rewardsMode",
    "removeRewardOnXpLoss", "leaderboard.public", "multipliers.server", "theme.embedColor",
    "theme.backgroundUrl", "labels.xpDisplayName", "levels",
)  # fmt: skip


def _fits(document: Document) -> bool:
    if document.folder is not None:
        return True
    return on_object(_is_answer)(document)


def _is_answer(value: Mapping[str, Any]) -> bool:
    if isinstance(value.get("data"), Mapping) and value.get("success") is True:
        return True
    return "pagination" in value and isinstance(value.get("entries", value.get("users")), list)


def _stores(document: Document, how: How) -> tuple[str, ...]:
    """The stores of the guild in the folder: those that were named, and those with usual names."""
    if document.folder is None:
        return (how.store,)
    core = Flashcore(document.folder)
    names = dict.fromkeys((*_USUAL_STORES, *how.stores))
    found = tuple(name for name in names if core.get(("xp", name, how.guild), "members"))
    if not found:
        raise InvalidValue(
            f"the folder holds no XP of guild {how.guild}",
            advice="give the folder of Flashcore's files, usually .robo/data, and --from-guild ID",
        )
    return found


def _members(document: Document, how: How) -> Iterator[Found]:
    if document.folder is None:
        yield from _answered_members(document.value)
        return
    core = Flashcore(document.folder)
    users = ("xp", how.store, how.guild, "users")
    for user_id in core.get(("xp", how.store, how.guild), "members") or ():
        if not is_snowflake(user_id):
            yield Found(user_id, fault=f"{user_id!a:.40} is no member id")
            continue
        try:
            record = core.get(users, user_id)
        except InvalidValue as error:
            yield Found(None, fault=f"member {user_id}: {error.message}")
            continue
        if record is None:
            yield Found(record, fault=f"member {user_id}: there is no record")
        else:
            yield Found(record, user=user_id, guild=how.guild)


def _answered_members(value: Any) -> Iterator[Found]:
    """The members of one answer, or of several."""
    for one in value if isinstance(value, list) else [value]:
        inside = one.get("data") if isinstance(one, Mapping) else None
        if isinstance(inside, Mapping) and isinstance(inside.get("user"), Mapping):
            yield Found(inside["user"], guild=guild_of(inside))
        else:
            yield from members_in([one] if isinstance(one, Mapping) else one)


def _config(document: Document, how: How) -> Mapping[str, Any]:
    """The settings that hold there: of the guild above those of all guilds."""
    if document.folder is None:
        value = document.value if isinstance(document.value, Mapping) else {}
        inside = value.get("data")
        return inside if isinstance(inside, Mapping) and "cooldownSeconds" in inside else {}
    core = Flashcore(document.folder)
    layers = [
        core.get(("xp", "global"), "config"),
        core.get(("xp", how.store, how.guild), "config"),
    ]
    return XP.merge(*(layer for layer in layers if isinstance(layer, Mapping)))


def _curve(document: Document, how: How) -> SourceCurve:
    spec = _threshold_curve(_config(document, how).get("levels"))
    if not isinstance(spec, Mapping) or curve_faults(spec):
        spec = {"type": "quadratic"}
    return SourceCurve("robojs", build_curve(spec), spec)


def _settings(document: Document, how: How) -> ForeignSettings:
    config, found = _config(document, how), Converted()
    defaults = XP.effective()
    for key in _SCALARS:
        value = XP.get(config, key)
        # the original wrote its defaults into each guild's settings
        if value is not None and value != XP.get(defaults, key):
            found.put(key, _threshold_curve(value) if key == "levels" else value)
    for reward in each(config.get("roleRewards")):
        found.reward(reward.get("level"), reward.get("roleId"))
    multipliers = config.get("multipliers")
    for kind in ("role", "user"):
        pairs = multipliers.get(kind) if isinstance(multipliers, Mapping) else None
        for one, factor in pairs.items() if isinstance(pairs, Mapping) else ():
            found.put(f"multipliers.{kind}.{one}", factor)
    known = {key.partition(".")[0] for key in (*_SCALARS, "roleRewards", "multipliers.role")}
    return found.done(*(f"{key}: has no place here" for key in config if key not in known))


def _threshold_curve(spec: Any) -> Any:
    """A curve as it was configured there: its quadratic says where a level begins."""
    if isinstance(spec, Mapping) and spec.get("type") == "quadratic":
        return {**spec, "type": "threshold"}
    return spec


SOURCES: Final = (
    Source(
        name="robojs", title="Robo.js XP", kinds=("folder", "json"), fits=_fits,
        could_be=on_object(lambda value: any(key in value for key in _ANSWERS)),
        members=_members, fields=_FIELDS, curve=_curve, settings=_settings, stores=_stores,
    ),
)  # fmt: skip
