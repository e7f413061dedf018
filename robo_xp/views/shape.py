"""What a view is, the values that views are made of, and how a percentage is rounded."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Final, Self, get_args

import msgspec
from msgspec import UNSET, Meta

from robo_xp.model import MAX_XP, ids

SNOWFLAKE: Final = f"^{ids.SNOWFLAKE}$"

Id = Annotated[str, Meta(pattern=SNOWFLAKE, description="an id of Discord, as text")]
Name = Annotated[str, Meta(description="left out where it is not known")]
EpochMs = Annotated[int, Meta(ge=0, description="milliseconds since 1970")]
Seconds = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]
XP = Annotated[int, Meta(ge=0, le=MAX_XP)]
Level = Annotated[int, Meta(ge=0)]
Seq = Annotated[int, Meta(ge=1, description="the batch, as history and undo name it")]
Percent = Annotated[float, Meta(ge=0, le=100)]
Names = Mapping[str, str]

NOBODY: Final[Names] = {}


class View(msgspec.Struct, frozen=True, rename="camel"):
    """A result, or a part of one, with camelCase keys.

    ``_within`` names the attribute of a result that has the fields which it lacks itself.
    """

    _within: ClassVar[str] = ""

    @classmethod
    def of(cls, found: Any, names: Names = NOBODY, **more: Any) -> Self:
        """The view of ``found``: its attributes that are called as the fields, and ``more``.

        A field that is a view itself, or a list of them, is made in the same way. ``names`` are
        those of members by id, for every part that speaks of a member.
        """
        more = {**cls._own(found, names), **more}
        inner = getattr(found, cls._within) if cls._within else found
        for field, part in _parts(cls):
            if field not in more:
                place = found if inner is found or hasattr(found, field) else inner
                if part is Name:
                    more[field] = names.get(inner.user_id, UNSET)
                else:
                    value = getattr(place, field)
                    more[field] = value if part is None else _view_value(part, value, names)
        return cls(**more)

    def as_json(self) -> dict[str, Any]:
        """The view as JSON values; what is left out has no key."""
        made: dict[str, Any] = msgspec.to_builtins(self)
        return made

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        """The fields that are more than an attribute of the same name."""
        return {}


class Fault(View, frozen=True):
    """One thing that is wrong, and where."""

    where: str
    message: str


def percentage(part: int, whole: int, places: int = 1) -> float:
    """How many percent of ``whole`` the part is, rounded half up, and 100.0 only for all of it."""
    if part >= whole:
        return 100.0
    below: float = 100 - 10.0**-places
    return min(rounded_quotient(part * 100, whole, places), below)


def rounded_quotient(dividend: int, divisor: int, places: int = 1) -> float:
    """The quotient rounded half up; 0.0 for a divisor of 0."""
    scale: int = 10**places
    half_up = (2 * dividend * scale + divisor) // (2 * divisor) if divisor else 0
    return half_up / scale


@cache
def _parts(kind: type[View]) -> tuple[tuple[str, Any], ...]:
    """For each field the view that it is shown by, Name for that of a member, or None.

    A name that is never left out is an attribute like all others.
    """
    fields = msgspec.structs.fields(kind)
    has_member = any(field.name == "user_id" for field in fields)
    return tuple(
        (field.name, Name if is_name and has_member else _view_in(field.type))
        for field in fields
        for is_name in [field.name == "name" and field.type is not str]
    )


def _view_in(kind: Any) -> type[View] | None:
    """The view in the type of a field: ``top: Member | None``, ``draws: list[Draw]``."""
    if isinstance(kind, type) and issubclass(kind, View):
        return kind
    return next(filter(None, map(_view_in, get_args(kind))), None)


def _view_value(part: type[View], value: Any, names: Names) -> Any:
    if isinstance(value, list | tuple):
        return [part.of(one, names) for one in value]
    return None if value is None else part.of(value, names)
