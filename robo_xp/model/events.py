"""What can happen: one class for each type of event, and how the journal writes it.

An event is told after the commit of its batch. The journal keeps it as an object whose ``type`` is
the class's tag; ``event_reading`` reads it back whatever version wrote it: fields that are not
known here are passed over, and what cannot be read is an ``UnknownEvent`` with all that it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import UNSET

Raw: TypeAlias = Mapping[str, Any]


class Event(msgspec.Struct, frozen=True, tag_field="type", rename="camel", omit_defaults=True):
    """Something that has happened."""

    @property
    def type(self) -> str:
        """The name of the type, as the journal writes it."""
        return name_of(type(self))

    @property
    def user_ids(self) -> Iterable[str]:
        """The members that it happened to."""
        return ()


class OfMember(Event, frozen=True):
    """Something that has happened to one member of a store."""

    user_id: str

    @property
    def user_ids(self) -> Iterable[str]:
        """The member."""
        return (self.user_id,)


AWARD: Final = "award"
"""How a total moves by an award; the other ways are named by their commands."""


class XpChanged(OfMember, frozen=True, tag="xpChange"):
    """A total moved: by an award, or as ``how`` says; ``created`` with a new record.

    ``day`` is the guild's day that it counts for, 0 for none. Left out, an award counts for the
    day of UTC that its batch was made on, and all else for none.
    """

    old_xp: int
    new_xp: int
    delta: int
    how: str | None = None
    reason: str | None = None
    created: bool = False
    day: int | None = None


class LevelMoved(OfMember, frozen=True):
    """A level moved, once, however many levels it jumped; after an award in ``channel_id``."""

    old_level: int
    new_level: int
    total_xp: int
    channel_id: str | None = None


class LevelUp(LevelMoved, frozen=True, tag="levelUp"):
    """A member's level rose."""


class LevelDown(LevelMoved, frozen=True, tag="levelDown"):
    """A member's level fell."""


def level_event(
    user_id: str, old: int, new: int, total_xp: int, channel_id: str | None = None
) -> LevelMoved:
    """The event of a level that moved."""
    kind = LevelUp if new > old else LevelDown
    return kind(user_id, old, new, total_xp, channel_id)


class LevelRepaired(OfMember, frozen=True, tag="recalc"):
    """A member's level was compared with the curve, so its roles are to be looked at."""


class CountersChanged(OfMember, frozen=True, tag="countersChange"):
    """Counters of a member were replaced; only those that differ."""

    old: dict[str, Any]
    new: dict[str, Any]


class MemberDeleted(OfMember, frozen=True, tag="memberDelete"):
    """A record was deleted; ``record`` is what stood in it."""

    record: dict[str, Any]


class MemberRestored(OfMember, frozen=True, tag="memberRestore"):
    """A deleted record was put back."""

    xp: int


class MemberHidden(OfMember, frozen=True, tag="memberHide"):
    """A member was taken off boards, or not ``hidden`` any more; ``created`` with a new record."""

    hidden: bool
    created: bool = False


class MemberErased(OfMember, frozen=True, tag="memberErase"):
    """All about a person was erased; ``user_id`` is the pseudonym that stands for it since."""


class SumsMoved(OfMember, frozen=True, tag="sumsChange"):
    """What was gained on a day counts otherwise now, since it was taken back."""

    day: int
    delta: int


class PeriodClosed(Event, frozen=True, tag="periodClose"):
    """A day, week or month (``kind``) was closed: from ``begins_at`` to ``ends_at`` in epoch ms.

    ``members`` gained something in it; ``top`` are the first ones, each with ``userId`` and ``xp``.
    ``announced`` says that it is told on Discord.
    """

    kind: str
    begins_at: int
    ends_at: int
    members: int
    top: list[dict[str, Any]]
    announced: bool = False


class RoleHoldersChanged(Event, frozen=True, tag="prizeRole"):
    """The role of a prize went from its earlier holders to others."""

    role_id: str
    old: list[str]
    new: list[str]

    @property
    def user_ids(self) -> Iterable[str]:
        """All of them."""
        return (*self.old, *self.new)


class ValueChanged(Event, frozen=True):
    """A setting was given another value; UNSET where it had none, or has none now."""

    key: str
    old: Any = UNSET
    new: Any = UNSET


class SettingChanged(ValueChanged, frozen=True, tag="configChange"):
    """A setting of a store, or of all guilds, changed."""


class GiveawaySettingChanged(ValueChanged, frozen=True, tag="giveawaySettingsChange"):
    """A setting of giveaways changed."""


class MadeTogether(Event, frozen=True, tag="madeTogether"):
    """Batch ``seq`` of another namespace is a part of this change, and is taken back with it."""

    namespace: str
    seq: int


