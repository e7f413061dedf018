"""Multipliers of a guild: for everybody, by role, by channel, by member."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Unpack

from robo_xp.errors import NotFound
from robo_xp.model.ids import check_snowflake
from robo_xp.settings.xp import XP
from robo_xp.usecases.core import DEFAULT_STORE, check_role
from robo_xp.usecases.settings.configure import Config
from robo_xp.usecases.settings.layered import ChangeOptions, ConfigChanged


class Multipliers:
    """The multipliers of a guild; 0 switches awards off and leaves changes by hand."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def get(self, guild_id: str, *, store: str = DEFAULT_STORE) -> dict[str, Any]:
        """What holds: ``server`` (None: not set), ``role``, ``channel`` and ``user`` by id."""
        return parts_of(self._config.get(guild_id, store=store))

    def set_server(
        self, guild_id: str, value: float, **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Multiply every award of the guild."""
        return self._config.change_key(guild_id, "multipliers.server", value, **options)

    def set_role(
        self, guild_id: str, role_id: str, value: float, **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Multiply awards of members with the role; of several roles the highest counts."""
        key = f"multipliers.role.{check_role(guild_id, role_id)}"
        return self._config.change_key(guild_id, key, value, **options)

    def set_channel(
        self, guild_id: str, channel_id: str, value: float, **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Multiply awards in a thread, channel or category; of several the nearest counts."""
        key = f"multipliers.channel.{check_snowflake(channel_id, 'channel id')}"
        return self._config.change_key(guild_id, key, value, **options)

    def set_user(
        self, guild_id: str, user_id: str, value: float, **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Multiply awards of one member."""
        key = f"multipliers.user.{check_snowflake(user_id, 'member id')}"
        return self._config.change_key(guild_id, key, value, **options)

    def remove_role(
        self, guild_id: str, role_id: str, **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Forget the role's multiplier; NotFound where the guild sets none."""
        return self.remove(guild_id, role_ids=[role_id], **options)

    def remove_channel(
        self, guild_id: str, channel_id: str, **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Forget the channel's multiplier; NotFound where the guild sets none."""
        return self.remove(guild_id, channel_ids=[channel_id], **options)

    def remove_user(
        self, guild_id: str, user_id: str, **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Forget the member's multiplier; NotFound where the guild sets none."""
        return self.remove(guild_id, user_ids=[user_id], **options)

    def remove(
        self,
        guild_id: str,
        *,
        server: bool = False,
        role_ids: Sequence[str] = (),
        channel_ids: Sequence[str] = (),
        user_ids: Sequence[str] = (),
        **options: Unpack[ChangeOptions],
    ) -> ConfigChanged:
        """Forget several multipliers in one batch; NotFound where the guild sets one of them not.

        Then nothing is changed.
        """
        keys = [
            *(["multipliers.server"] if server else []),
            *(f"multipliers.role.{check_snowflake(one, 'role id')}" for one in role_ids),
            *(f"multipliers.channel.{check_snowflake(one, 'channel id')}" for one in channel_ids),
            *(f"multipliers.user.{check_snowflake(one, 'member id')}" for one in user_ids),
        ]

        def edit(own: Mapping[str, Any]) -> dict[str, Any]:
            after = dict(own)
            for key in dict.fromkeys(keys):
                if XP.get(after, key) is None:
                    raise NotFound(f"{key} is not set here", advice=_ADVICE)
                after = XP.unset(after, key)
            return after

        return self._config.change(guild_id, edit, **options)


def parts_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The multipliers of complete settings: ``server`` (None: not set), the others by id."""
    found = settings.get("multipliers", {})
    return {"server": found.get("server"), **{kind: found.get(kind, {}) for kind in BY_ID}}


BY_ID: Final = ("role", "channel", "user")
"""What has a multiplier of its own by id, in the order in which lists name them."""


_ADVICE = "see 'robo-xp multiplier list'"
