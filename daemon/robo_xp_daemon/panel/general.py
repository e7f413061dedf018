"""The view of the general settings: all that their table puts on the panel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from discord import ui

from robo_xp.settings.table import Field
from robo_xp_daemon.panel import fields
from robo_xp_daemon.panel.facts import Facts
from robo_xp_daemon.panel.parts import Part, line, row, text, view_of, way_back

_BUTTONS_IN_ROW = 5


def view(facts: Facts, user_id: str) -> ui.LayoutView:
    """The general settings."""
    parts: list[Part] = []
    for title, listed in fields.sections().items():
        mark = "###" if parts else "##"
        lines = [f"{mark} {title}", *(fields.line_of(field, facts.holds) for field in listed)]
        parts += [text("\n".join(lines)), *_controls(listed, facts, user_id), line()]
    if facts.doubts:
        parts += [text("\n".join(f"Careful: {doubt}." for doubt in facts.doubts)), line()]
    return view_of(facts.colour, *parts, way_back(user_id, "general"))


def _controls(listed: Sequence[Field], facts: Facts, user_id: str) -> Iterator[Part]:
    """The selects, each in a row of its own, and then the buttons."""
    controls = [fields.control_of(field, facts.holds, user_id) for field in listed]
    buttons = [control for control in controls if isinstance(control, ui.Button)]
    yield from (row(control) for control in controls if control not in buttons)
    for start in range(0, len(buttons), _BUTTONS_IN_ROW):
        yield row(*buttons[start : start + _BUTTONS_IN_ROW])
