"""What giveaways ask of entrants: at the entry, and again at the draw, from one state."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from robo_xp import RoboXP
from robo_xp.errors import InvalidConfig
from robo_xp.model.draws import Entrant
from robo_xp.rules.giveaway.draw import Stream, digest_of, order_of
from robo_xp.usecases.giveaways.use import Giveaways
from robo_xp.vault import Origin
from tests.rules.giveaway import second_draw
from tests.usecases.giveaways.drawn import MANY, OTHER_ROLE, ROLE, memory, started
from tests.usecases.small import GUILD, HandClock

DAY_MS = 86_400_000
COUNTS: dict[str, Any] = {"minLevel": 3, "minXp": 500, "minMessages": 20, "minVoiceMinutes": 10}


def counted(robo: RoboXP, members: dict[str, dict[str, int]]) -> int:
    """The vault has counted this of members; the number of the batch."""
    namespace = robo.vault.namespace(f"xp/default/{GUILD}")
    with namespace.transaction(Origin("test", "counts")) as change:
        for user_id, record in members.items():
            change.put("users", user_id, record)
    assert change.seq is not None
    return change.seq


@pytest.mark.parametrize(
    ("asked", "record", "fault"),
    [
        ({"minLevel": 3}, {"xp": 9, "level": 2}, "minLevel"),
        ({"minXp": 10}, {"xp": 9, "level": 2}, "minXp"),
        ({"minMessages": 5}, {"xp": 9, "level": 2, "messages": 4}, "minMessages"),
        ({"minVoiceMinutes": 2}, {"xp": 9, "level": 2, "voiceSeconds": 119}, "minVoiceMinutes"),
        ({"accountAge": 36_500}, {"xp": 9, "level": 2}, "accountAge"),
    ],
)
def test_what_the_vault_knows_is_asked_at_the_entry(
    asked: dict[str, Any], record: dict[str, int], fault: str
) -> None:
    """Who does not meet it is refused by its word, unless an operator forces it."""
    robo = memory()
    giveaway = started(robo, requirements=asked, winners=1)
    counted(robo, {MANY[0]: record})

    refused = robo.giveaways.enter(GUILD, giveaway, MANY[0])
    forced = robo.giveaways.enter(GUILD, giveaway, MANY[0], force=True)

    assert [[one.where for one in who.faults] for who in refused.refused] == [[fault]]
    assert forced.entered == 1
    assert robo.giveaways.end(GUILD, giveaway).winners == (MANY[0],), "it counts at the draw too"


def test_a_bypass_role_frees_from_it() -> None:
    """Also at a draw where nobody sees roles; where they are seen, only while it is held."""
    robo = memory()
    vip, other = MANY[:2]
    giveaway = started(robo, requirements={"minLevel": 3}, bypass_role_ids=[ROLE], winners=2)

    done = robo.giveaways.enter(GUILD, giveaway, [Entrant(vip, frozenset({ROLE})), other])
    seen = {vip: Entrant(vip, frozenset())}

    assert (done.entered, [one.user_id for one in done.refused]) == (1, [other])
    assert robo.giveaways.to_check(GUILD, giveaway, {}) == (vip,)
    assert robo.giveaways.end(GUILD, giveaway, members=seen, dry_run=True).changed
    assert robo.giveaways.end(GUILD, giveaway).winners == (vip,)


def test_who_could_be_freed_by_a_role_is_looked_at() -> None:
    """Before a draw in which they would be passed over."""
    robo = memory()
    giveaway = started(robo, requirements={"minLevel": 3}, bypass_role_ids=[ROLE], winners=1)
    counted(robo, {MANY[0]: {"xp": 900, "level": 3}})
    robo.giveaways.enter(GUILD, giveaway, MANY[0])
    counted(robo, {MANY[0]: {"xp": 100, "level": 1}})

    assert robo.giveaways.to_check(GUILD, giveaway, {}) == (MANY[0],)
    assert not robo.giveaways.end(GUILD, giveaway, complete=True).changed
    drawn = robo.giveaways.end(
        GUILD, giveaway, members={MANY[0]: Entrant(MANY[0], frozenset({ROLE}))}, complete=True
    )
    assert drawn.winners == (MANY[0],)


@pytest.mark.parametrize(
    ("terms", "where"),
    [
        ({"requirements": {"minLevle": 3}}, "requirements.minLevle"),
        ({"requirements": {"minLevel": -1}}, "requirements.minLevel"),
        ({"requirements": {"rolesAll": ["12"]}}, "requirements.rolesAll[0]"),
        ({"requirements": {"boosters": "yes"}}, "requirements.boosters"),
        ({"bypass_role_ids": ["12"]}, "bypassRoleIds[0]"),
        ({"bonus_mode": "product"}, "bonusMode"),
        ({"requirements": {"rolesAll": [ROLE]}, "deny_role_ids": [ROLE]}, "allowRoleIds"),
    ],
)
def test_what_cannot_be_asked(terms: dict[str, Any], where: str) -> None:
    """It is refused with the place of the fault, and nothing is stored."""
    robo = memory()

    with pytest.raises(InvalidConfig) as caught:
        started(robo, **terms)
    assert [fault.where for fault in caught.value.faults] == [where]
    assert robo.giveaways.list(GUILD) == []


def test_roles_and_ages_come_together() -> None:
    """What the options of their own ask and what the requirements ask is one."""
    robo = memory()
    giveaway = started(
        robo, allow_role_ids=[ROLE], min_account_age_days=3,
        requirements={"rolesAny": [OTHER_ROLE], "accountAge": 9},
    )  # fmt: skip

    found = robo.giveaways.get(GUILD, giveaway)
    assert (found.allow_role_ids, found.min_account_age_days) == ((ROLE, OTHER_ROLE), 9)
    document = robo.giveaways.export(GUILD, giveaway)
    assert document["requirements"] == {"rolesAny": [ROLE, OTHER_ROLE], "accountAge": 9}


def crowd(random: Random, now: int) -> dict[str, tuple[dict[str, int], Entrant]]:
    """Ten thousand members of every sort: what the vault and what Discord says of each."""
    found = {}
    for n in range(10_000):
        user_id = str(300_000_000_000_000_000 + 104_729 * n)
        level = random.randrange(6)
        record = {
            "xp": level * 200, "level": level, "messages": random.randrange(40),
            "voiceSeconds": random.randrange(1200),
        }  # fmt: skip
        often = {ROLE: 0.5, OTHER_ROLE: 0.5, "4" * 18: 0.02}
        roles = frozenset(role for role, part in often.items() if random.random() < part)
        joined = now - random.randrange(20 * DAY_MS)
        booster = random.random() < 0.7
        found[user_id] = (record, Entrant(user_id, roles, joined_at=joined, is_booster=booster))
    return found


def oracle(record: dict[str, int], entrant: Entrant, now: int) -> bool:
    """Whether all is met, said once more."""
    roles = entrant.role_ids or frozenset()
    if "4" * 18 in roles:
        return True
    return bool(
        {ROLE, OTHER_ROLE} & roles and ROLE in roles
        and record["level"] >= 3 and record["xp"] >= 500 and record["messages"] >= 20
        and record["voiceSeconds"] >= 600 and now - (entrant.joined_at or 0) >= 7 * DAY_MS
        and entrant.is_booster
        and now - ((int(entrant.user_id) >> 22) + 1_420_070_400_000) >= 400 * DAY_MS
    )  # fmt: skip


def test_ten_thousand_entrants_against_an_oracle() -> None:
    """Every kind of requirement at once: the winners and who was passed over are those of the
    oracle at the stated batch, and the proof holds on another machine.
    """
    clock = HandClock()
    robo, now = memory(clock), clock.now_ms()
    members = crowd(Random(1), now)
    giveaway = started(
        robo, winners=20, bypass_role_ids=["4" * 18],
        requirements={
            **COUNTS, "rolesAny": [ROLE, OTHER_ROLE], "rolesAll": [ROLE], "accountAge": 400,
            "memberAge": 7, "boosters": True,
        },
    )  # fmt: skip
    for number in range(0, 10_000, 100):
        ids = list(members)[number : number + 100]
        robo.giveaways.enter(GUILD, giveaway, ids, force=True)
    entries = robo.vault.namespace(f"giveaways/{GUILD}")
    with entries.transaction(Origin("test", "as if clicked")) as change:
        for user_id, entry in change.records(f"entries:{giveaway}").items():
            plain = {key: value for key, value in entry.items() if key != "exempt"}
            change.put(f"entries:{giveaway}", user_id, plain)
    seq = counted(robo, {user_id: record for user_id, (record, _) in members.items()})
    seen = {user_id: entrant for user_id, (_, entrant) in members.items()}

    ended = robo.giveaways.end(GUILD, giveaway, members=seen)
    counted(robo, {user_id: {"xp": 0, "level": 0} for user_id in members})

    (draw,) = ended.giveaway.draws
    document = robo.giveaways.export(GUILD, giveaway)
    digest = digest_of(document["entries"])
    stream = Stream(bytes.fromhex(document["secret"]), giveaway, 0, digest)
    won: list[str] = []
    passed: list[str] = []
    for user_id in order_of(document["entries"], stream):
        if len(won) == 20:
            break
        (won if oracle(*members[user_id], now) else passed).append(user_id)
    assert (list(ended.winners), list(draw.dropped)) == (won, passed)
    assert len(passed) > 20
    assert draw.xp_seq == seq
    assert Giveaways.verify_document(json.dumps(document)).valid
    assert second_draw.is_valid(document)
