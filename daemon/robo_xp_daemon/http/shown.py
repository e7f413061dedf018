"""Which stores have pages, heard from the vault, and what large ones of them are made from.

So nobody who asks for a guild's page waits until that is worked out, nor can tell by a clock
whether a guild without pages is there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from typing import Final

from robo_xp import RoboXP
from robo_xp.errors import RoboXPError, VaultBusy
from robo_xp.machine.site import page_at
from robo_xp.pages.links import base_of
from robo_xp.vault import name_of
from robo_xp_daemon.base.following import Following
from robo_xp_daemon.base.throttle import Throttle

_PAUSE_SECONDS: Final = 1.0
"""How long what a store's pages are made from is left as it is, however much changes."""

_MOST_LARGE: Final = 20
"""How many stores are kept prepared."""

Store = tuple[str, str]
"""Guild and store."""

log = logging.getLogger("robo_xp_daemon.http")


class ShownStores:
    """The stores that have pages; large ones are prepared once they have, and after changes."""

    def __init__(self, robo: RoboXP) -> None:
        self._robo = robo
        self._shown: set[Store] = set()
        self._stale: set[Store] = set()
        self._again: set[str] = set()
        self._large: set[Store] = set()
        self._rested_at = 0.0
        self._is_begun = False
        self._throttle = Throttle()
        self._following = Following(robo.vault.watch("xp"), self.look, "pages")

    def start(self) -> None:
        """Begin to hear."""
        self._following.start()

    def stop(self) -> None:
        """Hear no more; returns when what is in hand has ended."""
        self._following.stop()

    def has(self, guild_id: str, store: str) -> bool:
        """Whether the store had pages when it was heard of last; any thread may ask."""
        return (guild_id, store) in self._shown

    def guild_ids(self) -> list[str] | None:
        """The guilds that have pages, by id; None while not all were heard of."""
        if not self._is_begun:
            return None
        return sorted((guild for guild, store in set(self._shown) if store == "default"), key=int)

    def look(self, names: Collection[str]) -> bool:
        """Look at these namespaces, and prepare what has pages; whether any are left."""
        names, self._again = {*names, *self._again}, set()
        for name in sorted(names):
            if self._following.is_ending:
                return False
            self._look_at(name)
        if time.monotonic() >= self._rested_at + _PAUSE_SECONDS:
            self._prepare()
            self._rested_at = time.monotonic()
        return bool(self._stale or self._again)

    def _look_at(self, name: str) -> None:
        place = name_of(name)
        store = place.guild_id, place.store_id
        try:
            is_shown = self._robo.public.is_public(*store)
        except RoboXPError as error:
            if isinstance(error, VaultBusy):
                self._again.add(name)
            elif self._throttle.lets((name, error.code)):
                log.warning("%s has no pages: %s", name, error.message)
            is_shown = False
        if is_shown:
            self._shown.add(store)
            self._stale.add(store)
        else:
            for stores in (self._shown, self._stale, self._large):
                stores.discard(store)

    def _prepare(self) -> None:
        """Work out what the pages of large stores are made from."""
        robo = self._robo
        while self._stale and not self._following.is_ending:
            store = self._stale.pop()
            try:
                if store in self._large:
                    robo.public.prepare(*store)
                elif len(self._large) < _MOST_LARGE and robo.public.is_large(*store):
                    self._large.add(store)
                    robo.public.prepare(*store)
                    page_at(robo, base_of(*store) + "index.html", "")
                    log.info("pages of %s are prepared", "/".join(store))
            except VaultBusy:
                self._stale.add(store)
                return
            except RoboXPError as error:
                if self._throttle.lets((store, error.code)):
                    log.warning("pages could not be prepared: %s", error.message)
        if not self._is_begun and not self._again:
            self._is_begun = True
            log.info("the pages are prepared")
