"""Who may enter: every requirement that is not met is named."""

from __future__ import annotations

import pytest

from robo_xp.model.draws import Entrant, Requirements, Standing
from robo_xp.model.giveaway import BYPASSED, FORCED, SUM
from robo_xp.rules.giveaway.eligibility import (
    ACCOUNT_AGE,
    ACTIVE,
    ALLOWED_ROLE,
    DAY_MS,
    IN_GUILD,
    MIN_LEVEL,
    MOST_WEIGHT,
    NO_BOT,
    NO_DENIED_ROLE,
    NOT_ENTERED,
    REQUIREMENTS,
    created_ms,
    may_host,
    unmet,
    unmet_to_enter,
    weight_of,
)

ANN = "175928847299117063"  # the example of Discord's own documentation
BORN_MS = 1_462_015_105_796
A, B, C = (f"40000000000000000{n}" for n in range(3))


def held(*role_ids: str) -> Entrant:
    return Entrant(ANN, frozenset(role_ids))


def test_the_age_of_an_account_is_in_its_id() -> None:
    """The example id was made at 2016-04-30 11:18:25.796 UTC."""
    assert created_ms(ANN) == BORN_MS


@pytest.mark.parametrize(
    ("entrant", "requirements", "expected"),
    [
        (held(), Requirements(), []),
        (held(), Requirements(allow_role_ids=(A, B)), [ALLOWED_ROLE]),
        (held(B), Requirements(allow_role_ids=(A, B)), []),
        (held(C), Requirements(allow_role_ids=(A, B)), [ALLOWED_ROLE]),
        (held(A), Requirements(deny_role_ids=(B,)), []),
        (held(A, B), Requirements(deny_role_ids=(B, C)), [NO_DENIED_ROLE]),
        (held(A, B), Requirements(allow_role_ids=(A,), deny_role_ids=(B,)), [NO_DENIED_ROLE]),
        (held(B), Requirements((A,), (B,)), [ALLOWED_ROLE, NO_DENIED_ROLE]),
        (Entrant(ANN), Requirements(allow_role_ids=(A,), deny_role_ids=(B,)), []),
        (Entrant(ANN, is_bot=True), Requirements(), [NO_BOT]),
        (Entrant(ANN, is_member=False), Requirements(), [IN_GUILD]),
    ],
)  # fmt: skip
def test_roles_bots_and_members(
    entrant: Entrant, requirements: Requirements, expected: list[str]
) -> None:
    """Any allowed role will do, no denied one may be held; unseen roles are not judged."""
    faults = unmet(entrant, requirements, BORN_MS + 1000 * DAY_MS)

    assert [fault.where for fault in faults] == expected


@pytest.mark.parametrize(
    ("days", "age_ms", "is_met"),
    [
        (None, 0, True),
        (0, 0, True),
        (1, DAY_MS - 1, False),
        (1, DAY_MS, True),
        (30, 30 * DAY_MS - 1, False),
        (30, 30 * DAY_MS, True),
        (1, -5 * DAY_MS, False),
    ],
)
def test_an_account_has_to_be_old_enough_to_the_millisecond(
    days: int | None, age_ms: int, is_met: bool
) -> None:
    """A day is 24 hours, and the requirement is met at the very end of the last one."""
    found = unmet(Entrant(ANN), Requirements(min_account_age_days=days), BORN_MS + age_ms)

    assert [fault.where for fault in found] == ([] if is_met else [ACCOUNT_AGE])


def test_all_that_is_not_met_is_named_at_once() -> None:
    """Somebody who fails everything is told everything."""
    nobody = Entrant(
        ANN, frozenset({B}), True, False, joined_at=BORN_MS, is_booster=False, standing=Standing()
    )
    asked = Requirements((A,), (B,), 10, (C,), 1, 1, 1, 1, 1, True)

    faults = unmet_to_enter(nobody, asked, BORN_MS, is_active=False, is_full=True, has_entered=True)

    assert [fault.where for fault in faults] == list(REQUIREMENTS)
    assert {ACTIVE, NOT_ENTERED} < set(REQUIREMENTS)


