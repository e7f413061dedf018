"""The sums of open periods, added up again from the journal as far as it reaches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from robo_xp.model.events import (
    MemberDeleted,
    MemberRestored,
    NamespaceRepaired,
    NamespaceRestored,
    RecordRepaired,
    SettingChanged,
)
from robo_xp.rules.period import KINDS, WEEK, Calendar
from robo_xp.usecases.members.changes import USERS
from robo_xp.usecases.members.records import RecordFault
from robo_xp.usecases.members.sums import (
    LAST_DAY,
    MARKS,
    counted_in,
    open_periods,
    summed_since,
    sums_of,
)
from robo_xp.vault import Batch, Namespace, Origin, Record
from robo_xp.vault.pseudonyms import ERASED

_READER = Origin("periods", "check")
_Period = tuple[str, int]


@dataclass(slots=True)
class _Journal:
    """What the batches counted, by member and day, from ``since`` (epoch ms) on.

    ``reaches_to`` is where the kept ones begin, 0 where none is missing. ``others`` are members
    whose records came and went, and ``weeks_from`` is when weeks began to begin on another day.
    ``is_broken`` where batches cannot say it all.
    """

    since: int
    reaches_to: int = 0
    gained: Counter[tuple[str, int]] = field(default_factory=Counter)
    others: set[str] = field(default_factory=set)
    weeks_from: int = 0
    is_broken: bool = False

    def add(self, batch: Batch) -> None:
        """Count in the next batch."""
        for user_id, day, xp in counted_in(batch):
            self.gained[user_id, day] += xp
        for event in batch.told():
            match event:
                case MemberDeleted() | MemberRestored():
                    self.others.add(event.user_id)
                case RecordRepaired() | NamespaceRepaired() | NamespaceRestored():
                    self.is_broken = True
                case SettingChanged() if event.key == "periods.firstDay":
                    self.weeks_from = batch.ts

    def reaches(self, kind: str, begins_at: int) -> bool:
        """Whether the sums of a period can be told."""
        is_kept = not self.reaches_to or begins_at >= self.reaches_to
        return is_kept and not (kind == WEEK and begins_at < self.weeks_from)


def sum_faults(namespace: Namespace, calendar: Calendar) -> list[RecordFault]:
    """The members whose sums are not what the journal says, each with a mark that is right."""
    # a dry run keeps other threads from committing while the sums are read
    with namespace.transaction(_READER, dry_run=True) as state:
        seq, since = namespace.state.seq, summed_since(state)
        if since is None:
            return []
        held = {
            (kind, first): dict(sums_of(state, calendar, kind, first))
            for kind, firsts in open_periods(state, calendar).items()
            for first in firsts
        }
        # what was gained before an erasure may still stand in the journal
        erased = set(state.records(ERASED))
        users, marks = set(state.records(USERS)), dict(state.records(MARKS))
    journal = _journal(namespace, seq, since)
    if journal.is_broken:
        return []
    wanted = _wanted_sums(journal, calendar, held)
    wrong: dict[str, dict[_Period, int]] = {}
    for period, sums in held.items():
        if journal.reaches(period[0], calendar.begins_at(period[1])):
            for user_id in {*sums, *wanted[period]} & users - journal.others - erased:
                missing = wanted[period][user_id] - sums.get(user_id, 0)
                if missing:
                    wrong.setdefault(user_id, {})[period] = missing
    return list(_faults(wrong, marks, calendar))


def _journal(namespace: Namespace, seq: int, since: int) -> _Journal:
    journal, is_first = _Journal(since), True
    for batch in namespace.batches():
        if batch.seq > seq:
            break
        if is_first and batch.seq > 1 and batch.ts > since:
            journal.reaches_to = batch.ts
        is_first = False
        if batch.ts >= since:
            journal.add(batch)
    return journal


def _wanted_sums(
    journal: _Journal, calendar: Calendar, held: dict[_Period, Any]
) -> dict[_Period, Counter[str]]:
    """What each member has in the periods by the journal."""
    wanted: dict[_Period, Counter[str]] = {period: Counter() for period in held}
    for (user_id, day), xp in journal.gained.items():
        for kind in KINDS:
            period = (kind, calendar.first_of(kind, day))
            if period in wanted:
                wanted[period][user_id] += xp
    return wanted


def _faults(
    wrong: dict[str, dict[_Period, int]], marks: dict[str, Record], calendar: Calendar
) -> Iterator[RecordFault]:
    """A fault for each member, whose sound mark has the sums of its last day right."""
    for user_id, periods in wrong.items():
        mark, text = marks.get(user_id), list[str]()
        sound = None if mark is None else dict(mark)
        for (kind, first), missing in sorted(periods.items()):
            text.append(f"{abs(missing)} XP {'too few' if missing > 0 else 'too many'} in a {kind}")
            if sound is not None and calendar.first_of(kind, sound[LAST_DAY]) == first:
                sound[kind] -= missing
        what = f"member {user_id}: {', '.join(text)}, as the journal has it"
        yield RecordFault(MARKS, user_id, what, sound)
