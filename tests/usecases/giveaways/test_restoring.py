"""Giveaways under a restore: nothing that is over is drawn again in silence."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from robo_xp.usecases.giveaways.book import doc_id_of
from robo_xp.usecases.giveaways.restoring import keep_over
from tests.usecases.giveaways.drawn import NAMESPACE, memory, started, tables
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


def test_a_mark_outlives_the_next_restore() -> None:
    """What was opened again and restored once more is marked as it was."""
    _, then, now = lived()
    again = deepcopy(then)
    list(keep_over(now, then, at=LATER, reopen=True))

    assert list(keep_over(then, again, at=LATER + 1, reopen=False)) == []
    assert again["giveaways"] == then["giveaways"]


def test_a_second_draw_is_no_valid_one() -> None:
    """Who wins after a restore behind the end is told to have been drawn again."""
    one, then, now = lived()
    robo = memory()
    list(keep_over(now, then, at=LATER, reopen=True))
    with robo.vault.namespace(NAMESPACE).transaction(robo._core.origin) as transaction:
        for name, records in then.items():
            for doc_id, record in records.items():
                transaction.put(name, doc_id, record)
    robo.giveaways.end(GUILD, one)

    exported = json.dumps(robo.giveaways.export(GUILD, one))
    for found in (
        robo.giveaways.verify(GUILD, one),
        robo.giveaways.verify_document(exported),
    ):
        assert [fault.where for fault in found.faults] == ["restored"]
        first = now["giveaways"][doc_id_of(one)]["winners"][0]
        assert first in found.faults[0].message and not found.valid


def test_what_nobody_knows_is_noted() -> None:
    """Where it is not known whether there was a draw before, the draw is valid, with a note."""
    one, then, _ = lived()
    robo = memory()
    list(keep_over(None, then, at=LATER, reopen=False))
    with robo.vault.namespace(NAMESPACE).transaction(robo._core.origin) as transaction:
        for name, records in then.items():
            for doc_id, record in records.items():
                transaction.put(name, doc_id, record)
    robo.giveaways.end(GUILD, one)

    found = robo.giveaways.verify(GUILD, one)
    assert found.valid and "drawn before is not known" in found.notes[0]


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
