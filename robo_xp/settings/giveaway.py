"""The settings of giveaways: one line each, what contradicts what, what they are for the rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from robo_xp.errors import ExtraMissing, Fault
from robo_xp.model.closing import NONE
from robo_xp.model.giveaway import HIGHEST
from robo_xp.rules.giveaway.beacon import check_extra
from robo_xp.rules.giveaway.duration import DAY_MS, span_ms
from robo_xp.settings.giveaway_terms import AGE, BEACONS, BONUS_MODES, MORE, TEMPLATE, WINNERS
from robo_xp.settings.kinds import Duration, Flag, IdsOf, PerId, PerName, Text, Whole
from robo_xp.settings.table import Field, Table

BONUS: Final = "bonusEntries"
TEMPLATES: Final = "templates"


def role_contradictions(allow: Iterable[str], deny: Iterable[str], where: str) -> list[Fault]:
    """A fault for each role that is both allowed and denied."""
    denied = set(deny)
    return [
        Fault(where, f"role {role_id} is allowed and denied at once")
        for role_id in allow
        if role_id in denied
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


# fmt: off
GIVEAWAY: Final = Table(
    Field("defaults.winners", WINNERS, 1, "Winners", unit="members",
          help="How many winners a giveaway has."),
    Field("defaults.duration", Duration(), "1h", "Duration",
          help="How long a giveaway lasts, such as 1h or 2d."),
    Field("defaults.buttonLabel", Text(80), "Enter Giveaway", "Button",
          help="What the button to enter says."),
    Field("defaults.dmWinners", Flag(), True, "Direct messages to winners",
          help="Whether winners get a direct message."),
    Field("limits.maxWinners", WINNERS, 20, "Most winners", unit="members",
          help="How many winners a giveaway can have."),
    Field("limits.maxDurationDays", Whole(1, 365), 30, "Longest giveaway in days", unit="days",
          option="max_days",
          help="How many days a giveaway can last."),
    Field("restrictions.allowRoleIds", IdsOf("role"), (), "Allowed roles", option="allowed_role",
          help="Only members with one of these roles may enter; where there are none, all may."),
    Field("restrictions.denyRoleIds", IdsOf("role"), (), "Denied roles", option="denied_role",
          help="Members with one of these roles may not enter."),
    Field("restrictions.minAccountAgeDays", AGE, 0, "Account age in days",
          unit="days", option="min_account_age",
          help="How many days old an account must be to enter; 0 for any."),
    Field("hostRoleIds", IdsOf("role"), (), "Host roles", option="host_role",
          help="Members with one of these roles may start giveaways, as the managers may."),
    Field("recheckAtDraw", Flag(), True, "Second look at winners", option="recheck",
          help="Whether winners are looked at again before a draw."),
    Field(BONUS, PerId("role", MORE), {}, "Bonus entries", unit="entries", option="bonus",
          help="How many entries members with a role have on top."),
    Field("bonusMode", BONUS_MODES, HIGHEST, "Bonuses of several roles",
          help="Whether the highest bonus counts for who holds several of the roles, or all."),
    Field(TEMPLATES, PerName("template", TEMPLATE), None, "Templates",
          help="What giveaways that are started by a template begin with."),
    Field("draw.beacon", BEACONS, NONE, "Beacon",
          help="Which public beacon decides draws beside the secret, so that nobody can foresee or"
               " bend them, the operator included."),
    Field("draw.beaconWait", Duration(), "1h", "Longest wait for the beacon",
          help="How long a draw waits for its round where nobody can get it; then it is made"
               " without, and its proof says so."),
    groups={
        "draw": "How winners are drawn",
        "defaults": "What a giveaway gets where its start says nothing",
        "limits": "How much a giveaway may have",
        "restrictions": "Who may enter any giveaway",
    },
    contradictions=_contradictions,
)
# fmt: on
"""Every setting of giveaways. To add one, add its line."""


@dataclass(frozen=True, slots=True)
class GiveawaySettings:
    """The settings that hold in a guild, named like their keys; ``duration`` is text."""

    winners: int
    duration: str
    button_label: str
    dm_winners: bool
    max_winners: int
    max_duration_days: int
    allow_role_ids: tuple[str, ...]
    deny_role_ids: tuple[str, ...]
    min_account_age_days: int
    host_role_ids: tuple[str, ...]
    recheck_at_draw: bool
    bonus_entries: Mapping[str, int]
    bonus_mode: str
    templates: Mapping[str, Any] | None
    beacon: str
    beacon_wait: str


def warnings_of(document: Mapping[str, Any]) -> list[str]:
    """What is allowed in a valid document but cannot be carried out here."""
    templates = document.get(TEMPLATES, {}).values()
    wanted = {document.get("draw", {}).get("beacon"), *(one.get("beacon") for one in templates)}
    if wanted <= {None, NONE}:
        return []
    try:
        check_extra()
    except ExtraMissing as error:
        return [f"no giveaway can start with the beacon: {error.message}; {error.advice}"]
    return []


def settings_of(document: Mapping[str, Any]) -> GiveawaySettings:
    """A complete and valid document as an object."""
    values: dict[str, Any] = {}
    for field in GIVEAWAY:
        value = GIVEAWAY.get(document, field.key)
        values[_snake(field.name)] = tuple(value) if isinstance(value, list) else value
    return GiveawaySettings(**{one.name: values[one.name] for one in fields(GiveawaySettings)})


def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", name)
