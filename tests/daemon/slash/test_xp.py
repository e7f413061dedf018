"""``/xp give|remove|set|recalc`` through interactions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.daemon.loopback import NotOffered
from tests.daemon.scene import private, scene
from tests.daemon.stage import played


@played
async def test_give(tmp_path: Path) -> None:
    """The member has the XP, everybody reads it, and the history names who did it and why."""
    async with scene(tmp_path) as at:
        bob = at.member("bob")
        answer = await at.slash("ann", "xp give", user=bob, amount=1000, reason="*won* @everyone")

        assert at.xp("bob") == 1000
        assert (answer.type, answer.ephemeral) == (5, False)
        assert "1,000 XP given" in answer.text and "0 → 3 (level up)" in answer.text
        assert r"\*won\*" in answer.text
        assert answer.shown is not None and not answer.shown.pings
        assert (at.last().by, at.last().cmd) == (f"discord:{at.member('ann').id}", "xp give")
        assert at.last().reason == "*won* @everyone"


@played
async def test_remove(tmp_path: Path) -> None:
    """XP goes down to nothing and no further; the answer says how much really went."""
    async with scene(tmp_path) as at:
        at.give("bob", 400)
        answer = await at.slash("ann", "xp remove", user=at.member("bob"), amount=1_000_000)

        assert at.xp("bob") == 0
        assert "400 XP taken" in answer.text and "2 → 0 (level down)" in answer.text
        assert (at.last().cmd, at.last().delta) == ("xp remove", -400)


@played
async def test_set(tmp_path: Path) -> None:
    """The total is what was asked for, told with the difference; 0 can be set too."""
    async with scene(tmp_path) as at:
        at.give("bob", 400)
        up = await at.slash("ann", "xp set", user=at.member("bob"), amount=1400)
        down = await at.slash("ann", "xp set", user=at.member("bob"), amount=0)

        assert "XP set (+1,000)" in up.text and "400 → 1,400" in up.text
        assert "XP set (-1,400)" in down.text
        assert at.xp("bob") == 0


@played
async def test_set_above_the_cap(tmp_path: Path) -> None:
    """At the highest level of the curve the answer says where it ends."""
    async with scene(tmp_path) as at:
        at.set(levels={"type": "linear", "params": {"xpPerLevel": 100}, "maxLevel": 5})
        answer = await at.slash("ann", "xp set", user=at.member("bob"), amount=900)

        assert at.xp("bob") == 500
        assert "The highest level ends at 500 XP." in answer.text


@played
async def test_recalc(tmp_path: Path) -> None:
    """A level that is right is said to be right, and the batch has the roles looked at."""
    async with scene(tmp_path) as at:
        at.give("bob", 400)
        answer = await at.slash("ann", "xp recalc", user=at.member("bob"))

        assert "was at the right level already: 2." in answer.text
        assert at.xp("bob") == 400


@played
async def test_refusals_are_private(tmp_path: Path) -> None:
    """Nobody else reads that it did not work, also where the answer was meant for all."""
    async with scene(tmp_path) as at:
        bob = at.member("bob")
        cases: list[tuple[str, dict[str, object]]] = [
            ("xp remove", {"user": bob, "amount": 5}),
            ("xp recalc", {"user": bob}),
        ]
        for words, options in cases:
            answer = await at.slash("ann", words, **options)

            assert private(answer) == f"<@{bob.id}> has no XP yet."
        assert at.seq() == 0


@played
async def test_only_administrators(tmp_path: Path) -> None:
    """Without the permission each command is refused privately, and nothing changes."""
    async with scene(tmp_path) as at:
        for words in ("xp give", "xp remove", "xp set"):
            answer = await at.slash("bob", words, user=at.member("eve"), amount=5)
            assert private(answer) == "You need the permission Manage Server for this."
        answer = await at.slash("bob", "xp recalc", user=at.member("eve"))

        assert private(answer) == "You need the permission Manage Server for this."
        assert at.seq() == 0


@played
async def test_another_permission_takes_the_place(tmp_path: Path) -> None:
    """The configured permission decides alone: Manage Server is no longer enough."""
    async with scene(tmp_path, admin_permission="manage_messages") as at:
        helpers = at.guild.add_role("Helpers", permissions=1 << 13)
        at.guild.change_roles("bob", add=[helpers])
        refused = await at.slash("ann", "xp give", user=at.member("eve"), amount=5)
        await at.slash("bob", "xp give", user=at.member("eve"), amount=7)
        await at.slash("owner", "xp give", user=at.member("eve"), amount=8)

        assert private(refused) == "You need the permission Manage Messages for this."
        assert at.xp("eve") == 15


@played
async def test_a_channel_makes_nobody_an_administrator(tmp_path: Path) -> None:
    """A permission that only one channel grants does not count for the whole guild."""
    async with scene(tmp_path, admin_permission="manage_messages") as at:
        everyone = at.guild.id
        room = at.guild.add_channel("room", overwrites={everyone: (1 << 13, 0)})
        options = {"user": at.member("eve"), "amount": 5}
        answer = await at.guild.slash("bob", "xp give", options=options, channel=room)

        assert private(answer) == "You need the permission Manage Messages for this."
        assert at.xp("eve") == 0


@played
async def test_bots_are_refused(tmp_path: Path) -> None:
    """No command changes the XP of a bot."""
    async with scene(tmp_path) as at:
        at.guild.join(at.discord.add_user("robot", bot=True))
        cases: list[tuple[str, dict[str, object]]] = [
            ("xp give", {"amount": 5}), ("xp remove", {"amount": 5}), ("xp set", {"amount": 5}),
            ("xp recalc", {}), ("xp multiplier user", {"value": 2.0}),
        ]  # fmt: skip
        for words, options in cases:
            answer = await at.slash("ann", words, user=at.member("robot"), **options)
            assert private(answer) == "Bots have no XP."
        assert at.seq() == 0


@played
async def test_ranges(tmp_path: Path) -> None:
    """Discord itself takes 1 to 1,000,000, from 0 for a total, and reasons up to 512."""
    async with scene(tmp_path) as at:
        cases: list[tuple[str, dict[str, object]]] = [
            ("xp give", {"amount": 0}), ("xp give", {"amount": 1_000_001}),
            ("xp remove", {"amount": 0}), ("xp remove", {"amount": 1_000_001}),
            ("xp set", {"amount": -1}), ("xp set", {"amount": 1_000_001}),
            ("xp give", {"amount": 5, "reason": "x" * 513}),
        ]  # fmt: skip
        for words, options in cases:
            with pytest.raises(NotOffered):
                await at.slash("ann", words, user=at.member("bob"), **options)
        assert at.seq() == 0


@played
async def test_a_member_who_left(tmp_path: Path) -> None:
    """What somebody earned can still be changed after they left."""
    async with scene(tmp_path) as at:
        at.give("bob", 400)
        user = at.guild.leave("bob")
        await at.slash("ann", "xp set", user=user, amount=10)

        assert at.stage.robo.xp.get(at.guild_id, str(user.id)) == 10


@pytest.mark.parametrize("call", ["POST */callback", "PATCH */messages/@original"])
@pytest.mark.parametrize("is_done", [True, False])
@played
async def test_a_lost_answer(
    tmp_path: Path, call: str, is_done: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Whichever answer of Discord's gets lost, XP is given once and the giver reads so."""
    async with scene(tmp_path) as at:
        if is_done:
            at.discord.lose_answers(call)
        else:
            at.discord.hold_rest(call).drop()
        answer = await at.slash("ann", "xp give", user=at.member("bob"), amount=1000)
        await at.discord.until(lambda: "1,000 XP given" in answer.text)

        assert at.xp("bob") == 1000
    assert "Traceback" not in caplog.text
    assert not any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize("words", ["xp give", "rank"])
