"""``robo-xp reward``: roles given for levels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from robo_xp.model.outbox import ROLES
from robo_xp.settings.kinds import RewardList
from robo_xp.settings.xp import REWARD_MODES, warnings_of
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.shared import outlook, refusals
from robo_xp_cli.nouns.shared import settings_change as rule_views
from robo_xp_cli.nouns.shared.naming import Namer
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.show.results import Column, One, Result, Rows

if TYPE_CHECKING:
    from robo_xp.model import RoleReward
    from robo_xp.usecases.settings.layered import ConfigChanged
    from robo_xp_cli.run.context import Run

app = noun("reward", "Roles given for levels")

_LEVEL = RewardList.parts["level"]
_COLUMNS = (
    Column("level", kind="number"),
    Column("roleId"),
    Column("roleName"),
    Column("dangerous"),
)
_ON_LOSS = {
    "on": "members who fall below a level lose its role",
    "off": "members who fall below a level keep its role",
}

_LEVEL_TEXT = f"{_LEVEL.low} to {_LEVEL.high}"
_level_of = values.whole(_LEVEL.low, _LEVEL.high)

Level = Annotated[int, argument("LEVEL", _LEVEL_TEXT, parse=_level_of)]
Dangerous = Annotated[
    bool,
    option("--dangerous", help="Also a role whose members manage the guild"),
]
Held = Annotated[int, argument("LEVEL", _LEVEL_TEXT, parse=_level_of, completes="level")]


@app.verb("list", examples=("robo-xp reward list --json",))
def list_rewards(run: Run) -> Result:
    """List the rewards of the guild.

    Where the daemon runs, a role that lets its members manage the guild by now is told.
    """
    run.check_spelled()
    robo = run.robo()
    found = robo.rewards.list(run.guild_id, store=run.store_id)
    rows = [Namer(run).named(_row(reward)) for reward in found]
    holds = robo.config.get(run.guild_id, store=run.store_id)
    notes = [f"careful: {warning}" for warning in warnings_of(holds)]
    if run.for_people and rows:
        on_loss = "on" if holds["removeRewardOnXpLoss"] else "off"
        notes = [REWARD_MODES.clause(holds["rewardsMode"]), _ON_LOSS[on_loss], *notes]
    notes += refusals.notes_of(run, refusals.refusals_of(run, ROLES))
    notes += outlook.dangerous_rewards(run, found)
    empty = "no level gives a role; add one: robo-xp reward add LEVEL ROLE"
    filled = {key for row in rows for key in row}
    columns = [one for one in _COLUMNS if not run.for_people or one.key in filled]
    return Rows(columns, rows, id_key="roleId", empty=empty, notes=notes)


@app.verb("add", changes=True, examples=("robo-xp reward add 10 123456789012345678",))
def add(run: Run, level: Level, role: rule_views.Role, dangerous: Dangerous = False) -> Result:
    """Give a role at a level; one that lets its members manage the guild only where you say so."""
    if not dangerous:
        outlook.refuse_dangerous(run, run.guild_id, role, level)
    done = run.robo().rewards.add(
        run.guild_id, level, role, dangerous=dangerous, **rule_views.how(run)
    )
    found = _rewards_result(
        run, done, f"level {level} gives {rule_views.target_name(run, 'role', role)}"
    )
    return replace(found, notes=[*found.notes, *outlook.role_doubts(run, [role])])


@app.verb("remove", changes=True, examples=("robo-xp reward remove 10",))
def remove(run: Run, level: Held) -> Result:
    """Give no role at a level any more; members keep those they have."""
    done = run.robo().rewards.remove(run.guild_id, level, **rule_views.how(run, begins=False))
    return _rewards_result(run, done, f"level {level} gives no role")


@app.verb("mode", changes=True, examples=("robo-xp reward mode replace",))
def mode(
    run: Run,
    mode: Annotated[str, argument("MODE", "All, or the highest", choices=REWARD_MODES.choices)],
) -> Result:
    """Let members keep all earned roles (stack), or only the highest (replace)."""
    done = run.robo().rewards.set_mode(run.guild_id, mode, **rule_views.how(run))
    holds = done.effective["rewardsMode"]
    return rule_views.change_result(run, done, REWARD_MODES.clause(mode), rewards_mode=holds)


@app.verb("on-loss", changes=True, examples=("robo-xp reward on-loss on",))
def on_loss(
    run: Run, state: Annotated[str, argument("STATE", "Take away or not", choices=("on", "off"))]
) -> Result:
    """Take roles away (on), or leave them (off), when a member falls below their level."""
    done = run.robo().rewards.set_on_loss(run.guild_id, state == "on", **rule_views.how(run))
    holds = done.effective["removeRewardOnXpLoss"]
    return rule_views.change_result(run, done, _ON_LOSS[state], remove_reward_on_xp_loss=holds)


def _row(reward: RoleReward) -> dict[str, object]:
    """The reward as its entry in the settings, which speaks of danger where there is some."""
    row: dict[str, object] = {"level": reward.level, "roleId": reward.role_id}
    return {**row, "dangerous": True} if reward.dangerous else row


def _rewards_result(run: Run, done: ConfigChanged, told: str) -> One:
    rewards = sorted(done.effective["roleRewards"], key=lambda reward: int(reward["level"]))
    found = rule_views.change_result(run, done, told, rewards=rewards)
    if run.store_id == "default":
        return found
    return replace(found, notes=[*found.notes, "Discord roles follow store default only"])
