"""Which addresses a configuration may name in place of Discord's: those of this machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def fault_of(address: str, scheme: str) -> str | None:
    """What is wrong with the address of a stand-in; None if it may be used."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return f"'{address}' is no address"
    if parts.scheme != scheme or not port:
        return f"must look like {scheme}://127.0.0.1:8080/…, not '{address}'"
    if not _is_loopback(host):
        # a token must never go anywhere but to Discord or to this machine
        return f"may only name this machine (127.0.0.1), not '{host}'"
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
