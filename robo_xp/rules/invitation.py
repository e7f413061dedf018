"""The link that invites the bot into a server. Pure."""

from __future__ import annotations

from typing import Final

PERMISSIONS: Final = {
    "View Channels": 10,
    "Send Messages": 11,
    "Embed Links": 14,
    "Attach Files": 15,
    "Read Message History": 16,
    "Manage Roles": 28,
    "Send Messages in Threads": 38,
}
"""What the bot needs, with the bit that Discord has for it."""

_URL: Final = "https://discord.com/oauth2/authorize"


def link(application_id: str) -> str:
    """The address to open, for somebody who may manage the server."""
    wanted = sum(1 << bit for bit in PERMISSIONS.values())
    scope = "bot+applications.commands"
    return f"{_URL}?client_id={application_id}&permissions={wanted}&scope={scope}"
