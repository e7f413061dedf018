"""The view of the role rewards: mode, loss, and the list, added to and removed from."""

from __future__ import annotations

from discord import ui

from robo_xp.settings.xp import REWARD_MODES
from robo_xp.text import thousands
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.interactions.page_buttons import Page
from robo_xp_daemon.panel.facts import Facts, Label
from robo_xp_daemon.panel.ids import pages_payload, panel_id
from robo_xp_daemon.panel.parts import (
    PER_PAGE,
    Row,
    button,
    cut_out,
    line,
    removal,
    row,
    text,
    turns,
    view_of,
    way_back,
)

ON, OFF = "on", "off"


def view(facts: Facts, user_id: str, wanted: int, label: Label) -> ui.LayoutView:
    """A page of the rewards; ``label`` names the roles in the select."""
    page = Page.of(wanted, len(facts.rewards), PER_PAGE)
    shown = cut_out(facts.rewards, page)
    payload = pages_payload(page.number)
    add = ui.RoleSelect[ui.LayoutView](
        custom_id=panel_id("rewards_role_select", user_id, payload),
        placeholder="Add a reward: choose its role",
    )
    options = [
        (str(one.level), f"Level {thousands(one.level)}", label(one.role_id)) for one in shown
    ]
    return view_of(
        facts.colour,
        text(_summary(facts)),
        _switches(facts, user_id),
        line(),
        text(_list_text(facts, page)),
        row(add),
        removal(panel_id("rewards_remove_select", user_id, payload), "Remove rewards", options),
        turns(user_id, "rewards_remove", page, payload),
        line(),
        way_back(user_id, "rewards", payload),
    )


def _summary(facts: Facts) -> str:
    loss = "lose its role" if facts.remove_on_loss else "keep its role"
    return (
        "## Role rewards\n"
        f"Mode: **{facts.mode}** ({REWARD_MODES.clause(facts.mode)})\n"
        f"Members who fall below a level **{loss}**"
    )


def _switches(facts: Facts, user_id: str) -> Row:
    loss = "Keep roles on loss" if facts.remove_on_loss else "Remove roles on loss"
    payload = OFF if facts.remove_on_loss else ON
    modes = [
        button(mode.title(), panel_id(f"rewards_mode_{mode}", user_id), is_on=mode == facts.mode)
        for mode in REWARD_MODES.choices
    ]
    view_all = panel_id("rewards_view", user_id)
    return row(
        *modes,
        button(loss, panel_id("rewards_toggle_loss", user_id, payload)),
        button("View all", view_all, disabled=not facts.rewards),
    )


def _list_text(facts: Facts, page: Page) -> str:
    if not facts.rewards:
        return "### Rewards\nNone."
    number = f" · page {page.number} of {page.count}" if page.count > 1 else ""
    lines = [
        f"Level **{thousands(one.level)}**: {words.role(one.role_id)}"
        for one in cut_out(facts.rewards, page)
    ]
    return "\n".join([f"### Rewards ({thousands(len(facts.rewards))}){number}", *lines])
