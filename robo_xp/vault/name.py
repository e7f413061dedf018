"""The names of namespaces: made and read here only. Everybody else passes the text on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, cast, get_args

from robo_xp.errors import InvalidValue
from robo_xp.model.ids import check_snowflake, check_store_id

NamespaceKind = Literal["global", "xp", "giveaways", "names", "outbox", "cursors"]
KINDS: Final[tuple[NamespaceKind, ...]] = get_args(NamespaceKind)

GLOBAL: Final = "global"
"""The namespace of the defaults for all guilds."""

CURSORS: Final = "cursors"
"""The namespace of how far the daemon has followed the others."""

# ids that 0.1.0 took, and that are none now, are still read: what it wrote must not vanish
_NAME = re.compile(
    r"(?P<alone>global|cursors)"
    r"|(?P<kind>xp)/(?P<store>[a-z0-9_-]{1,32})/(?P<guild>[0-9]{17,20})"
    r"|(?P<of_guild>giveaways|names|outbox)/(?P<only_guild>[0-9]{17,20})"
)


@dataclass(frozen=True, slots=True)
class NamespaceName:
    """What a namespace is for; ``str`` gives the text that it is called by."""

    kind: NamespaceKind
    guild_id: str = ""
    store_id: str = ""

    def __str__(self) -> str:
        """The text, ``xp/default/123…`` or so; it never leads out of a data folder."""
        return "/".join(part for part in (self.kind, self.store_id, self.guild_id) if part)


def xp_name(store_id: str, guild_id: str) -> str:
    """What the XP of a store of a guild is called; InvalidId for ids that cannot be."""
    check_snowflake(guild_id, "guild id")
    return str(NamespaceName("xp", guild_id, check_store_id(store_id)))


def giveaways_name(guild_id: str) -> str:
    """What the giveaways of a guild are called; InvalidId for no id."""
    return str(NamespaceName("giveaways", check_snowflake(guild_id, "guild id")))


def names_name(guild_id: str) -> str:
    """What the names seen in a guild are called; InvalidId for no id."""
    return str(NamespaceName("names", check_snowflake(guild_id, "guild id")))


def outbox_name(guild_id: str) -> str:
    """What waits for Discord in a guild is called; InvalidId for no id."""
    return str(NamespaceName("outbox", check_snowflake(guild_id, "guild id")))


def is_namespace(text: str) -> bool:
    """Whether a namespace can be called so; such a name never leads out of the data folder."""
    return _NAME.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def name_of(text: str) -> NamespaceName:
    """What the namespace of this name is for; InvalidValue for no name of any."""
    match = _NAME.fullmatch(text)
    if match is None:
        raise InvalidValue(f"{text!r} is no name of a namespace")
    kind = match["alone"] or match["kind"] or match["of_guild"]
    guild_id = match["guild"] or match["only_guild"] or ""
    return NamespaceName(cast("NamespaceKind", kind), guild_id, match["store"] or "")
