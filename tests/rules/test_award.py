"""Awards: each rule that refuses, their order, and exact amounts."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from robo_xp.model import (
    AT_CAP,
    COOLDOWN,
    MAX_XP,
    NO_XP_CHANNEL,
    NO_XP_ROLE,
    REFUSAL_RULES,
    ZERO,
    Award,
    MemberXP,
    Message,
    Refusal,
)
from robo_xp.rules.award import award_for, xp_for
from robo_xp.rules.levels.curve import DEFAULT_CURVE, build_curve
from robo_xp.rules.levels.shape import Curve
from robo_xp.settings.xp import XP, settings_of

ME, CHANNEL, PARENT, CATEGORY, ROLE, OTHER = (str(10**17 + n) for n in range(6))
NOW = 1_732_170_000_000
MEMBER = MemberXP(ME)
MESSAGE = Message(CHANNEL, PARENT, CATEGORY, (OTHER, ROLE), NOW)
CAPPED = build_curve({"type": "linear", "params": {"xpPerLevel": 100}, "maxLevel": 10})


def _decide(
    own: Mapping[str, Any],
    member: MemberXP = MEMBER,
    message: Message = MESSAGE,
    curve: Curve = DEFAULT_CURVE,
    base: int = 20,
) -> Award | Refusal:
    return award_for(member, message, settings_of(XP.effective({}, own)), curve, base)


def _rule(decision: Award | Refusal) -> str:
    return decision.rule if isinstance(decision, Refusal) else "award"


def test_a_first_message_earns_the_roll() -> None:
    """With default settings a new member earns exactly what was rolled."""
    assert _decide({}) == Award(20, 1000, 20, 20, 0)


def test_amount_is_exact() -> None:
    """18 at a rate of 1.2 and a multiplier of 1.25 is 27; binary floats would say 26."""
    decision = _decide({"xpRate": 1.2, "multipliers": {"server": 1.25}}, base=18)

    assert decision == Award(27, 1250, 18, 27, 0)


@pytest.mark.parametrize("listed", [CHANNEL, PARENT, CATEGORY])
def test_no_xp_channel_covers_parent_and_category(listed: str) -> None:
    """A message earns nothing if its channel, thread parent or category is listed."""
    assert _rule(_decide({"noXpChannelIds": [listed]})) == NO_XP_CHANNEL


def test_other_channels_earn() -> None:
    """A listed channel leaves the others alone, and absent parents match nothing."""
    own = {"noXpChannelIds": [OTHER]}

    assert _rule(_decide(own)) == "award"
    assert _rule(_decide(own, message=Message(CHANNEL, at=NOW))) == "award"


def test_any_no_xp_role_blocks() -> None:
    """One listed role among those held is enough; a listed role not held is nothing."""
    assert _rule(_decide({"noXpRoleIds": [ROLE]})) == NO_XP_ROLE
    assert _rule(_decide({"noXpRoleIds": [ME]})) == "award"


@pytest.mark.parametrize(
    ("passed", "rule", "left"),
    [
        (0, COOLDOWN, 60_000),
        (59_999, COOLDOWN, 1),
        (60_000, "award", 0),
        (60_001, "award", 0),
        (-5, COOLDOWN, 60_005),
    ],
)
def test_cooldown_is_strict(passed: int, rule: str, left: int) -> None:
    """At exactly the cooldown a message earns again; before, the refusal says how long is left."""
    decision = _decide({}, MemberXP(ME, last_awarded_at=NOW - passed))

    assert _rule(decision) == rule
    assert getattr(decision, "retry_after_ms", 0) == left


def test_no_cooldown_without_an_award_before() -> None:
    """A member never awarded is not in cooldown, even if the clock stands near its zero."""
    assert _rule(_decide({}, message=structs.replace(MESSAGE, at=5))) == "award"


def test_cooldown_of_zero_never_refuses() -> None:
    """With a cooldown of 0 two messages of one instant both earn."""
    member = MemberXP(ME, last_awarded_at=NOW)

    assert _rule(_decide({"cooldownSeconds": 0}, member)) == "award"


@pytest.mark.parametrize(
    "own",
    [
        {"multipliers": {"server": 0}},
        {"multipliers": {"role": {ROLE: 0}}},
        {"multipliers": {"user": {ME: 0}}},
        {"xpRate": 0.01},
        {"xpRate": 0.049},
    ],
)
def test_less_than_one_is_no_award(own: dict[str, Any]) -> None:
    """A multiplier of 0, or an amount that rounds down to 0, is a refusal and not an award of 0."""
    assert _rule(_decide(own)) == ZERO


def test_award_stops_at_the_cap() -> None:
    """The last award fills up to the cap; after it there is none; nobody above it is lowered."""
    assert _decide({}, MemberXP(ME, 990, 9), curve=CAPPED) == Award(10, 1000, 20, 1000, 10)
    assert _rule(_decide({}, MemberXP(ME, 1000, 10), curve=CAPPED)) == AT_CAP
    assert _rule(_decide({}, MemberXP(ME, 5000, 10), curve=CAPPED)) == AT_CAP


def test_the_limit_is_a_cap_too() -> None:
    """No award passes MAX_XP."""
    level = DEFAULT_CURVE.level_for(MAX_XP)

    assert _decide({}, MemberXP(ME, MAX_XP - 3, level)) == Award(3, 1000, 20, MAX_XP, level)
    assert _rule(_decide({}, MemberXP(ME, MAX_XP, level))) == AT_CAP


def test_level_rises_with_the_award() -> None:
    """The level is that of the new total, whatever level was stored."""
    assert _decide({}, MemberXP(ME, 140, 0)) == Award(20, 1000, 20, 160, 1)
    assert _decide({}, MemberXP(ME, 140, 77)) == Award(20, 1000, 20, 160, 1)


def test_order_of_the_rules() -> None:
    """Where several rules refuse, the first one is named: channel, role, cooldown, zero, cap."""
    own: dict[str, Any] = {
        "noXpChannelIds": [CHANNEL],
        "noXpRoleIds": [ROLE],
        "cooldownSeconds": 60,
        "multipliers": {"server": 0},
    }
    member = MemberXP(ME, 1000, 10, last_awarded_at=NOW)
    named = []
    for key in own:
        named.append(_rule(_decide(own, member, curve=CAPPED)))
        own = {**own, key: {"cooldownSeconds": 0, "multipliers": {}}.get(key, [])}
    named.append(_rule(_decide(own, member, curve=CAPPED)))

    assert named == [NO_XP_CHANNEL, NO_XP_ROLE, COOLDOWN, ZERO, AT_CAP]
    assert set(named) < REFUSAL_RULES


@given(
    st.integers(15, 25),
    st.integers(1, 10_000).map(lambda n: n / 1000),
    st.integers(0, 1_000_000),
)
def test_amount_equals_the_slow_way(base: int, rate: float, permille: int) -> None:
    """Base times rate times multiplier, as decimals written out, rounded down."""
    exact = Fraction(str(rate))
    amount = floor(base * exact * Fraction(permille, 1000))

    assert xp_for(base, exact.numerator, exact.denominator, permille) == amount
