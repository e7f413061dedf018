"""What settings look like in JSON, out of their tables. The core checks them; these describe them.

A patch is the same with every part optional, and null to take a part back to the layer below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

import msgspec
from msgspec import UNSET, Meta, UnsetType

from robo_xp.model import MAX_XP
from robo_xp.rules.period import KINDS
from robo_xp.settings import kinds
from robo_xp.settings.giveaway import GIVEAWAY
from robo_xp.settings.giveaway_terms import RequirementParts
from robo_xp.settings.kinds import Kind, RewardList
from robo_xp.settings.periods import CountedWords, PrizeList
from robo_xp.settings.table import Field, Table
from robo_xp.settings.xp import XP
from robo_xp_daemon.http.routes.shapes import SNOWFLAKE, Document, Id, Shape

Ids = Annotated[list[Id], Meta(max_length=kinds.IdsOf.high)]
_Key = Annotated[str, Meta(pattern=SNOWFLAKE)]
_LEVEL = RewardList.parts["level"]
RewardLevel = Annotated[int, Meta(ge=_LEVEL.low, le=_LEVEL.high)]


class Reward(Shape, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A role that a level earns; ``dangerous`` ones also while they let members manage a guild."""

    level: RewardLevel
    role_id: Id
    dangerous: bool = False


class Prize(Shape, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the first so many of each day, week or month get."""

    kind: Literal[KINDS]  # type: ignore[valid-type]  # made of what the core knows
    first: Annotated[int, Meta(ge=1, le=100)] = 1
    role_id: Id | UnsetType = UNSET
    xp: Annotated[int, Meta(ge=1, le=MAX_XP)] | UnsetType = UNSET
    dangerous: bool = False


Rewards = Annotated[list[Reward], Meta(max_length=RewardList.high)]


def value_type(kind: Kind, *, patch: bool = False) -> Any:
    """The type of the values of a kind."""
    match kind:
        case kinds.Whole():
            return Annotated[int, Meta(ge=kind.low, le=kind.high)]
        case kinds.Decimal():
            about = "at most three decimals"
            return Annotated[float, Meta(ge=kind.low, le=kind.high, description=about)]
        case kinds.Flag():
            return bool
        case kinds.Choice():
            return Literal[kind.choices]
        case kinds.Text():
            return Annotated[str, Meta(min_length=kind.low, max_length=kind.high)]
        case kinds.IdOf():
            return Id
        case kinds.IdsOf():
            return Ids
        case kinds.RewardList():
            return Rewards
        case CountedWords():
            words: Any = Literal
            return Annotated[
                list.__class_getitem__(words[kind.choices]), Meta(max_length=kind.high)
            ]
        case PrizeList():
            return Annotated[list[Prize], Meta(max_length=kind.high)]
        case kinds.PerId():
            key = str if isinstance(kind, kinds.PerName) else _Key
            entry = value_type(kind.entry)
            return dict.__class_getitem__((key, Union[entry, None] if patch else entry))  # noqa: UP007 - made at run time
        case kinds.CurveDescription() | kinds.Parts():
            return Document
    return str


def shapes_of(fields: Table, name: str, *, patch: bool = False) -> dict[str, Any]:
    """The type of each group of settings by its key, and that of all settings by the key ``""``."""
    shapes: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    groups: dict[str, dict[str, Any]] = {}
    for field in fields:
        values = groups.setdefault(field.key.rpartition(".")[0], {})
        values[field.name] = _described_field(field, patch=patch)
    for group, values in groups.items():
        if not group:
            parts |= values
            continue
        about = f"{fields.groups[group]}."
        shapes[group] = _struct(f"{name}{group.capitalize()}", about, values, patch=patch)
        parts[group] = shapes[group]
    shapes[""] = _struct(name, "All settings, as far as they are set.", parts, patch=patch)
    return shapes


def _described_field(field: Field, *, patch: bool) -> Any:
    is_number = isinstance(field.kind, kinds.Whole | kinds.Decimal) and field.unit
    about = f"{field.help} Unit: {field.unit}." if is_number else field.help
    return Annotated[value_type(field.kind, patch=patch), Meta(description=about)]


def _struct(name: str, about: str, parts: dict[str, Any], *, patch: bool) -> Any:
    """A shape with these parts, all optional; in a patch null is right, and nothing unknown."""
    optional = [
        (part, Union[(kind, None, UnsetType) if patch else (kind, UnsetType)], UNSET)  # noqa: UP007 - made at run time
        for part, kind in parts.items()
    ]
    made = msgspec.defstruct(
        f"{name}Patch" if patch else name,
        optional,
        bases=(Shape,),
        frozen=True,
        forbid_unknown_fields=patch,
    )
    made.__doc__ = f"{about} Null takes a part back to the layer below." if patch else about
    return made


if TYPE_CHECKING:
    Factors = dict[str, float]
else:
    Factors = value_type(XP["multipliers.role"].kind)

AskedRequirements: Any = msgspec.defstruct(
    "AskedRequirements",
    [
        (key, Union[value_type(kind), UnsetType], UNSET)  # noqa: UP007 - made at run time
        for key, kind in RequirementParts.parts.items()
    ],
    bases=(Shape,),
    frozen=True,
    forbid_unknown_fields=True,
)
AskedRequirements.__doc__ = "What is asked of entrants; ages are in days."

_PATCHES = shapes_of(XP, "Settings", patch=True)
Settings: Any = shapes_of(XP, "Settings")[""]
SettingsPatch: Any = _PATCHES[""]
MultipliersPatch: Any = _PATCHES["multipliers"]
GiveawaySettings: Any = shapes_of(GIVEAWAY, "GiveawaySettings")[""]
GiveawaySettingsPatch: Any = shapes_of(GIVEAWAY, "GiveawaySettings", patch=True)[""]
