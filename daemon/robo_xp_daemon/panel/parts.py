"""What all views of the panel are put together from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import discord
from discord import ui

from robo_xp_daemon.interactions.format import cut
from robo_xp_daemon.interactions.page_buttons import Page
from robo_xp_daemon.panel.ids import panel_id

PER_PAGE: Final = 25
_LABEL_LIMIT = 100

T = TypeVar("T")
Row = ui.ActionRow[Any]
Button = ui.Button[Any]
Part = ui.Item[Any]


def view_of(colour: int, *parts: Part | None) -> ui.LayoutView:
    """The view with these parts below each other; parts that are None are left out."""
    view = ui.LayoutView(timeout=None)
    shown = [part for part in parts if part is not None]
    view.add_item(ui.Container(*shown, accent_colour=colour))
    return view


def text(content: str) -> ui.TextDisplay[Any]:
    """Text to read."""
    return ui.TextDisplay(content)


def line() -> ui.Separator[Any]:
    """A line between two parts."""
    return ui.Separator()


def row(*items: Part) -> Row:
    """Up to five buttons, or a select."""
    return ui.ActionRow(*items)


def button(label: str, custom_id: str, *, is_on: bool = False, disabled: bool = False) -> Button:
    """A button; one that is on stands for what holds now."""
    style = discord.ButtonStyle.success if is_on else discord.ButtonStyle.secondary
    return ui.Button(label=label, custom_id=custom_id, style=style, disabled=disabled)


def way_back(user_id: str, refresh: str, payload: str = "") -> Row:
    """The buttons that each view but the first one ends with."""
    return row(
        button("‹ Back", panel_id("back_main", user_id)),
        button("Refresh", panel_id(f"refresh_{refresh}", user_id, payload)),
    )


def cut_out(entries: Sequence[T], page: Page) -> Sequence[T]:
    """The entries of one page."""
    start = (page.number - 1) * PER_PAGE
    return entries[start : start + PER_PAGE]


def turns(user_id: str, words: str, page: Page, payload: str) -> Row | None:
    """The buttons that turn the pages of a list; None for a single page."""
    if page.count == 1:
        return None
    return row(
        button("‹ Previous", panel_id(f"{words}_prev", user_id, payload),
               disabled=page.number == 1),
        button("Next ›", panel_id(f"{words}_next", user_id, payload),
               disabled=page.number == page.count),
    )  # fmt: skip


def removal(
    custom_id: str, placeholder: str, options: Sequence[tuple[str, str, str]]
) -> Row | None:
    """A select of what to remove: value, label and description of each; None without any."""
    if not options:
        return None
    return row(
        ui.Select(
            custom_id=custom_id,
            placeholder=placeholder,
            max_values=len(options),
            options=[
                discord.SelectOption(
                    value=value, label=cut(label, _LABEL_LIMIT), description=cut(more, _LABEL_LIMIT)
                )
                for value, label, more in options
            ],
        )
    )
