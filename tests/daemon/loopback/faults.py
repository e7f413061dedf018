"""What can go wrong between client and REST: outages, rate limits, lost answers, delays."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from hashlib import md5

from tests.daemon.loopback.errors import ApiError
from tests.daemon.loopback.flags import Json

_PLENTY = (1000, 1.0)


@dataclass(slots=True)
class Hold:
    """Calls that wait: before they are done, or ``after`` that, before their answer.

    ``release`` lets them go on; ``drop`` breaks their connections, and those that were not done
    never are.
    """

    matching: str
    left: int | None
    after: bool
    skip: int = 0
    waiting: int = 0
    _going: asyncio.Event = field(default_factory=asyncio.Event)
    _dropped: bool = False

    def takes(self, call: str, *, after: bool) -> bool:
        """Whether this call has to wait here."""
        if after != self.after or self.left == 0 or not fnmatchcase(call, self.matching):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.left = None if self.left is None else self.left - 1
        return True

    async def goes_on(self) -> bool:
        """Waits; whether the call goes on."""
        self.waiting += 1
        await self._going.wait()
        return not self._dropped

    def release(self) -> None:
        """Lets what waits go on, and holds nothing more."""
        self.left = 0
        self._going.set()

    def drop(self) -> None:
        """Forgets what waits, and holds nothing more."""
        self._dropped = True
        self.release()


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong with calls that match, ``left`` times more (None: for ever)."""

    matching: str
    left: int | None
    status: int = 0
    code: int = 0
    delay: float = 0.0
    loses_answer: bool = False
    body: tuple[bytes, str] | None = None
    retry_after: float | None = None
    is_global: bool = False
    via: bool = True
    scope: str = "user"

    def takes(self, call: str) -> bool:
        """Whether it hits this call; counts it if so."""
        if self.left == 0 or not fnmatchcase(call, self.matching):
            return False
        self.left = None if self.left is None else self.left - 1
        return True


class Limited(Exception):
    """A 429, with the headers that tell a client how to go on."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.matching)
        seconds = fault.retry_after or 0.0
        text = "You are being rate limited."
        self.body: Json = {"message": text, "retry_after": seconds, "global": fault.is_global}
        self.headers = {"Retry-After": str(int(seconds) + 1)}
        self.headers["X-RateLimit-Scope"] = "global" if fault.is_global else fault.scope
        if fault.is_global:
            self.headers["X-RateLimit-Global"] = "true"
        if fault.via:
            self.headers["Via"] = "1.1 loopback"


@dataclass(slots=True)
class Bucket:
    """How many calls of a kind are left, and until when."""

    size: int
    per: float
    left: int = 0
    resets_at: float = 0.0

    def take(self) -> bool:
        """Whether one more call is allowed now."""
        now = time.monotonic()
        if now >= self.resets_at:
            self.left, self.resets_at = self.size, now + self.per
        self.left -= 1
        return self.left >= 0

    def fault(self) -> Fault:
        """What a call runs into that comes when nothing is left."""
        return Fault("", 0, retry_after=round(max(0.0, self.resets_at - time.monotonic()), 3))

    def headers(self, name: str) -> Mapping[str, str]:
        """What each answer tells about it."""
        after = max(0.0, self.resets_at - time.monotonic())
        return {
            "X-RateLimit-Bucket": name,
            "X-RateLimit-Limit": str(self.size),
            "X-RateLimit-Remaining": str(max(0, self.left)),
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Reset": f"{time.time() + after:.3f}",
        }


@dataclass(slots=True)
class Faults:
    """The faults that are set, and the buckets."""

    active: list[Fault] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    sizes: dict[str, tuple[int, float]] = field(default_factory=dict)
    buckets: dict[str, Bucket] = field(default_factory=dict)

    def bucket(self, call: str, template: str, major: str) -> tuple[str, Bucket]:
        """The bucket of a call and its name, which stands for the kind of route."""
        size = next((s for m, s in self.sizes.items() if fnmatchcase(call, m)), _PLENTY)
        name = md5(template.encode(), usedforsecurity=False).hexdigest()
        return name, self.buckets.setdefault(f"{name}:{major}", Bucket(*size))

    def before(self, call: str) -> float:
        """Raises what the call runs into; returns the seconds that it has to wait."""
        delay = 0.0
        for fault in [one for one in self.active if not one.loses_answer and one.body is None]:
            if not fault.takes(call):
                continue
            if fault.retry_after is not None:
                raise Limited(fault)
            if fault.status:
                text = f"{fault.status}: refused by the test"
                raise ApiError(fault.status, fault.code, text)
            delay += fault.delay
        return delay

    async def goes_on(self, call: str, *, after: bool = False) -> bool:
        """Whether the call goes on, when what holds it has let it go."""
        for hold in self.holds:
            if hold.takes(call, after=after):
                return await hold.goes_on()
        return True

    def loses_answer(self, call: str) -> bool:
        """Whether the connection breaks after the call was done."""
        return any(fault.takes(call) for fault in self.active if fault.loses_answer)

    def body_of(self, call: str) -> tuple[bytes, str] | None:
        """What somebody between answers in place of Discord, and its content type."""
        return next((one.body for one in self.active if one.body and one.takes(call)), None)
