"""What a batch did, in a line for the history.

``Known`` says how members, roles, channels and prizes are called; an id that it does not know
stands for itself. ``Marks`` leaves them open, for a line that is stored: ``Known.said`` reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec import UNSET

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
    GiveawayStarted,
    LevelMoved,
    MadeTogether,
    MemberDeleted,
    MemberErased,
    MemberHidden,
    MemberRestored,
    NamespaceRepaired,
    NamespaceRestored,
    OfGiveaway,
    PeriodClosed,
    RecordRepaired,
    RoleHoldersChanged,
    ValueChanged,
    XpChanged,
)
from robo_xp.model.ids import is_snowflake
from robo_xp.text import count_text, first_of, thousands, utc_text

_FEW: Final = 3
_ROLES: Final = "roleRewards"
_BOOST: Final = "boosts.list."
_COLOUR: Final = "theme.embedColor"
_FIXING: Final = ("set", "replace")

_MARK: Final = re.compile("<(@|giveaway:)([0-9A-Za-z_-]+)>")

Names = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """Names by id: of members, roles and channels, and the prizes of giveaways."""

    members: Names = field(default_factory=dict)
    roles: Names = field(default_factory=dict)
    channels: Names = field(default_factory=dict)
    prizes: Names = field(default_factory=dict)

    def member(self, user_id: str) -> str:
        """The member's name, else the id."""
        return self.members.get(user_id, user_id)

    def some(self, user_ids: Iterable[str]) -> str:
        """The first few members, and how many more there are."""
        ids = list(user_ids)
        return first_of([self.member(user_id) for user_id in ids[:_FEW]], _FEW, len(ids))

    def role(self, role_id: str) -> str:
        """The role as ``@Regular``, else the id."""
        name = self.roles.get(role_id)
        return role_id if name is None else f"@{name.removeprefix('@')}"

    def prize(self, event: OfGiveaway) -> str:
        """The prize as it was when the event happened, as far as that is known."""
        if isinstance(event, GiveawayScheduled | GiveawayStarted):
            return event.prize
        return self.prizes.get(event.giveaway_id, event.giveaway_id)

    def value(self, given: Any) -> str:
        """The value of a setting; ids of roles and channels by name where they are known."""
        if given is UNSET or given is None:
            return "not set"
        if isinstance(given, bool):
            return "on" if given else "off"
        if isinstance(given, list | tuple):
            return first_of([self.value(one) for one in given], _FEW) or "none"
        if isinstance(given, Mapping):
            return " ".join(f"{key}={self.value(one)}" for key, one in given.items()) or "none"
        return self._name_of(str(given))

    def key(self, key: str) -> str:
        """The key of a setting; the id at the end of a map's key by name where it is known."""
        head, dot, last = key.rpartition(".")
        return f"{head}{dot}{self._name_of(last)}"

    def _name_of(self, text: str) -> str:
        if text in self.roles:
            return self.role(text)
        if text in self.channels:
            return f"#{self.channels[text]}"
        return self.members.get(text, text)

    def said(self, marked: str) -> str:
        """What was written with ``Marks``, in names as far as they are known."""
        return _MARK.sub(self._meant, marked)

    def _meant(self, mark: re.Match[str]) -> str:
        kind, id_ = mark.groups()
        return self._name_of(id_) if kind == "@" else self.prizes.get(id_, id_)


class Marks(Known):
    """Marks in the place of names, to be read by those who know them: ``<@8811…>``."""

    def member(self, user_id: str) -> str:
        """The mark of a member."""
        return f"<@{user_id}>"

    def role(self, role_id: str) -> str:
        """The mark of a role."""
        return f"<@{role_id}>"

    def prize(self, event: OfGiveaway) -> str:
        """The prize where the event tells it, else the mark of the giveaway."""
        if isinstance(event, GiveawayScheduled | GiveawayStarted):
            return event.prize
        return f"<giveaway:{event.giveaway_id}>"

    def _name_of(self, text: str) -> str:
        return f"<@{text}>" if is_snowflake(text) else text


