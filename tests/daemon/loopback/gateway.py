"""The gateway: who is connected, who is told what, and the faults that tests set."""

from __future__ import annotations

import asyncio

from aiohttp import web

from tests.daemon.loopback.conversation import Conversation
from tests.daemon.loopback.flags import Intent, Json
from tests.daemon.loopback.session import Session, Socket
from tests.daemon.loopback.world import Event, World

__all__ = ["Gateway", "Session"]

_RECONNECT, _INVALID = 7, 9
_GOODBYE = (1000, 1001)


class Gateway:
    """All sessions and sockets of the loopback."""

    def __init__(self, world: World, token: str, heartbeat_interval: float) -> None:
        self.world = world
        self.token = token
        self.interval = heartbeat_interval
        self.compresses = True
        self.url = ""
        self.acknowledges = True
        # how many connects are still refused, and what the next IDENTIFYs are closed with
        self.refusals = 0
        self.close_codes: list[int] = []
        self.sessions: list[Session] = []
        self.sockets: set[Socket] = set()
        world.listeners.append(self.tell)

    @property
    def living(self) -> list[Session]:
        """Sessions that are connected or may be resumed."""
        return [session for session in self.sessions if not session.is_over]

    def tell(self, event: Event) -> None:
        """Tells every session that wants it, also those without a socket: they may resume."""
        for session in self.living:
            if session.is_ready and session.wants(event):
                session.tell(event.name, self._version(session, event))

    def _version(self, session: Session, event: Event) -> Json:
        if event.bare is None or Intent.MESSAGE_CONTENT in session.intents:
            return event.data
        return event.bare

    def reconnect(self) -> None:
        """Asks every client to come again and resume (op 7)."""
        self._send_all(_RECONNECT, None)

    def invalidate(self, *, resumable: bool) -> None:
        """Tells every client that its session is invalid (op 9), for good or not."""
        self._send_all(_INVALID, resumable)
        if not resumable:
            self.forget()

    def forget(self) -> None:
        """No session of so far can be resumed; those with a socket go on until it closes."""
        for session in self.living:
            session.may_resume = False
            session.is_over = session.socket is None

    def _send_all(self, op: int, data: object) -> None:
        for session in self.living:
            if session.socket is not None:
                session.socket.send(op, data)

    async def close_all(self, code: int) -> None:
        """Closes every socket, and returns when they are gone."""
        for socket in self.sockets:
            socket.close(code)
        gone = list(self.sockets)
        await self.world.bell.until(lambda: not self.sockets & set(gone), 3.0, 0.5)

    def abort_all(self) -> None:
        """Breaks every connection."""
        for socket in self.sockets:
            socket.abort()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection from HELLO to its end."""
        if self.refusals:
            self.refusals -= 1
            self.world.bell.ring()
            return web.Response(status=503)
        ws = web.WebSocketResponse(timeout=1.0, max_msg_size=0)
        await ws.prepare(request)
        compressed = self.compresses and request.query.get("compress") == "zlib-stream"
        socket = Socket(ws, request, compressed)
        self.sockets.add(socket)
        pump = asyncio.create_task(socket.pump())
        try:
            await Conversation(self, socket).listen()
        finally:
            self._part(socket)
            pump.cancel()
            self.world.bell.ring()
        return ws

    def _part(self, socket: Socket) -> None:
        """The session stays for a resume, unless the client said goodbye."""
        self.sockets.discard(socket)
        said_goodbye = socket.ws.close_code in _GOODBYE and not socket.is_closing
        for session in self.sessions:
            if session.socket is socket:
                session.socket = None
                session.is_over = said_goodbye or not session.may_resume
