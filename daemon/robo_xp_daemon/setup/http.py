"""Where the daemon answers HTTP, and whom: the table ``[rest]``, checked."""

from __future__ import annotations

import grp
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from robo_xp.errors import Fault, InvalidConfig, NotConfigured
from robo_xp.machine.config_file import PagesSettings, RestSettings
from robo_xp_daemon.setup.http_tokens import ADVICE, Tokens, find_tokens

LONGEST_PATH = 107
"""The most bytes that the path of a Unix socket can have on Linux."""

_LISTEN = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s:\[\]]+)):(?P<port>[0-9]{1,5})")

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Listen:
    """An address for TCP; port 0 leaves the choice to the system."""

    host: str
    port: int

    @property
    def is_public(self) -> bool:
        """Whether other machines may reach it."""
        if self.host == "localhost":
            return False
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return True

    def __str__(self) -> str:
        """As it is written in the configuration."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Rest:
    """The checked table. An empty ``socket`` leaves its place to the daemon.

    ``group_id`` is the group that may use the socket, None for its owner alone; ``listen`` is
    None where there is no TCP. ``cors_origins`` are the origins whose pages may ask.
    """

    socket: str = ""
    group_id: int | None = None
    listen: Listen | None = None
    tokens: Tokens = Tokens()
    tokens_file: str = ""
    cors_origins: frozenset[str] = frozenset()

    def needs_restart(self, other: Rest) -> list[str]:
        """The keys in which the other differs and which only a new process can change."""
        differing = {
            "socket": self.socket != other.socket,
            "socket_group": self.group_id != other.group_id,
            "listen": self.listen != other.listen,
        }
        return [f"rest.{key}" for key, differs in differing.items() if differs]


def checked_rest(path: Path | None, said: RestSettings, environ: Mapping[str, str]) -> Rest:
    """The table with its addresses read and its tokens found.

    Raises InvalidConfig with every fault, NotConfigured for TCP without a token, and what
    ``find_tokens`` raises.
    """
    faults = [*_socket_faults(said.socket), *_group_faults(said.socket_group)]
    faults += _origin_faults(said.cors_origins)
    listen = _listen_of(said.listen)
    if said.listen and listen is None:
        faults.append(Fault("listen", f"must be HOST:PORT, not {said.listen!r}"))
    if faults:
        raise InvalidConfig(
            [Fault(f"{path}: rest.{fault.where}", fault.message) for fault in faults],
            advice=f"correct {path}",
        )
    tokens = find_tokens(environ, said.tokens_file)
    if listen is not None and not tokens:
        raise NotConfigured(
            f"rest.listen asks for TCP on {listen}, and there is no API token", advice=ADVICE
        )
    group_id = grp.getgrnam(said.socket_group).gr_gid if said.socket_group else None
    origins = frozenset(said.cors_origins.split())
    return Rest(said.socket, group_id, listen, tokens, said.tokens_file, origins)


def checked_pages(path: Path | None, said: PagesSettings) -> Listen | None:
    """Where pages are shown, None for nowhere. Raises InvalidConfig for what is no address."""
    listen = _listen_of(said.listen)
    if said.listen and listen is None:
        fault = Fault(f"{path}: pages.listen", f"must be HOST:PORT, not {said.listen!r}")
        raise InvalidConfig([fault], advice=f"correct {path}")
    return listen


def _socket_faults(socket: str) -> list[Fault]:
    if len(os.fsencode(socket)) <= LONGEST_PATH:
        return []
    return [Fault("socket", f"the path has more than {LONGEST_PATH} bytes: {socket}")]


def _origin_faults(origins: str) -> list[Fault]:
    return [
        Fault("cors_origins", f"{one!r} is no origin such as https://dash.example.org")
        for one in origins.split()
        if not _ORIGIN.fullmatch(one)
    ]


def _group_faults(name: str) -> list[Fault]:
    try:
        if name:
            grp.getgrnam(name)
    except KeyError:
        return [Fault("socket_group", f"there is no group {name!r}")]
    return []


def _listen_of(text: str) -> Listen | None:
    """The address that the text says, or None."""
    found = _LISTEN.fullmatch(text)
    if found is None or int(found["port"]) > 65535:
        return None
    if found["six"]:
        try:
            ipaddress.IPv6Address(found["six"])
        except ValueError:
            return None
    return Listen(found["six"] or found["host"], int(found["port"]))
