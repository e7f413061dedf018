"""May this member enter, and may they still win: every requirement that is not met."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Final

from robo_xp.errors import Fault
from robo_xp.model.draws import Entrant, Requirements, Standing
from robo_xp.model.giveaway import BYPASSED, FORCED, HIGHEST, SUM
from robo_xp.text import count_text, thousands

DAY_MS: Final = 86_400_000
_DISCORD_EPOCH_MS: Final = 1_420_070_400_000

ACTIVE: Final = "active"
NOT_ENTERED: Final = "notEntered"
NOT_FULL: Final = "notFull"
NO_BOT: Final = "noBot"
IN_GUILD: Final = "inGuild"
ALLOWED_ROLE: Final = "allowedRole"
NO_DENIED_ROLE: Final = "noDeniedRole"
ALL_ROLES: Final = "rolesAll"
ACCOUNT_AGE: Final = "accountAge"
MEMBER_AGE: Final = "memberAge"
BOOSTERS: Final = "boosters"
MIN_LEVEL: Final = "minLevel"
MIN_XP: Final = "minXp"
MIN_MESSAGES: Final = "minMessages"
MIN_VOICE_MINUTES: Final = "minVoiceMinutes"
OF_ROLES: Final = (ALLOWED_ROLE, ALL_ROLES, NO_DENIED_ROLE)
REQUIREMENTS: Final = (
    ACTIVE,
    NOT_FULL,
    NOT_ENTERED,
    IN_GUILD,
    NO_BOT,
    ALLOWED_ROLE,
    ALL_ROLES,
    NO_DENIED_ROLE,
    ACCOUNT_AGE,
    MEMBER_AGE,
    BOOSTERS,
    MIN_LEVEL,
    MIN_XP,
    MIN_MESSAGES,
    MIN_VOICE_MINUTES,
)
"""Every requirement that a fault can name."""


def created_ms(user_id: str) -> int:
    """When the account was made, in epoch milliseconds: it is part of the id."""
    return (int(user_id) >> 22) + _DISCORD_EPOCH_MS


def unmet(
    entrant: Entrant, requirements: Requirements, now_ms: int, *, exempt: str | None = None
) -> tuple[Fault, ...]:
    """The requirements that the entrant does not meet now, each named in ``where``.

    ``exempt`` is why an entry counted all the same when it was made: one that was forced still
    does, one of a bypass role for as long as nobody can see the roles.
    """
    faults = []
    if not entrant.is_member:
        faults.append(Fault(IN_GUILD, "has left the guild"))
    if entrant.is_bot:
        faults.append(Fault(NO_BOT, "is a bot"))
    if not _is_free(entrant, requirements, exempt):
        faults += _asked_faults(entrant, requirements, now_ms)
    return tuple(faults)


def needs_bypass(entrant: Entrant, requirements: Requirements, now_ms: int) -> bool:
    """Whether the entrant may enter for the bypass role alone."""
    if not has_bypass(entrant, requirements):
        return False
    return bool(unmet(entrant, replace(requirements, bypass_role_ids=()), now_ms))


def has_bypass(entrant: Entrant, requirements: Requirements) -> bool:
    """Whether the entrant is known to hold a role that frees from all requirements."""
    return not set(entrant.role_ids or ()).isdisjoint(requirements.bypass_role_ids)


def _is_free(entrant: Entrant, requirements: Requirements, exempt: str | None) -> bool:
    """Whether nothing is asked of the entrant but to be a member and no bot."""
    if exempt == FORCED or has_bypass(entrant, requirements):
        return True
    return exempt == BYPASSED and entrant.role_ids is None


def _asked_faults(entrant: Entrant, requirements: Requirements, now_ms: int) -> Iterator[Fault]:
    """What the entrant does not meet of what the giveaway asks, as far as it can be seen."""
    if entrant.role_ids is not None:
        yield from _role_faults(entrant.role_ids, requirements)
    days = requirements.min_account_age_days
    age = _days_since(created_ms(entrant.user_id), now_ms)
    if days and age < days:
        yield Fault(ACCOUNT_AGE, f"the account is {count_text(age, 'day')} old; it needs {days}")
    days = requirements.min_member_days
    if days and entrant.joined_at is not None and _days_since(entrant.joined_at, now_ms) < days:
        age = _days_since(entrant.joined_at, now_ms)
        yield Fault(MEMBER_AGE, f"a member for {count_text(age, 'day')}; it needs {days}")
    if requirements.boosters and entrant.is_booster is False:
        yield Fault(BOOSTERS, "does not boost the server")
    if entrant.standing is not None:
        yield from _standing_faults(entrant.standing, requirements)


def _standing_faults(standing: Standing, requirements: Requirements) -> Iterator[Fault]:
    """What is asked of the vault's counts and not met."""
    for name, has, needs, told in (
        (MIN_LEVEL, standing.level, requirements.min_level, "level {}"),
        (MIN_XP, standing.xp, requirements.min_xp, "{} XP"),
        (MIN_MESSAGES, standing.messages, requirements.min_messages, "messages: {}"),
        (MIN_VOICE_MINUTES, standing.voice_minutes, requirements.min_voice_minutes,
         "minutes in voice channels: {}"),
    ):  # fmt: skip
        if has < needs:
            yield Fault(name, f"{told.format(thousands(has))}; it needs {thousands(needs)}")


