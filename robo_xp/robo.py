"""The handle that library users, the command line and the daemon open: ``RoboXP``."""

from __future__ import annotations

import os
from functools import cached_property, partial
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Self, cast, get_args

from robo_xp.errors import InvalidValue
from robo_xp.ports import Along, Chance, Clock, SystemChance, SystemClock, unseen
from robo_xp.rules.levels import math
from robo_xp.usecases.core import Core, CurveSource
from robo_xp.usecases.events import Events
from robo_xp.vault import Origin, Vault
from robo_xp.vault.engines import open_vault
from robo_xp.vault.port import ARCHIVE_DAYS, Durability, Timings, VaultOptions

if TYPE_CHECKING:
    from robo_xp.usecases.giveaways.use import Giveaways
    from robo_xp.usecases.history.history import History
    from robo_xp.usecases.maintenance import Maintenance
    from robo_xp.usecases.members.board import Leaderboard
    from robo_xp.usecases.members.names import Names
    from robo_xp.usecases.members.use import XP
    from robo_xp.usecases.outbox import Outbox
    from robo_xp.usecases.periods.decay import DecayCases
    from robo_xp.usecases.periods.use import PeriodCases
    from robo_xp.usecases.persons.cases import MemberCases
    from robo_xp.usecases.public import Public
    from robo_xp.usecases.settings.boosts import BoostCases
    from robo_xp.usecases.settings.configure import Config
    from robo_xp.usecases.settings.curves import Curves
    from robo_xp.usecases.settings.guild_file import GuildFile
    from robo_xp.usecases.settings.multipliers import Multipliers
    from robo_xp.usecases.settings.rewards import Rewards
    from robo_xp.usecases.settings.zones import Zones
    from robo_xp.usecases.stores import Stores
    from robo_xp.usecases.transfer.use import Transfer

DURABILITIES = get_args(Durability)


