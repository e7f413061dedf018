"""What binds a draw before anybody can know it: how entries were closed, and the public beacon.

A beacon tells a random number each few seconds, in numbered rounds that nobody can foresee.
"""

from __future__ import annotations

from dataclasses import dataclass

NONE, DRAND = "none", "drand"
"""The values of the setting ``draw.beacon``."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A public beacon: its hash, its key in hex, its first round (epoch ms), and ms to the next."""

    hash: str
    public_key: str
    genesis_ms: int
    period_ms: int

    def time_of(self, number: int) -> int:
        """When the round of this number is told, in epoch ms."""
        return self.genesis_ms + (number - 1) * self.period_ms

    def first_round(self, at_ms: int) -> int:
        """The first round that is told then or later."""
        return max(1, 1 - (self.genesis_ms - at_ms) // self.period_ms)


@dataclass(frozen=True, slots=True)
class Beacon:
    """The rule of a giveaway's draws: a round of ``chain`` that comes ``delay_ms`` after the close.

    ``round`` is that of the last draw, None before the close. After ``wait_ms`` beyond a round that
    nobody could get, the draw is made without it.
    """

    chain: str
    delay_ms: int
    wait_ms: int
    round: int | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """The entries as they were closed ``at`` (epoch ms): how many, their digest, their root.

    ``root`` is that of the tree of receipts, in hex.
    """

    at: int
    entries: int
    digest: str
    root: str


@dataclass(frozen=True, slots=True)
class WaitingDraw:
    """A draw that waits for its round: all that is fixed of it before the round is known.

    ``number`` and the rest are those of the draw; ``at`` (epoch ms), ``by`` and ``reason`` tell who
    asked for it and when. ``owed`` is whether it takes the places of those who did not claim.
    """

    number: int
    count: int
    digest: str
    round: int
    at: int
    by: str
    reason: str | None = None
    owed: bool = False


@dataclass(frozen=True, slots=True)
class BeaconRound:
    """The round of one draw, asked for ``asked_at`` (epoch ms).

    ``signature`` in hex is None where nobody could get it in time: then it was drawn without it.
    """

    round: int
    signature: str | None
    asked_at: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody saw on Discord and holds against a proof; None is not compared.

    ``commitment`` is of the message at the start; ``entries``, ``digest`` and ``root`` of the one
    at the close; ``receipt`` is what an entrant was given.
    """

    commitment: str | None = None
    entries: int | None = None
    digest: str | None = None
    root: str | None = None
    receipt: str | None = None