class OfGiveaway(Event, frozen=True):
    """Something that has happened to a giveaway."""

    giveaway_id: str


class GiveawayScheduled(OfGiveaway, frozen=True, tag="giveawaySchedule"):
    """A giveaway is to start by itself."""

    prize: str
    channel_id: str
    winners_count: int
    starts_at: int


class GiveawayStarted(OfGiveaway, frozen=True, tag="giveawayStart"):
    """A giveaway was started."""

    prize: str
    channel_id: str
    winners_count: int
    ends_at: int
    commitment: str


class GiveawayEdited(OfGiveaway, frozen=True, tag="giveawayEdit"):
    """A field of a giveaway was changed."""

    key: str
    old: Any
    new: Any


class OfEntries(OfGiveaway, frozen=True):
    """Something that has happened to entries, by the ids of their members."""

    entries: dict[str, Any]

    @property
    def user_ids(self) -> Iterable[str]:
        """The members."""
        return self.entries


class GiveawayEntered(OfEntries, frozen=True, tag="giveawayEnter"):
    """Members entered a giveaway."""


class GiveawayLeft(OfEntries, frozen=True, tag="giveawayLeave"):
    """Members left a giveaway."""


class GiveawayClosed(OfGiveaway, frozen=True, tag="giveawayClose"):
    """The draw with this number, of what has this digest, waits for a round of the beacon."""

    number: int
    digest: str
    round: int


class GiveawayEnded(OfGiveaway, frozen=True, tag="giveawayEnd"):
    """A giveaway was drawn."""

    winners: list[str]


class GiveawayRerolled(OfGiveaway, frozen=True, tag="giveawayReroll"):
    """A giveaway was drawn again, for the ``number``-th time."""

    number: int
    winners: list[str]


class GiveawayClaim(OfGiveaway, frozen=True, tag="giveawayClaim"):
    """What has become of a winner's prize: claimed, expired or handed over."""

    user_id: str
    old: str | None
    new: str

    @property
    def user_ids(self) -> Iterable[str]:
        """The winner."""
        return (self.user_id,)


class GiveawayCancelled(OfGiveaway, frozen=True, tag="giveawayCancel"):
    """A giveaway was cancelled."""


class GiveawayPosted(OfGiveaway, frozen=True, tag="giveawayMessage"):
    """A giveaway has a message on Discord."""

    message_id: str


class NamespaceRestored(Event, frozen=True, tag="restore"):
    """A namespace was set to what it was: at batch ``from_seq``, None for empty.

    ``since`` is when the oldest batch that it took out of the history was made, None where it
    took out none; ``kept`` is the folder that has them. Earlier versions told neither.
    """

    from_seq: int | None
    at: int | None
    since: int | None = None
    kept: str | None = None


class NamespaceRepaired(Event, frozen=True, tag="repair"):
    """Damaged files were repaired: what was kept in words, and the ranges of numbers lost."""

    kept: str
    lost: list[list[int]]


class RecordRepaired(Event, frozen=True, tag="recordRepair"):
    """A damaged record was mended; ``old`` is what stood in it."""

    table: str
    id: str
    old: dict[str, Any] | None


class UnknownEvent(Event, frozen=True, tag="unknown"):
    """An event of another version; ``raw`` is all that it says."""

    raw: Raw

    @property
    def type(self) -> str:
        """The name of the type, as the journal has it."""
        return str(self.raw.get("type", "unknown"))

    @property
    def user_ids(self) -> Iterable[str]:
        """The members that it names where the other events name them."""
        user_id, entries = self.raw.get("userId"), self.raw.get("entries")
        yield from [user_id] if isinstance(user_id, str) else []
        yield from entries if isinstance(entries, Mapping) else ()


def name_of(kind: type[Event]) -> str:
    """The name of a type of event, as the journal writes it."""
    return str(kind.__struct_config__.tag)


KINDS: Final[Mapping[str, type[Event]]] = {
    name_of(kind): kind
    for kind in (
        XpChanged,
        LevelUp,
        LevelDown,
        LevelRepaired,
        CountersChanged,
        MemberDeleted,
        MemberRestored,
        MemberHidden,
        MemberErased,
        SumsMoved,
        PeriodClosed,
        RoleHoldersChanged,
        SettingChanged,
        GiveawaySettingChanged,
        MadeTogether,
        GiveawayScheduled,
        GiveawayStarted,
        GiveawayEdited,
        GiveawayEntered,
        GiveawayLeft,
        GiveawayClosed,
        GiveawayEnded,
        GiveawayRerolled,
        GiveawayClaim,
        GiveawayCancelled,
        GiveawayPosted,
        NamespaceRestored,
        NamespaceRepaired,
        RecordRepaired,
    )
}
"""Every type of event by its name."""
