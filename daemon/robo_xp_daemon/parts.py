"""What runs beside the connection to Discord, for the whole life of the daemon.

Each part is a context: entered before the first connection, left after the last, in reverse order.
A part that cannot start raises what ``main`` turns into an exit code.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Final

from robo_xp_daemon import counting, expiry, health, notify
from robo_xp_daemon.rest import part as rest

if TYPE_CHECKING:
    from robo_xp_daemon.service import Service

Part = Callable[["Service"], AbstractAsyncContextManager[None]]

PARTS: Final[tuple[Part, ...]] = (
    counting.counting,
    expiry.expiring,
    health.felt,
    rest.served,
    notify.told,
)
