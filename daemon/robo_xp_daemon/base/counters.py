"""What the daemon did since its start, as plain numbers that any thread may add to.

Parts count here and know nothing of who reads; ``metrics`` turns the numbers into a page.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate, product
from typing import Final

from robo_xp import Awarded, Refusal
from robo_xp.model import REFUSAL_RULES

DURATIONS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
SIZES: Final = (1, 2, 5, 10, 25, 50, 100, 250, 1000, 10_000)

DONE, FAILED, REFUSED = "done", "failed", "refused"
QUEUE_FULL, FAULTY = "queue_full", "faulty"
BUSY, TROUBLE = "busy", "trouble"
MISSING, WRONG = "missing", "wrong"
NEW, RESUMED = "new", "resumed"
ROLE_REWARDS, ANNOUNCEMENTS, GIVEAWAYS = "role_rewards", "announcements", "giveaways"
EFFECTS: Final = (ROLE_REWARDS, ANNOUNCEMENTS, GIVEAWAYS)


class Tally:
    """Numbers that only grow, one for each set of labels."""

    __slots__ = ("_guard", "_numbers")

    def __init__(self, *known: tuple[str, ...]) -> None:
        self._numbers = Counter(dict.fromkeys(known, 0))
        self._guard = threading.Lock()

    def add(self, *labels: str, by: int = 1) -> None:
        """Count ``by`` more."""
        with self._guard:
            self._numbers[labels] += by

    def add_all(self, numbers: Iterable[tuple[str, ...]]) -> None:
        """Count one more for each set of labels."""
        with self._guard:
            self._numbers.update(numbers)

    def read(self) -> dict[tuple[str, ...], int]:
        """The numbers now."""
        with self._guard:
            return dict(self._numbers)


class Spread:
    """How values are spread over ranges, each up to a bound and with it."""

    __slots__ = ("_bounds", "_guard", "_numbers", "_sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = tuple(bounds)
        self._numbers = [0] * (len(bounds) + 1)
        self._sum = 0.0
        self._guard = threading.Lock()

    def note(self, *values: float) -> None:
        """Count these values in."""
        places = [bisect_left(self._bounds, value) for value in values]
        with self._guard:
            for place in places:
                self._numbers[place] += 1
            self._sum += sum(values)

    def read(self) -> tuple[list[tuple[str, float]], float]:
        """How many values are at most each bound, the last being ``+Inf``; and their sum."""
        with self._guard:
            numbers, total = list(self._numbers), self._sum
        bounds = [*map(str, map(float, self._bounds)), "+Inf"]
        return list(zip(bounds, map(float, accumulate(numbers)), strict=True)), total


_durations = partial(Spread, DURATIONS)
_one = partial(Tally, ())


def _each(*firsts: str, then: Sequence[str] = ()) -> partial[Tally]:
    """Makes numbers for these labels, each with each of the second ones if there are any."""
    return partial(Tally, *product(firsts, then) if then else product(firsts))


@dataclass(frozen=True, slots=True)
class Counters:
    """One set of numbers for a daemon; clients that follow each other share it.

    Labels are of few kinds and never ids: ``refusals`` has the rule, ``lost`` and ``postponed``
    why, ``effects`` kind and outcome, ``hindrances`` the kind or Discord's code, ``responses``
    the status, ``commands`` name and outcome, ``connections`` how, ``logins_refused`` why,
    ``logged`` level and logger.
    """

    messages: Tally = field(default_factory=_one)
    awards: Tally = field(default_factory=_one)
    awarded_xp: Tally = field(default_factory=_one)
    voice_seconds: Tally = field(default_factory=_one)
    voice_xp: Tally = field(default_factory=_one)
    refusals: Tally = field(default_factory=_each(*sorted(REFUSAL_RULES)))
    lost: Tally = field(default_factory=_each(QUEUE_FULL, FAULTY))
    postponed: Tally = field(default_factory=_each(BUSY, TROUBLE))
    effects: Tally = field(default_factory=_each(*EFFECTS, then=(DONE, REFUSED, FAILED)))
    hindrances: Tally = field(default_factory=Tally)
    commands: Tally = field(default_factory=Tally)
    responses: Tally = field(default_factory=Tally)
    connections: Tally = field(default_factory=_each(NEW, RESUMED))
    logins_refused: Tally = field(default_factory=_each(MISSING, WRONG))
    clients: Tally = field(default_factory=_one)
    logged: Tally = field(default_factory=Tally)
    waits: Spread = field(default_factory=_durations)
    batches: Spread = field(default_factory=_durations)
    batch_sizes: Spread = field(default_factory=lambda: Spread(SIZES))
    syncs: Spread = field(default_factory=_durations)
    lock_waits: Spread = field(default_factory=_durations)

    def note_batch(self, found: Sequence[Awarded | Refusal], seconds: float) -> None:
        """Count in the messages of one batch, which took so long."""
        self.batches.note(seconds)
        self.batch_sizes.note(len(found))
        self.messages.add(by=len(found))
        xp = [one.xp for one in found if isinstance(one, Awarded)]
        self.awards.add(by=len(xp))
        self.awarded_xp.add(by=sum(xp))
        self.refusals.add_all([(one.rule,) for one in found if isinstance(one, Refusal)])

    def effect_counter(self, kind: str) -> Callable[..., None]:
        """What counts effects of one kind: ``DONE``, ``REFUSED`` or ``FAILED``, and how many."""

        def count(outcome: str, by: int = 1) -> None:
            self.effects.add(kind, outcome, by=by)

        return count
