"""Taking changes of giveaways back: entries, leaves, edits and settings; never a draw.

``INVERSES`` names, for each type of event, what puts its inverse into a transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from robo_xp.errors import Refused, UndoUnclear
from robo_xp.settings.giveaway import GIVEAWAY
from robo_xp.usecases.giveaways.book import Book, check_active, entries_table, tell
from robo_xp.usecases.giveaways.draws import CANCELLING, END, REROLL
from robo_xp.usecases.giveaways.effects import ATTACH
from robo_xp.usecases.giveaways.entries import ENTER, LEAVE
from robo_xp.usecases.giveaways.use import EDIT, START, put_edit
from robo_xp.usecases.settings.giveaways import CHANGE, GLOBAL_SETTINGS, SETTINGS
from robo_xp.usecases.settings.layered import Kept
from robo_xp.vault import GLOBAL, Batch, Transaction, name_of

Event = Mapping[str, Any]


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


Inverse = Callable[[Undoing, Event], None]


def take_back(
    transaction: Transaction, namespace: str, batch: Batch, later: Mapping[str, int]
) -> bool:
    """Put the inverse of a change of giveaways into the transaction; False for other batches.

    Raises UndoUnclear where a later batch changed the same, Refused for what stays.
    """
    events = [event for event in reversed(batch.events) if event["type"] in INVERSES]
    undoing = Undoing(transaction, namespace, later)
    for event in events:
        INVERSES[event["type"]](undoing, event)
    if any(event["type"] == CHANGE for event in events):
        _check_settings(undoing)
    return bool(events)


def subjects_of(event: Event) -> Iterator[str]:
    """What a change of giveaways touched: entries by giveaway and member, fields, settings."""
    kind = event["type"]
    if kind in (ENTER, LEAVE):
        for user_id in event["entries"]:
            yield _subject(event, user_id)
    elif kind in (EDIT, CHANGE):
        yield _subject(event, event["key"])


def entries_in(events: Iterable[Event]) -> int:
    """How many entries the events tell of."""
    return sum(len(event["entries"]) for event in events if event["type"] in (ENTER, LEAVE))


def _subject(event: Event, part: str) -> str:
    return f"{event.get('giveawayId', '')} {part}"


def _leave_again(undoing: Undoing, event: Event) -> None:
    """Take back entries, unless one of them has changed since."""
    giveaway = undoing.book.find(event["giveawayId"])
    check_active(giveaway)
    present, table = undoing.book.entries(giveaway.id), entries_table(giveaway.id)
    for user_id, entry in event["entries"].items():
        if present.get(user_id) != entry:
            raise undoing.unclear(f"the entry of {user_id}", _subject(event, user_id))
    for user_id in event["entries"]:
        undoing.transaction.delete(table, user_id)
    tell(undoing.transaction, LEAVE, giveaway, entries=event["entries"])


def _enter_again(undoing: Undoing, event: Event) -> None:
    """Put back the entries of those who left, unless they have entered again."""
    giveaway = undoing.book.find(event["giveawayId"])
    check_active(giveaway)
    present, table = undoing.book.entries(giveaway.id), entries_table(giveaway.id)
    for user_id in event["entries"]:
        if user_id in present:
            raise undoing.unclear(f"the entry of {user_id}", _subject(event, user_id))
    for user_id, entry in event["entries"].items():
        undoing.transaction.put(table, user_id, entry)
    tell(undoing.transaction, ENTER, giveaway, entries=event["entries"])


def _edit_back(undoing: Undoing, event: Event) -> None:
    """Give a field its earlier value, unless a later batch gave it another one."""
    giveaway = undoing.book.find(event["giveawayId"])
    check_active(giveaway)
    key = event["key"]
    if getattr(giveaway, key) != event["new"]:
        raise undoing.unclear(f"the {key.replace('_', ' ')}", _subject(event, key))
    put_edit(undoing.transaction, giveaway, replace(giveaway, **{key: event["old"]}))


def _settings_back(undoing: Undoing, event: Event) -> None:
    """Give a setting its earlier value, unless a later batch gave it another one."""
    kept = _kept(undoing)
    before = kept.own(undoing.transaction)
    key = event["key"]
    if GIVEAWAY.leaves_of(before).get(key) != event.get("new"):
        raise undoing.unclear(key, _subject(event, key))
    after = (
        GIVEAWAY.set(before, key, event["old"]) if "old" in event else GIVEAWAY.unset(before, key)
    )
    kept.put(undoing.transaction, before, after)


def _check_settings(undoing: Undoing) -> None:
    """Raise UndoUnclear when the earlier settings contradict what was set since."""
    if faults := GIVEAWAY.faults_of(_kept(undoing).own(undoing.transaction)):
        raise UndoUnclear(f"the earlier settings do not fit any more: {faults[0]}")


def _kept(undoing: Undoing) -> Kept:
    """Where the namespace's own settings are."""
    return GLOBAL_SETTINGS if undoing.namespace == GLOBAL else SETTINGS


def _never(what: str, advice: str) -> Inverse:
    """An inverse that says that there is none."""

    def refuse(undoing: Undoing, event: Event) -> None:
        raise Refused(f"{what} cannot be taken back", advice=advice)

    return refuse


_PUBLIC = "the winners may know already; reroll, or start another giveaway"

INVERSES: Final[Mapping[str, Inverse]] = {
    ENTER: _leave_again,
    LEAVE: _enter_again,
    EDIT: _edit_back,
    CHANGE: _settings_back,
    START: _never("the start of a giveaway", "cancel it: robo-xp giveaway cancel ID"),
    END: _never("a draw", _PUBLIC),
    REROLL: _never("a reroll", _PUBLIC),
    CANCELLING: _never("the cancelling of a giveaway", "start another giveaway"),
    ATTACH: _never("a message on Discord", "delete it there"),
}
"""What takes back each type of event."""
