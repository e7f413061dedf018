"""Giveaways under a restore: nothing that is over is drawn again in silence."""

from __future__ import annotations

from typing import Any

import pytest

from robo_xp.usecases.giveaways.book import doc_id_of
from robo_xp.usecases.giveaways.restoring import keep_over
from tests.usecases.giveaways.drawn import memory, started, tables
from tests.usecases.small import GUILD

LATER = 10**15


def lived() -> tuple[str, dict[str, Any], dict[str, Any]]:
    """A giveaway, all that is stored while it is open, and once it has ended."""
    robo = memory()
    one = started(robo, entrants=5)
    then = tables(robo)
    robo.giveaways.enter(GUILD, one, ["300000000000999999"])
    robo.giveaways.end(GUILD, one)
    return one, then, tables(robo)


def test_what_is_over_stays_with_all_that_belongs_to_it() -> None:
    """Record, entries and secret are those of its end, and it is told of."""
    one, then, now = lived()

    (found,) = keep_over(now, then, at=LATER, reopen=False)

    assert (found.id, found.status, found.reopened) == (one, "ended", False)
    assert {name: table for name, table in then.items() if table} == now


def test_what_opens_again_is_as_it_was_and_marked() -> None:
    """The entries of then, and who had won, which a second draw cannot take back."""
    one, then, now = lived()
    entries = dict(then[f"entries:{one}"])

    (found,) = keep_over(now, then, at=LATER, reopen=True)

    record = then["giveaways"][doc_id_of(one)]
    assert found.reopened and record["status"] == "active" and then[f"entries:{one}"] == entries
    ended = now["giveaways"][doc_id_of(one)]
    assert record["restored"] == {
        "at": LATER,
        "status": "ended",
        "winners": ended["winners"],
        "finalizedAt": ended["finalizedAt"],
    }


@pytest.mark.parametrize(("at", "is_marked"), [(LATER, True), (0, False)])
def test_what_the_present_does_not_know_is_marked_once_its_end_is_past(
    at: int, is_marked: bool
) -> None:
    """In an empty folder nobody can tell whether it was drawn."""
    one, then, _ = lived()

    assert list(keep_over(None, then, at=at, reopen=False)) == []
    mark = then["giveaways"][doc_id_of(one)].get("restored") or {}
    assert mark == (
        {"at": at, "status": None, "winners": None, "finalizedAt": None} if is_marked else {}
    )


def test_rerolls_that_were_public_stay_public() -> None:
    """A restore to a moment between the end and a reroll keeps the reroll."""
    robo = memory()
    one = started(robo, entrants=5)
    robo.giveaways.end(GUILD, one)
    then = tables(robo)
    robo.giveaways.reroll(GUILD, one)
    now = tables(robo)

    assert list(keep_over(now, then, at=LATER, reopen=True)) == []
    assert then["giveaways"] == now["giveaways"]
