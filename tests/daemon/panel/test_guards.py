"""Who may use the panel: its own member, with the permission, at each press and after restarts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import discord

from robo_xp_daemon.panel import asking
from robo_xp_daemon.panel.actions import ACTIONS
from robo_xp_daemon.panel.ids import LIMIT, PATTERN
from robo_xp_daemon.panel.press import NOT_YOURS
from tests.daemon.loopback import Answer
from tests.daemon.scene import EXPIRED, Scene, at_work, private, scene, seen
from tests.daemon.stage import played

WORDS = [*ACTIONS, *asking.ASKS]
NEEDED = "You need the permission Manage Server for this."


async def pressed(at: Scene, who: str, panel: Answer, words: str, owner: str) -> Answer:
    """A press of anything there is, whether or not it can be seen now."""
    return await at.click(who, panel, at.id(words, owner), anyway=True)


@played
async def test_the_command(tmp_path: Path) -> None:
    """Without the permission no panel opens."""
    async with scene(tmp_path) as at:
        assert private(await at.slash("bob", "xp config")) == NEEDED


@played
async def test_another_member(tmp_path: Path) -> None:
    """Whatever an administrator presses on somebody else's panel is refused privately."""
    async with scene(tmp_path) as at:
        panel = await at.open()
        before = panel.text
        for words in WORDS:
            answer = await pressed(at, "owner", panel, words, "ann")
            assert private(answer) == NOT_YOURS, words

        assert panel.text == before
        assert at.seq() == 0


@played
async def test_an_id_elsewhere_does_not_help(tmp_path: Path) -> None:
    """The member's id counts in its own place only, not in the payload."""
    async with scene(tmp_path) as at:
        panel = await at.open()
        forged = at.id("toggle_leaderboard", "ann", str(at.member("owner").id))
        answer = await at.click("owner", panel, forged, anyway=True)

        assert private(answer) == NOT_YOURS


@played
async def test_a_permission_that_was_lost(tmp_path: Path) -> None:
    """Whoever lost the permission since the panel was opened changes nothing with it."""
    async with scene(tmp_path) as at:
        panel = await at.open()
        at.guild.change_roles("ann", remove=["Mods"])
        for words in WORDS:
            answer = await pressed(at, "ann", panel, words, "ann")
            assert private(answer) == NEEDED, words
        assert at.seq() == 0


@played
async def test_a_form_after_the_permission_was_lost(tmp_path: Path) -> None:
    """The permission is looked at when the form arrives, too."""
    async with scene(tmp_path) as at:
        panel = await at.open("general")
        form = await at.press(panel, "edit_cooldown")
        at.guild.change_roles("ann", remove=["Mods"])
        done = await at.submit(form, cooldown_seconds="5")

        assert private(done) == NEEDED
        assert at.seq() == 0


@played
async def test_after_a_restart(tmp_path: Path) -> None:
    """The panel, and a form that was open, go on working with a new client."""
    async with scene(tmp_path) as at:
        panel = await at.open("general")
        form = await at.press(panel, "edit_cooldown")
        await at.stage.client.close()
        async with at_work(at.discord, at.guild, tmp_path) as later:
            await later.submit(form, cooldown_seconds="5")
            await later.press(panel, "toggle_leaderboard", "on")
            assert later.settings()["cooldownSeconds"] == 5
            assert later.settings()["leaderboard"]["public"] is True
            other = await pressed(later, "owner", panel, "toggle_leaderboard", "ann")
            later.guild.change_roles("ann", remove=["Mods"])
            lost = await later.click(
                "ann", panel, later.id("toggle_leaderboard", "ann", "private"), anyway=True
            )

            assert (private(other), private(lost)) == (NOT_YOURS, NEEDED)
            assert later.settings()["leaderboard"]["public"] is True


@played
async def test_what_this_version_does_not_have(tmp_path: Path) -> None:
    """Unknown actions and payloads are answered with the way to a fresh panel."""
    async with scene(tmp_path) as at:
        panel = await at.open()
        for custom_id in (
            at.id("no_such_thing", "ann"),
            at.id("toggle_leaderboard", "ann", "sideways"),
            at.id("toggle_leaderboard", "ann"),
            at.id("refresh_noxp", "ann", "x"),
            at.id("refresh_rewards", "ann", "1-2-3"),
            at.id("category", "ann"),
            at.id("noxp_roles_select", "ann"),
            at.id("rewards_role_select", "ann"),
            at.id("modal_cooldown", "ann"),
        ):
            answer = await at.click("ann", panel, custom_id, anyway=True)
            assert seen(answer) == EXPIRED, custom_id
        garbled = await at.click("ann", panel, "xp_config_!", anyway=True)

        assert private(garbled) == "This has expired. Please run the command again."
        assert at.seq() == 0


@played
async def test_custom_ids(tmp_path: Path) -> None:
    """Every id that is sent has the panel's shape, its member in it, and at most 100 characters."""
    async with scene(tmp_path) as at:
        role = str(at.guild.role("Bronze").id)
        at.set(roleRewards=[{"level": n, "roleId": role} for n in range(1, 101)])
        at.set(noXpRoleIds=[str(10**17 + n) for n in range(60)])
        for view in ("", "general", "noxp", "rewards"):
            panel = await at.open(view)
            for custom_id in _ids(panel.components):
                match = PATTERN.fullmatch(custom_id)
                assert match is not None and len(custom_id) <= LIMIT
                assert match["user"] == str(at.member("ann").id)
                assert match["words"] in WORDS


@played
async def test_nobody_is_notified(tmp_path: Path) -> None:
    """No answer to anything ever notifies a member or role."""
    async with scene(tmp_path) as at:
        at.set(noXpRoleIds=[str(at.guild.role("Bronze").id)])
        panel = await at.open("noxp")
        await at.press(panel, "refresh_noxp", "1-1")

        calls = [call.body for call in at.discord.requests if "@original" in call.path]
        assert calls and panel.shown is not None and not panel.shown.pings
        assert at.stage.client.allowed_mentions is not None
        none = discord.AllowedMentions.none().to_dict()
        assert all(body.get("allowed_mentions") == none for body in calls)


def _ids(parts: list[dict[str, Any]]) -> list[str]:
    found = []
    for part in parts:
        found += [part["custom_id"]] if "custom_id" in part else []
        found += _ids(part.get("components", []))
    return found
