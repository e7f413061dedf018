"""What changes of giveaways come to, and what is read of them, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from robo_xp.errors import Fault
from robo_xp.model.giveaway import Giveaway


@dataclass(frozen=True, slots=True)
class GiveawayChange:
    """A giveaway after a change; ``changed`` is False when there was nothing to do.

    ``missing`` is how many winners were asked for beyond those that could be drawn.
    """

    giveaway: Giveaway
    changed: bool
    seq: int | None
    dry_run: bool
    missing: int = 0

    @property
    def id(self) -> str:
        """The id of the giveaway."""
        return self.giveaway.id

    @property
    def winners(self) -> tuple[str, ...]:
        """Who was drawn at the end."""
        return self.giveaway.winners

    @property
    def rerolled(self) -> tuple[str, ...]:
        """Who the last reroll drew."""
        return self.giveaway.rerolls[-1] if self.giveaway.rerolls else ()


@dataclass(frozen=True, slots=True)
class EntryRefused:
    """Somebody who may not enter, with every requirement that is not met."""

    user_id: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of those who wanted to enter; ``entries`` is how many there are now.

    ``receipts`` are those of all who have an entry now, by user id.
    """

    giveaway_id: str
    entered: int
    already: int
    refused: tuple[EntryRefused, ...]
    entries: int
    seq: int | None
    dry_run: bool
    receipts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Left:
    """How many entries were taken back, and how many there were not in the first place."""

    giveaway_id: str
    left: int
    absent: int
    entries: int
    seq: int | None
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: whose, its weight, when it was made (epoch ms), and its number.

    The number is None for an entry of a version that gave none.
    """

    user_id: str
    weight: int
    entered_at: int
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One giveaway of a list, with the number of its entries."""

    giveaway: Giveaway
    entries: int


@dataclass(frozen=True, slots=True)
class Verified:
    """What computing the draws again came to; ``drawn`` is whether there were any.

    ``here`` is False for a giveaway that another bot drew, whose draws nobody can compute.
    ``notes`` tell what is right and yet worth knowing.
    """

    id: str
    valid: bool
    drawn: bool
    commitment: str
    winners: tuple[str, ...]
    rerolls: tuple[tuple[str, ...], ...]
    faults: tuple[Fault, ...]
    here: bool = True
    notes: tuple[str, ...] = ()
