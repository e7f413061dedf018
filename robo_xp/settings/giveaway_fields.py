"""The checks of giveaway settings: every fault of a document, and contradictions within it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from robo_xp.errors import Fault, InvalidValue
from robo_xp.model import shown
from robo_xp.rules import checks as check
from robo_xp.rules.checks import joined
from robo_xp.rules.giveaway.duration import DAY_MS, span_ms
from robo_xp.settings.giveaway_settings import BONUS, effective, meant, settings_of
from robo_xp.settings.schema import Check, Fields, Tree, map_faults

MAX_WINNERS: Final = 100
MAX_DAYS: Final = 365
MAX_BONUS: Final = 100
MAX_AGE_DAYS: Final = 36_500
MAX_BUTTON_LABEL: Final = 80


def faults_of(own: Mapping[str, Any], *below: Mapping[str, Any]) -> list[Fault]:
    """Everything that is wrong with a sparse document; ``below`` are the layers under it.

    Contradictions are only looked for among values that are right by themselves.
    """
    return shape_faults(own) or _contradictions(effective(*below, own))


def shape_faults(own: Mapping[str, Any]) -> list[Fault]:
    """Everything that is wrong with the single values of a sparse document."""
    return _TREE.faults("", own, _FIELDS)


def role_contradictions(allow: tuple[str, ...], deny: tuple[str, ...], where: str) -> list[Fault]:
    """A fault for each role that is both allowed and denied."""
    return [
        Fault(where, f"role {role_id} is allowed and denied at once")
        for role_id in allow
        if role_id in deny
    ]


def _contradictions(document: Mapping[str, Any]) -> list[Fault]:
    """What is wrong between the values of a complete document."""
    holds = settings_of(document)
    faults = role_contradictions(
        holds.allow_role_ids, holds.deny_role_ids, "restrictions.allowRoleIds"
    )
    if holds.winners > holds.max_winners:
        message = f"{holds.winners} is more than limits.maxWinners, {holds.max_winners}"
        faults.append(Fault("defaults.winners", message))
    if span_ms(holds.duration) > holds.max_duration_days * DAY_MS:
        message = (
            f"{holds.duration!r} is more than limits.maxDurationDays, {holds.max_duration_days}"
        )
        faults.append(Fault("defaults.duration", message))
    return faults


_TREE: Final = Tree("reset", lambda where, key, _: meant(joined(where, key)))


def _whole(low: int, high: int) -> Check:
    return lambda where, value: check.whole_faults(where, value, low, high)


def _duration(where: str, value: object) -> list[Fault]:
    if not isinstance(value, str):
        return [Fault(where, f"must be a length of time such as '1h', not {shown(value)}")]
    try:
        span_ms(value)
    except InvalidValue as error:
        return [Fault(where, error.message)]
    return []


def bonus_faults(where: str, value: object) -> list[Fault]:
    """The faults of a map from role id to how many entries come on top."""
    return map_faults(where, value, _whole(1, MAX_BONUS), key="a role id")


_FIELDS: Final[Fields] = {
    "defaults": _TREE.group(
        {
            "winners": _whole(1, MAX_WINNERS),
            "duration": _duration,
            "buttonLabel": lambda where, value: check.label_faults(
                where, value, limit=MAX_BUTTON_LABEL
            ),
            "dmWinners": check.bool_faults,
        }
    ),
    "limits": _TREE.group(
        {"maxWinners": _whole(1, MAX_WINNERS), "maxDurationDays": _whole(1, MAX_DAYS)}
    ),
    "restrictions": _TREE.group(
        {
            "allowRoleIds": check.ids_faults,
            "denyRoleIds": check.ids_faults,
            "minAccountAgeDays": _whole(0, MAX_AGE_DAYS),
        }
    ),
    "hostRoleIds": check.ids_faults,
    "recheckAtDraw": check.bool_faults,
    BONUS: bonus_faults,
}
