"""``/leaderboard``, ``/xp rewards`` and ``/xp multiplier list``: pages, and who may turn them."""

from __future__ import annotations

from pathlib import Path

import pytest

from robo_xp.ports import SystemChance
from tests.daemon.loopback import Answer
from tests.daemon.scene import Scene, at_work, private, public, scene, seen
from tests.daemon.stage import played


def fill(at: Scene, count: int = 25) -> None:
    """So many members with XP, the first with the most."""
    for n in range(count):
        at.stage.robo.xp.add(at.guild_id, str(10**17 + n), 1000 - n)


def page_of(answer: Answer) -> str:
    """What the list says of its page."""
    return answer.text[answer.text.index("Page") :].partition(" ·")[0]


@played
async def test_a_public_leaderboard(tmp_path: Path) -> None:
    """Ten members a page, to all; the reader's own line stands out; nobody is notified."""
    async with scene(tmp_path) as at:
        fill(at)
        at.give("bob", 996)
        at.set(leaderboard={"public": True})
        answer = await at.slash("bob", "leaderboard")
        message = answer.shown
        assert message is not None

        assert not message.ephemeral and not message.pings
        lines = message.text.splitlines()
        assert lines[1] == f"1st <@{10**17}> · level 3 (1,000 XP)"
        assert f"**6th <@{at.member('bob').id}> · level 3 (996 XP)**" in lines
        assert len([line for line in lines if "<@" in line]) == 10
        assert "Page 1 of 3 · 26 members · you are 6th" in lines


@played
async def test_a_private_leaderboard(tmp_path: Path) -> None:
    """Administrators alone read it, and alone; everybody else is refused."""
    async with scene(tmp_path) as at:
        fill(at)
        shown = await at.slash("ann", "leaderboard", page=3)
        refused = await at.slash("bob", "leaderboard")

        assert "21st" in private(shown) and page_of(shown) == "Page 3 of 3"
        assert private(refused) == "You need the permission Manage Server for this."


@played
async def test_turning_pages(tmp_path: Path) -> None:
    """Every button leads where it says, reading the board anew; at an end two are grey."""
    async with scene(tmp_path) as at:
        fill(at)
        board = await at.slash("ann", "leaderboard")
        pages = [page_of(board)]
        for label in ("Next ›", "Next ›", "‹ Previous", "Last »", "‹ Previous"):
            await at.click("ann", board, label)
            pages.append(page_of(board))
        at.stage.robo.xp.set(at.guild_id, str(10**17 + 24), 5000)
        await at.click("ann", board, "« First")
        assert board.shown is not None
        grey = [board.shown.find(label) for label in ("« First", "‹ Previous", "Next ›")]

        assert pages == [f"Page {n} of 3" for n in (1, 2, 3, 2, 3, 2)]
        assert f"1st <@{10**17 + 24}>" in board.text
        assert [part["disabled"] for part in grey if part] == [True, True, False]


@played
async def test_somebody_else_turns_a_copy(tmp_path: Path) -> None:
    """Another member's click shows the page to that member alone, and leaves the list as it is."""
    async with scene(tmp_path) as at:
        fill(at)
        at.set(leaderboard={"public": True})
        board = await at.slash("bob", "leaderboard")
        message = board.shown
        assert message is not None
        before = message.text
        copy = await at.click("eve", message, "Next ›")
        await at.click("eve", copy, "Last »")

        assert message.text == before
        assert page_of(copy) == "Page 3 of 3" and private(copy)


@played
async def test_a_leaderboard_that_became_private(tmp_path: Path) -> None:
    """Old buttons show nothing any more to members without the permission."""
    async with scene(tmp_path) as at:
        fill(at)
        at.set(leaderboard={"public": True})
        board = await at.slash("bob", "leaderboard")
        at.set(leaderboard={"public": False})
        before = board.text
        own = await at.click("bob", board, "Next ›")
        other = await at.click("eve", board, "Next ›")

        assert board.text == before
        assert seen(own) == private(other) == "You need the permission Manage Server for this."


@played
async def test_pages_that_there_are_not(tmp_path: Path) -> None:
    """A page beyond the last is refused with its number; an empty board has a kind word."""
    async with scene(tmp_path) as at:
        empty = await at.slash("ann", "leaderboard")
        fill(at)
        beyond = await at.slash("ann", "leaderboard", page=4)

        assert "Nobody has earned anything yet" in private(empty)
        assert private(beyond) == "The last page of the leaderboard is 3."


@played
async def test_pages_survive_a_restart(tmp_path: Path) -> None:
    """Buttons of an earlier run go on working."""
    async with scene(tmp_path) as at:
        fill(at)
        board = await at.slash("ann", "leaderboard")
        await at.stage.client.close()
        async with at_work(at.discord, at.guild, tmp_path) as later:
            await later.click("ann", board, "Next ›")

            assert page_of(board) == "Page 2 of 3"


@played
async def test_rewards(tmp_path: Path) -> None:
    """Everybody reads them, 25 a page, with what the mode and a loss mean."""
    async with scene(tmp_path) as at:
        none = await at.slash("bob", "xp rewards")
        role = str(at.guild.role("Bronze").id)
        rewards = [{"level": n, "roleId": role} for n in range(1, 31)]
        at.set(roleRewards=rewards, removeRewardOnXpLoss=True, rewardsMode="replace")
        answer = await at.slash("bob", "xp rewards")
        first = public(answer)
        copy = await at.click("eve", answer, "Next ›")
        await at.click("bob", answer, "Last »")

        assert "No level earns a role yet" in public(none)
        assert "only the highest role that they earned. Who falls below" in first
        assert f"Level 25\n<@&{role}>" in first and "Level 26" not in first
        assert "Level 26" in private(copy)
        assert "Level 30" in public(answer) and page_of(answer) == "Page 2 of 2"


@played
async def test_an_unknown_button_is_answered(tmp_path: Path) -> None:
    """A button of another version is answered privately instead of failing."""
    async with scene(tmp_path) as at:
        board = await at.slash("ann", "leaderboard")
        for custom_id in ("xp_board_sideways_1_1", "xp_board_next_1_1", "xp_nothing"):
            answer = await at.click("ann", board, custom_id, anyway=True)
            assert private(answer) == "This has expired. Please run the command again."


@played
async def test_boards_of_periods(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was gained this week stands apart from what was given; pages turn as on every board."""
    monkeypatch.setattr(SystemChance, "integer", lambda *_: 20)
    async with scene(tmp_path) as at:
        at.set(leaderboard={"public": True}, cooldownSeconds=0)
        at.give("bob", 5_000)
        for n in range(12):
            for _ in range(13 - n):
                at.stage.robo.xp.award(at.guild_id, str(10**17 + n), channel_id=str(10**17))
        week = await at.slash("bob", "leaderboard", period="week")
        assert week.shown is not None
        first = week.text
        await at.click("bob", week, "Next ›")
        last = await at.slash("bob", "leaderboard", period="last-month")
        beyond = await at.slash("bob", "leaderboard", period="today", page=3)

        assert f"1st <@{10**17}>" in first and str(at.member("bob").id) not in first
        assert "Leaderboard: This week" in first and "Ends <t:" in first
        assert "11th" in week.text and page_of(week) == "Page 2 of 2"
        assert "Nothing is kept of that time." in public(last)
        assert private(beyond) == "The last page of the leaderboard is 2."
