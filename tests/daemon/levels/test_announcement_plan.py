"""Which new levels are announced one by one, and which together."""

from __future__ import annotations

from robo_xp.model.outbox import NewLevel
from robo_xp_daemon.levels.announcement_plan import plan_for, summary_text


def rises(count: int, *, at: int = 1000, summary: int = 0) -> list[NewLevel]:
    """So many members, one after the other."""
    return [
        NewLevel(str(10**17 + n), n % 7 + 1, 0, 1, at + n, n + 1, summary=summary)
        for n in range(count)
    ]


def test_the_last_ones_are_told_and_the_rest_together() -> None:
    """Of more than a round holds, those who rose last are told; order is kept."""
    found = rises(30)
    plan = plan_for(found, oldest_at=0, most=25)
    assert (plan.single, plan.rest, plan.summaries) == (found[5:], found[:5], {})


def test_old_news_is_no_news() -> None:
    """What is older than the limit is told to nobody by itself, however little it is."""
    old, new = rises(2, at=0), rises(1, at=5000)
    plan = plan_for([*old, *new], oldest_at=5000, most=25)
    assert (plan.single, plan.rest) == (new, old)


def test_a_summary_that_was_begun_stays_one() -> None:
    """After a crash the same members are in it, so that it is known again."""
    begun = rises(3, summary=9)
    plan = plan_for([*begun, *rises(1, at=9000)], oldest_at=0, most=25)
    assert plan.summaries == {9: begun}
    assert summary_text(begun) == summary_text(list(reversed(begun)))


def test_a_summary_fits() -> None:
    """However many there are, all are counted and as many named as fit."""
    text = summary_text(rises(5000))
    assert len(text) <= 2000
    assert text.startswith("Meanwhile 5,000 members reached new levels: <@")
    named = text.count("<@")
    assert text.endswith(f" and {5000 - named:,} more.")
    assert summary_text(rises(1)) == f"Meanwhile 1 member reached new levels: <@{10**17}> (1)."
