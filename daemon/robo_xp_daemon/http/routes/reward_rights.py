"""Which roles may be given over HTTP: dangerous ones only where the request says that they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from robo_xp.errors import DangerousRole
from robo_xp.settings.xp import given_roles
from robo_xp_daemon.http.route import Ask


def refuse_dangerous(ask: Ask, settings: Any, guild_ids: Iterable[str]) -> None:
    """Raise DangerousRole for a role whose members manage one of the guilds, and that the settings
    let levels or prizes give without calling it so.

    What the bot cannot see now passes: such a role is looked at again whenever it is to be given.
    """
    connection = ask.daemon.connection
    listed = [one for one in given_roles(settings).values() if not one.dangerous]
    if connection is None or not listed:
        return
    for guild_id in guild_ids:
        for one in listed:
            may = connection.dangerous_permissions(guild_id, one.role_id)
            if may:
                raise DangerousRole.of(one.role_id, may, one.level or None)
