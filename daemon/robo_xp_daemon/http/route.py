"""What a route is: a line of the table that the application, the document and the tests read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import msgspec

from robo_xp import RoboXP
from robo_xp.errors import (
    Forbidden,
    GuildNotFound,
    InternalError,
    InvalidId,
    InvalidRequest,
    RoboXPError,
    StoreNotFound,
    TooLarge,
    TooSlow,
    Unauthorized,
    Unhealthy,
    UnsupportedMediaType,
    VaultBusy,
    VaultDamaged,
    VaultUnavailable,
)
from robo_xp_daemon.http.daemon import Daemon
from robo_xp_daemon.http.doors.callers import Caller

R = TypeVar("R")

VAULT_ERRORS: Final = (VaultBusy, VaultUnavailable, VaultDamaged)


class NoQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The query of a route that takes none."""


class Working(Protocol):
    """Runs a function in a thread: ``await work(function, …)`` gives what it returns."""

    async def __call__(self, function: Callable[..., R], *args: Any, **kw: Any) -> R:
        """What the function returns or raises."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, read and checked: who asks, the ids of its path, its query and its body.

    ``robo`` is the vault in the name of who asks, and ``work`` awaits what touches it, in a thread.
    """

    daemon: Daemon
    caller: Caller
    robo: RoboXP
    ids: dict[str, str]
    query: Any
    body: Any
    work: Working

    @property
    def guild_id(self) -> str:
        """The guild of the path."""
        return self.ids["guild"]

    @property
    def user_id(self) -> str:
        """The member of the path."""
        return self.ids["user"]

    @property
    def giveaway_id(self) -> str:
        """The giveaway of the path."""
        return self.ids["giveaway"]


@dataclass(frozen=True, slots=True)
class Text:
    """An answer that is no JSON envelope: its bytes and their type."""

    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Json(Text):
    """The same, being JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation. ``call`` runs in a thread when it is plain, in the event loop when async.

    ``errors`` are those of its own, beside those that follow from its other fields. A
    ``document`` is a body whose fields the core checks; ``body`` is then what it may hold.
    ``is_local`` routes answer on the Unix socket only; those that are not ``of_guilds`` tell
    nothing of any guild. ``cmd`` is the command of the history where the use case has none of
    its own.
    """

    name: str
    method: str
    path: str
    summary: str
    call: Callable[[Ask], Any | Awaitable[Any]]
    data: Any
    body: Any = None
    document: bool = False
    query: type[msgspec.Struct] = NoQuery
    writes: bool = False
    cmd: str = ""
    is_local: bool = False
    of_guilds: bool = True
    status: int = 200
    errors: tuple[type[RoboXPError], ...] = VAULT_ERRORS

    @property
    def id_names(self) -> tuple[str, ...]:
        """The ids in the path, in their order."""
        parts = self.path.split("/")
        return tuple(part[1:-1] for part in parts if part.startswith("{"))

    @property
    def reads_store(self) -> bool:
        """Whether it looks at one store of a guild, which has to be there."""
        has_store = "store" in self.query.__struct_fields__
        return has_store and not self.writes and "guild" in self.id_names

    @property
    def all_errors(self) -> tuple[type[RoboXPError], ...]:
        """Every error that an answer of this route can have."""
        found: list[type[RoboXPError]] = [InvalidRequest, Unauthorized, InternalError]
        found += self.errors
        found.append(Forbidden)
        if "guild" in self.id_names:
            found += [InvalidId, GuildNotFound, Unhealthy]
        if "store" in self.query.__struct_fields__:
            found.append(InvalidId)
        if self.reads_store:
            found.append(StoreNotFound)
        # every route reads what is sent, to say that nothing is expected
        found += [TooLarge, TooSlow]
        if self.body is not None:
            found.append(UnsupportedMediaType)
        return tuple(dict.fromkeys(found))
