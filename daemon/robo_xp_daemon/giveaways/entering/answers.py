"""What a member who clicked is told, after it was done; runs off the event loop.

A run is a number of wishes of one kind about one giveaway, carried out as one batch. Who had an
entry before is looked up first, since a batch only counts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from robo_xp import RoboXP
from robo_xp.errors import Fault, NotFound, Refused
from robo_xp.model.draws import Entrant
from robo_xp.model.giveaway import CANCELLED, ENDED, Giveaway
from robo_xp.rules.giveaway.eligibility import (
    ALL_ROLES,
    ALLOWED_ROLE,
    BOOSTERS,
    NO_BOT,
    NO_DENIED_ROLE,
    NOT_FULL,
    weight_of,
)
from robo_xp.text import count_text
from robo_xp_daemon.giveaways import format as wording

ENTERED: Final = "You have entered. Good luck!"
ALREADY: Final = "You have entered already."
WON: Final = "You were fast enough: you win one!"
TOO_LATE: Final = "Others were faster: nothing is left."
LEFT: Final = "You have left the giveaway."
NOT_ENTERED: Final = "You have not entered, so there is nothing to take back."
GONE: Final = "This giveaway does not exist any more."
OVER: Final = "This giveaway is over; its winners are being drawn."
HAS_ENDED: Final = "This giveaway has ended."
WAS_CANCELLED: Final = "This giveaway was cancelled."
KEEP: Final = "Keep the receipt: with it you can show later that your entry was counted."
REFUSED: Final = "You cannot enter this giveaway:"

_ROLES: Final = 700


@dataclass(frozen=True, slots=True)
class Place:
    """A giveaway as a click names it; it need not exist, nor belong to the guild."""

    guild_id: str
    giveaway_id: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What each member of a run is told, in its order, and whether entries have changed."""

    answers: tuple[str, ...]
    changed: bool


def enter_answers(robo: RoboXP, place: Place, run: Sequence[Entrant]) -> Answers:
    """Enter those who may. Raises what the vault raises."""
    try:
        before = _with_entries(robo, place, run)
        done = robo.giveaways.enter(place.guild_id, place.giveaway_id, run)
        giveaway = robo.giveaways.get(place.guild_id, place.giveaway_id)
    except (NotFound, Refused):
        return _closed_answers(robo, place, run, enters=True)
    refused = {who.user_id: who.faults for who in done.refused}

    def answer(entrant: Entrant) -> str:
        receipt = _with_receipt(done.receipts.get(entrant.user_id))
        if entrant.user_id in before:
            return ALREADY + receipt
        faults = refused.get(entrant.user_id, ())
        if any(fault.where == NOT_FULL for fault in faults):
            return TOO_LATE
        if faults:
            return _refusal(giveaway, entrant, faults)
        if giveaway.drop:
            return WON
        mode = giveaway.bonus_mode
        return _confirmation(weight_of(entrant.role_ids, giveaway.bonus_entries, mode)) + receipt

    return Answers(tuple(map(answer, run)), done.entered > 0)


def leave_answers(robo: RoboXP, place: Place, run: Sequence[Entrant]) -> Answers:
    """Take back the entries of those who have one. Raises what the vault raises."""
    try:
        before = _with_entries(robo, place, run)
        user_ids = [entrant.user_id for entrant in run]
        done = robo.giveaways.leave(place.guild_id, place.giveaway_id, user_ids)
    except (NotFound, Refused):
        return _closed_answers(robo, place, run, enters=False)
    answers = [LEFT if user_id in before else NOT_ENTERED for user_id in user_ids]
    return Answers(tuple(answers), done.left > 0)


def _with_entries(robo: RoboXP, place: Place, run: Sequence[Entrant]) -> set[str]:
    """Who of them has an entry now."""
    has_entered = robo.giveaways.has_entered
    ids = [entrant.user_id for entrant in run]
    return {uid for uid in ids if has_entered(place.guild_id, place.giveaway_id, uid)}


def _closed_answers(robo: RoboXP, place: Place, run: Sequence[Entrant], *, enters: bool) -> Answers:
    """Why nobody can enter or leave; of a drop, whether they were fast enough."""
    try:
        giveaway = robo.giveaways.get(place.guild_id, place.giveaway_id)
        if giveaway.drop and giveaway.status == ENDED and enters:
            won = set(giveaway.winners)
            said = [WON if one.user_id in won else TOO_LATE for one in run]
            return Answers(tuple(said), False)
        text = {ENDED: HAS_ENDED, CANCELLED: WAS_CANCELLED}.get(giveaway.status, OVER)
    except NotFound:
        text = GONE
    return Answers((text,) * len(run), False)


def _confirmation(weight: int) -> str:
    if weight == 1:
        return ENTERED
    return f"You have entered with {count_text(weight, 'entry')}. Good luck!"


def _with_receipt(receipt: str | None) -> str:
    """What is added to an answer for who has an entry."""
    if receipt is None:
        return ""
    number = receipt.partition("-")[0]
    return f"\nEntry {number}, receipt `{receipt}`\n{KEEP}"


def _refusal(giveaway: Giveaway, entrant: Entrant, faults: Sequence[Fault]) -> str:
    """Every requirement that is not met, one a line."""
    return "\n".join([REFUSED, *(f"- {_reason(giveaway, entrant, fault)}" for fault in faults)])


def _reason(giveaway: Giveaway, entrant: Entrant, fault: Fault) -> str:
    """What a requirement asks, with roles as Discord shows them."""
    if fault.where == ALLOWED_ROLE:
        allowed = giveaway.allow_role_ids
        kind = "the role" if len(allowed) == 1 else "one of the roles"
        return f"You need {kind} {wording.roles(allowed, _ROLES)}."
    if fault.where == ALL_ROLES:
        known = entrant.role_ids or ()
        lacking = [one for one in giveaway.requirements.all_role_ids if one not in known]
        return f"You need {wording.roles(lacking, _ROLES)} too."
    if fault.where == NO_DENIED_ROLE:
        held = [one for one in giveaway.deny_role_ids if one in (entrant.role_ids or ())]
        return f"Nobody can enter with the role {wording.roles(held, _ROLES)}."
    if fault.where == NO_BOT:
        return "Bots cannot enter."
    if fault.where == BOOSTERS:
        return "Only members who boost this server can enter."
    return f"{fault.message[:1].upper()}{fault.message[1:]}."
