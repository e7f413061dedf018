"""The first view of the panel: everything in short, and the way to the others."""

from __future__ import annotations

import discord
from discord import ui

from robo_xp.settings.xp import REWARD_MODES
from robo_xp.text import count_text
from robo_xp_daemon.panel.facts import Facts
from robo_xp_daemon.panel.fields import line_of, sections
from robo_xp_daemon.panel.ids import panel_id
from robo_xp_daemon.panel.parts import button, line, row, text, view_of

VIEWS = {
    "general": ("General", "Cooldown, XP rate, leaderboard, announcements"),
    "noxp": ("No-XP zones", "Roles and channels that earn nothing"),
    "rewards": ("Role rewards", "Roles that levels earn"),
}


def view(facts: Facts, user_id: str) -> ui.LayoutView:
    """The settings in short."""
    roles = count_text(len(facts.role_ids), "role")
    channels = count_text(len(facts.channel_ids), "channel")
    loss = "removed" if facts.remove_on_loss else "kept"
    general = [line_of(field, facts.holds) for field in sections()["General"]]
    return view_of(
        facts.colour,
        text("## XP settings"),
        text("\n".join(["### General", *general])),
        text(f"### No-XP zones\n{roles} and {channels}"),
        text(
            f"### Role rewards\n{count_text(len(facts.rewards), 'reward')}, "
            f"{REWARD_MODES.clause(facts.mode)}; {loss} when XP is lost"
        ),
        line(),
        row(
            ui.Select(
                custom_id=panel_id("category", user_id),
                placeholder="What do you want to change?",
                options=[
                    discord.SelectOption(value=value, label=label, description=more)
                    for value, (label, more) in VIEWS.items()
                ],
            )
        ),
        row(button("Refresh", panel_id("refresh_main", user_id))),
    )
