"""What a giveaway is started with, as options that several verbs share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from robo_xp.settings.giveaway_terms import BEACONS, BONUS_MODES, CLAIM_ROUNDS
from robo_xp_cli.framework.options import option
from robo_xp_cli.nouns.giveaway.typed import (
    Bonus,
    Requirement,
    Winners,
    bonus_of,
    colour_of,
    requirement_of,
    requirements_in,
)
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run
from robo_xp_cli.run.names import id_of

if TYPE_CHECKING:
    from robo_xp.usecases.giveaways.starting.terms import Asked


def asked(
    run: Run,
    duration: Annotated[
        str | None,
        option("--duration", help="How long (10m, 1h30m, 2d) or until when", metavar="TIME"),
    ] = None,
    winners: Winners = None,
    allow_roles: Annotated[
        list[str] | None,
        option(
            "--allow-role",
            help="Who has one of these may enter; may be repeated",
            metavar="ROLE",
            parse=values.role,
            completes="role",
        ),
    ] = None,
    deny_roles: Annotated[
        list[str] | None,
        option(
            "--deny-role",
            help="Who has one of these may not; may be repeated",
            metavar="ROLE",
            parse=values.role,
            completes="role",
        ),
    ] = None,
    min_account_age: Annotated[
        int | None,
        option(
            "--min-account-age",
            help="Days that an account must be old",
            metavar="DAYS",
            parse=values.whole(0, 36_500),
        ),
    ] = None,
    bonus: Annotated[
        list[Bonus] | None,
        option(
            "--bonus",
            help="Entries on top for a role; may be repeated",
            metavar="ROLE=N",
            parse=bonus_of,
        ),
    ] = None,
    bonus_mode: Annotated[
        str | None,
        option(
            "--bonus-mode",
            help="Whether the highest bonus of several roles counts, or all",
            choices=BONUS_MODES.choices,
        ),
    ] = None,
    require: Annotated[
        list[Requirement] | None,
        option(
            "--require",
            help="What is asked of entrants, such as minLevel=5; may be repeated",
            metavar="KEY=VALUE",
            parse=requirement_of,
        ),
    ] = None,
    bypass: Annotated[
        list[str] | None,
        option(
            "--bypass",
            help="Who has one of these need not meet any of it; may be repeated",
            metavar="ROLE",
            parse=values.role,
            completes="role",
        ),
    ] = None,
    drop: Annotated[
        bool, option("--drop", help="The first who enter win, as soon as there are enough")
    ] = False,
    claim: Annotated[
        str | None,
        option(
            "--claim", help="How long winners have to claim their prize, as 24h", metavar="TIME"
        ),
    ] = None,
    claim_rounds: Annotated[
        int | None,
        option(
            "--claim-rounds",
            help="How often unclaimed prizes are drawn again, else 3",
            metavar="N",
            parse=values.whole(CLAIM_ROUNDS.low, CLAIM_ROUNDS.high),
        ),
    ] = None,
    last_chance: Annotated[
        str | None,
        option("--last-chance", help="Tell so long before the end, as 1h", metavar="TIME"),
    ] = None,
    ping_role: Annotated[
        str | None,
        option(
            "--ping-role",
            help="Which role is notified at the start",
            metavar="ROLE",
            parse=values.role,
            completes="role",
        ),
    ] = None,
    image: Annotated[
        str | None, option("--image", help="Picture of its message", metavar="URL")
    ] = None,
    colour: Annotated[
        int | None,
        option(
            "--colour", help="Colour of its message, as #5865f2", metavar="RRGGBB", parse=colour_of
        ),
    ] = None,
    entries_public: Annotated[
        bool, option("--entries-public", help="Everybody may see who entered")
    ] = False,
    beacon: Annotated[
        str | None,
        option(
            "--beacon",
            help="Which public beacon decides too, so that nobody can foresee the draw",
            choices=BEACONS.choices,
        ),
    ] = None,
) -> Asked:
    """What was asked for; the settings say the rest."""
    return {
        "drop": drop,
        "claim": claim,
        "claim_rounds": claim_rounds,
        "last_chance": last_chance,
        "ping_role_id": ping_role,
        "image_url": image,
        "colour": colour,
        "entries_public": entries_public,
        "duration": duration,
        "winners": winners,
        "allow_role_ids": allow_roles or (),
        "deny_role_ids": deny_roles or (),
        "min_account_age_days": min_account_age,
        "bonus_entries": {id_of(run, one.role): one.more for one in bonus or ()},
        "bonus_mode": bonus_mode,
        "requirements": requirements_in(run, require),
        "bypass_role_ids": bypass or (),
        "beacon": beacon,
    }
