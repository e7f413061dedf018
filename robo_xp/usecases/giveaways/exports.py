"""Exported giveaways read back: what a proof is made of, each part of the kind that it must be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from robo_xp.errors import InvalidValue
from robo_xp.model import MAX_XP
from robo_xp.model.giveaway import Giveaway
from robo_xp.model.giveaway_record import giveaway_of
from robo_xp.nesting import bounded_text

Whole = Annotated[int, Meta(ge=0, le=MAX_XP)]
Hex = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
_ADVICE: Final = "make one with 'robo-xp giveaway export ID', and leave it as it is"
_WORDS: Final = {
    "array": "a list",
    "object": "an object",
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "|": "or",
}
_WORD: Final = re.compile(r"\b(?:array|object|str|int|float|bool)\b|\|")


class _Part(msgspec.Struct, rename="camel", omit_defaults=True):
    """A part of an export; what else it has does not matter to the proof."""


class _Unmet(_Part):
    requirement: str
    message: str


class _Taken(_Part):
    round: Whole
    signature: str | None
    asked_at: Whole


class _Draw(_Part):
    number: Whole
    count: Whole
    candidates: Whole
    digest: Hex
    at: Whole
    by: str
    dropped: dict[str, list[_Unmet]] = {}
    beacon: _Taken | None = None
    bound_digest: Hex | UnsetType = UNSET


class _Closing(_Part):
    at: Whole
    entries: Whole
    digest: Hex
    root: Hex


class _Beacon(_Part):
    chain: str
    delay_ms: Whole
    wait_ms: Whole
    round: Whole | None = None


class _Restored(_Part):
    at: Whole
    status: str | None = None
    winners: list[str] | None = None
    finalized_at: Whole | None = None


class _Pseudonym(_Part):
    place: Whole
    receipt: str


class _Export(_Part):
    """The parts of an export that a proof depends on, and those that every giveaway has."""

    id: str
    guild_id: str
    channel_id: str
    prize: str
    winners_count: Whole
    ends_at: Whole
    started_by: str
    status: str
    bonus_entries: dict[str, Any]
    button_label: str
    dm_winners: bool
    recheck_at_draw: bool
    created_at: Whole
    commitment: str
    entries: dict[str, Any]
    secret: str | None = None
    entry_numbers: dict[str, Any] = {}
    entries_digest: str | None = None
    winners: list[str] = []
    rerolls: list[list[str]] = []
    draws: list[_Draw] = []
    closing: _Closing | None = None
    beacon: _Beacon | None = None
    restored: _Restored | None = None
    pseudonyms: dict[str, _Pseudonym] = {}


def export_of(text: str | bytes) -> tuple[Giveaway, dict[str, Any], dict[str, Any]]:
    """The giveaway of an export, its entries and their numbers.

    What an entry is worth was not looked at. Raises InvalidValue with the first thing that no
    export has.
    """
    try:
        document = msgspec.json.decode(bounded_text(text))
        if isinstance(document, dict):
            document = _without_envelope(document)
            _check_own(document)
        found = msgspec.convert(document, _Export)
    except msgspec.ValidationError as error:
        raise _no_export(_place_and_fault(str(error))) from None
    except (msgspec.DecodeError, ValueError) as error:
        raise _no_export(f"it is not JSON: {error}") from None
    except RecursionError as error:
        raise _no_export(str(error)) from None
    return giveaway_of(msgspec.to_builtins(found)), found.entries, found.entry_numbers


def _without_envelope(document: dict[str, Any]) -> dict[str, Any]:
    """The export itself, also where the file is the whole answer of the HTTP API."""
    data = document.get("data")
    return data if isinstance(data, dict) and document.get("success") is True else document


def _check_own(document: Mapping[str, Any]) -> None:
    """Raise InvalidValue for a giveaway of another bot, which committed to nothing."""
    if "commitment" not in document and {"prize", "giveaway", "entries"} & {*document}:
        raise InvalidValue(
            "this giveaway is of another bot: it has no commitment, so there is nothing to verify",
            advice="take it over with 'robo-xp giveaway import FILE'",
        )


def _no_export(why: str) -> InvalidValue:
    return InvalidValue(f"this is no exported giveaway: {why}"[:200], advice=_ADVICE)


def _place_and_fault(message: str) -> str:
    """What msgspec says, in our words: the place comes first."""
    what, _, place = message.partition(" - at `")
    where = place.rstrip("`").removeprefix("key in ").removeprefix("$").removeprefix(".")
    if missing := what.partition("missing required field ")[2]:
        name = f"{where}.{missing.strip('`')}" if where else missing.strip("`")
        return f"{name} is missing"
    kind, got, instead = what.removeprefix("Expected ").replace("`", "").partition(", got ")
    told = f"must be {_in_words(kind)}" + (f", not {_in_words(instead)}" if got else "")
    return f"{where} {told}" if where else f"it {told}"


def _in_words(kind: str) -> str:
    return _WORD.sub(lambda found: _WORDS[found[0]], kind)
