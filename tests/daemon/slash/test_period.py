"""``/period``: what is shown of days, weeks and months, and closing them by hand."""

from __future__ import annotations

from pathlib import Path

from robo_xp.ports import SystemClock
from tests.daemon.scene import Scene, private, public, scene
from tests.daemon.stage import played

A_WEEK = 7 * 86_400_000


def gained(at: Scene, name: str, ago_ms: int = 0) -> int:
    """What a member gained by one message that was written so long ago."""
    now, before = SystemClock().now_ms(), at.xp(name)
    at.stage.robo.xp.award(
        at.guild_id, str(at.member(name).id), channel_id=at.guild_id, at=now - ago_ms
    )
    return at.xp(name) - before


@played
async def test_listing_showing_and_closing(tmp_path: Path) -> None:
    """A manager sees what runs and what is over, closes it, and reads the board that is kept."""
    async with scene(tmp_path) as at:
        old, now = gained(at, "bob", 3 * A_WEEK), gained(at, "eve")
        bob, eve = (f"<@{at.member(name).id}>" for name in ("bob", "eve"))
        runs = private(await at.slash("ann", "period list", kind="week"))
        options: dict[str, object] = {"dry-run": True}
        dry = private(await at.slash("ann", "period close", **options))
        before = at.seq()
        closed = private(await at.slash("ann", "period close"))
        by = (at.last().by, at.last().cmd)
        again = private(await at.slash("ann", "period close"))
        kept = private(await at.slash("ann", "period show", kind="week", at="-3"))
        this = private(await at.slash("ann", "period show", kind="week"))
        all_kinds = private(await at.slash("ann", "period list"))

        assert runs.count("**week**") == 2 and runs.count("not closed") == 2
        assert dry.startswith("Would be closed") and f"{bob} {old} XP" in dry and before == 2
        assert closed.startswith("Closed") and closed.count(bob) == dry.count(bob) >= 2
        assert by == (f"discord:{at.member('ann').id}", "period close")
        assert again.endswith("No period is over that is not closed.")
        assert f"1st {bob} {old} XP" in kept and "not closed" not in kept
        assert f"1st {eve} {now} XP" in this and "not closed" in this
        assert all(f"**{kind}**" in all_kinds for kind in ("day", "week", "month"))


@played
async def test_who_sees_them(tmp_path: Path) -> None:
    """Members see periods where the leaderboard is public, and never close one."""
    async with scene(tmp_path) as at:
        gained(at, "bob")
        refused = [
            private(await at.slash("bob", words, **options))
            for words, options in (
                ("period list", {}), ("period show", {"kind": "day"}), ("period close", {}),
            )
        ]  # fmt: skip
        at.set(leaderboard={"public": True})
        listed = public(await at.slash("bob", "period list", kind="day"))
        shown = public(await at.slash("bob", "period show", kind="day"))

        assert refused == ["You need the permission Manage Server for this."] * 3
        assert "**day**" in listed and "Page 1 of 1" in listed
        assert "1 member" in shown


@played
async def test_a_time_that_is_none(tmp_path: Path) -> None:
    """What names no period, and a period of which nothing is kept, are said plainly."""
    async with scene(tmp_path) as at:
        gained(at, "bob", A_WEEK)
        at.stage.robo.periods.close(at.guild_id)
        wrong = private(await at.slash("ann", "period show", kind="day", at="lately"))
        never = private(await at.slash("ann", "period show", kind="day", at="2026-02-30"))
        early = private(await at.slash("ann", "period show", kind="day", at="2020-02-29"))

        assert wrong == "A period is named by -1, -2 …, or by a day such as 2026-05-01."
        assert never == "'2026-02-30' is not in the calendar."
        assert early.startswith("Nothing is kept of that day")
