"""Shortens what discord.py waits for at a start, for tests that wait until the client is ready.

It counts as ready two seconds after the last guild, and lets five seconds pass between two shards.
The loopback sends its guilds at once and does not mind shards that follow each other.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from discord import AutoShardedClient
from discord.state import AutoShardedConnectionState

from robo_xp_daemon import main
from robo_xp_daemon.ops import systemd as notify

AFTER_THE_LAST_GUILD = 0.3
STATUS_SECONDS = 0.5
PROGRAM = ("-m", "tests.daemon.quick")
"""The daemon as a process, hurried, with a line of status for systemd more often."""


async def _at_once(
    _client: AutoShardedClient, _shard: int | None, *, initial: bool = False
) -> None:
    """Let the next shard connect."""


@contextmanager
def hurried() -> Iterator[None]:
    """Within the block clients of this process are ready soon."""
    # a client sets its own in vain
    seconds = property(lambda _: AFTER_THE_LAST_GUILD, lambda _, __: None)
    state = AutoShardedConnectionState
    with (
        patch.object(state, "guild_ready_timeout", seconds, create=True),
        patch.object(AutoShardedClient, "before_identify_hook", _at_once),
    ):
        yield


if __name__ == "__main__":
    notify._STATUS_SECONDS = STATUS_SECONDS
    with hurried():
        sys.exit(main.main())
