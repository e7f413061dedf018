"""Draws once more, from docs/draws.md alone: nothing of robo_xp is imported here."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from functools import cmp_to_key
from typing import Any


def digest(entries: Mapping[str, int]) -> bytes:
    lines = (f"{user} {entries[user]}\n" for user in sorted(entries, key=int))
    return hashlib.sha256("".join(lines).encode("ascii")).digest()


def words(secret: bytes, giveaway: str, number: int, of: bytes) -> Iterator[int]:
    label = f"robo-xp/draw/1/{giveaway}/{number}\n".encode("ascii")
    i = 0
    while True:
        block = hmac.new(secret, label + of + i.to_bytes(8, "big"), hashlib.sha256).digest()
        for start in range(0, 32, 8):
            yield int.from_bytes(block[start : start + 8], "big")
        i += 1


def number_below(n: int, stream: Iterator[int]) -> int:
    return next(w % n for w in stream if w < 2**64 - 2**64 % n)


def first_key(one: tuple[int, int], other: tuple[int, int]) -> int:
    (u, w), (v, x) = one, other
    left: int = u**x * 2 ** (128 * w)
    right: int = v**w * 2 ** (128 * x)
    return (left < right) - (left > right)


def order(entries: Mapping[str, int], stream: Iterator[int]) -> list[str]:
    c = sorted(entries, key=int)
    if set(entries.values()) <= {1}:
        for p in range(len(c)):
            r = number_below(len(c) - p, stream)
            c[p], c[p + r] = c[p + r], c[p]
        return c
    key = {user: (next(stream) * 2**64 + next(stream), entries[user]) for user in c}

    def compare(a: str, b: str) -> int:
        return first_key(key[a], key[b])

    return sorted(c, key=cmp_to_key(compare))


def receipts(
    secret: bytes, giveaway: str, entries: Mapping[str, int], numbers: Mapping[str, int]
) -> list[str]:
    label, found = f"robo-xp/entry/1/{giveaway}\n".encode("ascii"), []
    for user in sorted(entries, key=int):
        line = f"{numbers.get(user, 0)} {user} {entries[user]}\n".encode("ascii")
        mark = base64.b32encode(hmac.new(secret, label + line, hashlib.sha256).digest()[:15])
        found.append(f"{numbers.get(user, 0)}-{mark.decode()}")
    return found


def root(leaves: Sequence[str]) -> str:
    def node(part: Sequence[str]) -> bytes:
        if len(part) == 1:
            return hashlib.sha256(b"\x00" + part[0].encode("ascii")).digest()
        half = 1
        while half * 2 < len(part):
            half *= 2
        return hashlib.sha256(b"\x01" + node(part[:half]) + node(part[half:])).digest()

    return (node(leaves) if leaves else hashlib.sha256(b"").digest()).hex()


def is_valid(document: Mapping[str, Any]) -> bool:
    secret = bytes.fromhex(document["secret"])
    if hashlib.sha256(secret).hexdigest() != document["commitment"]:
        return False
    if document["status"] == "cancelled":
        return not (document["draws"] or document["winners"])
    claimed = [document["winners"], *document["rerolls"]]
    left = dict(document["entries"])
    for draw, winners in zip(document["draws"], claimed, strict=True):
        of = digest(left)
        taken, key = draw.get("beacon"), secret
        if taken and taken["signature"]:
            randomness = hashlib.sha256(bytes.fromhex(taken["signature"])).digest()
            key = hmac.new(secret, randomness + of, hashlib.sha256).digest()
        found = order(left, words(key, document["id"], draw["number"], of))
        found = [user for user in found if user not in draw["dropped"]][: draw["count"]]
        if of.hex() != draw["digest"] or found != winners:
            return False
        for user in (*winners, *draw["dropped"]):
            left.pop(user, None)
    return True
