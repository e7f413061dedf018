"""What requests carry, as msgspec types that check and describe; answers are views."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from robo_xp.model import MAX_XP
from robo_xp.views.shape import SNOWFLAKE as SNOWFLAKE
from robo_xp.views.shape import Count as Count
from robo_xp.views.shape import Id as Id
from robo_xp.views.shape import Seq as Seq
from robo_xp.views.shape import View as Shape

__all__ = [
    "SNOWFLAKE",
    "Body",
    "Count",
    "Document",
    "Id",
    "InStore",
    "InStoreOwnOnly",
    "OwnOnly",
    "Query",
    "Seq",
    "Shape",
]

Store = Annotated[str, Meta(pattern="^[a-z0-9_-]{1,32}$", description="the store")]
Reason = Annotated[str, Meta(max_length=512, description="why, for the history")]
Amount = Annotated[int, Meta(ge=1, le=MAX_XP)]
Document = dict[str, Any]


class Body(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What a request carries; a field that it does not know is a fault."""


class Query(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What stands behind the question mark."""


class InStore(Query, frozen=True):
    """The query of a route that works on one store."""

    store: Store = "default"


Own = Annotated[bool, Meta(description="only what was set here itself")]


class OwnOnly(Query, frozen=True):
    """The query of settings that all stores share."""

    own: Own = False


class InStoreOwnOnly(InStore, frozen=True):
    """The query of settings of one store."""

    own: Own = False
