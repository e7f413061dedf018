"""Which rewards may be set over HTTP: dangerous roles only where the request says that they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from robo_xp.errors import DangerousRole
from robo_xp_daemon.http.route import Ask
from robo_xp_daemon.http.routes.settings_shapes import Reward


def refuse_dangerous(ask: Ask, rewards: Iterable[Reward]) -> None:
    """Raise DangerousRole for a role whose members manage the guild, unless its reward says so.

    What the bot cannot see now passes: such a role is looked at again whenever it is to be given.
    """
    _refuse(ask, [ask.guild_id], rewards)


def _refuse(ask: Ask, guild_ids: Iterable[str], rewards: Iterable[Reward]) -> None:
    """The same for a role that is in any of these guilds."""
    connection, listed = ask.daemon.connection, [one for one in rewards if not one.dangerous]
    if connection is None or not listed:
        return
    for guild_id in guild_ids:
        for reward in listed:
            may = connection.dangerous_permissions(guild_id, reward.role_id)
            if may:
                raise DangerousRole.of(reward.role_id, may)


def refuse_dangerous_in(ask: Ask, patch: Mapping[str, Any]) -> None:
    """The same for settings; whatever is no reward in them is left to the core."""
    refuse_dangerous(ask, _rewards_in(patch))


def refuse_dangerous_for_all(ask: Ask, patch: Mapping[str, Any]) -> None:
    """The same for the defaults of all guilds, whichever of them the role is in."""
    if rewards := list(_rewards_in(patch)):
        _refuse(ask, ask.robo.stores.guild_ids(), rewards)


def _rewards_in(patch: Mapping[str, Any]) -> Iterator[Reward]:
    """The rewards in settings."""
    listed = patch.get("roleRewards")
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, Mapping) and isinstance(role_id := entry.get("roleId"), str):
            yield Reward(0, role_id, entry.get("dangerous") is True)