@played
async def test_a_server_with_the_commands_alone(tmp_path: Path, words: str) -> None:
    """Where the bot itself is not in the server its owner reads how to invite it."""
    async with scene(tmp_path) as at:
        at.guild.dismiss_bot()
        await at.stage.until(lambda: not at.stage.client.has_guild(at.guild_id))
        options: dict[str, object] = {"amount": 5} if words == "xp give" else {}
        answer = await at.slash("owner", words, user=at.member("bob"), **options)

        assert "invite the bot itself" in private(answer)
        assert f"client_id={at.stage.client.application_id}&permissions=" in answer.text
        assert at.seq() == 0


@pytest.mark.parametrize("fault", ["html", "cut", "500", "429", "deleted", "403", "late"])
@played
async def test_an_answer_that_goes_wrong_and_a_second_order(
    tmp_path: Path, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Who reads what was done orders once; who reads that nothing came has changed nothing yet."""
    caplog.set_level("INFO", "robo_xp_daemon")
    async with scene(tmp_path) as at:
        options = {"user": at.member("bob"), "amount": 1000}
        match fault:
            case "html":
                at.discord.answer_with("POST */callback", b"<html>", "text/html")
            case "cut":
                at.discord.answer_with("PATCH */@original", b"{", "application/json")
            case "500":
                at.discord.refuse_rest(500, 2, matching="PATCH */@original")
            case "deleted":
                at.discord.refuse_rest(404, matching="PATCH */@original", code=10008)
            case "403":
                at.discord.refuse_rest(403, matching="PATCH */@original", code=50001)
            case "429":
                at.discord.rate_limit("PATCH */@original", retry_after=0.3)
            case _:
                at.discord.refuse_rest(404, 1, matching="POST */callback", code=10062)
        answer = await at.guild.slash("ann", "xp give", options=options, wait=False)
        if fault == "late":
            await at.stage.until(lambda: "too late or got lost" in caplog.text)
            assert at.xp("bob") == 0
            answer = await at.guild.slash("ann", "xp give", options=options)
        await at.discord.until(lambda: "1,000 XP given" in answer.text)

        assert at.xp("bob") == 1000
    assert not any(record.exc_info for record in caplog.records)


@played
async def test_an_interaction_that_discord_forgot(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Where no answer can be given any more, a line tells of it, and what was done stays done."""
    caplog.set_level("INFO", "robo_xp_daemon")
    async with scene(tmp_path) as at:
        at.discord.refuse_rest(404, matching="* /webhooks/*", code=10015)
        options = {"user": at.member("bob"), "amount": 1000}
        await at.guild.slash("ann", "xp give", options=options, wait=False)
        await at.stage.until(lambda: "too late or got lost" in caplog.text)

        assert at.xp("bob") == 1000
    assert not any(record.exc_info for record in caplog.records)
