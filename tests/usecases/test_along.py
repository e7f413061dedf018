"""Long changes hand the members that they work on to whoever shows how far they are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

import pytest

from robo_xp import RoboXP
from tests.usecases.small import ANN, BOB, CARL, GUILD, XP, memory

T = TypeVar("T")
MEMBERS = (ANN, BOB, CARL)
LONG: dict[str, Callable[[RoboXP], object]] = {
    "undo": lambda robo: robo.history.undo(XP, 1),
    "curve": lambda robo: robo.curves.set(GUILD, {"type": "mee6"}),
    "recalc": lambda robo: robo.xp.recalc_many(GUILD),
    "copy": lambda robo: robo.stores.copy(GUILD, "default", "two", members=True),
    "delete": lambda robo: robo.stores.delete(GUILD, "default"),
    "delete all": lambda robo: robo.xp.delete_all(GUILD),
    "export": lambda robo: robo.transfer.document(GUILD),
}


@pytest.mark.parametrize("name", LONG)
def test_each_member_is_walked_through_in_sight(name: str) -> None:
    """All members of the store are counted, each once it is done with."""
    first = memory()
    rows = [{"op": "give", "user": user_id, "amount": 250} for user_id in MEMBERS]
    first.xp.apply(GUILD, rows)
    walks: list[list[object]] = []

    def along(items: Collection[T]) -> Iterable[T]:
        walks.append(seen := [])
        for item in items:
            yield item
            seen.append(item)

    LONG[name](first.acting_as("test", along=along))

    # an undo first walks through what the batch told: XP and level of each
    events = [2 * len(MEMBERS)] if name == "undo" else []
    assert max(map(len, walks)) == max([len(MEMBERS), *events])
    assert len(MEMBERS) in map(len, walks)
