"""Looking after a vault: check, repair, back up, restore, where its engine offers that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from robo_xp.errors import CurveCodeRefused, NotFound, VaultDamaged, VaultUnavailable
from robo_xp.model.events import RecordRepaired
from robo_xp.text import count_text
from robo_xp.usecases.backups import BackupCases
from robo_xp.usecases.core import check_reason
from robo_xp.usecases.members.award import CLOCK_SKEW_MS
from robo_xp.usecases.members.changes import USERS
from robo_xp.usecases.members.records import RecordFault, record_faults, sound_config
from robo_xp.usecases.periods.checking import sum_faults
from robo_xp.vault import Transaction, Vault
from robo_xp.vault.care_port import (
    REPAIR,
    Damage,
    NamespaceCheck,
    Note,
    Repaired,
    Step,
)
from robo_xp.vault.name import GLOBAL, name_of


@dataclass(slots=True)
class Checked:
    """What a check came to: how much was looked at, what is damaged, what is worth knowing.

    ``unread`` is what could not be looked at.
    """

    namespaces: int = 0
    batches: int = 0
    members: int = 0
    damaged: list[Damage] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)
    unread: list[Note] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RecordMended:
    """A record that was not as it must be; ``removed`` where nothing sound was left of it."""

    namespace: str
    what: str
    removed: bool


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What a repair did: to files, to records, and the leftovers that it removed."""

    files: tuple[Repaired, ...]
    records: tuple[RecordMended, ...]
    removed: tuple[str, ...]
    format_copy: str | None
    intent_copy: str | None
    dry_run: bool

    @property
    def refused(self) -> tuple[Repaired, ...]:
        """The namespaces that could not be repaired."""
        return tuple(one for one in self.files if one.refused)


