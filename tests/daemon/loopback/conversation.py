"""What is said over one gateway socket: HELLO, IDENTIFY or RESUME, heartbeats, members."""

from __future__ import annotations

import json
import secrets
import time
from collections import deque
from typing import TYPE_CHECKING

from aiohttp import WSMsgType

from tests.daemon.loopback.flags import PRIVILEGED, Intent, Json
from tests.daemon.loopback.people import Member
from tests.daemon.loopback.session import Session, Socket

if TYPE_CHECKING:
    from tests.daemon.loopback.gateway import Gateway
    from tests.daemon.loopback.guild import Guild

_HEARTBEAT, _IDENTIFY, _RESUME, _MEMBERS, _INVALID, _HELLO, _ACK = 1, 2, 6, 8, 9, 10, 11
_IGNORED = (3, 4, 14, 31)  # presences, voice states, and what only other clients ask for
_CHUNK = 1000


class _Closed(Exception):
    """The client broke a rule; the argument is the close code."""


class Conversation:
    """Listens to one client and answers."""

    def __init__(self, gateway: Gateway, socket: Socket) -> None:
        self.gateway = gateway
        self.world = gateway.world
        self.socket = socket
        self.session: Session | None = None
        self._times: deque[float] = deque(maxlen=120)

    async def listen(self) -> None:
        """Says HELLO and then hears the client until it goes."""
        self.socket.send(_HELLO, {"heartbeat_interval": int(self.gateway.interval * 1000)})
        async for message in self.socket.ws:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                continue
            try:
                self._hear(message.data)
            except _Closed as closed:
                self.socket.close(closed.args[0])
            self.world.bell.ring()

    def _hear(self, raw: str | bytes) -> None:
        self._check_rate(raw)
        try:
            told = json.loads(raw)
            op, data = told["op"], told.get("d")
        except (ValueError, KeyError, TypeError) as error:
            raise _Closed(4002) from error
        if op == _HEARTBEAT:
            self._heartbeat()
        elif op == _IDENTIFY:
            self._identify(data)
        elif op == _RESUME:
            self._resume(data)
        elif self.session is None:
            raise _Closed(4003)
        elif op == _MEMBERS:
            self._members(self.session, data)
        elif op not in _IGNORED:
            raise _Closed(4001)

    def _check_rate(self, raw: str | bytes) -> None:
        """Payloads of at most 4096 bytes, 120 a minute."""
        if len(raw) > 4096:
            raise _Closed(4002)
        now = time.monotonic()
        if len(self._times) == 120 and now - self._times[0] < 60 and self.gateway.interval > 1:
            raise _Closed(4008)
        self._times.append(now)

    def _heartbeat(self) -> None:
        self.socket.heartbeats.append(time.monotonic())
        if self.gateway.acknowledges:
            self.socket.send(_ACK)

    def _identify(self, data: Json) -> None:
        if self.session is not None:
            raise _Closed(4005)
        if self.gateway.close_codes:
            raise _Closed(self.gateway.close_codes.pop(0))
        self._check_token(data)
        count = data.get("shard") or [0, 1]
        if not 0 <= count[0] < count[1]:
            raise _Closed(4010)
        session = Session(secrets.token_hex(16), self._intents(data), (count[0], count[1]))
        self.gateway.sessions.append(session)
        self.session = session
        session.attach(self.socket)
        self._welcome(session)

    def _check_token(self, data: Json) -> None:
        if data.get("token") != self.gateway.token:
            raise _Closed(4004)

    def _intents(self, data: Json) -> Intent:
        wanted = data.get("intents")
        if not isinstance(wanted, int) or wanted < 0:
            raise _Closed(4013)
        if Intent(wanted) & PRIVILEGED & ~self.world.privileged:
            raise _Closed(4014)
        return Intent(wanted)

    def _welcome(self, session: Session) -> None:
        """READY, and then each guild of the shard."""
        count = session.shard[1]
        guilds = [
            guild
            for guild in self.world.guilds.values()
            if (guild.id >> 22) % count == session.shard[0] and self.world.bot.id in guild.members
        ]
        session.tell("READY", self._ready(session, guilds))
        session.is_ready = True
        for guild in guilds:
            if not guild.is_dark and Intent.GUILDS in session.intents:
                session.tell("GUILD_CREATE", guild.created())

    def _ready(self, session: Session, guilds: list[Guild]) -> Json:
        application = self.world.application()
        return {
            "v": 10,
            "user": self.world.bot.payload(),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.gateway.url,
            "shard": list(session.shard),
            "application": {key: application[key] for key in ("id", "flags")},
            "private_channels": [],
            "relationships": [],
        }

    def _resume(self, data: Json) -> None:
        if self.session is not None:
            raise _Closed(4005)
        self._check_token(data)
        seq = int(data.get("seq") or 0)
        living = self.gateway.living
        found = next((one for one in living if one.id == data.get("session_id")), None)
        if found is not None and seq > found.seq:
            raise _Closed(4007)
        if found is None or not found.can_replay_from(seq):
            self.socket.send(_INVALID, False)
            return
        self.session = found
        found.attach(self.socket)
        found.replay_from(seq)

    def _members(self, session: Session, data: Json) -> None:
        """Members of a guild in chunks: all, those of a name, or those of given ids."""
        guild = self.world.guilds.get(int(data["guild_id"]))
        if guild is None:
            return
        ids = data.get("user_ids")
        wanted = [int(i) for i in (ids if isinstance(ids, list) else [ids] if ids else [])]
        found = self._matching(guild, data, wanted, session)
        missing = [str(number) for number in wanted if number not in guild.members]
        parts = [found[i : i + _CHUNK] for i in range(0, len(found), _CHUNK)] or [[]]
        for index, part in enumerate(parts):
            chunk: Json = {
                "guild_id": str(guild.id),
                "members": [member.payload() for member in part],
                "chunk_index": index,
                "chunk_count": len(parts),
                "not_found": missing,
            }
            nonce = data.get("nonce")
            session.tell("GUILD_MEMBERS_CHUNK", {**chunk, **({"nonce": nonce} if nonce else {})})

    def _matching(
        self, guild: Guild, data: Json, wanted: list[int], session: Session
    ) -> list[Member]:
        members = list(guild.members.values())
        if wanted:
            return [member for member in members if member.id in wanted]
        limit, query = int(data.get("limit") or 0), str(data.get("query") or "")
        if not limit and Intent.GUILD_MEMBERS not in session.intents:
            return [guild.me]
        named = [one for one in members if one.user.name.startswith(query)]
        return named[:limit] if limit else named
