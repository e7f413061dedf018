"""Draws and rerolls of giveaways, second looks at winners, and proofs of it all."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from robo_xp.errors import InvalidValue, LimitExceeded, Refused
from robo_xp.model.draws import Entrant
from robo_xp.rules.giveaway.eligibility import ALLOWED_ROLE, IN_GUILD
from robo_xp.rules.giveaway.proof import _entry_faults
from tests.rules.giveaway import second_draw
from tests.usecases.giveaways.drawn import (
    MANY,
    NAMESPACE,
    OTHER_ROLE,
    ROLE,
    memory,
    started,
    tables,
)
from tests.usecases.small import GUILD


@pytest.mark.parametrize(
    ("entrants", "winners", "expected"), [(3, 5, 3), (0, 1, 0), (1, 1, 1), (10, 3, 3)]
)
def test_there_are_as_many_winners_as_there_can_be(
    entrants: int, winners: int, expected: int
) -> None:
    """Nobody wins twice; what could not be drawn is counted."""
    robo = memory()
    giveaway = started(robo, entrants=entrants, winners=winners)

    ended = robo.giveaways.end(GUILD, giveaway)

    assert (len(set(ended.winners)), ended.missing) == (expected, winners - expected)
    assert set(ended.winners) <= set(MANY[:entrants])
    assert robo.giveaways.verify(GUILD, giveaway).valid


def test_rerolls_go_on_until_nobody_is_left() -> None:
    """Of three entries two win; a reroll of two gives the last one, another one is refused."""
    robo = memory()
    giveaway = started(robo, entrants=3, winners=2)
    ended = robo.giveaways.end(GUILD, giveaway)

    again = robo.giveaways.reroll(GUILD, giveaway, count=2)

    assert (len(again.rerolled), again.missing) == (1, 1)
    assert {*ended.winners, *again.rerolled} == set(MANY[:3])
    with pytest.raises(Refused) as caught:
        robo.giveaways.reroll(GUILD, giveaway)
    assert caught.value.code == "NO_ENTRIES_LEFT"
    assert robo.giveaways.verify(GUILD, giveaway).valid


def test_a_reroll_draws_as_many_as_the_giveaway_had() -> None:
    """Without a count, and never anybody who won before."""
    robo = memory()
    giveaway = started(robo, entrants=10, winners=3)
    drawn = [robo.giveaways.end(GUILD, giveaway).winners]
    drawn += [robo.giveaways.reroll(GUILD, giveaway, reason="left").rerolled for _ in range(3)]

    assert [len(batch) for batch in drawn] == [3, 3, 3, 1]
    assert sorted(user_id for batch in drawn for user_id in batch) == sorted(MANY)
    found = robo.giveaways.get(GUILD, giveaway)
    assert (found.winners, found.rerolls) == (drawn[0], tuple(drawn[1:]))
    assert [(d.number, d.by, d.reason) for d in found.draws[1:]] == [
        (n, "test", "left") for n in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    ("count", "error"), [(0, InvalidValue), (-1, InvalidValue), (21, LimitExceeded)]
)
def test_a_reroll_has_limits(count: int, error: type[Exception]) -> None:
    """A count below one is wrong, one above the settings is refused."""
    robo = memory()
    giveaway = started(robo, entrants=5)
    robo.giveaways.end(GUILD, giveaway)

    with pytest.raises(error):
        robo.giveaways.reroll(GUILD, giveaway, count=count)
    assert robo.giveaways.get(GUILD, giveaway).rerolls == ()


@pytest.mark.parametrize("how", [None, "cancel"])
def test_only_an_ended_giveaway_is_rerolled(how: str | None) -> None:
    """Neither an active nor a cancelled one has anything to draw again."""
    robo = memory()
    giveaway = started(robo, entrants=5)
    if how:
        robo.giveaways.cancel(GUILD, giveaway)

    with pytest.raises(Refused) as caught:
        robo.giveaways.reroll(GUILD, giveaway)
    assert caught.value.code == "GIVEAWAY_NOT_ENDED"


def test_a_dry_reroll_shows_what_the_real_one_gives() -> None:
    """With the secret public the outcome is fixed, so looking first tells no more."""
    robo = memory()
    giveaway = started(robo, entrants=5)
    robo.giveaways.end(GUILD, giveaway)

    tried = robo.giveaways.reroll(GUILD, giveaway, dry_run=True)

    assert robo.giveaways.get(GUILD, giveaway).rerolls == ()
    assert robo.giveaways.reroll(GUILD, giveaway).rerolled == tried.rerolled


def test_who_is_not_eligible_any_more_is_passed_over() -> None:
    """The next in line wins instead; who was passed over, and why, is kept and stays out."""
    robo = memory()
    giveaway = started(robo, entrants=6, winners=2, allow_role_ids=[ROLE])
    g = robo.giveaways
    known: dict[str, Entrant | None] = {}
    first, second = g.to_check(GUILD, giveaway, known)
    known |= {first: None, second: Entrant(second, frozenset({OTHER_ROLE}))}
    while wanted := g.to_check(GUILD, giveaway, known):
        known |= {user_id: Entrant(user_id, frozenset({ROLE})) for user_id in wanted}

    g.end(GUILD, giveaway, members=known)

    found = g.get(GUILD, giveaway)
    (draw,) = found.draws
    reasons = {user_id: [f.where for f in faults] for user_id, faults in draw.dropped.items()}
    assert reasons == {first: [IN_GUILD], second: [ALLOWED_ROLE]}
    assert (len(known), draw.rechecked) == (4, True)
    assert set(found.winners) == set(known) - {first, second}
    g.reroll(GUILD, giveaway, count=9)
    rerolled = g.get(GUILD, giveaway).rerolls[0]
    assert set(rerolled) == set(MANY[:6]) - set(known)
    assert g.verify(GUILD, giveaway).valid
    assert second_draw.is_valid(g.export(GUILD, giveaway))


def test_without_a_second_look_nobody_is_passed_over() -> None:
    """Where the settings turn it off, the draw takes the entries as they are."""
    robo = memory()
    robo.giveaways.settings.set(GUILD, {"recheckAtDraw": False})
    giveaway = started(robo, entrants=4, winners=4)

    assert robo.giveaways.to_check(GUILD, giveaway, {}) == ()
    ended = robo.giveaways.end(GUILD, giveaway, members=dict.fromkeys(MANY[:4]))

    assert set(ended.winners) == set(MANY[:4])
    assert not ended.giveaway.draws[0].rechecked


def test_a_draw_nobody_looked_at_says_so() -> None:
    """From the command line roles cannot be seen, which the proof admits."""
    robo = memory()
    giveaway = started(robo, entrants=4)

    (draw,) = robo.giveaways.end(GUILD, giveaway).giveaway.draws

    assert (draw.rechecked, draw.dropped) == (False, {})


def weighted_export() -> dict[str, Any]:
    """An export with bonus entries, one passed over and two rerolls."""
    robo = memory()
    giveaway = started(robo, winners=2, bonus_entries={ROLE: 5})
    robo.giveaways.enter(GUILD, giveaway, [Entrant(i, frozenset({ROLE})) for i in MANY[:4]])
    robo.giveaways.enter(GUILD, giveaway, MANY[4:])
    (first, _) = robo.giveaways.to_check(GUILD, giveaway, {})
    robo.giveaways.end(GUILD, giveaway, members={first: None})
    robo.giveaways.reroll(GUILD, giveaway, count=1)
    robo.giveaways.reroll(GUILD, giveaway, count=3)
    return robo.giveaways.export(GUILD, giveaway)


def test_an_export_proves_itself_to_both_implementations() -> None:
    """What the export holds is all that it takes, and the vault says the same."""
    document = weighted_export()

    found = memory().giveaways.verify_document(json.dumps(document))

    assert (found.valid, found.drawn, found.faults) == (True, True, ())
    assert second_draw.is_valid(document)


def test_no_digit_of_secret_commitment_winners_or_entries_can_be_another() -> None:
    """Each digit of each of them, wherever it stands, makes the export invalid when changed."""
    text = json.dumps(weighted_export())
    document = json.loads(text)
    parts = {document["secret"], document["commitment"], *document["entries"]}
    parts |= {draw["digest"] for draw in document["draws"]}
    places = [
        place
        for part in parts
        for match in re.finditer(part, text)
        for place in range(match.start(), match.end())
    ]
    giveaways = memory().giveaways
    survived = [
        place
        for place in places
        if giveaways.verify_document(
            text[:place] + ("1" if text[place] == "0" else "0") + text[place + 1 :]
        ).valid
    ]

    assert len(places) > 600
    assert survived == []


FORGERIES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a weight": lambda d: d["entries"].update({MANY[5]: 2}),
    "a weight that is text": lambda d: d["entries"].update({MANY[5]: "1"}),
    "no draws": lambda d: d.update(draws=[], winners=[], rerolls=[]),
    "a reroll less": lambda d: d["rerolls"].pop(),
    "the last reroll left out": lambda d: (
        d["rerolls"].pop(),
        d["draws"].pop(),
        d["winners"].pop(),
    ),
    "fewer winners wanted": lambda d: d.update(winnersCount=1),
    "nobody passed over": lambda d: d["draws"][0].update(dropped={}),
    "called cancelled": lambda d: d.update(status="cancelled"),
    "no secret": lambda d: d.update(secret=None),
    "another giveaway": lambda d: d.update(id="01M7YJJ94WC4Q3344FK42H5P8Z"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_export_is_not_valid(forgery: str) -> None:
    """What would change the meaning of the result does not fit together."""
    document = copy.deepcopy(weighted_export())
    FORGERIES[forgery](document)

    found = memory().giveaways.verify_document(json.dumps(document))

    assert not found.valid
    assert found.faults


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "x", '{"id":1}', '{"entries":{}}', "\ud800".encode("utf-8", "surrogatepass")],
)
def test_what_is_no_export_is_an_error(text: str | bytes) -> None:
    """Another file is not called invalid: it is no giveaway at all."""
    with pytest.raises(InvalidValue):
        memory().giveaways.verify_document(text)


@pytest.mark.parametrize(
    ("key", "value"),
    [("winners", [1]), ("entries", []), ("secret", 5), ("draws", [{"count": "x"}]), ("draws", 7)],
)
def test_values_of_another_kind_are_an_error(key: str, value: object) -> None:
    """A list where an object belongs is not looked at any further."""
    with pytest.raises(InvalidValue):
        memory().giveaways.verify_document(json.dumps({**weighted_export(), key: value}))


def test_before_the_end_the_secret_that_is_kept_is_checked() -> None:
    """A secret that was swapped after the start does not fit the commitment."""
    robo = memory()
    giveaway = started(robo, entrants=3)
    assert robo.giveaways.verify(GUILD, giveaway).valid
    with pytest.raises(Refused, match="before its end"):
        robo.giveaways.verify_document(json.dumps(robo.giveaways.export(GUILD, giveaway)))

    namespace = robo.vault.namespace(NAMESPACE)
    with namespace.transaction(robo._core.origin) as transaction:
        (doc_id,) = tables(robo)["secrets"]
        transaction.put("secrets", doc_id, {"secret": "00" * 32})

    assert not robo.giveaways.verify(GUILD, giveaway).valid
    robo.giveaways.end(GUILD, giveaway)
    assert not robo.giveaways.verify(GUILD, giveaway).valid


def test_a_cancelled_giveaway_shows_its_secret_and_proves_it() -> None:
    """There is no draw, but the commitment was a true one."""
    robo = memory()
    giveaway = started(robo, entrants=3)
    robo.giveaways.cancel(GUILD, giveaway)

    for found in (
        robo.giveaways.verify(GUILD, giveaway),
        robo.giveaways.verify_document(json.dumps(robo.giveaways.export(GUILD, giveaway))),
    ):
        assert (found.valid, found.drawn) == (True, False)


def test_a_lost_secret_is_said() -> None:
    """Without its secret nobody can draw, and nothing is drawn in another way."""
    robo = memory()
    giveaway = started(robo, entrants=3)
    with robo.vault.namespace(NAMESPACE).transaction(robo._core.origin) as transaction:
        (doc_id,) = tables(robo)["secrets"]
        transaction.delete("secrets", doc_id)

    with pytest.raises(Refused) as caught:
        robo.giveaways.end(GUILD, giveaway)
    assert caught.value.code == "SECRET_MISSING"
    assert robo.giveaways.get(GUILD, giveaway).is_active


@pytest.mark.parametrize("weight", [0, 102, 10**6, 10**15])
def test_weights_that_no_draw_can_have(weight: int) -> None:
    """A file with such an entry is no proof, and nothing of it is drawn again."""
    assert [fault.message for fault in _entry_faults({"1" * 18: weight})] == [
        "the weight must be a whole number from 1 to 101"
    ]
    assert _entry_faults({"1" * 18: 101}) == []


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000])
def test_a_file_that_is_nested_out_of_reason(text: str) -> None:
    """It is told to be no export."""
    with pytest.raises(InvalidValue, match="this is no exported giveaway"):
        memory().giveaways.verify_document(text)
