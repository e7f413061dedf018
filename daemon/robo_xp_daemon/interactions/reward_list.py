"""The roles that levels earn, as a list in pages for everybody to see."""

from __future__ import annotations

import discord

from robo_xp import RoboXP
from robo_xp.settings.xp import REWARD_MODES, settings_of
from robo_xp.text import count_text, thousands
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.interactions.page_buttons import Page
from robo_xp_daemon.interactions.paged_list import Leaf, Listing, PageRequest

PER_PAGE = 25


def read(robo: RoboXP, asked: PageRequest) -> Leaf:
    """A page of the rewards as they stand now."""
    holds = robo.config.get(asked.guild_id)
    listed = robo.rewards.list(asked.guild_id)
    page = Page.of(asked.page, len(listed), PER_PAGE)
    embed = discord.Embed(title="Role rewards", colour=settings_of(holds).embed_color)
    if not listed:
        embed.description = "No level earns a role yet. Administrators add some with `/xp config`."
        return Leaf(embed, page, public=True)
    loss = " Who falls below a level loses its role." if holds["removeRewardOnXpLoss"] else ""
    embed.description = f"{REWARD_MODES.options[holds['rewardsMode']][1]}.{loss}"
    start = (page.number - 1) * PER_PAGE
    for reward in listed[start : start + PER_PAGE]:
        embed.add_field(name=f"Level {thousands(reward.level)}", value=words.role(reward.role_id))
    embed.set_footer(text=f"{page.text} · {count_text(len(listed), 'reward')}")
    return Leaf(embed, page, public=True)


REWARDS = Listing("rewards", read, public=True)
