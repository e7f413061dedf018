"""The form of ``/giveaway start``: what was given stands in it, and all else can be typed.

Everything that is needed stands in the form itself, so nothing is remembered while it is open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import discord
from discord import ui

from robo_xp.errors import InvalidConfig, Refused
from robo_xp.settings.giveaway_terms import PRIZE_LIMIT
from robo_xp.usecases.giveaways.starting.lines import terms_in
from robo_xp_daemon.panel.forms import fields_of
from robo_xp_daemon.slash.giveaway.places import Place, check_place
from robo_xp_daemon.slash.giveaway.words import named_roles

PATTERN: Final = re.compile(r"xp_ga_form:(?P<channel>[0-9]{17,20})")
_TERMS: Final = "One a line: minLevel=5, at=sat 18:00, every=1w, times=4, drop, claim=24h, …"
_MOST: Final = 2000


def form_for(channel_id: int, given: Mapping[str, Any], terms: str) -> ui.Modal:
    """The form for a giveaway in this channel, with what was given by its names."""
    form = ui.Modal(title="Start a giveaway", custom_id=f"xp_ga_form:{channel_id}", timeout=None)
    lines = (
        ("prize", "Prize", "What there is to win", PRIZE_LIMIT),
        ("duration", "Duration", "How long (10m, 1h30m, 2d) or until when", 64),
        ("winners", "Winners", "How many", 3),
    )
    for name, title, about, most in lines:
        form.add_item(_field(name, title, about, ui.TextInput(
            custom_id=name, required=False, max_length=most, default=_text(given.get(name)),
        )))  # fmt: skip
    form.add_item(_field("terms", "Everything else", _TERMS, ui.TextInput(
        custom_id="terms", required=False, max_length=_MOST, default=terms[:_MOST],
        style=discord.TextStyle.paragraph,
    )))  # fmt: skip
    # answered by its id like all others, so that discord.py need not remember it
    form.stop()
    return form


def asked_in(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the form that was sent off asks for, as arguments of ``create``; else Refused."""
    typed = {name: text.strip() for name, text in fields_of(data).items()}
    try:
        asked = terms_in(typed.get("terms", ""))
    except InvalidConfig as error:
        told = (f"{fault.where}: {named_roles(fault.message)}" for fault in error.faults)
        raise Refused("; ".join(told)) from error
    winners = typed.get("winners", "")
    if winners and not winners.isdecimal():
        raise Refused(f"{winners!r} is not a number of winners")
    return {
        **asked,
        "prize": typed.get("prize") or None,
        "duration": typed.get("duration") or None,
        "winners": int(winners) if winners else None,
    }


def check_channel(interaction: discord.Interaction[Any], channel_id: int) -> None:
    """Raise Refused unless bot and member may still speak where the giveaway is to be."""
    guild, member = interaction.guild, interaction.user
    channel = None if guild is None else guild.get_channel_or_thread(channel_id)
    if guild is None or channel is None or not isinstance(member, discord.Member):
        raise Refused("that channel is not there any more; give the command again")
    own = channel.permissions_for(member)
    check_place(Place(channel.id, channel.type, channel.permissions_for(guild.me), own))


def _field(name: str, title: str, about: str, field: ui.TextInput[Any]) -> ui.Label[Any]:
    return ui.Label(text=title, description=about, component=field)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
