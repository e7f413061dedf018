"""The values that bodies and answers are made of, as msgspec types: they check and describe."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from robo_xp.model import MAX_XP

SNOWFLAKE = "^[0-9]{17,20}$"

Id = Annotated[str, Meta(pattern=SNOWFLAKE, description="an id of Discord, as text")]
Store = Annotated[str, Meta(pattern="^[a-z0-9_-]{1,32}$", description="the store")]
Reason = Annotated[str, Meta(max_length=512, description="why, for the history")]
EpochMs = Annotated[int, Meta(ge=0, description="milliseconds since 1970")]
Seconds = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]
XP = Annotated[int, Meta(ge=0, le=MAX_XP)]
Amount = Annotated[int, Meta(ge=1, le=MAX_XP)]
Level = Annotated[int, Meta(ge=0)]
Seq = Annotated[int, Meta(ge=1, description="the batch, as history and undo name it")]
Document = dict[str, Any]


class Shape(msgspec.Struct, frozen=True, rename="camel"):
    """An answer, or a part of one."""


class Body(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What a request carries; a field that it does not know is a fault."""


class Query(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What stands behind the question mark."""


class InStore(Query, frozen=True):
    """The query of a route that works on one store."""

    store: Store = "default"
