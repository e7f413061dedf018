"""``/boost``: members look, managers add and end."""

from __future__ import annotations

from pathlib import Path

from tests.daemon.scene import private, public, scene
from tests.daemon.stage import played


@played
async def test_adding_listing_and_ending(tmp_path: Path) -> None:
    """A manager adds one and ends it; every member sees those that run, with their ids."""
    async with scene(tmp_path) as at:
        bronze, room = at.guild.role("Bronze"), at.guild.add_channel("room")
        empty = public(await at.slash("bob", "boost list"))
        said = private(
            await at.slash(
                "ann",
                "boost add",
                factor=2.0,
                name="Weekend",
                length="2d",
                role=bronze,
                channel=room,
            )
        )
        by = (at.last().by, at.last().cmd)
        [found] = at.stage.robo.boosts.list(at.guild_id)
        listed = public(await at.slash("bob", "boost list"))
        ended = private(await at.slash("ann", "boost end", id=found.id))

        assert "No boost runs" in empty
        assert said == f"Messages count 2× by boost `{found.id}`."
        assert by == (f"discord:{at.member('ann').id}", "boost add")
        assert found.document["roles"] == [str(bronze.id)]
        assert found.document["channels"] == [str(room.id)]
        length = found.document["until"] - found.document["from"]
        assert abs(length - 2 * 86_400_000) < 60_000
        assert "**2×** Weekend until <t:" in listed and f"`{found.id}`" in listed
        assert ended == f"Boost `{found.id}` is over."
        assert [one.state for one in at.stage.robo.boosts.list(at.guild_id)] == ["over"]


@played
async def test_who_may_and_what_is_wrong(tmp_path: Path) -> None:
    """Members cannot add; a time that is none, and a boost that is not there, are named."""
    async with scene(tmp_path) as at:
        refused = private(await at.slash("bob", "boost add", factor=2.0))
        wrong = private(await at.slash("ann", "boost add", factor=2.0, begin="whenever"))
        absent = private(await at.slash("ann", "boost end", id="300000000000000011"))

        assert refused == "You need the permission Manage Server for this."
        assert "is not a time" in wrong
        assert "has no boost" in absent
        assert at.stage.robo.boosts.list(at.guild_id) == []


@played
async def test_what_an_answer_warns_of(tmp_path: Path) -> None:
    """A boost without an end, and one that is over, are told of; the factor is kept as typed."""
    async with scene(tmp_path) as at:
        endless = private(await at.slash("ann", "boost add", factor=2.0))
        over = private(
            await at.slash("ann", "boost add", factor=1.5, begin="2020-01-01", length="1d")
        )
        factors = [one.document["factor"] for one in at.stage.robo.boosts.list(at.guild_id)]

        assert endless.endswith("It runs until `/boost end`.")
        assert over.endswith("It is over already, so it multiplies nothing.")
        assert [str(one) for one in factors] == ["2", "1.5"]


@played
async def test_what_is_to_come(tmp_path: Path) -> None:
    """Every member sees when boosts run in the next days, and what they come to together."""
    async with scene(tmp_path) as at:
        empty = public(await at.slash("bob", "boost preview"))
        await at.slash("ann", "boost add", factor=3.0, name="Day", length="1d")
        await at.slash("ann", "boost add", factor=2.0, weekly="mon 18:00-19:00")
        ahead = public(await at.slash("bob", "boost preview", days=90))
        wanted = at.stage.robo.boosts.preview(at.guild_id, days=90)

        assert "No boost runs in the next 7 days." in empty
        assert "**3×** <t:" in ahead and ": Day" in ahead
        assert f"and {len(wanted) - 10} more" in ahead
