"""When a shard may identify: Discord lets one of a bucket do so in five seconds, in order.

All daemons of a vault note which shards wait and which identified when: those of one machine
in a file, which each locks for a moment, those of several in the vault that they share. A note of
who waits is worth little longer than it takes to note it anew, so a daemon that dies leaves
nothing to wait for.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from operator import itemgetter
from pathlib import Path
from typing import Final

import msgspec

from robo_xp.errors import RoboXPError, VaultBusy
from robo_xp.machine.daemon_lock import alone
from robo_xp.vault import Vault

SECONDS: Final = 5.5
"""The five of Discord, and what the way of a message may differ by."""
SETTLE_SECONDS: Final = 5.0
"""For so long a shard waits for lower ones of which nothing is known: they may just start too."""
KNOWN_SECONDS: Final = 60.0
"""For so long a shard that identified is known to run."""
LAPSE_SECONDS: Final = 5.0
NEAR_SECONDS: Final = 1.0
"""A shard that waits lets a lower one go first whose bucket is free by then."""
_ANEW_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 0.05
_KEY: Final = "identify"


class Waiting(msgspec.Struct, frozen=True):
    """A shard that waits: since when, and when it last said so."""

    since: float
    seen_at: float


class Notes(msgspec.Struct):
    """When each shard identified, as long as that matters, and the shards that wait."""

    done: dict[int, float] = {}
    waiting: dict[int, Waiting] = {}

    def wait(self, shard_ids: Iterable[int], now: float) -> None:
        """Note that these shards wait, and forget what was noted too long ago, or in future."""
        self.done = {one: at for one, at in self.done.items() if 0.0 <= now - at < KNOWN_SECONDS}
        self.waiting = {
            shard: one
            for shard, one in self.waiting.items()
            if 0.0 <= now - one.seen_at < LAPSE_SECONDS
        }
        for shard_id in shard_ids:
            since = min(self.waiting.get(shard_id, Waiting(now, now)).since, now)
            self.waiting[shard_id] = Waiting(since, now)

    def next_look(self, shard_id: int, at_once: int, now: float) -> float:
        """Note that a shard that waits identifies now, which is 0.

        Else in how many seconds it should look again. Those that may identify do so from the
        lowest to the highest.
        """
        used = {one % at_once: at for one, at in sorted(self.done.items(), key=itemgetter(1))}
        busy_for = {bucket: at + SECONDS - now for bucket, at in used.items()}
        bucket = shard_id % at_once
        left = busy_for.get(bucket, 0.0)
        if any(one not in self.waiting and one not in self.done for one in range(shard_id)):
            left = max(left, self.waiting[shard_id].since + SETTLE_SECONDS - now)
        if left > 0.0:
            return left
        for one in self.waiting:
            if one < shard_id and (
                one % at_once == bucket or busy_for.get(one % at_once, 0.0) <= NEAR_SECONDS
            ):
                return _LOOK_SECONDS
        self.done[shard_id] = now
        del self.waiting[shard_id]
        return 0.0


class IdentifySlots:
    """The slots of all daemons of a vault."""

    def __init__(
        self, data_dir: Path, vault: Vault | None = None, now: Callable[[], float] = time.time
    ) -> None:
        """``data_dir`` has the file for daemons of this machine; ``now`` is the time in seconds."""
        self._data_dir = data_dir
        self._vault = vault
        self._now = now
        self._own: set[int] = set()

    def announce(self, shard_ids: Iterable[int]) -> None:
        """Let others know that these shards will identify. Raises OSError as ``try_now`` does."""
        self._own.update(shard_ids)
        self._change(lambda notes, now: notes.wait(self._own, now))

    async def take(self, shard_id: int, at_once: int) -> None:
        """Return as soon as the shard may identify; ``at_once`` is how many buckets there are.

        Raises OSError where the file cannot be had.
        """
        while True:
            left = await asyncio.to_thread(self.try_now, shard_id, at_once)
            if not left:
                return
            await asyncio.sleep(min(left, _ANEW_SECONDS))

    def try_now(self, shard_id: int, at_once: int) -> float:
        """Take the shard's turn, which is 0, or say in how many seconds to look again.

        Raises OSError where the file cannot be had.
        """
        self._own.add(shard_id)
        left = 0.0

        def look(notes: Notes, now: float) -> None:
            nonlocal left
            notes.wait(self._own, now)
            left = notes.next_look(shard_id, at_once, now)

        self._change(look)
        if not left:
            self._own.discard(shard_id)
        return left

    def confirm(self, shard_id: int) -> None:
        """Note that Discord let the shard in only now: what it was sent may have come late.

        Raises OSError as ``try_now`` does.
        """
        self._change(lambda notes, now: notes.done.update({shard_id: now}))

    def _change(self, act: Callable[[Notes, float], None]) -> None:
        """Let ``act`` change the notes, which nobody else does meanwhile, at this time."""

        def change(said: str, now: float) -> str:
            notes = _read(said)
            act(notes, now)
            return msgspec.json.encode(notes).decode()

        if self._vault is not None:
            with suppress(RoboXPError):  # this machine goes on where the vault cannot be reached
                if _note_in_turn(self._vault, change):
                    return
        with alone(self._data_dir) as fd:
            text = change(os.pread(fd, 1 << 20, 0).decode(errors="replace"), self._now())
            os.pwrite(fd, text.encode().ljust(os.fstat(fd).st_size), 0)


def _note_in_turn(vault: Vault, change: Callable[[str, float], str]) -> bool:
    """Note it in the vault, whoever else does so at the same time; whether it keeps notes."""
    while True:
        with suppress(VaultBusy):
            return vault.note(_KEY, change)


def _read(said: str) -> Notes:
    """What is noted; nothing where that cannot be read."""
    try:
        return msgspec.json.decode(said, type=Notes)
    except (msgspec.MsgspecError, ValueError):
        return Notes()
