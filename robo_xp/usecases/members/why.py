"""Which rules a message would meet, and what it would earn; nothing is changed by asking."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from robo_xp.model import MemberXP, Message, Refusal
from robo_xp.model.ids import check_snowflake
from robo_xp.rules.award import award_for, refusals_of
from robo_xp.rules.multiplier import best_role, multiplier_for, nearest
from robo_xp.settings.xp import XP
from robo_xp.usecases.core import Core, Scope, own_config
from robo_xp.usecases.members.award import ROLL_HIGH, ROLL_LOW, as_of_messages
from robo_xp.usecases.members.changes import NEW_MEMBER, USERS

PASSED = "nothing refuses it"


@dataclass(frozen=True, slots=True)
class Check:
    """One rule: whether it lets the message pass, and the layer that sets it."""

    check: str
    passed: bool
    detail: str
    set_by: str


@dataclass(frozen=True, slots=True)
class Factors:
    """The factors that count for the message, None for what has no entry, and their product.

    ``boosts`` is what the boosts of its time come to, and ``boost_names`` what these are called.
    """

    server: float | None
    role: float | None
    channel: float | None
    user: float | None
    boosts: float | None
    product: float
    boost_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the most XP."""

    min: int
    max: int


@dataclass(frozen=True, slots=True)
class Why:
    """What a message would come to: ``award`` or ``refusal`` with its ``reason``."""

    outcome: str
    reason: str | None
    checks: tuple[Check, ...]
    multiplier: Factors
    amount: Range


def explain_award(core: Core, scope: Scope, user_id: str, message: Message) -> Why:
    """What the message of the member would meet and earn. Raises InvalidId."""
    state = scope.namespace.read()
    record = state.records(USERS).get(check_snowflake(user_id, "member id")) or NEW_MEMBER
    member = as_of_messages(MemberXP.from_record(user_id, record), record)
    rules = core.rules(scope)
    owns = (core.global_own(), own_config(state))
    checks = tuple(
        Check(reason, refusal is None, refusal.detail if refusal else PASSED,
              XP.source_of(setting, *owns))
        for reason, setting, refusal in refusals_of(member, message, rules.settings)
    )  # fmt: skip
    ends = [
        award_for(member, message, rules.settings, rules.curve, base)
        for base in (ROLL_LOW, ROLL_HIGH)
    ]
    low, high = (0 if isinstance(end, Refusal) else end.xp for end in ends)
    most = ends[-1]
    reason = most.rule if isinstance(most, Refusal) else None
    factors = rules.settings.multipliers
    used = Factors(
        _number(factors.server),
        _number(best_role(factors.role, message.role_ids)),
        _number(nearest(factors.channel, message.places)),
        _number(factors.user.get(user_id)),
        _number(factors.boosts.factor(message.at, message.places, message.role_ids)),
        multiplier_for(factors, user_id, message) / 1000,
        tuple(
            one.name or one.id
            for one in factors.boosts.all
            if one.is_running(message.at) and one.counts_for(message.places, message.role_ids)
        ),
    )
    return Why("refusal" if reason else "award", reason, checks, used, Range(low, high))


def _number(factor: Fraction | None) -> float | None:
    return None if factor is None else float(factor)
