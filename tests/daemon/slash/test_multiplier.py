"""``/xp multiplier``: all of its commands through interactions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.daemon.loopback import NotOffered
from tests.daemon.scene import Scene, private, scene
from tests.daemon.stage import played


def parts(at: Scene) -> dict[str, Any]:
    """The multipliers that hold."""
    return at.stage.robo.multipliers.get(at.guild_id)


@played
async def test_setting_and_removing(tmp_path: Path) -> None:
    """Each of the four kinds is set, listed and removed, privately and in the member's name."""
    async with scene(tmp_path) as at:
        bronze, bob = at.guild.role("Bronze"), at.member("bob")
        room = at.guild.add_channel("room")
        said = [
            private(await at.slash("ann", "xp multiplier server", value=1.5)),
            private(await at.slash("ann", "xp multiplier role", role=bronze, value=2.0)),
            private(await at.slash("ann", "xp multiplier channel", channel=room, value=0.5)),
            private(await at.slash("ann", "xp multiplier user", user=bob, value=0.0)),
        ]
        by = (at.last().by, at.last().cmd)
        listed = private(await at.slash("ann", "xp multiplier list"))
        set_ = parts(at)
        await at.slash("ann", "xp multiplier remove-role", role=bronze)
        await at.slash("ann", "xp multiplier remove-channel", channel=room)
        await at.slash("ann", "xp multiplier remove-user", user=bob)

        assert said == [
            "Everybody earns 1.5×.",
            f"Members with <@&{bronze.id}> earn 2×.",
            f"Messages in <#{room.id}> earn 0.5×.",
            f"<@{bob.id}> earns 0×.",
        ]
        assert by == (f"discord:{at.member('ann').id}", "xp multiplier user")
        assert set_ == {
            "server": 1.5,
            "role": {str(bronze.id): 2},
            "channel": {str(room.id): 0.5},
            "user": {str(bob.id): 0},
        }
        assert listed.splitlines()[1:5] == [
            "Everybody: **1.5×**",
            f"<@&{bronze.id}>: **2×**",
            f"<#{room.id}>: **0.5×**",
            f"<@{bob.id}>: **0×**",
        ]
        assert parts(at) == {"server": 1.5, "role": {}, "channel": {}, "user": {}}


@played
async def test_values(tmp_path: Path) -> None:
    """0 and 0.1 to 10 are taken, what lies between and beyond is refused."""
    async with scene(tmp_path) as at:
        for value in (0.0, 0.1, 10.0):
            await at.slash("ann", "xp multiplier server", value=value)
            assert parts(at)["server"] == value
        low = await at.slash("ann", "xp multiplier server", value=0.05)
        fine = await at.slash("ann", "xp multiplier server", value=1.23456)
        offered = 0
        for value in (-0.1, 10.1):
            try:
                await at.slash("ann", "xp multiplier server", value=value)
                offered += 1
            except NotOffered:
                pass

        assert private(low) == "A multiplier is 0, or from 0.1 to 10."
        assert "at most 3 decimals" in private(fine)
        assert (offered, parts(at)["server"]) == (0, 10)


@played
async def test_refusals(tmp_path: Path) -> None:
    """What is not set cannot be removed, and @everyone is no role for this."""
    async with scene(tmp_path) as at:
        bronze, bob = at.guild.role("Bronze"), at.member("bob")
        role = await at.slash("ann", "xp multiplier remove-role", role=bronze)
        room = at.guild.add_channel("room")
        channel = await at.slash("ann", "xp multiplier remove-channel", channel=room)
        user = await at.slash("ann", "xp multiplier remove-user", user=bob)
        everyone = await at.slash("ann", "xp multiplier role", role=at.guild.id, value=2.0)
        empty = await at.slash("ann", "xp multiplier list")

        assert private(role) == f"<@&{bronze.id}> has no multiplier."
        assert private(channel) == f"<#{room.id}> has no multiplier."
        assert private(user) == f"<@{bob.id}> has no multiplier."
        assert "use `/xp multiplier server` instead" in private(everyone)
        assert "None is set." in private(empty)
        assert at.seq() == 0


@played
async def test_only_administrators(tmp_path: Path) -> None:
    """Each command is refused privately without the permission."""
    async with scene(tmp_path) as at:
        room = at.guild.add_channel("room")
        bronze, eve = at.guild.role("Bronze"), at.member("eve")
        cases: list[tuple[str, dict[str, object]]] = [
            ("server", {"value": 2.0}), ("role", {"role": bronze, "value": 2.0}),
            ("user", {"user": eve, "value": 2.0}), ("remove-role", {"role": bronze}),
            ("channel", {"channel": room, "value": 2.0}), ("remove-channel", {"channel": room}),
            ("remove-user", {"user": eve}), ("list", {}),
        ]  # fmt: skip
        for words, options in cases:
            answer = await at.slash("bob", f"xp multiplier {words}", **options)
            assert private(answer) == "You need the permission Manage Server for this."
        assert at.seq() == 0
