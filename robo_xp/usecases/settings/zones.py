"""Zones without XP: channels, categories and roles whose messages are only counted."""

from __future__ import annotations

from typing import Any, Unpack

from robo_xp.errors import NotFound
from robo_xp.model.ids import check_snowflake
from robo_xp.usecases.core import DEFAULT_STORE, check_role
from robo_xp.usecases.settings.configure import Config
from robo_xp.usecases.settings.layered import ChangeOptions, ConfigChanged

ROLES, CHANNELS = "noXpRoleIds", "noXpChannelIds"


class Zones:
    """The roles and channels of a guild that give no XP."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def get(self, guild_id: str, *, store: str = DEFAULT_STORE) -> dict[str, list[str]]:
        """What holds: ``roles`` and ``channels``."""
        found = self._config.get(guild_id, store=store)
        return {"roles": found[ROLES], "channels": found[CHANNELS]}

    def add_role(
        self, guild_id: str, role_id: str, **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Give members with the role no XP; adding twice changes nothing. InvalidId: @everyone."""
        return self._add(guild_id, ROLES, check_role(guild_id, role_id), options)

    def remove_role(
        self, guild_id: str, role_id: str, **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Take the role off the list; NotFound where it is not on it."""
        return self._remove(guild_id, ROLES, check_snowflake(role_id, "role id"), options)

    def add_channel(
        self, guild_id: str, channel_id: str, **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Give no XP in the channel, its threads, or all channels of a category."""
        return self._add(guild_id, CHANNELS, check_snowflake(channel_id, "channel id"), options)

    def remove_channel(
        self, guild_id: str, channel_id: str, **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Take the channel off the list; NotFound where it is not on it."""
        return self._remove(guild_id, CHANNELS, check_snowflake(channel_id, "channel id"), options)

    def _add(self, guild_id: str, key: str, id_: str, options: ChangeOptions) -> ConfigChanged:
        """Put an id on a list."""

        def edit(ids: list[Any]) -> list[Any]:
            return ids if id_ in ids else [*ids, id_]

        return self._config.change_list(guild_id, key, edit, **options)

    def _remove(self, guild_id: str, key: str, id_: str, options: ChangeOptions) -> ConfigChanged:
        """Take an id off a list."""

        def edit(ids: list[Any]) -> list[Any]:
            if id_ not in ids:
                raise NotFound(f"{id_} is not listed", advice="see 'robo-xp no-xp list'")
            return [known for known in ids if known != id_]

        return self._config.change_list(guild_id, key, edit, **options)
