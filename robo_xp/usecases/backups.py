"""Backups: making them, looking into them, and putting all or a part of one back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypedDict, Unpack

from robo_xp.errors import InvalidValue, Refused
from robo_xp.model.giveaway import ACTIVE
from robo_xp.usecases.core import Core, check_reason
from robo_xp.usecases.giveaways.book import GIVEAWAYS
from robo_xp.usecases.giveaways.restoring import OverNow, keep_over
from robo_xp.usecases.members.changes import USERS
from robo_xp.vault.care_port import (
    RESTORE,
    Backup,
    BackupRow,
    Care,
    Restored,
    RestoreOrder,
    Step,
    Stood,
    Thinned,
)
from robo_xp.vault.name import name_of
from robo_xp.vault.state import Tables


@dataclass(frozen=True, slots=True)
class StoreInside:
    """A store in a backup: its members, their XP, its last batch and when that was (epoch ms)."""

    store_id: str
    members: int
    total_xp: int
    seq: int
    ts: int


@dataclass(frozen=True, slots=True)
class GuildInside:
    """A guild in a backup; who is in several stores counts once."""

    guild_id: str
    stores: tuple[StoreInside, ...]
    members: int
    giveaways: int
    active_giveaways: int


@dataclass(frozen=True, slots=True)
class BackupInside:
    """What is in a backup, by guild."""

    backup: Backup
    guilds: tuple[GuildInside, ...]

    @property
    def members(self) -> int:
        """The members of all guilds."""
        return sum(guild.members for guild in self.guilds)


@dataclass(frozen=True, slots=True)
class RestoredVault(Restored):
    """What a restore did, or is about to do; ``giveaways`` are over now, not where it goes."""

    giveaways: tuple[OverNow, ...] = ()


class RestoreOptions(TypedDict, total=False):
    """What to restore, and how: ``at`` is epoch ms; one ``guild_id`` only, or one ``store`` of it.

    ``agree`` is called with what will be done before anything is replaced; what it raises ends
    the restore. ``step`` is called after each namespace.
    """

    at: int | None
    guild_id: str
    store: str
    reopen_giveaways: bool
    reason: str | None
    dry_run: bool
    agree: Callable[[RestoredVault], None]
    step: Step


class BackupCases:
    """Backups of the whole vault."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @property
    def _care(self) -> Care:
        """What looks after the vault; Refused where its engine offers nothing of the kind."""
        if self._core.vault.care is None:
            raise Refused("this vault has no files to look after")
        return self._core.vault.care

    @property
    def backups_folder(self) -> str:
        """Where backups go unless a place is given: beside the data folder."""
        return self._care.backups_place

    def create_backup(self, target: str | None = None, *, step: Step | None = None) -> Backup:
        """One file of everything; in ``target``, a new file or a folder, or the usual place.

        Of a damaged namespace it keeps the files as they are, and its manifest says so.
        ``step`` is called after each namespace. Raises Refused when the file is there or there
        is nothing to keep, and VaultUnavailable; then there is no backup.
        """
        names = self._core.vault.names()
        if not names:
            raise Refused(f"{self._care.place} holds no data, so there is nothing to keep")
        return self._care.create_backup(names, target, step)

    def thin_out(self, made: Backup, keep: int) -> Thinned:
        """Remove all but so many of the newest backups where this one was made.

        Nothing goes for one that holds damage, nor what has a name of its own or is not whole,
        nor the last one that has a namespace, or an earlier life of it.
        """
        if keep < 1:
            raise InvalidValue("at least 1 backup has to be kept")
        return Thinned() if made.manifest.damaged else self._care.thin_out(made, keep)

    def backups(self, folder: str | None = None) -> list[BackupRow]:
        """The backups in the folder, oldest first; each is read to its end."""
        return self._care.backups(folder)

    def backup_path(self, text: str) -> str:
        """The path that a backup is called by: a path, a name of the list, or ``latest``.

        Raises FileMissing.
        """
        return self._care.backup_path(text)

    def look_inside(self, path: str, *, step: Step | None = None) -> BackupInside:
        """What is in a backup. Raises FileMissing, VaultDamaged and VaultUnavailable."""
        with self._care.open_backup(path) as (backup, tables_of):
            guilds: dict[str, _Counted] = {}
            for name, stood in sorted(backup.manifest.namespaces.items()):
                one = name_of(name)
                if one.kind in ("xp", GIVEAWAYS):
                    guilds.setdefault(one.guild_id, _Counted()).add(name, stood, tables_of(name))
                if step is not None:
                    step(name)
        found = [counted.guild(guild_id) for guild_id, counted in guilds.items()]
        return BackupInside(backup, tuple(sorted(found, key=lambda one: int(one.guild_id))))

    def restore(
        self, source: str | None = None, **options: Unpack[RestoreOptions]
    ) -> RestoredVault:
        """Put a backup (a file, or a data folder), or the state at a moment, in place.

        Without a source it goes back in the vault's own past. Giveaways that are over stay over
        unless they are reopened, which marks them. Raises InvalidValue, NotFound, Refused,
        VaultDamaged, VaultBusy and VaultUnavailable.
        """
        at, agree, over = options.get("at"), options.get("agree"), dict[str, list[OverNow]]()
        now = self._core.clock.now_ms()
        if at is not None and at > now:
            raise InvalidValue("that time is still to come")

        def adapt(name: str, present: Callable[[], Tables | None], then: Tables) -> None:
            if name_of(name).kind == GIVEAWAYS:
                reopen = options.get("reopen_giveaways", False)
                over[name] = list(keep_over(present(), then, at=now, reopen=reopen))

        def with_giveaways(done: Restored) -> RestoredVault:
            giveaways = tuple(one for name in sorted(over) for one in over[name])
            return RestoredVault(done.namespaces, done.kept, done.damaged, giveaways)

        order = RestoreOrder(
            at=at,
            guild_id=options.get("guild_id", ""),
            store_id=options.get("store", ""),
            reason=check_reason(options.get("reason")),
            dry_run=options.get("dry_run", False),
            adapt=adapt,
            agree=None if agree is None else lambda done: agree(with_giveaways(done)),
            step=options.get("step"),
        )
        return with_giveaways(self._care.restore(source, self._core.origin_for(RESTORE), order))


@dataclass(frozen=True, slots=True)
class _Counted:
    """What was counted of a guild so far."""

    stores: list[StoreInside] = field(default_factory=list)
    members: set[str] = field(default_factory=set)
    statuses: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, stood: Stood, tables: Tables) -> None:
        """Count in a namespace of the guild."""
        one, users = name_of(name), tables.get(USERS, {})
        if one.kind == "xp":
            total = sum(user["xp"] for user in users.values())
            self.stores.append(StoreInside(one.store_id, len(users), total, stood.seq, stood.ts))
            self.members.update(users)
        self.statuses.update(one["status"] for one in tables.get(GIVEAWAYS, {}).values())

    def guild(self, guild_id: str) -> GuildInside:
        """The guild with all that was counted."""
        return GuildInside(
            guild_id,
            tuple(self.stores),
            len(self.members),
            self.statuses.total(),
            self.statuses[ACTIVE],
        )
