"""Draws: the documented method, fairness, and that a proof does not survive a changed byte."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp.model.draws import Proof, Round
from robo_xp.rules.giveaway.draw import (
    Stream,
    commitment_of,
    digest_of,
    in_order,
    order_of,
    winners_of,
)
from robo_xp.rules.giveaway.proof import candidates_of, faults_of
from tests.rules.giveaway import second_draw

GIVEAWAY = "01M7YJJ94WC4Q3344FK42H5P8Y"
SECRET = bytes(range(32))
IDS = [str(300000000000000000 + 7919 * n) for n in range(10)]
EQUAL = dict.fromkeys(IDS, 1)
WEIGHTED = {user_id: 1 + n % 4 for n, user_id in enumerate(IDS)}

# chi-square at 9 degrees of freedom is above this in one of a thousand fair samples
CHI_SQUARE_9_DF_P_001 = 27.877
ROUNDS = 200_000

user_ids = st.integers(10**16, 2**64 - 1).map(str)
entry_maps = st.dictionaries(user_ids, st.integers(1, 101), max_size=12)
equal_maps = st.sets(user_ids, max_size=12).map(lambda ids: dict.fromkeys(ids, 1))


def stream_of(entries: dict[str, int], secret: bytes = SECRET, number: int = 0) -> Stream:
    return Stream(secret, GIVEAWAY, number, digest_of(entries))


@given(st.one_of(entry_maps, equal_maps), st.binary(min_size=32, max_size=32), st.integers(0, 12))
def test_a_second_implementation_finds_the_same_order(
    entries: dict[str, int], secret: bytes, number: int
) -> None:
    """What was written from the document alone comes to the same order, whatever the weights."""
    words = second_draw.words(secret, GIVEAWAY, number, second_draw.digest(entries))

    found = list(order_of(entries, stream_of(entries, secret, number)))

    assert found == second_draw.order(entries, words)


def test_the_method_never_changes() -> None:
    """Digest, order and winners of a known secret are what they were when this was released."""
    assert digest_of(EQUAL) == ("1cdd89431234964237ed0bd5e34a741782f282e5b7acad7ddfbd4f737965a81a")
    assert [IDS.index(w) for w in order_of(EQUAL, stream_of(EQUAL))] == [
        1,
        2,
        4,
        9,
        8,
        6,
        3,
        0,
        5,
        7,
    ]
    assert [IDS.index(w) for w in order_of(WEIGHTED, stream_of(WEIGHTED))] == [
        9,
        3,
        2,
        6,
        1,
        7,
        4,
        8,
        5,
        0,
    ]
    assert commitment_of(SECRET) == (
        "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"
    )


@pytest.mark.parametrize("entries", [EQUAL, WEIGHTED, {}, {IDS[0]: 5}])
@pytest.mark.parametrize("count", [0, 1, 3, 10, 50])
def test_winners_are_the_start_of_the_order(entries: dict[str, int], count: int) -> None:
    """There are as many winners as asked for or as there are entries, nobody twice."""
    winners = winners_of(entries, count, stream_of(entries))

    assert winners == tuple(islice(order_of(entries, stream_of(entries)), count))
    assert len(set(winners)) == min(count, len(entries))


def test_who_is_dropped_only_lets_the_next_in_line_move_up() -> None:
    """Leaving somebody out does not change the order of the others."""
    order = list(order_of(EQUAL, stream_of(EQUAL)))

    winners = winners_of(EQUAL, 3, stream_of(EQUAL), dropped={order[1]})

    assert winners == (order[0], order[2], order[3])


def test_ids_are_ordered_as_numbers() -> None:
    """An id of 18 digits comes before one of 19, whatever their first digits."""
    shorter, longer = "9" * 18, "1" + "0" * 18

    assert in_order({longer: 1, shorter: 1}) == [shorter, longer]


def test_a_number_below_a_limit_is_not_biased() -> None:
    """A word in the incomplete last span is thrown away instead of counted twice."""
    limit = 2**63 + 1  # nearly half of all words lie above the only whole span

    stream, plain = stream_of(EQUAL), stream_of(EQUAL)
    found = [stream.below(limit) for _ in range(50)]

    accepted = [word for word in (plain.word() for _ in range(200)) if word < limit]
    assert found == accepted[:50]


def chi_square(counts: Counter[str], total: int) -> float:
    expected = total / len(IDS)
    return sum((counts[user_id] - expected) ** 2 / expected for user_id in IDS)


def test_equal_entries_are_equally_likely_in_every_place() -> None:
    """Draws of 3 of 10 pass the chi-square test for each of the three places."""
    digest = digest_of(EQUAL)
    places = [Counter[str]() for _ in range(3)]
    for n in range(ROUNDS):
        stream = Stream(n.to_bytes(32), GIVEAWAY, 0, digest)
        for counts, winner in zip(places, winners_of(EQUAL, 3, stream), strict=True):
            counts[winner] += 1

    assert [chi_square(counts, ROUNDS) < CHI_SQUARE_9_DF_P_001 for counts in places] == [True] * 3


def test_a_weight_is_a_share_of_the_chances() -> None:
    """With weights 1, 2 and 4 the first winner is each in 1/7, 2/7 and 4/7 of the draws."""
    entries = {IDS[0]: 1, IDS[1]: 2, IDS[2]: 4}
    digest = digest_of(entries)
    counts = Counter(
        winners_of(entries, 1, Stream(n.to_bytes(32), GIVEAWAY, 0, digest))[0]
        for n in range(ROUNDS)
    )

    shares = [abs(counts[user_id] / ROUNDS - weight / 7) for user_id, weight in entries.items()]
    assert max(shares) < 0.01


def test_equal_weights_above_one_are_as_fair_as_ones() -> None:
    """Where everybody has the same weight, it makes no difference which."""
    entries = dict.fromkeys(IDS, 3)
    digest = digest_of(entries)
    counts = Counter(
        winners_of(entries, 1, Stream(n.to_bytes(32), GIVEAWAY, 0, digest))[0]
        for n in range(10_000)
    )

    assert chi_square(counts, 10_000) < CHI_SQUARE_9_DF_P_001


def proof_of(entries: dict[str, int]) -> Proof:
    """A true proof of a draw of 3 and rerolls of 2 and of all others."""
    rounds: tuple[Round, ...] = ()
    for number, count in enumerate((3, 2, 9)):
        left = candidates_of(entries, rounds)
        stream = stream_of(left, number=number)
        rounds += (Round(count, digest_of(left), winners_of(left, count, stream)),)
    return Proof(GIVEAWAY, commitment_of(SECRET), SECRET.hex(), entries, rounds)


@pytest.mark.parametrize("entries", [EQUAL, WEIGHTED])
def test_rerolls_never_repeat_a_winner_and_prove_themselves(entries: dict[str, int]) -> None:
    """All rounds together draw everybody once, and each has a proof of its own."""
    proof = proof_of(entries)

    winners = [user_id for one in proof.rounds for user_id in one.winners]
    assert sorted(winners) == sorted(entries)
    assert faults_of(proof) == []


def flipped(text: str, place: int) -> str:
    """The text with another digit in one place."""
    return text[:place] + ("1" if text[place] == "0" else "0") + text[place + 1 :]


CHANGES: dict[str, Callable[[Proof], Proof]] = {
    "a digit of an entry": lambda p: replace(
        p,
        entries={flipped(i, 17) if n == 4 else i: w for n, (i, w) in enumerate(p.entries.items())},
    ),
    "a weight": lambda p: replace(p, entries={**p.entries, IDS[5]: p.entries[IDS[5]] + 1}),
    "an entry less": lambda p: replace(p, entries=dict(list(p.entries.items())[:-1])),
    "a letter in an id": lambda p: replace(p, entries={**p.entries, "30000000000000000x": 1}),
    "a weight of none": lambda p: replace(p, entries={**p.entries, IDS[5]: 0}),
    "the first digit of the secret": lambda p: replace(p, secret=flipped(p.secret, 0)),
    "the last digit of the secret": lambda p: replace(p, secret=flipped(p.secret, 63)),
    "a capital in the secret": lambda p: replace(p, secret=p.secret.upper()),
    "a secret that is no hex": lambda p: replace(p, secret="x" + p.secret[1:]),
    "the commitment": lambda p: replace(p, commitment=flipped(p.commitment, 30)),
    "the id": lambda p: replace(p, giveaway_id=flipped(p.giveaway_id, 25)),
    "a winner": lambda p: with_round(p, 0, winners=(p.rounds[0].winners[1],) * 3),
    "the order of winners": lambda p: with_round(p, 0, winners=p.rounds[0].winners[::-1]),
    "a winner of a reroll": lambda p: with_round(p, 1, winners=p.rounds[0].winners[:2]),
    "the count": lambda p: with_round(p, 1, count=3),
    "a digest": lambda p: with_round(p, 2, digest=flipped(p.rounds[2].digest, 1)),
    "somebody passed over": lambda p: with_round(p, 0, dropped=frozenset(p.rounds[0].winners[:1])),
}


def with_round(proof: Proof, number: int, **changes: object) -> Proof:
    rounds = list(proof.rounds)
    rounds[number] = replace(rounds[number], **changes)  # type: ignore[arg-type]  # by name
    return replace(proof, rounds=tuple(rounds))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("entries", [EQUAL, WEIGHTED])
def test_a_proof_does_not_survive_a_change(change: str, entries: dict[str, int]) -> None:
    """Whatever is changed in what was published, it does not fit together any more."""
    assert faults_of(CHANGES[change](proof_of(entries))) != []
