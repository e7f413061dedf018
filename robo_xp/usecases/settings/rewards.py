"""Role rewards: the list of a guild, and the roles that a member should have."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Unpack

from robo_xp.errors import DuplicateReward, RewardNotFound
from robo_xp.model import RewardPlan, RoleReward
from robo_xp.model.ids import check_snowflake
from robo_xp.rules.reward import roles_after
from robo_xp.settings.xp import reward_of
from robo_xp.usecases.core import DEFAULT_STORE, Core, check_role
from robo_xp.usecases.members.changes import USERS
from robo_xp.usecases.settings.configure import Config
from robo_xp.usecases.settings.layered import ChangeOptions, ConfigChanged


class Rewards:
    """The role rewards of a guild. Discord sees those of the default store only."""

    def __init__(self, core: Core, config: Config) -> None:
        self._core = core
        self._config = config

    def plan(
        self,
        guild_id: str,
        user_id: str,
        *,
        held_role_ids: Collection[str],
        lost: bool = False,
        store: str = DEFAULT_STORE,
    ) -> RewardPlan:
        """The roles to add and remove for the member as it stands now.

        ``lost`` says that the member has just come down to its level.
        """
        scope = self._core.scope(guild_id, store)
        records = scope.namespace.read().records(USERS)
        record = records.get(check_snowflake(user_id, "member id"), {"xp": 0, "level": 0})
        rules = self._core.rules(scope)
        settings = rules.settings
        return roles_after(
            rules.curve.level_for(record["xp"], record["level"]),
            settings.rewards,
            held_role_ids,
            settings.rewards_mode,
            settings.remove_on_loss,
            lost=lost,
        )

    def list(self, guild_id: str, *, store: str = DEFAULT_STORE) -> list[RoleReward]:
        """The rewards that hold in the guild as they were set, sorted by level."""
        rewards = self._config.get(guild_id, store=store)["roleRewards"]
        return sorted(map(reward_of, rewards), key=lambda reward: reward.level)

    def add(
        self,
        guild_id: str,
        level: int,
        role_id: str,
        *,
        dangerous: bool = False,
        **options: Unpack[ChangeOptions],
    ) -> ConfigChanged:
        """Give the role at the level; ``dangerous`` even while it lets its members manage a guild.

        Refused where the level gives another one already; InvalidId for @everyone.
        """
        check_role(guild_id, role_id)
        added: dict[str, Any] = {"level": level, "roleId": role_id}
        if dangerous:
            added["dangerous"] = True

        def edit(rewards: list[Any]) -> list[Any]:
            taken = [reward for reward in rewards if reward["level"] == level]
            if any(reward["roleId"] != role_id for reward in taken):
                raise DuplicateReward(
                    f"level {level} already gives role {taken[0]['roleId']}",
                    advice=f"remove it first: robo-xp reward remove {level}",
                )
            if taken and not dangerous:
                return rewards
            return [*(reward for reward in rewards if reward not in taken), added]

        return self._config.change_list(guild_id, "roleRewards", edit, **options)

    def remove(self, guild_id: str, level: int, **options: Unpack[ChangeOptions]) -> ConfigChanged:
        """Give no role at the level any more; RewardNotFound where it gives none."""

        def edit(rewards: list[Any]) -> list[Any]:
            kept = [reward for reward in rewards if reward["level"] != level]
            if len(kept) == len(rewards):
                raise RewardNotFound(f"level {level} gives no role")
            return kept

        return self._config.change_list(guild_id, "roleRewards", edit, **options)

    def set_mode(self, guild_id: str, mode: str, **options: Unpack[ChangeOptions]) -> ConfigChanged:
        """Let members keep all earned roles (``stack``) or only the highest (``replace``)."""
        return self._config.change_key(guild_id, "rewardsMode", mode, **options)

    def set_on_loss(
        self, guild_id: str, remove: bool, **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Take roles away again, or not, when a member falls below their level."""
        return self._config.change_key(guild_id, "removeRewardOnXpLoss", remove, **options)
