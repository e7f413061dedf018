"""Placeholders in texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp.settings.template import MAX_TEMPLATE, PLACEHOLDERS, filled_template, template_faults

VALUES = {"member": "<@1>", "level": 5, "oldLevel": 4, "xp": 1525, "guild": "{xp} {level}"}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{member} is at {level}", "<@1> is at 5"),
        ("{oldLevel}->{level} ({xp})", "4->5 (1525)"),
        ("in {guild}", "in {xp} {level}"),
        ("{{level}}", "{5}"),
        ("} { none", "} { none"),
        ("{level", "{level"),
    ],
)
def test_placeholders_are_replaced_once(template: str, text: str) -> None:
    """Each placeholder becomes its value, and what a value holds is not looked at again."""
    assert template_faults("t", template) == []
    assert filled_template(template, VALUES) == text


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=MAX_TEMPLATE))
def test_a_template_without_fault_has_known_placeholders_only(template: str) -> None:
    """Any text that is accepted is filled without leaving a known placeholder behind."""
    if template_faults("t", template):
        return
    text = filled_template(template, dict.fromkeys(PLACEHOLDERS, ""))

    assert template.strip()
    assert not any(f"{{{name}}}" in text for name in PLACEHOLDERS if f"{{{{{name}" not in template)


def test_each_unknown_placeholder_is_a_fault() -> None:
    """Every unknown name is reported, once."""
    faults = template_faults("t", "{a} {b} {a} {level}")

    assert len(faults) == 2
    assert all(fault.where == "t" for fault in faults)
