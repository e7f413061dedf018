"""The view of the general settings: cooldown, rate, leaderboard, announcements."""

from __future__ import annotations

import discord
from discord import ui

from robo_xp.text import counted
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.panel.facts import Facts, Wording
from robo_xp_daemon.panel.home import BOARD
from robo_xp_daemon.panel.ids import panel_id
from robo_xp_daemon.panel.parts import Row, button, line, row, text, view_of, way_back

PUBLIC, PRIVATE = "public", "private"
ANNOUNCED = {
    "off": ("Off", "New levels are not announced"),
    "same": ("Same channel", "Where the member wrote"),
    "channel": ("One channel", "In the channel that you choose below"),
    "dm": ("Direct message", "To the member alone"),
}
TALKED_IN = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.news_thread,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.voice,
]


def view(facts: Facts, user_id: str) -> ui.LayoutView:
    """The general settings."""
    told = facts.announcements
    return view_of(
        facts.colour,
        text(
            "## General\n"
            f"Cooldown: **{counted(facts.cooldown_seconds, 'second')}**"
            " between two messages that earn\n"
            f"XP rate: **{facts.rate:.2f}×**\n"
            f"Leaderboard: **{BOARD[facts.is_public]}**"
        ),
        row(
            button("Cooldown…", panel_id("edit_cooldown", user_id)),
            button("XP rate…", panel_id("edit_xprate", user_id)),
            _board_button(facts, user_id),
        ),
        line(),
        text(_wording(told)),
        _mode_select(told, user_id),
        row(
            ui.ChannelSelect(
                custom_id=panel_id("general_announce_channel", user_id),
                placeholder="Choose the channel for announcements",
                channel_types=TALKED_IN,
            )
        ),
        row(button("Wording…", panel_id("edit_announcement", user_id))),
        line(),
        way_back(user_id, "general"),
    )


def _board_button(facts: Facts, user_id: str) -> ui.Button[ui.LayoutView]:
    """Says what it will do, so that two clicks in a row do the same thing once."""
    label = "Make the leaderboard private" if facts.is_public else "Make the leaderboard public"
    payload = PRIVATE if facts.is_public else PUBLIC
    return button(label, panel_id("toggle_leaderboard", user_id, payload))


def _wording(told: Wording) -> str:
    where = "none chosen" if told.channel_id is None else words.channel(told.channel_id)
    missing = told.mode == "channel" and told.channel_id is None
    return (
        "### Announcements of new levels\n"
        f"Where: **{ANNOUNCED[told.mode][0]}**\n"
        f"Channel: {where}{' (choose one, or nothing is announced)' if missing else ''}\n"
        f"Wording: {words.plain(told.template)}"
    )


def _mode_select(told: Wording, user_id: str) -> Row:
    return row(
        ui.Select(
            custom_id=panel_id("general_announce_mode", user_id),
            placeholder="Where to announce",
            options=[
                discord.SelectOption(
                    value=mode, label=label, description=more, default=mode == told.mode
                )
                for mode, (label, more) in ANNOUNCED.items()
            ],
        )
    )
