"""Pictures that others keep on the web: avatars, and what guilds have behind their cards.

A guild may name any address, so nothing that only this machine or its network can reach is asked.
"""

from __future__ import annotations

import asyncio
import logging
import math
import socket
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final

import aiohttp
from aiohttp.connector import AddrInfoType, SocketFactoryType
from yarl import URL

from robo_xp.errors import RoboXPError
from robo_xp.pictures.studio import check_picture

PICTURE_SECONDS: Final = 2.0
MOST_BYTES: Final = 2 << 20
AVATAR_HOST: Final = "cdn.discordapp.com"
KEPT_SECONDS: Final = 3600.0
NOTHING_SECONDS: Final = 60.0
"""How long a picture that did not come is not asked for again."""
_MOST_AVATARS, _MOST_BACKGROUNDS = 64, 16
_UNICAST: Final = IPv6Network("2000::/3")

log = logging.getLogger("robo_xp_daemon")


@dataclass(slots=True)
class _Asked:
    """A picture that was asked for, empty for none, and until when it holds (monotonic)."""

    content: asyncio.Future[bytes]
    until: float = math.inf


class Pictures:
    """The last pictures of one kind; one address is asked once, however many want its picture."""

    def __init__(
        self,
        is_allowed: Callable[[URL], bool],
        most: int,
        socket_for: SocketFactoryType | None = None,
    ) -> None:
        self._is_allowed = is_allowed
        self._most = most
        self._socket_for = socket_for
        self._asked: OrderedDict[str, _Asked] = OrderedDict()

    async def get(self, address: str) -> bytes:
        """The picture at the address; empty where none is to be had in time."""
        if not address:
            return b""
        known = self._asked.get(address)
        if known is None or known.until < time.monotonic():
            known = _Asked(asyncio.create_task(self._come(address)))
            self._keep(address, known)
        self._asked.move_to_end(address)
        return await asyncio.shield(known.content)

    def refuse(self, address: str) -> None:
        """Take the picture for none: nothing could be drawn with it."""
        log.info("the picture of %s cannot be drawn", address)
        nothing: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        nothing.set_result(b"")
        self._keep(address, _Asked(nothing, time.monotonic() + KEPT_SECONDS))

    def _keep(self, address: str, asked: _Asked) -> None:
        self._asked[address] = asked
        if len(self._asked) > self._most:
            self._asked.popitem(last=False)

    async def _come(self, address: str) -> bytes:
        """The picture, which then holds for an hour, or nothing, for a minute."""
        asked = self._asked[address]
        found = b""
        try:
            async with asyncio.timeout(PICTURE_SECONDS):
                found = await self._fetched(address)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError, RoboXPError) as error:
            log.info("no picture from %s: %s", address, str(error) or type(error).__name__)
        asked.until = time.monotonic() + (KEPT_SECONDS if found else NOTHING_SECONDS)
        return found

    async def _fetched(self, address: str) -> bytes:
        url = URL(address)
        if not self._is_allowed(url):
            raise ValueError("this address is not asked")
        connector = aiohttp.TCPConnector(socket_factory=self._socket_for)
        async with (
            # a few bytes that unpack to gigabytes are left packed, and are no picture
            aiohttp.ClientSession(connector=connector, auto_decompress=False) as session,
            session.get(
                url, allow_redirects=False, headers={"Accept-Encoding": "identity"}
            ) as answer,
        ):
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
            content = bytearray()
            async for part in answer.content.iter_chunked(1 << 16):
                content += part
                if len(content) > MOST_BYTES:
                    raise ValueError(f"more than {MOST_BYTES >> 20} MB")
        return check_picture(bytes(content), address)


def avatars() -> Pictures:
    """Pictures of members, from Discord alone."""
    return Pictures(lambda url: is_encrypted(url) and url.host == AVATAR_HOST, _MOST_AVATARS)


def backgrounds() -> Pictures:
    """Pictures that guilds name, from the public web alone."""
    return Pictures(is_encrypted, _MOST_BACKGROUNDS, public_socket)


def is_encrypted(url: URL) -> bool:
    """Whether the address is an https one, on the usual port."""
    return url.scheme == "https" and url.port == 443


def public_socket(place: AddrInfoType) -> socket.socket:
    """A socket for this place. Raises OSError unless everybody can reach it."""
    family, kind, protocol, _, address = place
    if not is_public(str(address[0])):
        raise OSError(f"{address[0]} is no public address")
    return socket.socket(family, kind, protocol)


def is_public(address: str) -> bool:
    """Whether this IP address can be reached by everybody, and is no other one in disguise."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        return found.is_global and found in _UNICAST and found.sixtofour is None
    return found.is_global and not found.is_multicast
