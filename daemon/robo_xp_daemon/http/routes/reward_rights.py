"""Which rewards may be set over HTTP: dangerous roles only where the request says that they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from robo_xp.errors import DangerousRole
from robo_xp_daemon.http.route import Ask
from robo_xp_daemon.http.routes.settings_shapes import Reward


def refuse_dangerous(ask: Ask, rewards: Iterable[Reward]) -> None:
    """Raise DangerousRole for a role whose members manage the guild, unless its reward says so.

    What the bot cannot see now passes: such a role is looked at again whenever it is to be given.
    """
    connection = ask.daemon.connection
    if connection is None:
        return
    for reward in rewards:
        may = connection.dangerous_permissions(ask.guild_id, reward.role_id)
        if may and not reward.dangerous:
            raise DangerousRole.of(reward.role_id, may)


def refuse_dangerous_in(ask: Ask, patch: Mapping[str, Any]) -> None:
    """The same for settings; whatever is no reward in them is left to the core."""
    listed = patch.get("roleRewards")
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, Mapping) and isinstance(role_id := entry.get("roleId"), str):
            refuse_dangerous(ask, [Reward(0, role_id, entry.get("dangerous") is True)])
