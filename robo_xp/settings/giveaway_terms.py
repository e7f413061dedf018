"""What a giveaway can be started with, as documents have it: one line for each term."""

from __future__ import annotations

from typing import ClassVar, Final

from robo_xp.model import MAX_XP
from robo_xp.model.closing import DRAND, NONE
from robo_xp.model.giveaway import HIGHEST, SUM
from robo_xp.settings.kinds import (
    Choice,
    Colour,
    Duration,
    Flag,
    IdOf,
    IdsOf,
    Kind,
    Parts,
    PerId,
    Text,
    WebAddress,
    Whole,
)

PRIZE_LIMIT: Final = 200
WINNERS: Final = Whole(1, 100)
AGE: Final = Whole(0, 36_500)
MORE: Final = Whole(1, 100)
"""How many entries can come on top."""
CLAIM_ROUNDS: Final = Whole(0, 20)
"""How often prizes that nobody claimed are drawn again."""
BONUS_MODES: Final = Choice(
    {
        HIGHEST: ("The highest", "Only the highest bonus of the roles held counts"),
        SUM: ("All", "The bonuses of all roles held count together"),
    }
)

BEACONS: Final = Choice(
    {
        NONE: ("None", "Winners follow from the secret and the entries alone"),
        DRAND: ("drand", "Winners follow from a round of drand too, which nobody can foresee"),
    }
)


class RequirementParts(Parts):
    """What is asked of entrants."""

    type = "requirements"
    example = {"minLevel": 5, "minMessages": 20}
    parts: ClassVar[dict[str, Kind]] = {
        "rolesAny": IdsOf("role"),
        "rolesAll": IdsOf("role"),
        "rolesNone": IdsOf("role"),
        "minLevel": Whole(0, 1000),
        "minXp": Whole(0, MAX_XP),
        "minMessages": Whole(0, MAX_XP),
        "minVoiceMinutes": Whole(0, MAX_XP),
        "accountAge": AGE,
        "memberAge": AGE,
        "boosters": Flag(),
    }


class TermParts(Parts):
    """What a giveaway is started with."""

    type = "giveaway"
    example = {"winners": 3, "duration": "2d"}
    parts: ClassVar[dict[str, Kind]] = {
        "allowRoleIds": IdsOf("role"),
        "denyRoleIds": IdsOf("role"),
        "minAccountAgeDays": AGE,
        "requirements": RequirementParts(),
        "bypassRoleIds": IdsOf("role"),
        "bonusEntries": PerId("role", MORE),
        "bonusMode": BONUS_MODES,
        "drop": Flag(),
        "claim": Duration(),
        "claimRounds": CLAIM_ROUNDS,
        "beacon": BEACONS,
        "lastChance": Duration(),
        "pingRoleId": IdOf("role"),
        "imageUrl": WebAddress(),
        "colour": Colour(),
        "entriesPublic": Flag(),
    }


class TemplateParts(TermParts):
    """What a giveaway that is started by a template is started with."""

    type = "template"
    parts: ClassVar[dict[str, Kind]] = {
        "prize": Text(PRIZE_LIMIT),
        "channelId": IdOf("channel"),
        "duration": Duration(),
        "winners": WINNERS,
        **TermParts.parts,
    }


TERMS: Final = TermParts()
TEMPLATE: Final = TemplateParts()
