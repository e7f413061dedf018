"""May this member enter, and may they still win: every requirement that is not met."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from robo_xp.errors import Fault
from robo_xp.model.draws import Entrant, Requirements
from robo_xp.text import counted

DAY_MS: Final = 86_400_000
_DISCORD_EPOCH_MS: Final = 1_420_070_400_000

ACTIVE: Final = "active"
NOT_ENTERED: Final = "notEntered"
NO_BOT: Final = "noBot"
IN_GUILD: Final = "inGuild"
ALLOWED_ROLE: Final = "allowedRole"
NO_DENIED_ROLE: Final = "noDeniedRole"
ACCOUNT_AGE: Final = "accountAge"
REQUIREMENTS: Final = (
    ACTIVE,
    NOT_ENTERED,
    IN_GUILD,
    NO_BOT,
    ALLOWED_ROLE,
    NO_DENIED_ROLE,
    ACCOUNT_AGE,
)
"""Every requirement that a fault can name."""


def created_ms(user_id: str) -> int:
    """When the account was made, in epoch milliseconds: it is part of the id."""
    return (int(user_id) >> 22) + _DISCORD_EPOCH_MS


def unmet(entrant: Entrant, requirements: Requirements, now_ms: int) -> tuple[Fault, ...]:
    """The requirements that the entrant does not meet now, each named in ``where``."""
    faults = []
    if not entrant.is_member:
        faults.append(Fault(IN_GUILD, "has left the guild"))
    if entrant.is_bot:
        faults.append(Fault(NO_BOT, "is a bot"))
    if entrant.role_ids is not None:
        faults += _role_faults(entrant.role_ids, requirements)
    days = requirements.min_account_age_days
    if days and now_ms - created_ms(entrant.user_id) < days * DAY_MS:
        age = max(0, now_ms - created_ms(entrant.user_id)) // DAY_MS
        faults.append(
            Fault(ACCOUNT_AGE, f"the account is {counted(age, 'day')} old; it needs {days}")
        )
    return tuple(faults)


def unmet_to_enter(
    entrant: Entrant,
    requirements: Requirements,
    now_ms: int,
    *,
    is_active: bool = True,
    has_entered: bool = False,
) -> tuple[Fault, ...]:
    """The same for somebody who wants to enter, who must not have entered before."""
    faults = []
    if not is_active:
        faults.append(Fault(ACTIVE, "the giveaway is not active"))
    if has_entered:
        faults.append(Fault(NOT_ENTERED, "has entered already"))
    return (*faults, *unmet(entrant, requirements, now_ms))


def _role_faults(held: frozenset[str], requirements: Requirements) -> list[Fault]:
    """What the roles held do not meet: any of the allowed ones, none of the denied ones."""
    faults = []
    if requirements.allow_role_ids and held.isdisjoint(requirements.allow_role_ids):
        needed = ", ".join(requirements.allow_role_ids)
        faults.append(Fault(ALLOWED_ROLE, f"holds none of the roles {needed}"))
    denied = [role_id for role_id in requirements.deny_role_ids if role_id in held]
    if denied:
        faults.append(Fault(NO_DENIED_ROLE, f"holds the role {', '.join(denied)}"))
    return faults


MOST_WEIGHT: Final = 101
"""The most that an entry can weigh: 1, and the highest bonus that a role can have."""


def weight_of(role_ids: Collection[str] | None, bonus_entries: Mapping[str, int]) -> int:
    """How much an entry weighs: 1, and the highest bonus of the roles held on top."""
    if not role_ids or not bonus_entries:
        return 1
    return 1 + max((bonus_entries[role] for role in role_ids if role in bonus_entries), default=0)


def may_host(
    role_ids: Collection[str], host_role_ids: Collection[str], *, manages_guild: bool
) -> bool:
    """Whether a member may start giveaways: who manages the guild, or holds a host role."""
    return manages_guild or not set(role_ids).isdisjoint(host_role_ids)
