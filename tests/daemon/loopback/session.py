"""Gateway sessions, and the sockets that they outlive."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import zlib
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.daemon.loopback.flags import Intent, Json
from tests.daemon.loopback.world import Event

_DISPATCH = 0
_KEPT = 100_000  # events that a session can be replayed


class Socket:
    """One connection: an ordered outbox, on request compressed as one stream."""

    def __init__(self, ws: web.WebSocketResponse, request: web.Request, compressed: bool) -> None:
        self.ws = ws
        self.heartbeats: list[float] = []
        # whether this side began to close, as opposed to a client that says goodbye
        self.is_closing = False
        self._request = request
        self._deflate = zlib.compressobj() if compressed else None
        self._outbox: asyncio.Queue[str | int] = asyncio.Queue()

    def put(self, text: str) -> None:
        """Sends a text after those before it."""
        self._outbox.put_nowait(text)

    def send(self, op: int, data: Any = None) -> None:
        """Sends what is no event."""
        self.put(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    def close(self, code: int) -> None:
        """Closes with a code after all that was put before."""
        self.is_closing = True
        self._outbox.put_nowait(code)

    def abort(self) -> None:
        """Breaks the connection without a word; what is in the outbox is lost."""
        self.is_closing = True
        if self._request.transport is not None:
            self._request.transport.abort()

    async def pump(self) -> None:
        """Sends the outbox until the socket closes."""
        while not self.ws.closed:
            item = await self._outbox.get()
            try:
                if isinstance(item, int):
                    await self.ws.close(code=item)
                else:
                    await self._write(item)
            except (ConnectionError, RuntimeError):
                return

    async def _write(self, text: str) -> None:
        if self._deflate is None:
            await self.ws.send_str(text)
            return
        raw = self._deflate.compress(text.encode())
        await self.ws.send_bytes(raw + self._deflate.flush(zlib.Z_SYNC_FLUSH))


@dataclass(eq=False, slots=True)
class Session:
    """What one IDENTIFY began; it goes on over any number of sockets."""

    id: str
    intents: Intent
    shard: tuple[int, int]
    socket: Socket | None = None
    identified_at: float = field(default_factory=time.monotonic)
    # how many missed events each resume replayed
    resumes: list[int] = field(default_factory=list)
    sockets: list[Socket] = field(default_factory=list)
    seq: int = 0
    sent: deque[tuple[int, str, Json]] = field(default_factory=lambda: deque(maxlen=_KEPT))
    is_ready: bool = False
    may_resume: bool = True
    is_over: bool = False

    @property
    def is_connected(self) -> bool:
        """Whether READY went out and a socket is there."""
        return self.is_ready and self.socket is not None

    @property
    def heartbeats(self) -> list[float]:
        """When heartbeats came, as time.monotonic()."""
        return [at for socket in self.sockets for at in socket.heartbeats]

    def longest_silence(self) -> float:
        """The most seconds between two heartbeats of one socket, or since the last one."""
        rows = [list(socket.heartbeats) for socket in self.sockets]
        if self.socket is not None and rows[-1]:
            rows[-1].append(time.monotonic())
        gaps = [b - a for row in rows for a, b in itertools.pairwise(row)]
        return max(gaps, default=0.0)

    def attach(self, socket: Socket) -> None:
        """Goes on over a socket; one that it still had is closed."""
        if self.socket is not None:
            self.socket.close(4000)
        self.socket = socket
        self.sockets.append(socket)

    def wants(self, event: Event) -> bool:
        """Whether the event is of a kind and a shard that this session gets."""
        home = (event.guild_id or 0) >> 22
        return home % self.shard[1] == self.shard[0] and event.intent in self.intents

    def tell(self, name: str, data: Json) -> None:
        """Sends an event now, or keeps it for the replay."""
        self.seq += 1
        self.sent.append((self.seq, name, data))
        if self.socket is not None:
            self._send(self.seq, name, data)

    def _send(self, seq: int, name: str, data: Json) -> None:
        assert self.socket is not None
        self.socket.put(json.dumps({"op": _DISPATCH, "t": name, "s": seq, "d": data}))

    def can_replay_from(self, seq: int) -> bool:
        """Whether every event after this one is still kept."""
        return self.may_resume and bool(self.sent) and self.sent[0][0] <= seq + 1

    def replay_from(self, seq: int) -> None:
        """Sends every event after this one again, then says that the session goes on."""
        missed = [event for event in self.sent if event[0] > seq]
        self.resumes.append(len(missed))
        for event in missed:
            self._send(*event)
        self.tell("RESUMED", {"_trace": []})
