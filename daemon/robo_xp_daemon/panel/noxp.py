"""The view of the zones without XP: roles and channels, added and removed apart from each other.

Adding never touches what is listed already, and removing names what goes, so entries on other
pages are safe.
"""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import ui

from robo_xp.text import thousands
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.interactions.page_buttons import Page
from robo_xp_daemon.panel.facts import Facts, Label
from robo_xp_daemon.panel.ids import pages_payload, panel_id
from robo_xp_daemon.panel.parts import (
    PER_PAGE,
    Part,
    cut_out,
    line,
    removal,
    row,
    text,
    turns,
    view_of,
    way_back,
)

MOST_AT_ONCE = 25
PLACES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.news_thread,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.forum,
    discord.ChannelType.media,
    discord.ChannelType.category,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
]


def view(facts: Facts, user_id: str, pages: Sequence[int], label: Label) -> ui.LayoutView:
    """The page of the roles and the page of the channels; ``label`` names them in the selects."""
    roles = Page.of(pages[0], len(facts.role_ids), PER_PAGE)
    channels = Page.of(pages[1], len(facts.channel_ids), PER_PAGE)
    payload = pages_payload(roles.number, channels.number)
    add_roles = ui.RoleSelect[ui.LayoutView](
        custom_id=panel_id("noxp_roles_select", user_id, payload),
        placeholder="Add roles",
        max_values=MOST_AT_ONCE,
    )
    add_channels = ui.ChannelSelect[ui.LayoutView](
        custom_id=panel_id("noxp_channels_select", user_id, payload),
        placeholder="Add channels or categories",
        max_values=MOST_AT_ONCE,
        channel_types=PLACES,
    )
    return view_of(
        facts.colour,
        text("## No-XP zones\nMessages there, and of members with these roles, are only counted."),
        text(_list_text("Roles", [words.role(id_) for id_ in facts.role_ids], roles)),
        row(add_roles),
        *_removal("roles", facts.role_ids, roles, payload, user_id=user_id, label=label),
        line(),
        text(_list_text("Channels", [words.channel(id_) for id_ in facts.channel_ids], channels)),
        row(add_channels),
        *_removal("channels", facts.channel_ids, channels, payload, user_id=user_id, label=label),
        line(),
        way_back(user_id, "noxp", payload),
    )


def _list_text(title: str, mentions: Sequence[str], page: Page) -> str:
    if not mentions:
        return f"### {title}\nNone."
    number = f" · page {page.number} of {page.count}" if page.count > 1 else ""
    shown = ", ".join(cut_out(mentions, page))
    return f"### {title} ({thousands(len(mentions))}){number}\n{shown}"


def _removal(
    kind: str, ids: Sequence[str], page: Page, payload: str, *, user_id: str, label: Label
) -> list[Part | None]:
    """The select that removes what is on the page, and the buttons to the other pages."""
    custom_id = panel_id(f"noxp_{kind}_remove", user_id, payload)
    options = [(id_, label(id_), id_) for id_ in cut_out(ids, page)]
    return [
        removal(custom_id, f"Remove {kind}", options),
        turns(user_id, f"noxp_{kind}", page, payload),
    ]
