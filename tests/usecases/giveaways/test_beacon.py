"""Draws that take a round of the public beacon: nobody can foresee or bend them."""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from robo_xp import RoboXP
from robo_xp.errors import (
    ExtraMissing,
    GiveawayDrawing,
    GiveawayNotActive,
    NothingWaits,
    Refused,
    WrongSignature,
)
from robo_xp.model.closing import Chain
from robo_xp.model.draws import Entrant
from robo_xp.model.giveaway import DRAWING, ENDED, Giveaway
from robo_xp.rules.giveaway.beacon import QUICKNET, draw_key
from robo_xp.rules.giveaway.draw import Stream, digest_of, winners_of
from tests.rules.giveaway import second_draw
from tests.rules.giveaway.own_chain import own_chain, signature_of
from tests.rules.giveaway.test_chain import ROUNDS
from tests.usecases.giveaways.drawn import MANY, NAMESPACE, memory, started, tables
from tests.usecases.small import GUILD, HandClock

HOUR_MS = 3_600_000


@pytest.fixture
def chain() -> Iterator[Chain]:
    """The chain whose key the tests have."""
    with own_chain() as chain:
        yield chain


def closed(robo: RoboXP, **more: Any) -> Giveaway:
    """A giveaway of ten entries that was closed and waits for its round."""
    giveaway = started(robo, entrants=10, beacon="drand", **more)
    return robo.giveaways.end(GUILD, giveaway).giveaway


def waits_for(giveaway: Giveaway) -> int:
    """The round that its draw waits for."""
    assert giveaway.waiting is not None
    return giveaway.waiting.round


def drawn(robo: RoboXP, giveaway: Giveaway) -> Giveaway:
    """The giveaway after its draw with the right signature."""
    signature = signature_of(waits_for(giveaway))
    return robo.giveaways.beacon(GUILD, giveaway.id, signature).giveaway


def test_the_end_closes_the_entries_and_names_a_round(chain: Chain) -> None:
    """The round comes half a minute after the close at the earliest, and no entry changes since."""
    robo = memory()
    giveaway = closed(robo)
    closing = giveaway.closing

    assert giveaway.status == DRAWING and giveaway.secret is None and giveaway.winners == ()
    assert closing is not None and closing.entries == 10
    after = chain.time_of(waits_for(giveaway)) - closing.at
    assert 30_000 <= after < 30_000 + chain.period_ms
    assert giveaway.beacon is not None and giveaway.beacon.round == waits_for(giveaway)
    for change in (
        lambda: robo.giveaways.enter(GUILD, giveaway.id, "300000000000900001"),
        lambda: robo.giveaways.leave(GUILD, giveaway.id, MANY[0]),
        lambda: robo.giveaways.edit(GUILD, giveaway.id, winners=5),
    ):
        with pytest.raises(GiveawayNotActive):
            change()


def test_a_round_exactly_half_a_minute_away_is_taken() -> None:
    """Of the public chain too: the first round that is told 30 seconds after the close or later."""
    clock = HandClock()
    robo = memory(clock)
    giveaway = started(robo, entrants=10, beacon="drand")
    clock.at = QUICKNET.time_of(1000) - 30_000 - 1_000
    waiting = robo.giveaways.end(GUILD, giveaway).giveaway

    assert waits_for(waiting) == 1000
    signature, _ = ROUNDS[1000]
    with pytest.raises(WrongSignature):
        robo.giveaways.beacon(GUILD, giveaway, ROUNDS[1][0])
    done = robo.giveaways.beacon(GUILD, giveaway, signature)
    assert done.giveaway.status == ENDED and len(done.winners) == 2
    assert robo.giveaways.verify(GUILD, giveaway).valid


def test_the_draw_is_that_of_secret_round_and_entries(chain: Chain) -> None:
    """A second implementation comes to the same winners, and the proof holds elsewhere."""
    robo = memory()
    giveaway = drawn(robo, closed(robo))
    document = robo.giveaways.export(GUILD, giveaway.id)

    assert giveaway.status == ENDED and giveaway.waiting is None
    assert second_draw.is_valid(document)
    assert memory().giveaways.verify_document(json.dumps(document)).valid
    assert robo.giveaways.verify(GUILD, giveaway.id).notes == ()