@pytest.mark.parametrize(
    ("role_ids", "weight"), [(None, 1), ([], 1), ([C], 1), ([A], 3), ([B], 6), ([A, B, C], 6)]
)
def test_the_highest_bonus_of_the_roles_counts(role_ids: list[str] | None, weight: int) -> None:
    """An entry weighs one, and the highest bonus on top."""
    assert weight_of(role_ids, {A: 2, B: 5}) == weight


@pytest.mark.parametrize(
    ("role_ids", "weight"), [(None, 1), ([C], 1), ([A], 3), ([A, B], 8), ([A, B, C], 8)]
)
def test_the_bonuses_of_all_roles_count(role_ids: list[str] | None, weight: int) -> None:
    """Where the giveaway says so."""
    assert weight_of(role_ids, {A: 2, B: 5}, SUM) == weight


def test_no_entry_weighs_more_than_a_proof_takes() -> None:
    """However many bonuses come together."""
    assert weight_of([A, B, C], {A: 90, B: 90, C: 90}, SUM) == MOST_WEIGHT


NOW = BORN_MS + 1000 * DAY_MS
SEEN = Entrant(
    ANN, frozenset({A}), joined_at=NOW - 7 * DAY_MS, is_booster=False,
    standing=Standing(level=5, xp=1000, messages=20, voice_minutes=60),
)  # fmt: skip


@pytest.mark.parametrize(
    ("requirements", "expected"),
    [
        (Requirements(all_role_ids=(A,)), None),
        (Requirements(all_role_ids=(A, B)), "rolesAll"),
        (Requirements(min_level=5), None),
        (Requirements(min_level=6), "minLevel"),
        (Requirements(min_xp=1000), None),
        (Requirements(min_xp=1001), "minXp"),
        (Requirements(min_messages=20), None),
        (Requirements(min_messages=21), "minMessages"),
        (Requirements(min_voice_minutes=60), None),
        (Requirements(min_voice_minutes=61), "minVoiceMinutes"),
        (Requirements(min_member_days=7), None),
        (Requirements(min_member_days=8), "memberAge"),
        (Requirements(boosters=True), "boosters"),
        (Requirements(boosters=True, bypass_role_ids=(A,)), None),
        (Requirements(boosters=True, bypass_role_ids=(B,)), "boosters"),
    ],
)
def test_what_is_counted_and_seen(requirements: Requirements, expected: str | None) -> None:
    """Each is asked for by its word, up to the last one; a bypass role frees from it."""
    faults = unmet(SEEN, requirements, NOW)

    assert [fault.where for fault in faults] == ([expected] if expected else [])
    assert unmet(Entrant(ANN), requirements, NOW) == (), "what nobody can see is not judged"


def test_why_an_entry_counts_all_the_same() -> None:
    """A forced one always; one of a bypass role as long as nobody can see the roles."""
    asked = Requirements(min_level=9, bypass_role_ids=(B,))
    unseen = Entrant(ANN, standing=Standing())

    assert unmet(SEEN, asked, NOW, exempt=FORCED) == ()
    assert unmet(unseen, asked, NOW, exempt=BYPASSED) == ()
    assert [one.where for one in unmet(SEEN, asked, NOW, exempt=BYPASSED)] == [MIN_LEVEL]


@pytest.mark.parametrize(
    ("role_ids", "manages", "may"),
    [([], False, False), ([A], False, True), ([B], False, False), ([], True, True)],
)
def test_who_may_host(role_ids: list[str], manages: bool, may: bool) -> None:
    """Who manages the guild may start giveaways, and who holds a host role."""
    assert may_host(role_ids, [A, C], manages_guild=manages) is may
