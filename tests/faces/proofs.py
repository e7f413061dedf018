"""Documents of giveaways that ended, of any size, without a vault."""

from __future__ import annotations

import random
from typing import Any

from robo_xp.model.draws import Round
from robo_xp.model.giveaway_record import giveaway_of
from robo_xp.pages.proof import proof_page
from robo_xp.rules.giveaway.draw import Stream, commitment_of, digest_of, in_order, winners_of
from robo_xp.rules.giveaway.proof import candidates_of
from robo_xp.rules.giveaway.receipts import receipts_of, root_of
from robo_xp.views.giveaway import GiveawayDocument

ID = "01M7YJJ94WC4Q3344FK42H5P8Y"
WINNERS = 3


def document(entries: int, *, is_weighted: bool, rerolls: int = 1) -> GiveawayDocument:
    """A giveaway with so many entries, drawn by the rules of the core."""
    chance = random.Random(entries * 2 + is_weighted)
    secret = chance.randbytes(32)
    weights = {
        str(200000000000000000 + chance.randrange(10**15)): chance.choice(
            (1, 1, 1, 2, 3, 5) if is_weighted else (1,)
        )
        for _ in range(entries)
    }
    weights = {user_id: weights[user_id] for user_id in in_order(weights)}
    rounds: list[Round] = []
    dropped: list[dict[str, Any]] = []
    for number in range(1 + rerolls):
        left = candidates_of(weights, tuple(rounds))
        digest = digest_of(left)
        first = winners_of(left, 1, Stream(secret, ID, number, digest))
        winners = winners_of(left, WINNERS, Stream(secret, ID, number, digest), first)
        rounds.append(Round(WINNERS, digest, winners, frozenset(first)))
        fault = {"requirement": "roles", "message": "the role is gone"}
        dropped.append({user_id: [fault] for user_id in first})
    numbers = {user_id: number for number, user_id in enumerate(weights, 1)}
    closing = {
        "at": 1,
        "entries": len(weights),
        "digest": rounds[0].digest,
        "root": root_of(receipts_of(secret, ID, weights, numbers)),
    }
    record = _record(secret, rounds, dropped, len(weights))
    return GiveawayDocument.of(
        giveaway_of({**record, "closing": closing}),
        entry_count=len(weights),
        entries=weights,
        entry_numbers=numbers,
    )


def page_of(found: GiveawayDocument) -> str:
    """The page that proves it."""
    return proof_page(found)


def _record(
    secret: bytes, rounds: list[Round], dropped: list[dict[str, Any]], entries: int
) -> dict[str, Any]:
    return {
        "id": ID,
        "guildId": "100000000000000009",
        "channelId": "400000000000000001",
        "messageId": None,
        "prize": "<b>Nitro</b>",
        "winnersCount": WINNERS,
        "endsAt": 1,
        "startedBy": "test",
        "status": "ended",
        "buttonLabel": "Enter",
        "bonusEntries": {},
        "dmWinners": False,
        "recheckAtDraw": False,
        "winners": list(rounds[0].winners),
        "rerolls": [list(one.winners) for one in rounds[1:]],
        "createdAt": 1,
        "finalizedAt": 2,
        "commitment": commitment_of(secret),
        "secret": secret.hex(),
        "entriesDigest": rounds[0].digest,
        "draws": [
            {
                "number": number,
                "count": one.count,
                "candidates": entries - number * WINNERS - len(dropped[number]),
                "digest": one.digest,
                "at": 2,
                "by": "test",
                "reason": None,
                "rechecked": True,
                "dropped": dropped[number],
            }
            for number, one in enumerate(rounds)
        ],
    }
