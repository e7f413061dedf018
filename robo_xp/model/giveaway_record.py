"""Giveaways to stored records and back: camelCase keys, plain JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

import msgspec

from robo_xp.errors import Fault
from robo_xp.model.closing import Beacon, BeaconRound, Closing, WaitingDraw
from robo_xp.model.draws import Requirements
from robo_xp.model.giveaway import CANCELLED, ENDED, OPEN, Claim, Draw, Giveaway, Series


def camel(name: str) -> str:
    """``ends_at`` as ``endsAt``."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


_KEYS: Final = {
    field.name: camel(field.name) for field in fields(Giveaway) if field.name != "requirements"
}
# asked for before there were others, so they have keys of their own
_FIRST: Final = ("allow_role_ids", "deny_role_ids", "min_account_age_days")
_DRAW_KEYS: Final = {field.name: camel(field.name) for field in fields(Draw)}
_PARTS: Final[Mapping[str, type[Any]]] = {
    "beacon": Beacon,
    "closing": Closing,
    "waiting": WaitingDraw,
    "series": Series,
}
"""The fields of a giveaway that are objects of their own."""
# who carries out effects, and in which revision, concerns nobody outside
_INTERNAL: Final = ("revision", "effects")


def record_of(giveaway: Giveaway) -> dict[str, Any]:
    """The giveaway as it is stored."""
    record = {key: _plain(getattr(giveaway, name)) for name, key in _KEYS.items()}
    record["draws"] = [_draw_record(draw) for draw in giveaway.draws]
    asked = giveaway.requirements
    record |= {camel(name): _plain(getattr(asked, name)) for name in _FIRST}
    record["requirements"] = asked.document()
    record["claims"] = {user_id: _plain(claim) for user_id, claim in giveaway.claims.items()}
    record["bypassRoleIds"] = list(asked.bypass_role_ids)
    if not giveaway.pseudonyms:
        del record["pseudonyms"]
    return record


def giveaway_of(record: Mapping[str, Any]) -> Giveaway:
    """The giveaway in a stored record; fields that are not known are left alone."""
    found = {name: _frozen(record[key]) for name, key in _KEYS.items() if key in record}
    found["draws"] = tuple(draw_of(draw) for draw in record.get("draws", ()))
    found["claims"] = {
        user_id: _part_of(Claim, claim) for user_id, claim in record.get("claims", {}).items()
    }
    found |= {name: _part_of(kind, record.get(name)) for name, kind in _PARTS.items()}
    return Giveaway(requirements=_requirements_of(record), **found)


def _requirements_of(record: Mapping[str, Any]) -> Requirements:
    first = {name: _frozen(record[camel(name)]) for name in _FIRST if camel(name) in record}
    bypass = tuple(record.get("bypassRoleIds", ()))
    asked = Requirements(**first, bypass_role_ids=bypass)
    return asked.with_document(record.get("requirements", {}))


def is_settled(record: Mapping[str, Any]) -> bool:
    """Whether the giveaway in a stored record is over and Discord was told everything."""
    if record["status"] not in (ENDED, CANCELLED) or record.get("waiting"):
        return False
    if record.get("owed") or any(
        claim["state"] == OPEN and claim["until"] for claim in record.get("claims", {}).values()
    ):
        return False
    return all(marks["done"] >= marks["asked"] for marks in record.get("effects", {}).values())


def draw_of(record: Mapping[str, Any]) -> Draw:
    """The draw in a stored record."""
    found = {name: record[key] for name, key in _DRAW_KEYS.items() if key in record}
    found["dropped"] = {
        user_id: tuple(Fault(fault["requirement"], fault["message"]) for fault in faults)
        for user_id, faults in record.get("dropped", {}).items()
    }
    found["beacon"] = _part_of(BeaconRound, record.get("beacon"))
    return Draw(**found)


def document_of(
    giveaway: Giveaway, entries: Mapping[str, int], numbers: Mapping[str, int]
) -> dict[str, Any]:
    """The giveaway with its entries, weight by user id: all that it takes to verify its draws.

    ``numbers`` are those of the entries that have one. ``pending`` is what Discord has yet to be
    told.
    """
    record = record_of(giveaway)
    for key in _INTERNAL:
        del record[key]
    return {
        **record,
        "pending": list(giveaway.pending_kinds),
        "entryCount": len(entries),
        "entries": entries,
        "entryNumbers": numbers,
    }


def fault_record(fault: Fault) -> dict[str, str]:
    """A requirement that is not met as a JSON value."""
    return {"requirement": fault.where, "message": fault.message}


def _draw_record(draw: Draw) -> dict[str, Any]:
    record = {key: _plain(getattr(draw, name)) for name, key in _DRAW_KEYS.items()}
    if draw.bound_digest is None:
        del record["boundDigest"]
    record["dropped"] = {
        user_id: [fault_record(fault) for fault in faults]
        for user_id, faults in draw.dropped.items()
    }
    return record


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    if is_dataclass(value):
        return {camel(one.name): getattr(value, one.name) for one in fields(value)}
    return dict(value) if isinstance(value, Mapping) else value


def _part_of(kind: type[Any], record: Mapping[str, Any] | None) -> Any:
    """The part in its stored object; None where there is none. Raises msgspec.ValidationError."""
    if record is None:
        return None
    keys = {one.name: camel(one.name) for one in fields(kind)}
    found = {name: record[key] for name, key in keys.items() if key in record}
    return msgspec.convert(found, kind)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(entry) for entry in value) if isinstance(value, list) else value
