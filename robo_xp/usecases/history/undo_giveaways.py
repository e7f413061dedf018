"""Taking changes of giveaways back: entries, leaves, edits and settings; never a draw.

``INVERSES`` names, for each type of event, what puts its inverse into a transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from msgspec import UNSET

from robo_xp.errors import Refused, UndoUnclear
from robo_xp.model.events import (
    Event,
    GiveawayCancelled,
    GiveawayClaim,
    GiveawayClosed,
    GiveawayEdited,
    GiveawayEnded,
    GiveawayEntered,
    GiveawayLeft,
    GiveawayPosted,
    GiveawayRerolled,
    GiveawayScheduled,
    GiveawaySettingChanged,
    GiveawayStarted,
    OfEntries,
    OfGiveaway,
)
from robo_xp.model.giveaway import HANDED_OVER, OPEN
from robo_xp.rules.giveaway.duration import MIN_MS
from robo_xp.settings.giveaway import GIVEAWAY
from robo_xp.usecases.giveaways.book import Book, check_active, check_open, entries_table
from robo_xp.usecases.giveaways.claiming import put_claims
from robo_xp.usecases.giveaways.use import put_edit
from robo_xp.usecases.settings.giveaways import GLOBAL_SETTINGS, SETTINGS
from robo_xp.usecases.settings.layered import Kept
from robo_xp.vault import GLOBAL, Transaction, name_of


@dataclass(frozen=True, slots=True)
class Undoing:
    """A transaction of a namespace in which a batch is taken back.

    ``later`` is the last batch that touched each subject afterwards.
    """

    transaction: Transaction
    namespace: str
    later: Mapping[str, int]

    @property
    def book(self) -> Book:
        """The giveaways of the guild."""
        return Book(name_of(self.namespace).guild_id, self.transaction)

    def unclear(self, what: str, subject: str) -> UndoUnclear:
        """The refusal that names the batch that changed the same thing."""
        seq = self.later.get(subject)
        who = "something" if seq is None else f"batch {seq}"
        return UndoUnclear(f"{who} changed {what} later")


Inverse = Callable[[Undoing, Any], None]


def take_back(
    transaction: Transaction, namespace: str, told: Sequence[Event], later: Mapping[str, int]
) -> bool:
    """Put the inverse of what was told of giveaways into the transaction; False where nothing was.

    Raises UndoUnclear where a later batch changed the same, Refused for what stays.
    """
    events = [event for event in told if type(event) in INVERSES][::-1]
    undoing = Undoing(transaction, namespace, later)
    for event in events:
        INVERSES[type(event)](undoing, event)
    if any(isinstance(event, GiveawaySettingChanged) for event in events):
        _check_settings(undoing)
    return bool(events)


def subjects_of(event: Event) -> Iterator[str]:
    """What a change of giveaways touched: entries by giveaway and member, fields, settings."""
    match event:
        case OfEntries():
            yield from (_subject(event, user_id) for user_id in event.entries)
        case GiveawayEdited() | GiveawaySettingChanged():
            yield _subject(event, event.key)
        case GiveawayClaim():
            yield _subject(event, f"claim {event.user_id}")


def entries_in(events: Iterable[Event]) -> int:
    """How many entries the events tell of."""
    return sum(len(event.entries) for event in events if isinstance(event, OfEntries))


def _subject(event: Event, part: str) -> str:
    return f"{event.giveaway_id if isinstance(event, OfGiveaway) else ''} {part}"


def _leave_again(undoing: Undoing, event: GiveawayEntered) -> None:
    """Take back entries, unless one of them has changed since."""
    giveaway = undoing.book.find(event.giveaway_id)
    check_active(giveaway)
    present, table = undoing.book.entries(giveaway.id), entries_table(giveaway.id)
    for user_id, entry in event.entries.items():
        if present.get(user_id) != entry:
            raise undoing.unclear(f"the entry of {user_id}", _subject(event, user_id))
    for user_id in event.entries:
        undoing.transaction.delete(table, user_id)
    undoing.transaction.event(GiveawayLeft(giveaway.id, event.entries))


def _enter_again(undoing: Undoing, event: GiveawayLeft) -> None:
    """Put back the entries of those who left, unless they have entered again."""
    giveaway = undoing.book.find(event.giveaway_id)
    check_active(giveaway)
    present, table = undoing.book.entries(giveaway.id), entries_table(giveaway.id)
    for user_id in event.entries:
        if user_id in present:
            raise undoing.unclear(f"the entry of {user_id}", _subject(event, user_id))
    for user_id, entry in event.entries.items():
        undoing.transaction.put(table, user_id, entry)
    undoing.transaction.event(GiveawayEntered(giveaway.id, event.entries))


def _edit_back(undoing: Undoing, event: GiveawayEdited) -> None:
    """Give a field its earlier value, unless a later batch gave it another one."""
    giveaway = undoing.book.find(event.giveaway_id)
    check_open(giveaway)
    key = event.key
    if getattr(giveaway, key) != event.new:
        raise undoing.unclear(f"the {key.replace('_', ' ')}", _subject(event, key))
    if key in ("starts_at", "ends_at") and event.old - undoing.transaction.ts < MIN_MS:
        raise Refused(
            f"the {key[:-4]} of giveaway {giveaway.id} before that edit is past, or too soon",
            advice=f"give it another one: robo-xp giveaway edit {giveaway.id} --{key[:-3]} TIME",
        )
    put_edit(undoing.transaction, giveaway, replace(giveaway, **{key: event.old}))


def _claim_back(undoing: Undoing, event: GiveawayClaim) -> None:
    """Let a prize be as it was before it was noted as handed over; nothing else is taken back."""
    if event.new != HANDED_OVER:
        raise Refused("what became of a prize cannot be taken back", advice=_PUBLIC)
    giveaway = undoing.book.find(event.giveaway_id)
    held = giveaway.claims.get(event.user_id)
    if held is None or held.state != HANDED_OVER:
        raise undoing.unclear("the prize", _subject(event, f"claim {event.user_id}"))
    at = None if event.old in (None, OPEN) else held.at
    put_claims(
        undoing.transaction,
        giveaway,
        {event.user_id: replace(held, state=event.old or OPEN, at=at)},
    )


def _settings_back(undoing: Undoing, event: GiveawaySettingChanged) -> None:
    """Give a setting its earlier value, unless a later batch gave it another one."""
    kept = _kept_settings(undoing)
    before = kept.own(undoing.transaction)
    key = event.key
    if GIVEAWAY.leaves_of(before).get(key) != (None if event.new is UNSET else event.new):
        raise undoing.unclear(key, _subject(event, key))
    is_gone = event.old is UNSET
    after = GIVEAWAY.unset(before, key) if is_gone else GIVEAWAY.set(before, key, event.old)
    kept.put(undoing.transaction, before, after)


def _check_settings(undoing: Undoing) -> None:
    """Raise UndoUnclear when the earlier settings contradict what was set since."""
    if faults := GIVEAWAY.faults_of(_kept_settings(undoing).own(undoing.transaction)):
        raise UndoUnclear(f"the earlier settings do not fit any more: {faults[0]}")


def _kept_settings(undoing: Undoing) -> Kept:
    """Where the namespace's own settings are."""
    return GLOBAL_SETTINGS if undoing.namespace == GLOBAL else SETTINGS


