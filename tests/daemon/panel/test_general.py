"""The first view of ``/xp config`` and the general settings, through interactions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.daemon.loopback import Permission
from tests.daemon.scene import private, scene, seen
from tests.daemon.stage import played


@played
async def test_the_panel_is_private(tmp_path: Path) -> None:
    """Its member alone sees it, as Components V2, with the settings in short."""
    async with scene(tmp_path) as at:
        at.set(cooldownSeconds=90, noXpRoleIds=[str(at.guild.role("Bronze").id)])
        panel = await at.open()

        text = private(panel)
        assert "Cooldown: **90 seconds**" in text and "XP rate: **1.00×**" in text
        assert "1 role and 0 channels" in text and "0 rewards" in text
        assert panel.shown is not None and panel.shown.flags & (1 << 15)


@played
async def test_ways_through_the_panel(tmp_path: Path) -> None:
    """The select leads to each view, back leads to the first, refresh reads anew, all in place."""
    async with scene(tmp_path) as at:
        panel = await at.open()
        for value, title in [
            ("general", "## General"), ("noxp", "## No-XP zones"), ("rewards", "## Role rewards"),
        ]:  # fmt: skip
            await at.choose(panel, "category", [value])
            assert panel.text.startswith(title)
            at.set(cooldownSeconds=90, rewardsMode="replace", noXpChannelIds=["1" * 18])
            payload = {"noxp": "1-1", "rewards": "1"}.get(value, "")
            await at.press(panel, f"refresh_{value}", payload)
            assert any(word in panel.text for word in ("90 seconds", "1" * 18, "replace"))
            at.set(cooldownSeconds=60, rewardsMode="stack", noXpChannelIds=[])
            await at.press(panel, "back_main")
            assert panel.text.startswith("## XP settings")
        at.set(cooldownSeconds=7)
        await at.press(panel, "refresh_main")

        assert "7 seconds" in panel.text
        assert at.guild.channel("general").messages == []


@pytest.mark.parametrize(
    ("words", "field", "typed", "key", "value"),
    [
        ("edit_cooldown", "cooldown_seconds", "0", "cooldownSeconds", 0),
        ("edit_cooldown", "cooldown_seconds", "3600", "cooldownSeconds", 3600),
        ("edit_xprate", "xp_rate", "0.001", "xpRate", 0.001),
        ("edit_xprate", "xp_rate", "10", "xpRate", 10.0),
        ("edit_xprate", "xp_rate", "1.25", "xpRate", 1.25),
    ],
)
@played
async def test_forms(
    tmp_path: Path, words: str, field: str, typed: str, key: str, value: float
) -> None:
    """What is typed holds at once, is shown in the panel, and bears the member's name."""
    async with scene(tmp_path) as at:
        panel = await at.open("general")
        form = await at.press(panel, words)
        done = await at.submit(form, **{field: typed})

        assert at.settings()[key] == value
        assert (done.type, done.followups) == (6, [])
        assert (f"{value:.3f}".removesuffix("0") + "×" in panel.text) or (
            f"**{value:,} seconds**" in panel.text
        )
        assert (at.last().by, at.last().cmd) == (f"discord:{at.member('ann').id}", "xp config")


@pytest.mark.parametrize(
    ("words", "field", "typed"),
    [
        *(("edit_cooldown", "cooldown_seconds", t) for t in ("60a", "1e3", "-1", "3601", "1.5")),
        ("edit_cooldown", "cooldown_seconds", "٣"),
        *(("edit_xprate", "xp_rate", t) for t in ("1.5x", "1e1", "0", "0.000", "10.1", ".5")),
        *(("edit_xprate", "xp_rate", t) for t in ("1,5", "nan", "inf", "+1")),
    ],
)
@played
async def test_forms_are_strict(tmp_path: Path, words: str, field: str, typed: str) -> None:
    """Anything but the value itself is refused privately, quoted, and changes nothing."""
    async with scene(tmp_path) as at:
        panel = await at.open("general")
        done = await at.submit(await at.press(panel, words), **{field: typed})

        assert f"“{typed}” is not a" in seen(done).replace("\\", "")
        assert done.followups[0].ephemeral
        assert at.seq() == 0


@played
async def test_forms_show_what_holds(tmp_path: Path) -> None:
    """A form opens with the present value."""
    async with scene(tmp_path) as at:
        at.set(cooldownSeconds=45, xpRate=1.5, announcements={"template": "{member}!"})
        panel = await at.open("general")
        values = []
        for words in ("edit_cooldown", "edit_xprate", "edit_announcement"):
            form = await at.press(panel, words)
            values.append(form.components[0]["component"]["value"])

        assert values == ["45", "1.5", "{member}!"]


@played
async def test_the_leaderboard(tmp_path: Path) -> None:
    """The button opens and closes it; clicked twice before it was redrawn, it does so once."""
    async with scene(tmp_path) as at:
        panel = await at.open("general")
        stale = at.id("toggle_leaderboard", "ann", "on")
        for _ in range(2):
            await at.click("ann", panel, stale, anyway=True)
            assert at.settings()["leaderboard"]["public"] is True
        await at.click("ann", panel, "Leaderboard → for administrators")

        assert at.settings()["leaderboard"]["public"] is False
        assert "for administrators" in panel.text


@played
async def test_a_channel_where_the_member_may_not_write(tmp_path: Path) -> None:
    """Nobody has the bot announce where they may not write, or may not even look."""
    async with scene(tmp_path) as at:
        for denied in (Permission.SEND_MESSAGES, Permission.VIEW_CHANNEL):
            overwrites = {
                at.guild.id: (0, int(denied)),
                at.guild.me.id: (int(denied), 0),
            }
            room = at.guild.add_channel("room", overwrites=overwrites)
            await at.stage.until(
                lambda room=room: at.stage.client.get_channel(room.id) is not None  # type: ignore[misc]
            )
            panel = await at.open("general")
            done = await at.choose(panel, "general_announce_channel", [room])

            assert seen(done) == f"You cannot write in <#{room.id}> yourself."
        assert "channelId" not in at.settings()["announcements"]


@played
async def test_announcements(tmp_path: Path) -> None:
    """Where, in which channel and in which words are set apart from each other."""
    async with scene(tmp_path) as at:
        general = at.guild.channel("general")
        panel = await at.open("general")
        await at.choose(panel, "general_announce_mode", ["channel"])
        hint = panel.text
        await at.choose(panel, "general_announce_channel", [general])
        form = await at.press(panel, "edit_announcement")
        await at.submit(form, template="{member}: *{level}*")

        assert "no new level is announced" in hint
        assert at.stage.robo.config.own(at.guild_id)["announcements"] == {
            "mode": "channel", "channelId": str(general.id), "template": "{member}: *{level}*",
        }  # fmt: skip
        assert f"Channel: <#{general.id}>" in panel.text
        assert r"Wording: {member}: \*{level}\*" in panel.text


@played
async def test_an_unknown_placeholder(tmp_path: Path) -> None:
    """A wording that could not be filled in is refused with the known placeholders."""
    async with scene(tmp_path) as at:
        panel = await at.open("general")
        form = await at.press(panel, "edit_announcement")
        done = await at.submit(form, template="{levle} up")

        assert seen(done).startswith("Unknown placeholder 'levle'; did you mean 'level'?")
        assert done.followups[0].ephemeral
        assert at.seq() == 0
