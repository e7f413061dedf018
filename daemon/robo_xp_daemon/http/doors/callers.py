"""Who asks, and what they may: by token, or on the Unix socket by the user at its other end."""

from __future__ import annotations

import pwd
import socket
import struct
from dataclasses import dataclass
from functools import lru_cache

from aiohttp import web

from robo_xp.errors import Unauthorized
from robo_xp_daemon.setup.http_tokens import ApiToken, Tokens

# struct ucred: ids of users and groups have no sign
_CREDENTIALS = struct.Struct("iII")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a user of this machine over the Unix socket, or whoever has the token.

    ``is_local`` says that they came over the socket, with a token or without.
    """

    name: str
    is_local: bool
    token: ApiToken | None = None

    @property
    def actor(self) -> str:
        """The name that the history shows."""
        return f"rest:{'unix' if self.token is None else 'token'}:{self.name}"


def caller_of(request: web.BaseRequest, tokens: Tokens) -> Caller:
    """Who sent the request. Raises Unauthorized where nobody is named who may ask anything.

    On the Unix socket a token is not needed, but one that is sent counts.
    """
    peer = _socket_of(request)
    is_local = peer is not None and peer.family == socket.AF_UNIX
    sent = request.headers.getall("Authorization", [])
    if peer is not None and is_local and not sent:
        return Caller(_user_of(peer), is_local=True)
    if len(sent) != 1:
        raise Unauthorized("a token is needed")
    scheme, _, text = sent[0].partition(" ")
    token = tokens.find(text.strip()) if scheme.lower() == "bearer" else None
    if token is None:
        raise Unauthorized("this token is not known")
    return Caller(token.name, is_local, token)


def _socket_of(request: web.BaseRequest) -> socket.socket | None:
    """The socket of the connection; None when it is gone."""
    if request.transport is None:
        return None
    found: socket.socket | None = request.transport.get_extra_info("socket")
    return found


def _user_of(peer: socket.socket) -> str:
    """The user whose process opened the other end."""
    raw = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user_id, _ = _CREDENTIALS.unpack(raw)
    return _name_of(user_id)


@lru_cache(maxsize=256)
def _name_of(user_id: int) -> str:
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return f"uid{user_id}"
