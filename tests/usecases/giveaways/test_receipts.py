"""What entrants hold against a proof: receipts, and what was told on Discord at the close."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from robo_xp import RoboXP
from robo_xp.errors import InvalidValue
from robo_xp.model.closing import Closing, Seen
from robo_xp.model.giveaway_results import Verified
from tests.rules.giveaway import second_draw
from tests.usecases.giveaways.drawn import MANY, NAMESPACE, memory, started
from tests.usecases.giveaways.forger import forged
from tests.usecases.small import GUILD

STRANGER = "300000000000900001"


def entered(robo: RoboXP, giveaway: str, user_id: str) -> str:
    """The receipt that the member is given."""
    return robo.giveaways.enter(GUILD, giveaway, user_id).receipts[user_id]


def ended(robo: RoboXP) -> tuple[dict[str, Any], dict[str, str], Closing]:
    """A giveaway of five entries that has ended: its document, its receipts, what was told."""
    giveaway = started(robo)
    receipts = {user_id: entered(robo, giveaway, user_id) for user_id in MANY[:5]}
    closing = robo.giveaways.end(GUILD, giveaway).giveaway.closing
    assert closing is not None
    return robo.giveaways.export(GUILD, giveaway), receipts, closing


def verified(document: dict[str, Any], **seen: Any) -> Verified:
    return _verify(document, Seen(**seen))


def _verify(document: dict[str, Any], seen: Seen) -> Verified:
    return memory().giveaways.verify_document(json.dumps(document), seen)


def faults(found: Verified) -> list[str]:
    return [fault.where for fault in found.faults]


def test_an_honest_proof_has_every_receipt() -> None:
    """Commitment, number, digest, root and each receipt are those of the document."""
    document, receipts, closing = ended(memory())
    told = Seen(document["commitment"], closing.entries, closing.digest, closing.root)

    assert list(receipts) == MANY[:5]
    assert [one.partition("-")[0] for one in receipts.values()] == ["1", "2", "3", "4", "5"]
    for receipt in receipts.values():
        assert _verify(document, replace(told, receipt=receipt)).valid


def test_a_second_implementation_agrees_on_the_close() -> None:
    """Digest and root follow from the document by what docs/draws.md says."""
    document, receipts, closing = ended(memory())
    secret = bytes.fromhex(document["secret"])
    found = second_draw.receipts(
        secret, document["id"], document["entries"], document["entryNumbers"]
    )

    assert second_draw.is_valid(document)
    assert set(found) == set(receipts.values())
    assert (second_draw.root(found), len(found)) == (closing.root, closing.entries)


def test_an_entry_left_out_is_shown_by_its_receipt() -> None:
    """A document without an entry agrees with itself, and neither with the receipt nor the root."""
    document, receipts, closing = ended(memory())
    without = dict.fromkeys(MANY[1:5], 1)
    false = forged(document, without)

    assert verified(false).valid
    found = verified(false, receipt=receipts[MANY[0]])
    assert faults(found) == ["receipt"] and "entry 1 is not there" in found.faults[0].message
    assert faults(verified(false, root=closing.root)) == ["root"]
    assert faults(verified(false, entries=5, digest=closing.digest)) == ["entries", "digest"]


def test_an_entry_slipped_in_is_shown_by_the_close() -> None:
    """A document with an entry that came after the close has another digest and another root."""
    document, receipts, closing = ended(memory())
    false = forged(document, {**document["entries"], STRANGER: 101})

    assert verified(false).valid
    assert verified(false, receipt=receipts[MANY[0]]).valid
    assert faults(verified(false, root=closing.root)) == ["root"]
    assert faults(verified(false, digest=closing.digest)) == ["digest"]


def test_an_entry_taken_away_before_the_close() -> None:
    """What an operator deletes in the files is missed by whoever holds the receipt."""
    robo = memory()
    giveaway = started(robo)
    receipts = {user_id: entered(robo, giveaway, user_id) for user_id in MANY[:3]}
    with robo.vault.namespace(NAMESPACE).transaction(robo._core.origin) as transaction:
        transaction.delete(f"entries:{giveaway}", MANY[1])
    robo.giveaways.end(GUILD, giveaway)

    assert robo.giveaways.verify(GUILD, giveaway).valid
    found = robo.giveaways.verify(GUILD, giveaway, Seen(receipt=receipts[MANY[1]]))
    assert not found.valid and faults(found) == ["receipt"]


def test_another_weight_is_shown_by_the_receipt() -> None:
    """Who entered with one weight and is listed with another holds a receipt of the first."""
    document, receipts, _ = ended(memory())
    false = forged(document, {**document["entries"], MANY[0]: 50})

    found = verified(false, receipt=receipts[MANY[0]])
    assert faults(found) == ["receipt"] and "not that of entry 1" in found.faults[0].message


def test_numbers_are_given_once() -> None:
    """Who leaves takes the number along; who enters again has a new number and another receipt."""
    robo = memory()
    giveaway = started(robo)
    first = entered(robo, giveaway, MANY[0])
    robo.giveaways.leave(GUILD, giveaway, MANY[0])
    second = entered(robo, giveaway, MANY[1])
    third = entered(robo, giveaway, MANY[0])

    assert [one.partition("-")[0] for one in (first, second, third)] == ["1", "2", "3"]
    assert entered(robo, giveaway, MANY[0]) == third
    assert not robo.giveaways.verify(GUILD, giveaway, Seen(receipt=first)).valid
    assert robo.giveaways.verify(GUILD, giveaway, Seen(receipt=third)).valid


def test_a_trial_gives_no_receipt() -> None:
    """A dry run enters nobody, so it makes nothing that could be taken for a receipt."""
    robo = memory()
    giveaway = started(robo)

    assert robo.giveaways.enter(GUILD, giveaway, MANY[0], dry_run=True).receipts == {}


def test_entries_of_an_earlier_version_are_closed_too() -> None:
    """An entry without a number counts under number 0, and the others have receipts."""
    robo = memory()
    giveaway = started(robo)
    with robo.vault.namespace(NAMESPACE).transaction(robo._core.origin) as transaction:
        transaction.put(f"entries:{giveaway}", MANY[0], {"weight": 2, "enteredAt": 1})
    receipt = entered(robo, giveaway, MANY[1])
    robo.giveaways.end(GUILD, giveaway)
    document = robo.giveaways.export(GUILD, giveaway)

    assert document["entryNumbers"] == {MANY[1]: 1}
    assert verified(document, receipt=receipt).valid


@pytest.mark.parametrize(
    ("key", "value"),
    [("root", "00" * 32), ("digest", "00" * 32), ("entries", 4)],
)
def test_a_close_that_is_not_that_of_the_entries(key: str, value: Any) -> None:
    """What the document says of the close has to be that of its entries."""
    document, _, _ = ended(memory())
    document["closing"][key] = value

    assert faults(verified(document)) == [f"closing.{key}"]


@pytest.mark.parametrize(
    "seen",
    [
        Seen(receipt="7"),
        Seen(root="0" * 63),
        Seen(digest="A" * 64),
        Seen(commitment=""),
    ],
)
def test_what_nobody_can_have_seen(seen: Seen) -> None:
    """A text that is cut or mistyped is refused, and not told to differ."""
    document, _, _ = ended(memory())

    with pytest.raises(InvalidValue):
        _verify(document, seen)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("closing", {"at": 1}),
        ("closing", {"at": "1", "entries": 1, "digest": "", "root": ""}),
        ("closing", []),
        ("beacon", {"chain": 1}),
        ("entryNumbers", []),
        ("entryNumbers", None),
    ],
)
def test_a_document_of_another_shape_is_no_export(key: str, value: Any) -> None:
    """A file whose parts are not of their kind is told to be no export."""
    document, _, _ = ended(memory())

    with pytest.raises(InvalidValue):
        verified({**document, key: value})


def test_numbers_of_nobody() -> None:
    """A number that belongs to no entry is a fault."""
    document, _, _ = ended(memory())
    document["entryNumbers"][STRANGER] = 6

    assert faults(verified(document)) == [f"entryNumbers.'{STRANGER}'"]