def _days_since(at_ms: int, now_ms: int) -> int:
    return max(0, now_ms - at_ms) // DAY_MS


def unmet_to_enter(
    entrant: Entrant,
    requirements: Requirements,
    now_ms: int,
    *,
    is_active: bool = True,
    is_full: bool = False,
    has_entered: bool = False,
    exempt: str | None = None,
) -> tuple[Fault, ...]:
    """The same for somebody who wants to enter, who must not have entered before."""
    faults = []
    if not is_active:
        faults.append(Fault(ACTIVE, "the giveaway is not active"))
    if is_full:
        faults.append(Fault(NOT_FULL, "others were faster"))
    if has_entered:
        faults.append(Fault(NOT_ENTERED, "has entered already"))
    return (*faults, *unmet(entrant, requirements, now_ms, exempt=exempt))


def _role_faults(held: frozenset[str], requirements: Requirements) -> list[Fault]:
    """What the roles held do not meet: any of the allowed, all of the needed, none denied."""
    faults = []
    if requirements.allow_role_ids and held.isdisjoint(requirements.allow_role_ids):
        needed = ", ".join(requirements.allow_role_ids)
        faults.append(Fault(ALLOWED_ROLE, f"holds none of the roles {needed}"))
    lacking = [role_id for role_id in requirements.all_role_ids if role_id not in held]
    if lacking:
        faults.append(Fault(ALL_ROLES, f"does not hold the role {', '.join(lacking)}"))
    denied = [role_id for role_id in requirements.deny_role_ids if role_id in held]
    if denied:
        faults.append(Fault(NO_DENIED_ROLE, f"holds the role {', '.join(denied)}"))
    return faults


MOST_WEIGHT: Final = 101
"""The most that an entry can weigh: 1, and the highest bonus that a role can have."""


def weight_of(
    role_ids: Collection[str] | None, bonus_entries: Mapping[str, int], mode: str = HIGHEST
) -> int:
    """How much an entry weighs: 1, and the bonuses of the roles held on top.

    The highest of them counts, or all together, up to ``MOST_WEIGHT``.
    """
    found = [bonus_entries[role] for role in role_ids or () if role in bonus_entries]
    more = sum(found) if mode == SUM else max(found, default=0)
    return min(1 + more, MOST_WEIGHT)


def may_host(
    role_ids: Collection[str], host_role_ids: Collection[str], *, manages_guild: bool
) -> bool:
    """Whether a member may start giveaways: who manages the guild, or holds a host role."""
    return manages_guild or not set(role_ids).isdisjoint(host_role_ids)