def what_of(
    happened: Iterable[Event], known: Known, *, otherwise: str, user_id: str | None = None
) -> str:
    """The events in a line, ``otherwise`` where they say nothing; or what of them is a member's."""
    events = list(own_part(happened, user_id))
    moved = [event for event in events if isinstance(event, XpChanged)]
    parts = [
        *_of_members(moved, "%s", known, _xp),
        *_of_members(_each(events, MemberDeleted), "%s deleted", known, _deletion_text),
        *_of_members(_each(events, MemberRestored), "%s brought back", known, _restore_text),
        *_of_members(_hiding(events, True), "%s hidden", known, _no_more),
        *_of_members(_hiding(events, False), "%s shown again", known, _no_more),
        *_of_members(_each(events, MemberErased), "a person erased, %s since", known, _no_more),
        *(_setting(event, known) for event in _each(events, ValueChanged)),
        *(_giveaway(event, known) for event in _each(events, OfGiveaway)),
        *(_period(event, known) for event in _each(events, PeriodClosed)),
        *(_holders(event, known) for event in _each(events, RoleHoldersChanged)),
        *_of_whole(events),
    ]
    if not parts:
        ids = dict.fromkeys(id_ for event in events for id_ in event.user_ids)
        parts = [known.some(ids)] if ids else [otherwise]
    else:
        parts += _levels(events, moved)
    return first_of(parts, _FEW)


def own_part(events: Iterable[Event], user_id: str | None) -> Iterator[Event]:
    """The events that happened to the member; all of them where none is given."""
    return (event for event in events if user_id is None or user_id in event.user_ids)


def moves_in(events: Iterable[Event]) -> Iterator[tuple[str, int]]:
    """Whose XP the events moved, and by how much."""
    for event in events:
        match event:
            case XpChanged():
                yield event.user_id, event.delta
            case MemberRestored():
                yield event.user_id, event.xp
            case MemberDeleted():
                yield event.user_id, -event.record["xp"]


def delta_of(events: Iterable[Event]) -> int:
    """The XP that the events moved, all members together."""
    return sum(delta for _, delta in moves_in(events))


