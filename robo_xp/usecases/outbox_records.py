"""How what waits for Discord stands in the vault: its tables, and records to values and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from robo_xp.model.outbox import (
    ANNOUNCEMENT,
    GIVEAWAY,
    ROLES,
    BoostEdge,
    ClosedBoard,
    NewLevel,
    News,
    RefusedByDiscord,
    RolesDue,
)
from robo_xp.vault import Record, State

ROLES_TABLE: Final = "roles"
CROWDS: Final = "crowds"
"""Many who are asked for at once, by the hundred: so they take little room, and are done one
record after the other.
"""
GIVEAWAYS: Final = "giveaways"
LEVELS: Final = "levels:"
BOARDS: Final = "boards:"
TRIED: Final = "tried"
REFUSED: Final = "refused"
ONE: Final = "1"
_BOOST: Final = "boost"


def crowd_record(due: Sequence[RolesDue]) -> dict[str, Any]:
    """These, who are looked at for the same reason."""
    first = due[0]
    ids = [one.user_id for one in due]
    return {"rose": first.rose, "fell": first.fell, "at": first.at, "userIds": ids}


def crowd_of(number: str, record: Record) -> list[RolesDue]:
    """Those who wait in a crowd."""
    rose, fell, at = record["rose"], record["fell"], record["at"]
    return [RolesDue(user_id, rose, fell, at, crowd=number) for user_id in record["userIds"]]


def roles_of(user_id: str, record: Record) -> RolesDue:
    """A member whose roles are to be looked at."""
    return RolesDue(user_id, record["rose"], record["fell"], record["at"], record["asks"])


def level_record(rise: NewLevel) -> dict[str, Any]:
    """The rise as it stands in its table."""
    return {
        "level": rise.level,
        "oldLevel": rise.old_level,
        "xp": rise.total_xp,
        "at": rise.at,
        "seq": rise.seq,
        "channelId": rise.channel_id,
        "summary": rise.summary,
    }


def level_of(user_id: str, record: Record) -> NewLevel:
    """A rise that is to be announced."""
    return NewLevel(
        user_id=user_id,
        level=record["level"],
        old_level=record["oldLevel"],
        total_xp=record["xp"],
        at=record["at"],
        seq=record["seq"],
        channel_id=record["channelId"],
        summary=record["summary"],
    )


def news_record(board: News) -> dict[str, Any]:
    """The board, or the boost, as it stands in the table of boards."""
    if isinstance(board, BoostEdge):
        return {
            "at": board.at,
            "kind": _BOOST,
            "boostId": board.boost_id,
            "isBeginning": board.is_beginning,
            "name": board.name,
            "factor": board.factor,
            "until": board.until,
        }
    return {
        "at": board.at,
        "kind": board.kind,
        "from": board.begins_at,
        "to": board.ends_at,
        "members": board.members,
        "top": [{"userId": user_id, "xp": xp} for user_id, xp in board.top],
    }


def news_of(doc_id: str, record: Record) -> News:
    """A closed board, or a boost, that is to be announced."""
    if record["kind"] == _BOOST:
        return BoostEdge(
            boost_id=record["boostId"],
            at=record["at"],
            is_beginning=record["isBeginning"],
            name=record["name"],
            factor=record["factor"],
            until=record["until"],
        )
    return ClosedBoard(
        seq=int(doc_id),
        at=record["at"],
        kind=record["kind"],
        begins_at=record["from"],
        ends_at=record["to"],
        members=record["members"],
        top=tuple((one["userId"], one["xp"]) for one in record["top"]),
    )


def refusal_rows(guild_id: str, state: State, since: int) -> Iterator[RefusedByDiscord]:
    """What is refused in a guild, a row for each member or giveaway.

    Without giveaways that were not tried ``since`` then (epoch ms).
    """
    tried = state.records(TRIED).get(ONE, {"at": 0})
    for row in _kept_rows(guild_id, state, since):
        yield replace(row, tried_at=max(row.tried_at, tried["at"]))


def _kept_rows(guild_id: str, state: State, since: int) -> Iterator[RefusedByDiscord]:
    for name in list(state.tables):
        for doc_id, record in list(state.records(name).items()):
            if name == ROLES_TABLE:
                for why in record.get(REFUSED, ()):
                    yield _row(guild_id, ROLES, why, user_ids=(doc_id,))
            elif name.startswith(LEVELS):
                for why in record.get(REFUSED, ()):
                    store_id = name.removeprefix(LEVELS)
                    yield _row(guild_id, ANNOUNCEMENT, why, user_ids=(doc_id,), store_id=store_id)
            elif name.startswith(BOARDS):
                for why in record.get(REFUSED, ()):
                    store_id = name.removeprefix(BOARDS)
                    yield _row(guild_id, ANNOUNCEMENT, why, store_id=store_id)
            elif name == GIVEAWAYS:
                for why in record[REFUSED].values():
                    if why["triedAt"] >= since:
                        yield _row(guild_id, GIVEAWAY, why, giveaway_id=record["id"])


def _row(guild_id: str, kind: str, why: Record, **more: Any) -> RefusedByDiscord:
    ids, user_ids = why["ids"], more.pop("user_ids", ())
    if not user_ids and "user_id" in ids:
        user_ids = (ids["user_id"],)
    return RefusedByDiscord(
        guild_id=guild_id,
        kind=kind,
        code=why["code"],
        what=why["what"],
        mend=why["mend"],
        since=why["since"],
        tried_at=why["triedAt"],
        members=len(user_ids),
        user_ids=user_ids,
        role_id=ids.get("role_id"),
        channel_id=ids.get("channel_id"),
        **more,
    )
