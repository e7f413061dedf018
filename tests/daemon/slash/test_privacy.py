"""``/privacy``: hiding oneself, and what others still see."""

from __future__ import annotations

from pathlib import Path

from tests.daemon.scene import private, scene
from tests.daemon.stage import played


@played
async def test_hiding_and_showing_oneself(tmp_path: Path) -> None:
    """Any member hides and shows itself, privately; the board closes up; history knows who."""
    async with scene(tmp_path) as at:
        for name, amount in (("ann", 5000), ("bob", 400)):
            at.give(name, amount)
        asked = private(await at.slash("ann", "privacy"))
        hidden = private(await at.slash("ann", "privacy", hidden=True))
        by = (at.last().by, at.last().cmd, at.last().what)
        at.set(leaderboard={"public": True})
        board = (await at.slash("bob", "leaderboard")).text
        still = private(await at.slash("ann", "privacy"))
        shown = private(await at.slash("ann", "privacy", hidden=False))

        ann = at.member("ann").id
        assert "You stand on the leaderboard" in asked and "You stand on the leaderboard" in shown
        assert "You are hidden" in hidden and "You are hidden" in still
        assert by[:2] == (f"discord:{ann}", "privacy")
        assert by[2].endswith("hidden")
        assert str(ann) not in board
        assert "1st" in board and "1 member · you are 1st" in board


@played
async def test_cards_of_hidden_members(tmp_path: Path) -> None:
    """One's own card is for nobody else, others get none, and earning goes on."""
    async with scene(tmp_path) as at:
        at.give("ann", 400)
        await at.slash("ann", "privacy", hidden=True)
        own = await at.slash("ann", "rank")
        asked = await at.slash("bob", "rank", user=at.member("ann"))
        at.give("ann", 100)

        assert "none, you are hidden" in private(own)
        assert private(asked) == f"<@{at.member('ann').id}> keeps rank and level private."
        assert "400" not in asked.text
        assert at.xp("ann") == 500
