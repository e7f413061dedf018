"""The daemon as HTTP sees it: its numbers, its options, and what can be asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from robo_xp_daemon.client.port import Discord
from robo_xp_daemon.giveaways.lifecycle import Lifecycle
from robo_xp_daemon.ops.metrics import Figures
from robo_xp_daemon.outbox.gauge import Progress
from robo_xp_daemon.setup.options import Options


@dataclass(frozen=True, slots=True)
class Doors:
    """Where the daemon answers: the path of the Unix socket, and addresses of TCP."""

    socket: str = ""
    listen: tuple[str, ...] = ()


class Daemon(Figures, Protocol):
    """What requests are answered from."""

    @property
    def options(self) -> Options:
        """The configuration that holds now."""

    @property
    def doors(self) -> Doors:
        """Where it answers."""

    @property
    def waits_for_restart(self) -> list[str]:
        """The keys that a reload could not change."""

    @property
    def giveaways(self) -> Lifecycle | None:
        """The giveaways that the client looks after; None between two clients."""

    @property
    def discord(self) -> Discord | None:
        """Discord, as the features of this client see it; None between two clients."""

    def progress(self) -> list[Progress]:
        """How far the daemon is where many members of a guild wait for Discord."""

    async def reload(self) -> list[str]:
        """Read the configuration again; the keys that will count after a restart only.

        Raises RoboXPError for faults in it, and for what Discord refuses of it; the earlier one
        holds on.
        """

    async def tell_commands(self) -> int:
        """Tell Discord of the slash commands, even if it has them; how many there are.

        Raises Refused where that is not possible now.
        """

    def stop(self, why: str) -> None:
        """Begin to end; ``why`` goes to the log."""
