"""The slash commands, one file a noun; all of them work on the store ``default``.

``/xp`` and ``/giveaway`` are offered to everybody, since a few of their commands are for everybody:
Discord knows permissions of whole commands only. Who may use the others is checked each time.
"""

from __future__ import annotations

from typing import Any

from discord import app_commands

from robo_xp_daemon.client.port import Discord
from robo_xp_daemon.giveaways.lifecycle import Lifecycle
from robo_xp_daemon.interactions import page_buttons as pages
from robo_xp_daemon.interactions.clicks import Clicks
from robo_xp_daemon.interactions.reward_list import REWARDS
from robo_xp_daemon.slash import member
from robo_xp_daemon.slash.board import BOARD, BOARDS, leaderboard
from robo_xp_daemon.slash.boost import BOOSTS, boost
from robo_xp_daemon.slash.config import config
from robo_xp_daemon.slash.giveaway import entries as giveaway_entries
from robo_xp_daemon.slash.giveaway import form as giveaway_form
from robo_xp_daemon.slash.giveaway import info
from robo_xp_daemon.slash.giveaway.list import GIVEAWAYS
from robo_xp_daemon.slash.giveaway.start import Start
from robo_xp_daemon.slash.multiplier import MULTIPLIERS, multiplier
from robo_xp_daemon.slash.period import PERIODS, period
from robo_xp_daemon.slash.privacy import privacy
from robo_xp_daemon.slash.rank import rank
from robo_xp_daemon.slash.rewards import rewards
from robo_xp_daemon.slash.xp import give, recalc, remove, set_

_Command = app_commands.Command[Any, Any, Any] | app_commands.Group

xp = app_commands.Group(name="xp", description="XP of members, and the settings")
_WITHIN: tuple[_Command, ...] = (give, remove, set_, recalc, rewards, config, multiplier)
for _command in _WITHIN:
    xp.add_command(_command)

LISTS = (
    BOARD, *BOARDS.values(), *PERIODS.values(), REWARDS, MULTIPLIERS, BOOSTS, GIVEAWAYS,
)  # fmt: skip
QUESTIONS = (member.ERASE, member.PRUNE)


def register(
    tree: app_commands.CommandTree[Any], clicks: Clicks, giveaways: Lifecycle, port: Discord
) -> None:
    """The tree has all slash commands, and clicks on the buttons below their lists are answered."""
    # a guild's command, and never one that somebody carries elsewhere
    tree.allowed_contexts = app_commands.AppCommandContext(guild=True)
    tree.allowed_installs = app_commands.AppInstallationType(guild=True)
    top: tuple[_Command, ...] = (
        rank, leaderboard, privacy, boost, period, member.group(port), xp, info.group(giveaways),
    )  # fmt: skip
    for command in top:
        tree.add_command(command)
    for listing in LISTS:
        clicks.add(pages.pattern(listing.kind), listing.turn)
    for question in QUESTIONS:
        clicks.add(question.pattern, question.pressed)
    clicks.add(giveaway_entries.PATTERN, giveaway_entries.turn)
    clicks.add(giveaway_form.PATTERN, Start(giveaways).sent)
