"""Draws that anybody can repeat: from a secret and the entries to an order of the entries.

``docs/draws.md`` describes the same for a second implementation. Whole numbers only: no float
takes part, so every machine comes to the same winners. A change here would make the draws of
the past look forged: it needs a new name in ``SCHEME``.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Container, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import islice
from struct import Struct

SCHEME = "robo-xp/draw/1"
SECRET_BYTES = 32
_WORD = 1 << 64
_FRACTION_BITS = 128
_words_of = Struct(">4Q").unpack

Entries = Mapping[str, int]
"""The weight of each entry, a whole number from 1, by user id."""


def commitment_of(secret: bytes) -> str:
    """What is shown of the secret before the draw: its SHA-256 in hex."""
    return hashlib.sha256(secret).hexdigest()


def in_order(entries: Entries) -> list[str]:
    """The user ids as numbers ascending: the order that draws and digests start from."""
    return sorted(entries, key=lambda user_id: (len(user_id), user_id))


def in_places(entries: Entries, places: Mapping[str, int]) -> list[str]:
    """The same order with pseudonyms at the places of the ids that they stand for."""
    rest = iter(in_order({one: weight for one, weight in entries.items() if one not in places}))
    pseudonyms = {place: one for one, place in places.items() if one in entries}
    return [pseudonyms.get(place) or next(rest) for place in range(len(entries))]


def digest_of(entries: Entries) -> str:
    """The SHA-256 in hex of the entries: a line of user id, space and weight for each."""
    lines = [f"{user_id} {entries[user_id]}\n" for user_id in in_order(entries)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


class Stream:
    """The numbers of one draw: the same for the same secret, giveaway, round and digest."""

    __slots__ = ("_counter", "_head", "_secret", "_words")

    def __init__(self, secret: bytes, giveaway_id: str, number: int, digest: str) -> None:
        self._secret = secret
        self._head = f"{SCHEME}/{giveaway_id}/{number}\n".encode() + bytes.fromhex(digest)
        self._counter = 0
        self._words: list[int] = []

    def word(self) -> int:
        """The next 64 bits."""
        if not self._words:
            message = self._head + self._counter.to_bytes(8)
            self._words = list(_words_of(hmac.digest(self._secret, message, "sha256")))
            self._words.reverse()
            self._counter += 1
        return self._words.pop()

    def below(self, limit: int) -> int:
        """A whole number from 0 to below ``limit``, each equally likely."""
        fair = _WORD - _WORD % limit
        while (word := self.word()) >= fair:
            pass
        return word % limit

    def fraction(self) -> int:
        """The next 128 bits: the numerator of a fraction below 1."""
        return self.word() << 64 | self.word()


def order_of(entries: Entries, stream: Stream, ids: Sequence[str] | None = None) -> Iterator[str]:
    """The user ids in the order of the draw, worked out only as far as it is read.

    ``ids`` are all of them in the order to start from, where it is not that of the numbers.
    """
    start = in_order(entries) if ids is None else list(ids)
    if all(weight == 1 for weight in entries.values()):
        return _shuffled_ids(start, stream)
    return _weighted_ids(entries, start, stream)


def winners_of(
    entries: Entries,
    count: int,
    stream: Stream,
    dropped: Container[str] = (),
    ids: Sequence[str] | None = None,
) -> tuple[str, ...]:
    """The first ``count`` of the order that were not dropped; fewer where there are not enough."""
    eligible = (user_id for user_id in order_of(entries, stream, ids) if user_id not in dropped)
    return tuple(islice(eligible, count))


def _shuffled_ids(ids: list[str], stream: Stream) -> Iterator[str]:
    """Fisher-Yates from the front: what was yielded does not move any more."""
    for place in range(len(ids)):
        other = place + stream.below(len(ids) - place)
        ids[place], ids[other] = ids[other], ids[place]
        yield ids[place]


def _weighted_ids(entries: Entries, ids: list[str], stream: Stream) -> Iterator[str]:
    """Efraimidis-Spirakis: the larger ``fraction ** (1 / weight)`` comes first.

    Among equal weights the fractions themselves decide, so only the first of each weight are
    ever compared by their powers.
    """
    groups: dict[int, list[tuple[int, int]]] = {}
    for place, user_id in enumerate(ids):
        groups.setdefault(entries[user_id], []).append((-stream.fraction(), place))
    for group in groups.values():
        heapify(group)
    heads = [_Head(weight, *heappop(group)) for weight, group in groups.items()]
    heapify(heads)
    while heads:
        head = heappop(heads)
        yield ids[head.place]
        if group := groups[head.weight]:
            heappush(heads, _Head(head.weight, *heappop(group)))


class _Head:
    """The first of those with one weight: less than another where it comes before it."""

    __slots__ = ("fraction", "place", "weight")

    def __init__(self, weight: int, negative: int, place: int) -> None:
        self.fraction = -negative
        self.place = place
        self.weight = weight

    def __lt__(self, other: _Head) -> bool:
        """Whether its root is larger; both sides are raised to whole powers to compare them."""
        mine = self.fraction**other.weight << _FRACTION_BITS * self.weight
        theirs = other.fraction**self.weight << _FRACTION_BITS * other.weight
        return self.place < other.place if mine == theirs else mine > theirs
