"""Exports that were changed anywhere: each is judged or refused in words of ours."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robo_xp.errors import GiveawayNotEnded, InvalidValue
from robo_xp.model.closing import Seen
from robo_xp.rules.giveaway import proof
from robo_xp.rules.giveaway.beacon import is_signature
from tests.rules.giveaway.own_chain import own_chain, signature_of
from tests.usecases.giveaways.drawn import MANY, memory, started
from tests.usecases.small import GUILD, HandClock

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from([*MANY, "ended", "cancelled", "drawing", "ff" * 32]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
FOREIGN = re.compile(r"[A-Z]\w*(Error|Exception|Iteration)|object has no|NoneType|`|\n")
SEEN = Seen("ab" * 32, 3, "ab" * 32, "ab" * 32, f"1-{'A' * 24}")


@cache
def exported() -> dict[str, Any]:
    """A giveaway with all that a proof can have: beacon, reroll, somebody passed over or erased."""
    clock = HandClock()
    robo = memory(clock)
    one = started(robo, entrants=8, beacon="drand", bonus_entries={"400000000000000001": 3})
    for act in (robo.giveaways.end, robo.giveaways.reroll):
        act(GUILD, one)
        waiting = robo.giveaways.get(GUILD, one).waiting
        assert waiting is not None
        clock.at += 120_000
        robo.giveaways.beacon(GUILD, one, signature_of(waiting.round))
    robo.members.erase(GUILD, MANY[3])
    document = robo.giveaways.export(GUILD, one)
    fault = {"requirement": "left", "message": "has left"}
    document["draws"][1]["dropped"] = {MANY[0]: [fault]}
    return json.loads(json.dumps(document))  # type: ignore[no-any-return]


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where anything stands in the document."""
    pairs: Any = ()
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in pairs:
        yield (*at, key)
        yield from places(one, (*at, key))


@pytest.fixture(scope="module", autouse=True)
def chain() -> Iterator[None]:
    """The beacon is that of the tests, each of whose signatures is looked at once."""
    with own_chain(), patch.object(proof, "is_signature", cache(is_signature)):
        yield


@settings(max_examples=300)
@given(st.data())
def test_a_change_anywhere_is_judged_or_refused_in_one_line(data: st.DataObject) -> None:
    """Whatever stands in its place, or nothing: no error of the language is ever told."""
    document = copy.deepcopy(exported())
    *above, last = data.draw(st.sampled_from(list(places(document))))
    inner: Any = document
    for key in above:
        inner = inner[key]
    if data.draw(st.booleans()):
        inner[last] = data.draw(values)
    else:
        del inner[last]
    seen = data.draw(st.sampled_from([Seen(), SEEN]))

    try:
        found = memory().giveaways.verify_document(json.dumps(document), seen)
    except (InvalidValue, GiveawayNotEnded) as error:
        assert not FOREIGN.search(error.message), error.message
    else:
        assert found.valid or not found.here or found.faults


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"entries": []}, "entries must be an object, not a list"),
        ({"draws": [7]}, "draws[0] must be an object, not a whole number"),
        ({"draws": {}}, "draws must be a list, not an object"),
        ({"rerolls": [["1", 2]]}, "rerolls[0][1] must be text, not a whole number"),
        ({"closing": {"at": 1}}, "closing.entries is missing"),
        ({"winnersCount": -1}, "winnersCount must be a whole number >= 0"),
        ({"restored": []}, "restored must be an object or null, not a list"),
    ],
)
def test_the_place_is_named(change: dict[str, Any], told: str) -> None:
    """What is of another kind is named with where it stands."""
    with pytest.raises(InvalidValue) as caught:
        memory().giveaways.verify_document(json.dumps({**exported(), **change}))

    assert caught.value.message == f"this is no exported giveaway: {told}"


def test_a_whole_answer_of_the_http_api_is_an_export() -> None:
    """A proof as it came over HTTP is judged like the export in it, changed or not."""
    envelope = {"success": True, "data": exported()}
    forged = {"success": True, "data": {**exported(), "winners": [MANY[5]]}}

    assert memory().giveaways.verify_document(json.dumps(envelope)).valid
    assert not memory().giveaways.verify_document(json.dumps(forged)).valid


@pytest.mark.parametrize("text", ["", "[]", "x", b"\xff", "[" * 100_000])
def test_what_is_no_document(text: str | bytes) -> None:
    """A text that is no JSON object is told to be none."""
    with pytest.raises(InvalidValue) as caught:
        memory().giveaways.verify_document(text)

    assert not FOREIGN.search(caught.value.message), caught.value.message
