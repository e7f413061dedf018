"""Everything that the panel has: what each press changes, and what is shown then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from discord import ui

from robo_xp import RoboXP
from robo_xp_daemon.panel import changes, fields, general, home, noxp, picks, rewards
from robo_xp_daemon.panel.changes import Press
from robo_xp_daemon.panel.facts import Facts
from robo_xp_daemon.panel.ids import pages_of

Show = Callable[[Facts, Press], ui.LayoutView]
Change = Callable[[RoboXP, Press], str]


@dataclass(frozen=True, slots=True)
class Action:
    """The view that the panel shows, after a change if there is one."""

    show: Show
    change: Change | None = None


def _home(facts: Facts, press: Press) -> ui.LayoutView:
    return home.view(facts, press.user_id)


def _general(facts: Facts, press: Press) -> ui.LayoutView:
    return general.view(facts, press.user_id)


def _noxp(facts: Facts, press: Press, *, roles: int = 0, channels: int = 0) -> ui.LayoutView:
    """The zones, so many pages further than the press says."""
    of_roles, of_channels = pages_of(press.payload, 2)
    wanted = (of_roles + roles, of_channels + channels)
    return noxp.view(facts, press.user_id, wanted, partial(picks.label_in, press.guild))


def _rewards(facts: Facts, press: Press, *, step: int = 0) -> ui.LayoutView:
    """The rewards, so many pages further than the press says."""
    (page,) = pages_of(press.payload, 1)
    return rewards.view(facts, press.user_id, page + step, partial(picks.label_in, press.guild))


def _rewards_anew(facts: Facts, press: Press) -> ui.LayoutView:
    return rewards.view(facts, press.user_id, 1, partial(picks.label_in, press.guild))


def _chosen_view(facts: Facts, press: Press) -> ui.LayoutView:
    """The view that the first one's select names."""
    views: dict[str, Show] = {"general": _general, "noxp": _noxp, "rewards": _rewards}
    return views[press.one(*views)](facts, press)


ACTIONS = {
    "category": Action(_chosen_view),
    "back_main": Action(_home),
    "refresh_main": Action(_home),
    "refresh_general": Action(_general),
    "refresh_noxp": Action(_noxp),
    "refresh_rewards": Action(_rewards),
    **{
        fields.words_of(field): Action(_general, partial(changes.set_value, field))
        for field in fields.FIELDS
    },
    "noxp_roles_select": Action(_noxp, changes.add_roles),
    "noxp_channels_select": Action(_noxp, changes.add_channels),
    "noxp_roles_remove": Action(_noxp, changes.remove_roles),
    "noxp_channels_remove": Action(_noxp, changes.remove_channels),
    "noxp_roles_prev": Action(partial(_noxp, roles=-1)),
    "noxp_roles_next": Action(partial(_noxp, roles=1)),
    "noxp_channels_prev": Action(partial(_noxp, channels=-1)),
    "noxp_channels_next": Action(partial(_noxp, channels=1)),
    "modal_reward": Action(_rewards_anew, changes.add_reward),
    "rewards_remove_select": Action(_rewards, changes.remove_rewards),
    "rewards_remove_prev": Action(partial(_rewards, step=-1)),
    "rewards_remove_next": Action(partial(_rewards, step=1)),
    "rewards_mode_stack": Action(_rewards_anew, changes.stack),
    "rewards_mode_replace": Action(_rewards_anew, changes.replace),
    "rewards_toggle_loss": Action(_rewards_anew, changes.set_loss),
}
