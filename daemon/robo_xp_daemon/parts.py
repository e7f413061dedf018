"""What runs beside the connection to Discord, for the whole life of the daemon.

Each part is a context: entered before the first connection, left after the last, in reverse order.
A part that cannot start raises what ``main`` turns into an exit code.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Final

from robo_xp_daemon.http import part as rest
from robo_xp_daemon.ops import counters_wiring as counting
from robo_xp_daemon.ops import expiry, health
from robo_xp_daemon.ops import systemd as notify

if TYPE_CHECKING:
    from robo_xp_daemon.app import Service

Part = Callable[["Service"], AbstractAsyncContextManager[None]]

PARTS: Final[tuple[Part, ...]] = (
    counting.counting,
    expiry.expiring,
    health.felt,
    rest.served,
    notify.told,
)
