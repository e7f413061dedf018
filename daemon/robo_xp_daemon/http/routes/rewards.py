"""Routes about role rewards."""

from __future__ import annotations

from typing import Literal

from robo_xp.errors import DangerousRole, DuplicateReward, InvalidConfig, RewardNotFound
from robo_xp_daemon.http.route import VAULT_ERRORS, Ask, Route
from robo_xp_daemon.http.routes.reward_rights import refuse_dangerous
from robo_xp_daemon.http.routes.settings_shapes import Reward, RewardLevel, Rewards
from robo_xp_daemon.http.routes.shapes import Body, Count, Id, InStore, Shape

_PATH = "/api/xp/config/{guild}/rewards"
Mode = Literal["stack", "replace"]


class RewardsView(Shape, frozen=True):
    """The rewards that hold by level, and how they are given."""

    rewards: list[Reward]
    mode: Mode
    remove_on_loss: bool
    count: Count


class RewardAdded(Shape, frozen=True):
    """The rewards after one was added."""

    rewards: list[Reward]
    added: Reward


class RewardRemoved(Shape, frozen=True):
    """The level that earns nothing any more, and the rewards that are left."""

    removed: RewardLevel
    remaining: list[Reward]


class NewReward(Body, frozen=True):
    """A role for a level; ``dangerous`` lets it be one whose members manage the guild."""

    level: RewardLevel
    role_id: Id
    dangerous: bool = False


class GoneReward(Body, frozen=True):
    """The level whose reward goes."""

    level: RewardLevel


class AllRewards(Body, frozen=True):
    """The whole list; the mode and the rule of loss stay where they are not given."""

    rewards: Rewards
    mode: Mode | None = None
    remove_on_loss: bool | None = None


def get_rewards(ask: Ask) -> RewardsView:
    """The rewards that hold."""
    settings = ask.robo.config.get(ask.guild_id, store=ask.query.store)
    listed = _rewards_of(ask)
    return RewardsView(
        listed, settings["rewardsMode"], settings["removeRewardOnXpLoss"], len(listed)
    )


def put_rewards(ask: Ask) -> RewardsView:
    """The whole list replaced."""
    said: AllRewards = ask.body
    given = {"rewardsMode": said.mode, "removeRewardOnXpLoss": said.remove_on_loss}
    rewards = [one.as_json() for one in said.rewards]
    changed = {key: value for key, value in given.items() if value is not None}
    document = {**changed, "roleRewards": rewards}
    refuse_dangerous(ask, document, [ask.guild_id])
    ask.robo.config.put(ask.guild_id, document, store=ask.query.store)
    return get_rewards(ask)


def add_reward(ask: Ask) -> RewardAdded:
    """A reward added beside the others."""
    said: NewReward = ask.body
    added = Reward.of(said)
    refuse_dangerous(ask, {"roleRewards": [added.as_json()]}, [ask.guild_id])
    ask.robo.rewards.add(
        ask.guild_id,
        said.level,
        said.role_id,
        dangerous=said.dangerous,
        store=ask.query.store,
    )
    return RewardAdded(_rewards_of(ask), added)


def remove_reward(ask: Ask) -> RewardRemoved:
    """The reward of a level removed."""
    said: GoneReward = ask.body
    ask.robo.rewards.remove(ask.guild_id, said.level, store=ask.query.store)
    return RewardRemoved(said.level, _rewards_of(ask))


def _rewards_of(ask: Ask) -> list[Reward]:
    return [Reward.of(one) for one in ask.robo.rewards.list(ask.guild_id, store=ask.query.store)]


_CHANGES = (InvalidConfig, DangerousRole, *VAULT_ERRORS)

ROUTES = (
    Route(
        name="getRewards",
        method="GET",
        path=_PATH,
        summary="The role rewards",
        call=get_rewards,
        data=RewardsView,
        query=InStore,
    ),
    Route(
        name="setRewards",
        method="PUT",
        path=_PATH,
        summary="Replace the whole list of role rewards",
        call=put_rewards,
        data=RewardsView,
        body=AllRewards,
        query=InStore,
        writes=True,
        errors=_CHANGES,
    ),
    Route(
        name="addReward",
        method="POST",
        path=_PATH,
        summary="Add a role reward",
        call=add_reward,
        cmd="reward add",
        data=RewardAdded,
        body=NewReward,
        query=InStore,
        writes=True,
        errors=(DuplicateReward, *_CHANGES),
    ),
    Route(
        name="removeReward",
        method="DELETE",
        path=_PATH,
        summary="Remove the role reward of a level",
        call=remove_reward,
        cmd="reward remove",
        data=RewardRemoved,
        body=GoneReward,
        query=InStore,
        writes=True,
        errors=(RewardNotFound, *_CHANGES),
    ),
)
