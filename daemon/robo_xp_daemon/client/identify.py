"""When a shard may identify: Discord lets one of a bucket do so in five seconds, in any process.

All daemons of a data folder note in one file, which each locks for a moment, when a bucket was
last used; on a vault that machines share they take turns there. Nothing is noted in advance, so a
daemon that dies leaves nothing to wait for.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from robo_xp.errors import RoboXPError
from robo_xp.machine.daemon_lock import alone
from robo_xp.vault import Vault

SECONDS: Final = 5.5
"""The five of Discord, and what the way of a message may differ by."""

_STEP, _MOST_STEPS = 0.02, 25


class IdentifySlots:
    """The slots of all daemons of a vault."""

    def __init__(
        self, data_dir: Path, vault: Vault | None = None, now: Callable[[], float] = time.time
    ) -> None:
        """``data_dir`` has the file for daemons of this machine; ``now`` is the time in seconds."""
        self._data_dir = data_dir
        self._vault = vault
        self._now = now

    async def take(self, shard_id: int, at_once: int) -> None:
        """Return as soon as the shard may identify; ``at_once`` is how many buckets there are.

        Raises OSError where the file cannot be had.
        """
        while True:
            left = await asyncio.to_thread(self.try_now, shard_id % at_once)
            if not left:
                return
            # of those that wait for a bucket the lowest shard is the first to look again
            await asyncio.sleep(left + _STEP * min(shard_id // at_once, _MOST_STEPS))

    def try_now(self, bucket: int) -> float:
        """Take the bucket's slot, or say in how many seconds it may be free; 0 where it is taken.

        Raises OSError where the file cannot be had.
        """
        if self._vault is not None:
            with suppress(RoboXPError):  # this machine goes on where the vault cannot be reached
                left = self._vault.turn(f"identify {bucket}", SECONDS)
                if left is not None:
                    return left
        with alone(self._data_dir) as fd:
            used, now = _read(fd), self._now()
            since = now - used.get(str(bucket), 0.0)
            # a time that is yet to come was noted by a clock that was put back
            if 0.0 <= since < SECONDS:
                return SECONDS - since
            kept = {key: at for key, at in used.items() if 0.0 <= now - at < SECONDS}
            line = json.dumps({**kept, str(bucket): now}).encode() + b"\n"
            os.pwrite(fd, line.ljust(os.fstat(fd).st_size), 0)
        return 0.0


def _read(fd: int) -> dict[str, float]:
    """When each bucket was last used; nothing where that cannot be read."""
    try:
        said = json.loads(os.pread(fd, 1 << 16, 0) or b"{}")
        return {str(bucket): float(at) for bucket, at in said.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
