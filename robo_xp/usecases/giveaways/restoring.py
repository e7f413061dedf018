"""Giveaways under a restore: what is over stays over, and what opens again is marked for ever.

Once a giveaway is over its secret is public, so a second draw from it can be bent at will.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from robo_xp.model.giveaway import CANCELLED, DRAWING, ENDED
from robo_xp.usecases.giveaways.book import GIVEAWAYS
from robo_xp.vault import Record
from robo_xp.vault.state import Tables

TAKEN_BACK: Final = "takenBack"
"""The table of marks of giveaways that a restore took back, by the id of their record: they stay
until a later restore brings one of them again."""

# what was closed has told its entries, and they are what is drawn of
_OVER = (DRAWING, ENDED, CANCELLED)


@dataclass(frozen=True, slots=True)
class OverNow:
    """A giveaway that is over, and was not in the state to restore.

    ``reopened`` is whether it opens again; else it stays as it is.
    """

    guild_id: str
    id: str
    prize: str
    status: str
    reopened: bool


def keep_over(now: Tables | None, then: Tables, *, at: int, reopen: bool) -> Iterator[OverNow]:
    """Keep in the tables to restore what is over now, and tell of what was open in them.

    With ``reopen`` it opens again, marked as restored ``at`` (epoch ms). So is what was not over
    then, and of which the present (None where it is lost) knows nothing: nobody can tell whether
    it was drawn. What is not in them at all leaves its mark beside them, for a restore that brings
    it again. The first mark that tells of a draw stays for ever.
    """
    present = {} if now is None else now.get(GIVEAWAYS, {})
    restored = then.get(GIVEAWAYS, {})
    taken = _taken_back(now or {}, then, at)
    for doc_id, record in list(restored.items()):
        known = present.get(doc_id)
        is_over = known is not None and known["status"] in _OVER
        was_over = record["status"] in _OVER
        if is_over and known is not None and now is not None:
            is_reopened = reopen and not was_over
            if is_reopened:
                restored[doc_id] = _marked_record(record, known, at)
            else:
                _keep(doc_id, known, now, then)
            if not was_over:
                yield OverNow(
                    known["guildId"], known["id"], known["prize"], known["status"], is_reopened
                )
        elif not was_over and (known is None or known.get("restored")):
            restored[doc_id] = _marked_record(record, known or {"restored": taken.get(doc_id)}, at)
    if taken:
        then[TAKEN_BACK] = taken


def _taken_back(now: Tables, then: Tables, at: int) -> dict[str, Record]:
    """The marks of what is in neither state, or not in the one to restore, by record."""
    taken: dict[str, Record] = dict(then.get(TAKEN_BACK, {}))
    gone = {
        doc_id: _mark_of(known, at)
        for doc_id, known in now.get(GIVEAWAYS, {}).items()
        if doc_id not in then.get(GIVEAWAYS, {})
        and (known["status"] in _OVER or known.get("restored"))
    }
    for marks in (now.get(TAKEN_BACK, {}), gone):
        for doc_id, mark in marks.items():
            taken[doc_id] = _first(taken.get(doc_id), mark)
    return taken


def _marked_record(record: Record, known: Mapping[str, Any], at: int) -> dict[str, Any]:
    """The record with what is known of the end that a restore took back: the first that was."""
    return {**record, "restored": _first(_mark_of(known, at), record.get("restored"))}


def _mark_of(known: Mapping[str, Any], at: int) -> Record:
    """What there is to tell of a giveaway that a restore takes back at this time."""
    is_told = known.get("status") in _OVER
    keys = ("status", "winners", "finalizedAt")
    fresh = {"at": at, **{key: known.get(key) if is_told else None for key in keys}}
    return _first(known.get("restored"), fresh)


def _first(*marks: Record | None) -> Record:
    """The first mark that tells of a draw, else the first."""
    return min(filter(None, marks), key=lambda one: (one.get("status") is None, one["at"]))


def _keep(doc_id: str, known: Record, now: Tables, then: Tables) -> None:
    """Put all that belongs to the giveaway as it is now into the tables to restore."""
    own = f":{known['id']}"
    for name in {*now, *then}:
        if name.endswith(own):
            then[name] = dict(now.get(name, {}))
        elif doc_id in now.get(name, {}):
            then.setdefault(name, {})[doc_id] = now[name][doc_id]
        elif doc_id in then.get(name, {}):
            del then[name][doc_id]