@pytest.mark.parametrize("bit", [0, 77, 383])
def test_no_other_signature_draws(chain: Chain, bit: int) -> None:
    """One changed bit, and nothing is drawn and nothing told."""
    robo = memory()
    giveaway = closed(robo)
    data = bytearray.fromhex(signature_of(waits_for(giveaway)))
    data[bit // 8] ^= 1 << bit % 8
    before = tables(robo)

    for false in (data.hex(), signature_of(waits_for(giveaway) + 1), "no signature", ""):
        with pytest.raises(WrongSignature) as caught:
            robo.giveaways.beacon(GUILD, giveaway.id, false)
        assert caught.value.exit_code == 4
    assert tables(robo) == before


def test_a_signature_is_taken_once(chain: Chain) -> None:
    """Where nothing waits there is nothing to draw."""
    robo = memory()
    giveaway = closed(robo)
    drawn(robo, giveaway)

    with pytest.raises(NothingWaits):
        robo.giveaways.beacon(GUILD, giveaway.id, signature_of(waits_for(giveaway)))
    with pytest.raises(NothingWaits):
        robo.giveaways.beacon(GUILD, started(robo), signature_of(1))


def test_nothing_about_the_winner_can_be_known_before_the_round(chain: Chain) -> None:
    """Whoever has all files, the secret included, knows no more than that all are equally likely.

    With every value that the signature could have, each entry wins about as often: knowing the
    rest tells nothing. And what the vault is asked before tells nothing either.
    """
    robo = memory()
    giveaway = closed(robo, winners=1)
    kept = tables(robo)
    [held] = kept["secrets"].values()
    secret, chance = bytes.fromhex(held["secret"]), random.Random(1)
    entries = {
        user_id: entry["weight"] for user_id, entry in kept[f"entries:{giveaway.id}"].items()
    }
    digest = digest_of(entries)

    def winner(signature: str) -> str:
        key = draw_key(secret, signature, digest)
        return winners_of(entries, 1, Stream(key, giveaway.id, 0, digest))[0]

    wins = Counter(winner(chance.randbytes(48).hex()) for _ in range(5000))
    # chi-square at 9 degrees of freedom is above this in one of a thousand fair samples
    assert sum((wins[user_id] - 500) ** 2 / 500 for user_id in entries) < 27.877
    [record] = kept["giveaways"].values()
    assert (record["winners"], record["draws"], record["secret"]) == ([], [], None)
    assert robo.giveaways.end(GUILD, giveaway.id, dry_run=True).winners == ()
    assert drawn(robo, giveaway).winners == (winner(signature_of(waits_for(giveaway))),)


def test_late_entries_bend_a_draw_without_a_beacon(chain: Chain) -> None:
    """An operator who tries a thousand late entries has a friend win, unless a round decides.

    With the beacon each of them is as good as any other: whatever is chosen before the close, the
    friend wins as often as everybody else, and after the close the digest was told.
    """
    friend, secret, tries = MANY[0], bytes(range(32)), 1000
    entries, chance = dict.fromkeys(MANY, 1), random.Random(2)

    def wins(late: int, signature: str | None) -> bool:
        tried = {**entries, str(300000000000900000 + late): 1}
        digest = digest_of(tried)
        stream = Stream(draw_key(secret, signature, digest), "G", 0, digest)
        return winners_of(tried, 1, stream) == (friend,)

    bent = next(late for late in range(tries) if wins(late, None))
    assert wins(bent, None)
    # the operator keeps the entry that looked best; the round comes afterwards
    fair = sum(wins(bent, chance.randbytes(48).hex()) for _ in range(5000))
    assert abs(fair - 5000 / 11) < 4 * (5000 / 11) ** 0.5

    robo = memory()
    giveaway = closed(robo)
    with robo.vault.namespace(NAMESPACE).transaction(robo._core.origin) as transaction:
        late = {"weight": 1, "enteredAt": 1}
        transaction.put(f"entries:{giveaway.id}", "300000000000900001", late)
    drawn(robo, giveaway)
    faults = {fault.where for fault in robo.giveaways.verify(GUILD, giveaway.id).faults}
    assert {"closing.entries", "closing.digest", "closing.root"} <= faults


def test_each_reroll_takes_a_later_round(chain: Chain) -> None:
    """A reroll waits as the end did, and its winners follow from its own round."""
    robo = memory()
    first = drawn(robo, closed(robo))
    waiting = robo.giveaways.reroll(GUILD, first.id, count=3).giveaway
    second = drawn(robo, waiting)
    third = drawn(robo, robo.giveaways.reroll(GUILD, first.id, count=1).giveaway)
    rounds = [draw.beacon.round for draw in third.draws if draw.beacon is not None]

    assert waiting.status == ENDED and waiting.rerolls == ()
    assert [len(batch) for batch in third.rerolls] == [3, 1]
    assert not {*first.winners} & {*second.rerolls[0]}
    assert rounds == sorted(set(rounds)) and len(rounds) == 3
    assert second_draw.is_valid(robo.giveaways.export(GUILD, first.id))
    assert robo.giveaways.verify(GUILD, first.id).valid


def test_rerolls_within_one_second_take_different_rounds(chain: Chain) -> None:
    """However fast they are asked for, no round decides twice."""
    clock = HandClock()
    robo = memory(clock)
    giveaway = closed(robo)
    clock.at = chain.time_of(waits_for(giveaway)) - 31_000
    first = drawn(robo, giveaway)
    clock.at = chain.time_of(waits_for(giveaway)) - 32_000
    second = robo.giveaways.reroll(GUILD, first.id).giveaway

    assert waits_for(second) > waits_for(giveaway)


def test_a_draw_that_waits_is_not_asked_for_again(chain: Chain) -> None:
    """A second end or reroll is refused while a round is waited for."""
    robo = memory()
    giveaway = closed(robo)

    with pytest.raises(GiveawayDrawing):
        robo.giveaways.end(GUILD, giveaway.id, strict=True)
    assert not robo.giveaways.end(GUILD, giveaway.id).changed
    with pytest.raises(Refused):
        robo.giveaways.reroll(GUILD, giveaway.id)
    done = drawn(robo, giveaway)
    robo.giveaways.reroll(GUILD, done.id)
    with pytest.raises(GiveawayDrawing):
        robo.giveaways.reroll(GUILD, done.id)


def test_a_round_that_nobody_gets_is_given_up_and_the_proof_says_so(chain: Chain) -> None:
    """The draw waits as long as asked, then it is made from the secret alone."""
    clock = HandClock()
    robo = memory(clock)
    robo.giveaways.settings.set(GUILD, {"draw": {"beaconWait": "2h"}})
    giveaway = closed(robo)
    comes = chain.time_of(waits_for(giveaway))
    clock.at = comes + 2 * HOUR_MS - 5_000
    assert not robo.giveaways.beacon(GUILD, giveaway.id, None).changed
    clock.at = comes + 2 * HOUR_MS
    done = robo.giveaways.end(GUILD, giveaway.id, strict=True).giveaway

    assert done.status == ENDED and len(done.winners) == 2
    assert done.draws[0].beacon is not None and done.draws[0].beacon.signature is None
    found = robo.giveaways.verify(GUILD, giveaway.id)
    assert found.valid and "secret alone" in found.notes[0]
    assert second_draw.is_valid(robo.giveaways.export(GUILD, giveaway.id))


def test_a_round_given_up_too_early_is_a_fault(chain: Chain) -> None:
    """Nobody can choose between the draw with the round and the one without."""
    clock = HandClock()
    robo = memory(clock)
    giveaway = closed(robo)
    clock.at = chain.time_of(waits_for(giveaway)) + HOUR_MS
    robo.giveaways.end(GUILD, giveaway.id)
    document = robo.giveaways.export(GUILD, giveaway.id)
    document["draws"][0]["at"] -= 10_000

    [fault] = memory().giveaways.verify_document(json.dumps(document)).faults
    assert (fault.where, fault.message) == ("draws[0].beacon", "was given up before its time")


def other_round(document: dict[str, Any]) -> None:
    taken = document["draws"][0]["beacon"]
    taken["round"] -= 10
    taken["signature"] = signature_of(taken["round"])


def no_round(document: dict[str, Any]) -> None:
    document["draws"][0]["beacon"] = None


def other_chain(document: dict[str, Any]) -> None:
    document["beacon"]["chain"] = "00" * 32


def other_signature(document: dict[str, Any]) -> None:
    document["draws"][0]["beacon"]["signature"] = signature_of(1)


@pytest.mark.parametrize(
    ("forge", "where"),
    [
        (other_round, "draws[0].beacon"),
        (no_round, "draws[0].beacon"),
        (other_chain, "beacon.chain"),
        (other_signature, "draws[0].beacon"),
    ],
)
def test_another_round_is_no_proof(chain: Chain, forge: Any, where: str) -> None:
    """An earlier round, none at all, another chain or signature: each is a fault."""
    robo = memory()
    giveaway = drawn(robo, closed(robo))
    document = robo.giveaways.export(GUILD, giveaway.id)
    forge(document)

    found = memory().giveaways.verify_document(json.dumps(document))
    assert not found.valid and found.faults[0].where == where


def test_the_round_is_told_while_it_is_ahead(chain: Chain) -> None:
    """Where the entries are told late, a later round takes the place of the one that was chosen."""
    clock = HandClock()
    robo = memory(clock)
    giveaway = closed(robo)
    assert robo.giveaways.with_round_ahead(GUILD, giveaway.id) == giveaway
    clock.at = chain.time_of(waits_for(giveaway)) - 5_000
    later = robo.giveaways.with_round_ahead(GUILD, giveaway.id)

    assert chain.time_of(waits_for(later)) >= clock.at + 30_000
    drawn(robo, later)
    assert robo.giveaways.verify(GUILD, giveaway.id).valid


def test_members_are_looked_at_once_the_round_is_known(chain: Chain) -> None:
    """Who is about to win is not known before, and who may not win any more is passed over."""
    robo = memory()
    giveaway = closed(robo, winners=1)
    signature = signature_of(waits_for(giveaway))
    [first] = robo.giveaways.to_check(GUILD, giveaway.id, {}, signature=signature)
    [second] = robo.giveaways.to_check(GUILD, giveaway.id, {first: None}, signature=signature)
    seen = {first: None, second: Entrant(second, frozenset())}

    left = robo.giveaways.beacon(GUILD, giveaway.id, signature, complete=True)
    done = robo.giveaways.beacon(GUILD, giveaway.id, signature, members=seen, complete=True)
    assert not left.changed and done.winners == (second,)
    assert list(done.giveaway.draws[0].dropped) == [first]
    assert robo.giveaways.verify(GUILD, giveaway.id).valid


def test_who_is_about_to_win_is_no_question_before_the_close(chain: Chain) -> None:
    """Of an active giveaway that takes a beacon nobody is looked at."""
    robo = memory()
    giveaway = started(robo, entrants=10, beacon="drand")

    assert robo.giveaways.to_check(GUILD, giveaway, {}) == ()


def test_a_draw_that_waits_can_be_cancelled(chain: Chain) -> None:
    """Then everybody can see the secret, and nothing waits any more."""
    robo = memory()
    giveaway = closed(robo)
    done = robo.giveaways.cancel(GUILD, giveaway.id).giveaway

    assert done.waiting is None and done.secret is not None
    assert robo.giveaways.verify(GUILD, giveaway.id).valid


def test_a_dry_run_of_a_draw_draws_nobody(chain: Chain) -> None:
    """Closing and drawing on trial change nothing and name nobody."""
    robo = memory()
    giveaway = started(robo, entrants=3, beacon="drand")
    before = tables(robo)
    trial = robo.giveaways.end(GUILD, giveaway, dry_run=True).giveaway
    assert trial.status == DRAWING and tables(robo) == before
    waiting = robo.giveaways.end(GUILD, giveaway).giveaway
    signature = signature_of(waits_for(waiting))
    trial = robo.giveaways.beacon(GUILD, giveaway, signature, dry_run=True).giveaway

    assert (trial.status, trial.winners, trial.secret) == (ENDED, (), None)
    assert robo.giveaways.get(GUILD, giveaway).status == DRAWING


def test_the_setting_holds_for_what_starts_without_a_word(chain: Chain) -> None:
    """A guild that wants a beacon has one in each giveaway, unless its start says otherwise."""
    robo = memory()
    robo.giveaways.settings.set(GUILD, {"draw": {"beacon": "drand", "beaconWait": "10m"}})
    own = robo.giveaways.get(GUILD, started(robo)).beacon
    none = robo.giveaways.get(GUILD, started(robo, beacon="none")).beacon

    assert own is not None and (own.chain, own.wait_ms, own.round) == (chain.hash, 600_000, None)
    assert none is None


def test_without_the_extra_nothing_starts_that_could_not_be_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who asks for a beacon is told what to install."""
    monkeypatch.setitem(sys.modules, "py_ecc", None)

    with pytest.raises(ExtraMissing) as caught:
        started(memory(), beacon="drand")
    assert "robo-xp[beacon]" in caught.value.advice


def test_a_giveaway_without_entries_waits_too(chain: Chain) -> None:
    """Nobody wins it, and its proof holds."""
    robo = memory()
    giveaway = started(robo, beacon="drand")
    waiting = robo.giveaways.end(GUILD, giveaway).giveaway

    assert drawn(robo, waiting).winners == ()
    assert robo.giveaways.verify(GUILD, giveaway).valid
