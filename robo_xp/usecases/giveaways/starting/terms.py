"""What somebody asks for when they start a giveaway, and what it starts with then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict

from robo_xp.errors import InvalidConfig, InvalidValue
from robo_xp.model.closing import Beacon
from robo_xp.model.draws import Requirements
from robo_xp.model.giveaway_record import camel
from robo_xp.rules.giveaway.beacon import DELAY_MS, NETWORKS, check_extra
from robo_xp.rules.giveaway.duration import span_ms
from robo_xp.settings.giveaway import GiveawaySettings, role_contradictions
from robo_xp.settings.giveaway_terms import TERMS
from robo_xp.usecases.giveaways.book import check_winners

_CLAIM_ROUNDS = 3


class Asked(TypedDict, total=False):
    """What somebody asks for; what is left out, or None, comes from the settings.

    ``duration`` is a length such as ``2d`` or an instant. ``requirements`` is an object of
    ``rolesAny``, ``rolesAll``, ``rolesNone``, ``minLevel``, ``minXp``, ``minMessages``,
    ``minVoiceMinutes``, ``accountAge``, ``memberAge`` (days) and ``boosters``; a member with one of
    ``bypass_role_ids`` need not meet them. ``bonus_mode`` is ``max`` or ``sum``. The first who
    enter a ``drop`` win it. Winners have to ``claim`` their prize within that length, else
    somebody else is drawn, in ``claim_rounds`` rounds at most (3). A ``last_chance`` is told so
    long before the end. The role of ``ping_role_id`` is notified at the start; ``image_url`` and
    ``colour`` are those of the message; with ``entries_public`` everybody may see who entered.
    ``beacon`` is ``drand`` or ``none``.
    """

    drop: bool
    claim: str | None
    claim_rounds: int | None
    last_chance: str | None
    ping_role_id: str | None
    image_url: str | None
    colour: int | None
    entries_public: bool
    duration: str | None
    winners: int | None
    allow_role_ids: Sequence[str]
    deny_role_ids: Sequence[str]
    min_account_age_days: int | None
    requirements: Mapping[str, Any] | None
    bypass_role_ids: Sequence[str]
    bonus_entries: Mapping[str, int] | None
    bonus_mode: str | None
    beacon: str | None


class AskedWhen(Asked, total=False):
    """The same, and when: it starts ``at`` a time, else at once.

    With ``every``, a length, another one follows: ``times`` of them in all, or as long as they
    start by ``until``. ``tz`` is the zone of times such as ``sat 18:00``, else the guild's.
    """

    at: str | None
    every: str | None
    times: int | None
    until: str | None
    tz: str | None


Terms = Mapping[str, Any]
"""What was asked for as a document, by the keys of ``TERMS``."""


def document_of(asked: Asked) -> dict[str, Any]:
    """What was asked for. Raises InvalidConfig with everything that no settings can make right."""
    found = {camel(name): value for name, value in asked.items() if _is_given(value)}
    checked = {key: value for key, value in found.items() if key in TERMS.parts}
    if faults := TERMS.faults("", checked):
        raise InvalidConfig(faults)
    return found


def check_together(given: Terms, terms: Terms) -> None:
    """Raise InvalidValue where ``given`` asks for what the ``terms`` as a whole leave no place."""
    if "claimRounds" in given and "claim" not in terms:
        raise InvalidValue(
            "claim rounds without a time to claim mean nothing",
            advice="say how long winners have, as --claim 24h, or leave --claim-rounds out",
        )
    if given.get("beacon") in NETWORKS and terms.get("drop"):
        raise InvalidValue(
            "a drop is not drawn, so no beacon can decide it",
            advice="leave out --drop or --beacon",
        )


def _is_given(value: object) -> bool:
    """Whether it asks for anything; 0 does."""
    return value is not None and value is not False and value not in ((), [], {})


def fields_of(terms: Terms, settings: GiveawaySettings) -> dict[str, Any]:
    """The fields of a new giveaway that follow from what was asked and the settings, but those
    of its times.

    Raises InvalidValue, InvalidConfig, LimitExceeded.
    """
    count = terms.get("winners", settings.winners)
    check_winners(count, settings)
    return {
        "winners_count": count,
        "drop": terms.get("drop", False),
        "claim_for": span_ms(terms["claim"]) if "claim" in terms else None,
        "claim_rounds": terms.get("claimRounds", _CLAIM_ROUNDS) if "claim" in terms else 0,
        "last_chance": span_ms(terms["lastChance"]) if "lastChance" in terms else None,
        "ping_role_id": terms.get("pingRoleId"),
        "image_url": terms.get("imageUrl"),
        "colour": terms.get("colour"),
        "entries_public": terms.get("entriesPublic", False),
        "requirements": _requirements(terms, settings),
        "bonus_entries": {**settings.bonus_entries, **terms.get("bonusEntries", {})},
        "bonus_mode": terms.get("bonusMode", settings.bonus_mode),
        "beacon": _beacon(terms, settings),
        "button_label": settings.button_label,
        "dm_winners": settings.dm_winners,
        "recheck_at_draw": settings.recheck_at_draw,
    }


def _beacon(terms: Terms, settings: GiveawaySettings) -> Beacon | None:
    """The rule of the draws. Raises ExtraMissing where nobody here could check a signature."""
    name = terms.get("beacon", settings.beacon)
    if name not in NETWORKS or terms.get("drop"):
        return None
    check_extra()
    return Beacon(NETWORKS[name].hash, DELAY_MS, span_ms(settings.beacon_wait))


def _requirements(terms: Terms, settings: GiveawaySettings) -> Requirements:
    """What is asked of entrants: own allowed roles take the place of the guild's."""
    asked = Requirements().with_document(terms.get("requirements", {}))
    own = (*terms.get("allowRoleIds", ()), *asked.allow_role_ids)
    allow = tuple(dict.fromkeys(own or settings.allow_role_ids))
    denied = (*settings.deny_role_ids, *terms.get("denyRoleIds", ()), *asked.deny_role_ids)
    deny = tuple(dict.fromkeys(denied))
    needed = dict.fromkeys((*allow, *asked.all_role_ids))
    if faults := role_contradictions(needed, deny, "allowRoleIds"):
        raise InvalidConfig(faults)
    ages = (settings.min_account_age_days, terms.get("minAccountAgeDays", 0))
    return replace(
        asked,
        allow_role_ids=allow,
        deny_role_ids=deny,
        min_account_age_days=max(*ages, asked.min_account_age_days or 0) or None,
        bypass_role_ids=tuple(terms.get("bypassRoleIds", ())),
    )
