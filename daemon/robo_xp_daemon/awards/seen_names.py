"""Remembers what members, roles and channels are called, for people at a terminal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from robo_xp.errors import RoboXPError

log = logging.getLogger("robo_xp_daemon")

FLUSH_SECONDS = 3.0
_LIMIT = 100_000
_NAME_LIMIT = 200

MEMBERS = "members"
Remember = Callable[[str, Mapping[str, str], str], Awaitable[object]]


class SeenNames:
    """Names that were seen, kept in the vault every few seconds, and only where they changed."""

    def __init__(self, remember: Remember) -> None:
        self._remember = remember
        self._seen: dict[tuple[str, str], str] = {}
        self._fresh: dict[tuple[str, str], dict[str, str]] = {}

    def note(self, guild_id: str, id_: str, name: str, kind: str = MEMBERS) -> None:
        """Somebody or something is called so now; costs nothing for a name seen before."""
        if self._seen.get((guild_id, id_)) == name:
            return
        if len(self._seen) >= _LIMIT:
            self._seen.clear()
        self._seen[guild_id, id_] = name
        storable = name.encode(errors="replace").decode()[:_NAME_LIMIT]
        self._fresh.setdefault((guild_id, kind), {})[id_] = storable

    async def run(self) -> None:
        """Keep fresh names every few seconds, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """Keep the fresh names now; those that cannot be kept are tried again."""
        fresh, self._fresh = self._fresh, {}
        for (guild_id, kind), names in fresh.items():
            try:
                await self._remember(guild_id, names, kind)
            except RoboXPError as error:
                log.debug("names of guild %s are not kept yet: %s", guild_id, error)
                later = self._fresh.get((guild_id, kind), {})
                self._fresh[guild_id, kind] = names | later
