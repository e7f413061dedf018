"""The views of the panel as pure values: within Discord's limits, however much there is to show."""

from __future__ import annotations

from typing import Any

import pytest
from discord import ui

from robo_xp import RoleReward
from robo_xp.settings.template import MAX_TEMPLATE
from robo_xp.settings.xp import XP
from robo_xp_daemon.panel import forms, general, home, noxp, rewards
from robo_xp_daemon.panel.facts import Facts
from robo_xp_daemon.panel.ids import pages_of, pages_payload, panel_id
from tests.daemon.loopback.check_components import check_components, check_modal
from tests.daemon.loopback.components import walk
from tests.daemon.loopback.errors import FormErrors

USER = "9" * 20
FIRST = 10**19


def crowded(zones: int = 60, levels: int = 100) -> Facts:
    """Settings with as much in them as there can be in practice, and ids of the longest kind."""
    ids = tuple(str(FIRST + n) for n in range(zones))
    return Facts(
        holds={
            "cooldownSeconds": 3600,
            "xpRate": 10.0,
            "leaderboard.public": True,
            "announcements.mode": "channel",
            "announcements.channelId": ids[0] if ids else None,
            "announcements.template": "*" * MAX_TEMPLATE,
            "noXpRoleIds": list(ids),
            "noXpChannelIds": list(ids),
            "rewardsMode": "replace",
            "removeRewardOnXpLoss": True,
        },
        colour=0x5865F2,
        rewards=tuple(RoleReward(n + 1, str(FIRST + n)) for n in range(levels)),
        doubts=("nothing is announced",),
    )


def label(_id: str) -> str:
    """The longest name there is, and more."""
    return "@" + "n" * 200


def shown(view: ui.LayoutView) -> list[dict[str, Any]]:
    """The view as it is sent."""
    found: list[dict[str, Any]] = view.to_components()  # type: ignore[no-untyped-call]
    return found


def all_views(facts: Facts) -> list[ui.LayoutView]:
    """Every view on every page."""
    most = max(len(facts.role_ids), len(facts.rewards)) // 25 + 1
    found = [home.view(facts, USER), general.view(facts, USER)]
    for page in range(1, most + 1):
        found.append(noxp.view(facts, USER, (page, page), label))
        found.append(rewards.view(facts, USER, page, label))
    return found


@pytest.mark.parametrize(("zones", "levels"), [(0, 0), (1, 1), (25, 25), (60, 100), (1000, 1000)])
def test_limits(zones: int, levels: int) -> None:
    """At most 40 components and 4000 characters, every select with 1 to 25 options, ids unique."""
    for view in all_views(crowded(zones, levels)):
        payload = shown(view)
        parts = list(walk(payload))
        errors = FormErrors()
        check_components(errors, payload, v2=True)
        errors.raise_any()

        assert len(parts) <= 40
        assert sum(len(part.get("content", "")) for part in parts) <= 4000


def test_no_entry_is_dropped() -> None:
    """Over all pages each zone and each reward can be removed exactly once."""
    facts = crowded()
    roles, channels, levels = [], [], []
    for page in range(1, 5):
        zones = shown(noxp.view(facts, USER, (min(page, 3), min(page, 3)), label))
        listed = shown(rewards.view(facts, USER, page, label))
        if page < 4:
            roles += values(zones, "noxp_roles_remove")
            channels += values(zones, "noxp_channels_remove")
        levels += values(listed, "rewards_remove_select")

    assert roles == channels == list(facts.role_ids)
    assert levels == [str(reward.level) for reward in facts.rewards]


def values(payload: list[dict[str, Any]], words: str) -> list[str]:
    """The values of the select with these words in its id."""
    (select,) = [
        part for part in walk(payload) if part.get("custom_id", "").startswith(f"xp_config_{words}")
    ]
    return [option["value"] for option in select["options"]]


def test_pages_beyond_the_list() -> None:
    """A page that is gone, as after a removal elsewhere, shows the nearest one."""
    facts = crowded(26, 26)
    payload = shown(noxp.view(facts, USER, (9, 0), label))

    text = "\n".join(part.get("content", "") for part in walk(payload))
    assert "### Roles (26) · page 2 of 2" in text and "### Channels (26) · page 1 of 2" in text


def test_forms() -> None:
    """Every form is one that Discord takes, with the longest name in it and the longest default."""
    for form in (
        forms.setting(XP["cooldownSeconds"], USER, "3600"),
        forms.setting(XP["xpRate"], USER, None),
        forms.setting(XP["announcements.template"], USER, "x" * MAX_TEMPLATE),
        forms.reward(USER, USER, "n" * 100),
    ):
        errors = FormErrors()
        check_modal(errors, form.to_dict())
        errors.raise_any()


def test_custom_ids() -> None:
    """The places of an id are fixed; what does not fit is a fault of the program."""
    assert panel_id("edit_cooldown", USER) == f"xp_config_edit_cooldown_{USER}"
    assert panel_id("modal_reward", USER, USER) == f"xp_config_modal_reward_{USER}_{USER}"
    assert pages_of(pages_payload(2, 31), 2) == (2, 31)
    assert pages_of("", 2) == (1, 1)
    for words, user, payload in [("a1", USER, ""), ("a", "12", ""), ("a", USER, "b" * 99)]:
        with pytest.raises(ValueError, match="no custom id"):
            panel_id(words, user, payload)
