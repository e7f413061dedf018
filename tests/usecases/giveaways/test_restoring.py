"""Giveaways under a restore: nothing that is over is drawn again in silence."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from robo_xp.usecases.giveaways.book import doc_id_of
from robo_xp.usecases.giveaways.restoring import TAKEN_BACK, keep_over
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


@pytest.mark.parametrize("at", [LATER, 0])
@pytest.mark.parametrize("present", [None, {}])
def test_what_the_present_does_not_know_is_marked(at: int, present: dict[str, Any] | None) -> None:
    """In an empty folder, or an older state, nobody can tell whether it was drawn, also early."""
    one, then, _ = lived()

    assert list(keep_over(present, then, at=at, reopen=False)) == []
    mark = then["giveaways"][doc_id_of(one)]["restored"]
    assert mark == {"at": at, "status": None, "winners": None, "finalizedAt": None}


def test_a_record_without_an_end_is_marked_too() -> None:
    """A key that is missing stops no restore."""
    one, then, _ = lived()
    table = then["giveaways"]
    table[doc_id_of(one)] = {
        key: value for key, value in table[doc_id_of(one)].items() if key != "endsAt"
    }

    assert list(keep_over(None, then, at=LATER, reopen=False)) == []
    assert table[doc_id_of(one)]["restored"]["at"] == LATER


def test_the_first_winners_stay_told() -> None:
    """A second reopening, a lost present and an unknown draw leave the first mark as it is."""
    one, then, now = lived()
    first, again, lost = deepcopy(then), deepcopy(then), deepcopy(then)
    list(keep_over(now, first, at=LATER, reopen=True))
    mark = first["giveaways"][doc_id_of(one)]["restored"]
    drawn = deepcopy(now)
    drawn["giveaways"][doc_id_of(one)] |= {"winners": ["300000000000999999"], "restored": mark}

    list(keep_over(drawn, again, at=LATER + 1, reopen=True))
    assert again["giveaways"][doc_id_of(one)]["restored"] == mark
    list(keep_over(None, again, at=LATER + 2, reopen=False))
    assert again["giveaways"][doc_id_of(one)]["restored"] == mark
    list(keep_over(None, lost, at=LATER - 1, reopen=False))
    unknown = lost["giveaways"][doc_id_of(one)]["restored"]
    drawn["giveaways"][doc_id_of(one)]["restored"] = unknown
    list(keep_over(drawn, lost, at=LATER + 3, reopen=True))
    assert lost["giveaways"][doc_id_of(one)]["restored"]["winners"] == ["300000000000999999"]


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


class RestoreMachine(RuleBasedStateMachine):
    """Giveaways that start and end, backups, and restores of any of them in any order."""

    def __init__(self) -> None:
        """Begin with an empty vault and a backup of it."""
        super().__init__()
        self.now: dict[str, Any] = {"giveaways": {}}
        self.backups = [deepcopy(self.now)]
        self.first: dict[str, list[str]] = {}
        self.at = 0

    @rule()
    def start(self) -> None:
        """A giveaway with an id that none had before."""
        self.at += 1
        made = {"guildId": GUILD, "id": f"G{self.at}", "prize": "Nitro", "status": "active"}
        self.now["giveaways"][str(self.at)] = made

    @precondition(lambda self: self.open())
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        """One that is open is drawn."""
        self.at += 1
        doc_id = data.draw(st.sampled_from(self.open()))
        drawn: Any = {"status": "ended", "winners": [f"W{self.at}"], "finalizedAt": self.at}
        self.now["giveaways"][doc_id] = {**self.now["giveaways"][doc_id], **drawn}
        self.first.setdefault(doc_id, drawn["winners"])

    @rule()
    def keep(self) -> None:
        """A backup."""
        self.backups.append(deepcopy(self.now))

    @rule(data=st.data(), reopen=st.booleans())
    def restore(self, data: st.DataObject, reopen: bool) -> None:
        """Any backup takes the place of what is there."""
        self.at += 1
        then = deepcopy(data.draw(st.sampled_from(self.backups)))
        list(keep_over(self.now, then, at=self.at, reopen=reopen))
        self.now = then

    @invariant()
    def no_draw_but_the_first_is_unmarked(self) -> None:
        """What was drawn once and is open, or has other winners, names the first winners."""
        for doc_id, record in self.now["giveaways"].items():
            first = self.first.get(doc_id)
            if first is not None and record.get("winners") != first:
                assert record["restored"]["winners"] == first
            elif first is None and record.get("restored"):
                assert record["restored"]["status"] is None

    def open(self) -> list[str]:
        """The giveaways that can be drawn."""
        table = self.now["giveaways"].items()
        return [doc_id for doc_id, record in table if record["status"] == "active"]


test_restores_in_any_order = RestoreMachine.TestCase


def test_a_mark_of_what_is_gone_names_no_erased_person() -> None:
    """Whoever is erased stands under the pseudonym there too."""
    _, _, now = lived()
    then: dict[str, Any] = {}
    list(keep_over(now, then, at=LATER, reopen=False))
    ((doc_id, mark),) = then[TAKEN_BACK].items()
    robo = memory()
    with robo.vault.namespace(NAMESPACE).transaction(robo._core.origin) as transaction:
        transaction.put(TAKEN_BACK, doc_id, mark)
    gone, *others = mark["winners"]

    name = robo.members.erase(GUILD, gone).pseudonym

    assert tables(robo)[TAKEN_BACK][doc_id] == {**mark, "winners": [name, *others]}