def _never(what: str, advice: str) -> Inverse:
    """An inverse that says that there is none; ``{}`` in the advice is the giveaway's id."""

    def refuse(undoing: Undoing, event: Any) -> None:
        raise Refused(f"{what} cannot be taken back", advice=advice.format(event.giveaway_id))

    return refuse


_PUBLIC = "the winners may know already; reroll, or start another giveaway"

INVERSES: Final[Mapping[type[Event], Inverse]] = {
    GiveawayEntered: _leave_again,
    GiveawayLeft: _enter_again,
    GiveawayEdited: _edit_back,
    GiveawaySettingChanged: _settings_back,
    GiveawayScheduled: _never("the plan of a giveaway", "cancel it: robo-xp giveaway cancel {}"),
    GiveawayStarted: _never("the start of a giveaway", "cancel it: robo-xp giveaway cancel {}"),
    GiveawayClosed: _never("the close of entries", "cancel it: robo-xp giveaway cancel {}"),
    GiveawayEnded: _never("a draw", _PUBLIC),
    GiveawayRerolled: _never("a reroll", _PUBLIC),
    GiveawayClaim: _claim_back,
    GiveawayCancelled: _never("the cancelling of a giveaway", "start another giveaway"),
    GiveawayPosted: _never("a message on Discord", "delete it there"),
}
"""What takes back each type of event."""