def _each(events: Iterable[Event], kind: type[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def _of_members(
    events: list[Any], pattern: str, known: Known, one: Callable[[list[Any]], str]
) -> Iterator[str]:
    """One part for all events of a kind: who by name, and what became of them."""
    if events:
        who = known.some(dict.fromkeys(event.user_id for event in events))
        yield f"{pattern % who}{one(events)}"


def _xp(events: list[XpChanged]) -> str:
    first, last = events[0], events[-1]
    if any(event.user_id != first.user_id for event in events):
        delta = sum(event.delta for event in events)
        return f": {delta:+,} XP in all"
    if first.how in _FIXING:
        return f" {thousands(first.old_xp)} → {thousands(last.new_xp)} XP"
    return f" {last.new_xp - first.old_xp:+,} XP, now {thousands(last.new_xp)}"


def _deletion_text(events: list[MemberDeleted]) -> str:
    return f" with {thousands(sum(event.record.get('xp', 0) for event in events))} XP"


def _restore_text(events: list[MemberRestored]) -> str:
    return f" with {thousands(sum(event.xp for event in events))} XP"


def _hiding(events: Iterable[Event], hidden: bool) -> list[MemberHidden]:
    return [event for event in _each(events, MemberHidden) if event.hidden == hidden]


def _no_more(events: list[Any]) -> str:
    return ""


def _levels(events: Iterable[Event], moved: list[XpChanged]) -> Iterator[str]:
    """The levels that moved: one by its numbers, many by how many."""
    found: list[LevelMoved] = _each(events, LevelMoved)
    if len(found) == 1 and len(moved) <= 1:
        yield f"level {found[0].old_level} → {found[0].new_level}"
    elif found:
        yield f"{count_text(len(found), 'level')} moved"


def _setting(event: ValueChanged, known: Known) -> str:
    if event.key == _ROLES:
        return first_of(list(_rewards(event, known)), _FEW)
    if event.key.startswith(_BOOST):
        return _boost(event)
    old, new = (_colour(event.key, value) for value in (event.old, event.new))
    return f"{known.key(event.key)} {known.value(old)} → {known.value(new)}"


def _boost(event: ValueChanged) -> str:
    """A boost by its name that began, ended, or became another one."""
    said = event.old if event.new is UNSET else event.new
    name = said.get("name") or event.key.removeprefix(_BOOST)
    if event.new is UNSET:
        return f"boost {name} is gone"
    return f"boost {name}: {said['factor']} times" + ("" if event.old is UNSET else ", changed")


def _colour(key: str, value: Any) -> Any:
    """A colour as ``#rrggbb``; any other value as it is."""
    return f"#{value:06x}" if key == _COLOUR and isinstance(value, int) else value


def _rewards(event: ValueChanged, known: Known) -> Iterator[str]:
    """The rewards that came, went, or moved to another level."""
    old, new = (
        {one["roleId"]: one["level"] for one in _as_list(v)} for v in (event.old, event.new)
    )
    for role_id, level in new.items():
        if role_id not in old:
            yield f"role {known.role(role_id)} at level {level}"
        elif old[role_id] != level:
            yield f"role {known.role(role_id)} at level {old[role_id]} → {level}"
    for role_id, level in old.items():
        if role_id not in new:
            yield f"no role {known.role(role_id)} at level {level}"


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _giveaway(event: OfGiveaway, known: Known) -> str:
    prize = known.prize(event)
    match event:
        case GiveawayScheduled():
            return f"{prize}: planned, {count_text(event.winners_count, 'winner')}"
        case GiveawayStarted():
            return f"{prize}: {count_text(event.winners_count, 'winner')}"
        case GiveawayEdited():
            old, new = (_edited_value(event.key, value) for value in (event.old, event.new))
            return f"{prize}: {event.key.replace('_', ' ')} {old} → {new}"
        case GiveawayEntered():
            return f"{prize}: {known.some(event.entries)} entered"
        case GiveawayLeft():
            return f"{prize}: {known.some(event.entries)} left"
        case GiveawayClosed():
            return f"{prize}: waits for round {event.round} of the beacon"
        case GiveawayEnded():
            return f"{prize}: {_winners_text(event.winners, known)}"
        case GiveawayRerolled():
            return f"{prize}: reroll {event.number}, {_winners_text(event.winners, known)}"
        case GiveawayClaim():
            return f"{prize}: {event.new} by {known.some(event.user_ids)}"
        case GiveawayCancelled():
            return f"{prize}: cancelled"
        case GiveawayPosted():
            return f"{prize}: message {event.message_id}"
    return f"{prize}: {event.type}"


def _edited_value(key: str, value: Any) -> Any:
    """A time as people read it, with its zone; any other value as it is."""
    return utc_text(value) if key.endswith("_at") and isinstance(value, int) else value


def _winners_text(winners: Iterable[str], known: Known) -> str:
    return f"won by {who}" if (who := known.some(winners)) else "nobody won"


def _period(event: PeriodClosed, known: Known) -> str:
    """Which period was closed, and who was first in it."""
    first = "".join(known.member(one["userId"]) for one in event.top[:1])
    return f"{event.kind} closed: {first} first of {count_text(event.members, 'member')}"


def _holders(event: RoleHoldersChanged, known: Known) -> str:
    """Who holds the role of a prize now."""
    return f"role {known.role(event.role_id)} to {known.some(event.new) or 'nobody'}"


def _of_whole(events: Iterable[Event]) -> Iterator[str]:
    """What happened to the namespace as a whole."""
    for event in events:
        match event:
            case NamespaceRestored():
                seq = event.from_seq
                yield "emptied" if seq is None else f"set to what it was at batch {seq}"
            case MadeTogether():
                kind, store_id, *_ = event.namespace.split("/")
                what = f"store {store_id}" if kind == "xp" else "the settings of giveaways"
                yield f"{what} (change {event.seq} there)"
            case NamespaceRepaired():
                yield f"repaired: {event.kept}"
            case RecordRepaired():
                yield f"record {event.id} of {event.table} mended"