class RoboXP:
    """XP, settings, boards and history of all guilds in one vault. A context manager.

    Every change is one batch, made durable before the call returns; ``acting_as`` says who
    makes it. All methods are synchronous and safe to call from several threads.
    """

    def __init__(self, core: Core) -> None:
        """Offer the use cases of a core; use ``RoboXP.open`` for a data folder.

        Each is imported when it is first asked for: few programs need more than two or three.
        """
        self._core = core
        self.events = Events(core)
        self.taken_up: tuple[str, ...] = ()

    @cached_property
    def config(self) -> Config:
        """Settings of XP, of a store or of all guilds."""
        from robo_xp.usecases.settings.configure import Config

        return Config(self._core)

    @cached_property
    def xp(self) -> XP:
        """Totals and levels of members, and what messages earn."""
        from robo_xp.usecases.members.use import XP

        return XP(self._core)

    @cached_property
    def members(self) -> MemberCases:
        """What members and operators decide about a person."""
        from robo_xp.usecases.persons.cases import MemberCases

        return MemberCases(self._core)

    @cached_property
    def guild_file(self) -> GuildFile:
        """All that can be set of a guild as one document."""
        from robo_xp.usecases.settings.guild_file import GuildFile

        return GuildFile(self._core)

    @cached_property
    def curves(self) -> Curves:
        """The curve of levels."""
        from robo_xp.usecases.settings.curves import Curves

        return Curves(self._core, self.config)

    @cached_property
    def rewards(self) -> Rewards:
        """Roles for levels."""
        from robo_xp.usecases.settings.rewards import Rewards

        return Rewards(self._core, self.config)

    @cached_property
    def multipliers(self) -> Multipliers:
        """Factors of the server, of roles, channels and members."""
        from robo_xp.usecases.settings.multipliers import Multipliers

        return Multipliers(self.config)

    @cached_property
    def boosts(self) -> BoostCases:
        """Multipliers for a time."""
        from robo_xp.usecases.settings.boosts import BoostCases

        return BoostCases(self._core, self.config)

    @cached_property
    def zones(self) -> Zones:
        """Channels and roles without XP."""
        from robo_xp.usecases.settings.zones import Zones

        return Zones(self.config)

    @cached_property
    def leaderboard(self) -> Leaderboard:
        """Boards and ranks."""
        from robo_xp.usecases.members.board import Leaderboard

        return Leaderboard(self._core)

    @cached_property
    def periods(self) -> PeriodCases:
        """Boards of days, weeks and months."""
        from robo_xp.usecases.periods.use import PeriodCases

        return PeriodCases(self._core)

    @cached_property
    def decay(self) -> DecayCases:
        """What a day takes from members who are away."""
        from robo_xp.usecases.periods.decay import DecayCases

        return DecayCases(self._core)

    @cached_property
    def history(self) -> History:
        """What was changed, and undo."""
        from robo_xp.usecases.history.history import History

        return History(self._core)

    @cached_property
    def stores(self) -> Stores:
        """The stores of a guild, and guilds."""
        from robo_xp.usecases.stores import Stores

        return Stores(self._core)

    @cached_property
    def names(self) -> Names:
        """Names that were seen on Discord."""
        from robo_xp.usecases.members.names import Names

        return Names(self._core)

    @cached_property
    def giveaways(self) -> Giveaways:
        """Giveaways, from their start to the proof of their draws."""
        from robo_xp.usecases.giveaways.use import Giveaways

        return Giveaways(self._core)

    @cached_property
    def public(self) -> Public:
        """What everybody may see of a guild."""
        from robo_xp.usecases.public import Public

        return Public(self._core)

    @cached_property
    def outbox(self) -> Outbox:
        """What is still to be told to Discord, and what it refused."""
        from robo_xp.usecases.outbox import Outbox

        return Outbox(self._core)

    @property
    def transfer(self) -> Transfer:
        """Import and export; loaded here, since it knows the files of many programs."""
        from robo_xp.usecases.transfer.use import Transfer

        return Transfer(self._core)

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        durability: str = "batch",
        by: str = "library",
        curve_for: CurveSource | None = None,
        clock: Clock | None = None,
        chance: Chance | None = None,
        lock_wait: float = 10.0,
        archive_days: int | None = None,
        timings: Timings | None = None,
        to_mend: bool = False,
    ) -> RoboXP:
        """Open the vault at ``path``: a data folder, which the first change makes, or an address.

        ``durability``: ``batch`` (on the disk before a change is acknowledged), ``interval``
        (within a second) or ``os``. ``curve_for(guild_id, store_id)``, plain or async, returns a
        curve that stands above all settings, or None. ``lock_wait`` is in seconds, and batches
        are kept for ``archive_days``, 30 unless told. ``to_mend``
        opens a folder whose format cannot be read, for ``maintenance``; ``timings`` are told how
        long syncs and locks take. A change of several namespaces that a process left is finished
        or undone, and ``taken_up`` says so. Raises InvalidValue, VaultDamaged, VaultUnavailable.
        """
        if durability not in DURABILITIES:
            raise InvalidValue(f"durability must be one of {', '.join(DURABILITIES)}")
        time = clock or SystemClock()
        options = VaultOptions(
            clock=time,
            durability=cast("Durability", durability),
            lock_wait=lock_wait,
            archive_days=ARCHIVE_DAYS if archive_days is None else archive_days,
            timings=timings,
            to_mend=to_mend,
        )
        vault = open_vault(path, options)
        core = Core(vault, time, chance or SystemChance(), Origin(by, ""), curve_for)
        robo = cls(core)
        robo.taken_up = tuple(vault.take_up(partial(_catch_up, core)))
        return robo

    def acting_as(self, by: str, cmd: str = "", *, along: Along | None = None) -> RoboXP:
        """The same vault and listeners for somebody else: ``discord:123…``, ``xp give``.

        ``along`` is handed the members that a long change works on, to give them back one by one
        and show how far it is.
        """
        other = object.__new__(RoboXP)
        other._core = self._core.acting_as(by, cmd, along or unseen)
        other.events, other.taken_up = self.events, self.taken_up
        return other

    @property
    def math(self) -> ModuleType:
        """Levels and XP on a curve, without any vault."""
        return math

    @property
    def maintenance(self) -> Maintenance:
        """Check, repair, backups; imported when it is asked for, since few programs do."""
        from robo_xp.usecases.maintenance import Maintenance

        return Maintenance(self._core)

    @property
    def vault(self) -> Vault:
        """The vault below: namespaces, batches, TinyDB."""
        return self._core.vault

    def close(self) -> None:
        """Give up open files; everything that was acknowledged is kept."""
        self._core.vault.close()

    def __enter__(self) -> Self:
        """The handle itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the handle."""
        self.close()


def _catch_up(core: Core) -> int | None:
    """Bring levels up to date that a change of curve left behind; hardly ever called."""
    from robo_xp.usecases.settings.recalculate_levels import catch_up

    return catch_up(core)
