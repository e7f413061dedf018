"""``/rank``: the card, and whom it is refused for."""

from __future__ import annotations

from pathlib import Path

from robo_xp.model import Message
from robo_xp.rules.voice import VoiceTime
from tests.daemon.scene import private, public, scene
from tests.daemon.stage import played


@played
async def test_the_card(tmp_path: Path) -> None:
    """It tells place, level, progress, messages and multipliers; everybody may ask for it."""
    async with scene(tmp_path) as at:
        at.give("ann", 5000)
        at.give("bob", 400)
        at.set(multipliers={"server": 1.5, "role": {str(at.guild.role("Bronze").id): 2.0}})
        at.guild.change_roles("bob", add=["Bronze"])
        card = (await at.slash("bob", "rank")).embeds[0]

        assert card["title"] == "bob"
        assert {field["name"]: field["value"] for field in card["fields"]} == {
            "Rank": "2nd of 2",
            "Level": "2",
            "XP": "400",
            "Progress": "█░░░░░░░░░░░░░░ 8.5%\n25 / 295 XP · 270 to level 3",
            "Messages": "0",
            "Messages that earned": "0",
            "Active multipliers": "+200%",
        }


@played
async def test_boosts_that_run(tmp_path: Path) -> None:
    """A boost that counts for the member is told with its end, and is part of the multipliers."""
    async with scene(tmp_path) as at:
        at.give("bob", 400)
        bronze, room = str(at.guild.role("Bronze").id), "300000000000000001"
        boosts = {
            "300000000000000011": {"factor": 2, "from": 0, "until": 4_102_444_800_000},
            "300000000000000012": {"name": "Bronze", "factor": 1.5, "from": 0, "roles": [bronze]},
            "300000000000000013": {"factor": 9, "from": 0, "channels": [room]},
            "300000000000000014": {"factor": 9, "from": 0, "until": 1},
        }
        at.set(boosts={"stack": "multiply", "list": boosts})
        without = public(await at.slash("bob", "rank"))
        at.guild.change_roles("bob", add=["Bronze"])
        text = public(await at.slash("bob", "rank"))

        assert without.endswith("Active multipliers\n+100%\nBoosts\n2× until <t:4102444800:f>")
        assert "Active multipliers\n+200%\n" in text
        assert text.endswith("Boosts\n2× until <t:4102444800:f>\n1.5× Bronze")


@played
async def test_a_member_that_writes(tmp_path: Path) -> None:
    """The card counts messages, those that earned among them, and tells when the last one was."""
    async with scene(tmp_path) as at:
        for _ in range(2):
            at.guild.say("bob", "general", "hi")
        await at.stage.until(lambda: at.stage.messages(at.guild, at.member("bob")) == 2)
        text = public(await at.slash("bob", "rank"))

        assert "Messages\n2\nMessages that earned\n1" in text
        assert "Last earned <t:" in text


@played
async def test_of_another_member(tmp_path: Path) -> None:
    """A name that Discord would format is shown as it is written."""
    async with scene(tmp_path) as at:
        at.guild.join("**_eve_**")
        at.give("**_eve_**", 1)
        answer = await at.slash("bob", "rank", user=at.member("**_eve_**"))

        assert public(answer).splitlines()[0] == r"\*\*\_eve\_\*\*"


@played
async def test_at_the_highest_level(tmp_path: Path) -> None:
    """The bar is full, with 100 percent, and the text says that no level is above."""
    async with scene(tmp_path) as at:
        at.set(levels={"type": "linear", "params": {"xpPerLevel": 100}, "maxLevel": 2})
        at.give("bob", 5000)
        text = public(await at.slash("bob", "rank"))

        assert "█" * 15 + " 100.0%\nThis is the highest level." in text


@played
async def test_labels_of_the_guild(tmp_path: Path) -> None:
    """XP is called what the guild calls it."""
    async with scene(tmp_path) as at:
        at.set(labels={"xpDisplayName": "Stars"})
        at.give("bob", 30)

        assert "30 / 155 Stars · 125 to level 1" in public(await at.slash("bob", "rank"))


@played
async def test_nothing_to_show(tmp_path: Path) -> None:
    """Without XP, also with a record, the answer is private; so it is for bots."""
    async with scene(tmp_path) as at:
        at.give("eve", 5)
        at.stage.take(at.guild, at.member("eve"), 5)
        at.guild.join(at.discord.add_user("robot", bot=True))
        for name in ("bob", "eve"):
            answer = await at.slash("ann", "rank", user=at.member(name))
            assert private(answer) == f"<@{at.member(name).id}> has no XP yet."
        robot = await at.slash("ann", "rank", user=at.member("robot"))

        assert private(robot) == "Bots have no XP."


@played
async def test_time_in_voice_is_on_the_card(tmp_path: Path) -> None:
    """Hours and minutes in voice channels are told where there are any."""
    async with scene(tmp_path) as at:
        at.set(voice={"xpPerMinute": 5})
        place = Message("300000000000000001", at=1_750_000_000_000)
        bob = str(at.member("bob").id)
        at.stage.robo.xp.award_voice(at.guild_id, [VoiceTime(bob, place, 7_320)])
        card = (await at.slash("bob", "rank")).embeds[0]

        assert {"name": "Voice", "value": "2 h 2 min"}.items() <= next(
            field for field in card["fields"] if field["name"] == "Voice"
        ).items()