class Maintenance(BackupCases):
    """Check, repair, backups. Other programs may go on writing meanwhile."""

    @property
    def _vault(self) -> Vault:
        return self._core.vault

    # -- check -----------------------------------------------------------------------------------

    def names(self, wanted: Sequence[str] = ()) -> list[str]:
        """The namespaces to look at, all unless some are wanted. InvalidValue, NotFound."""
        there = self._vault.names()
        for name in wanted:
            self._vault.namespace(name)
            if name not in there:
                raise NotFound(
                    f"there is no namespace {name}",
                    advice="names look like xp/default/123456789012345678, giveaways/… or global",
                )
        return list(dict.fromkeys(wanted)) if wanted else there

    def lost_names(self) -> list[str]:
        """The namespaces that had data, of which nothing is left; quick."""
        return self._care.lost_names()

    def check(self, names: Sequence[str] = (), *, step: Step | None = None) -> Checked:
        """Look at every line of the namespaces (all if none are given), without any lock.

        ``step`` is called after each namespace. Raises VaultUnavailable for files of a later
        version.
        """
        checked = Checked()
        if not names:
            checked.damaged, checked.warnings = self._care.check_place()
        defaults = self._defaults()
        for name in self.names(names):
            checked.namespaces += 1
            try:
                found = self._care.check(name)
            except VaultUnavailable as error:
                checked.unread.append(Note(name, error.message))
                continue
            self._count(checked, found, defaults)
            if step is not None:
                step(name)
        return checked

    def _defaults(self) -> Mapping[str, Any]:
        """The global defaults as far as they are sure."""
        if GLOBAL not in self._vault.names():
            return {}
        try:
            return sound_config(self._care.check(GLOBAL).tables) or {}
        except VaultUnavailable:
            return {}

    def _count(self, checked: Checked, found: NamespaceCheck, defaults: Mapping[str, Any]) -> None:
        """Add what one namespace came to."""
        checked.batches += found.batches
        checked.damaged += found.damaged
        checked.warnings += found.notes
        is_xp = name_of(found.name).kind == "xp"
        if is_xp:
            checked.members += len(found.tables.get(USERS, {}))
        faults = list(record_faults(found.name, found.tables))
        notes: list[Note] = []
        if is_xp and not faults:
            notes = [*self._stale_levels(found, defaults), *self._awarded_later(found)]
        if is_xp and not faults and not found.damaged:
            found.tables = {}  # what follows has its own, and there may be a million members
            faults = self._sum_faults(found.name)
        checked.damaged += [self._damage_of(found, fault) for fault in faults]
        if not faults:
            checked.warnings += notes

    def _sum_faults(self, name: str) -> list[RecordFault]:
        """The members whose sums of periods are not what the journal says; none where the
        settings for all guilds are damaged.
        """
        place = name_of(name)
        if place.kind != "xp":
            return []
        namespace = self._vault.namespace(name)
        scope = self._core.scope(place.guild_id, place.store_id)
        try:
            namespace.read()
            calendar = self._core.rules(scope).settings.periods.calendar
        except (CurveCodeRefused, VaultDamaged, VaultUnavailable):
            return []
        return sum_faults(namespace, calendar)

    @staticmethod
    def _damage_of(found: NamespaceCheck, fault: RecordFault) -> Damage:
        """Where the record stands."""
        path, byte = found.place_of(fault.table, fault.doc_id)
        return Damage(path, byte, fault.what)

    def _stale_levels(self, found: NamespaceCheck, defaults: Mapping[str, Any]) -> Iterator[Note]:
        """How many stored levels are not what the curve says."""
        own = sound_config(found.tables)
        name = name_of(found.name)
        scope = self._core.scope(name.guild_id, name.store_id)
        try:
            level_for = self._core.rules_for(scope, defaults, own or {}).curve.level_for
        except CurveCodeRefused as error:
            where = found.place_of(USERS, "")[0]
            yield Note(where, f"levels are not compared with the curve: {error.message}")
            return
        users = found.tables.get(USERS, {}).values()
        stale = sum(1 for user in users if level_for(user["xp"], user["level"]) != user["level"])
        if stale:
            what = (
                f"{count_text(stale, 'member')} at another level than the curve gives;"
                " robo-xp xp recalc --all mends that"
            )
            yield Note(found.place_of(USERS, "")[0], what)

    def _awarded_later(self, found: NamespaceCheck) -> Iterator[Note]:
        """How many were last awarded at a time to come, which bars nobody from the next award."""
        latest = self._core.clock.now_ms() + CLOCK_SKEW_MS
        users = found.tables.get(USERS, {}).values()
        if later := sum(1 for user in users if user["lastAwardedAt"] > latest):
            what = f"{count_text(later, 'member')} last awarded at a time to come; awards ignore it"
            yield Note(found.place_of(USERS, "")[0], what)

    # -- repair ----------------------------------------------------------------------------------

    def repair(
        self,
        names: Sequence[str] = (),
        *,
        salvage: bool = False,
        reason: str | None = None,
        dry_run: bool = False,
        step: Step | None = None,
    ) -> RepairReport:
        """Repair the namespaces (all if none are given); originals are kept beside.

        With ``salvage`` also what cannot be proved is kept where nothing else is left. Raises
        VaultBusy and VaultUnavailable; namespaces before the one in question are done then.
        """
        origin, why = self._core.origin_for(REPAIR), check_reason(reason)
        # what a restore got ready stays at first where its intent is lost: it tells what was meant
        removed = () if names else tuple(self._care.remove_leftovers(dry_run=dry_run))
        format_copy = self._care.repair_place(dry_run=dry_run)
        intent_copy = self._care.repair_intent(dry_run=dry_run)
        files: list[Repaired] = []
        records: list[RecordMended] = []
        for name in self.names(names):
            done = self._care.repair(name, origin, reason=why, salvage=salvage, dry_run=dry_run)
            files += [] if done is None else [done]
            if done is None or (not done.refused and not dry_run):
                records += self._repair_records(name, why, dry_run=dry_run)
            if step is not None:
                step(name)
        copies = (format_copy, intent_copy)
        return RepairReport(tuple(files), tuple(records), removed, *copies, dry_run)

    def _repair_records(
        self, name: str, reason: str | None, *, dry_run: bool
    ) -> Iterator[RecordMended]:
        """Put sound records in the place of others, as one batch that keeps the old ones."""
        namespace = self._vault.namespace(name)
        has_faults = any(record_faults(name, namespace.read().tables))
        sums = [] if has_faults else self._sum_faults(name)
        if not has_faults and not sums:
            return
        origin = self._core.origin_for(REPAIR)
        with namespace.transaction(origin, dry_run=dry_run) as transaction:
            transaction.reason = reason
            faults = sums or list(record_faults(name, namespace.state.tables))
            for fault in faults:
                _mend_record(transaction, fault)
        for fault in faults:
            yield RecordMended(name, fault.what, fault.sound is None)


def _mend_record(transaction: Transaction, fault: RecordFault) -> None:
    """Put the sound record in place, and the old one into an event."""
    old = transaction.get(fault.table, fault.doc_id)
    event = RecordRepaired(fault.table, fault.doc_id, None if old is None else dict(old))
    if fault.sound is None:
        transaction.delete(fault.table, fault.doc_id)
    else:
        transaction.put(fault.table, fault.doc_id, dict(fault.sound))
    transaction.event(event)
