"""The same act by a slash command, in a terminal and over HTTP does and says the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from robo_xp import RoboXP
from tests.daemon.http.stage import Served, serving
from tests.daemon.ways.giveaway_rows import GIVEAWAY_ROWS
from tests.daemon.ways.member_rows import MEMBER_ROWS
from tests.daemon.ways.place import Even, Place, Row
from tests.daemon.ways.time_rows import TIME_ROWS

ROWS = (*TIME_ROWS, *MEMBER_ROWS, *GIVEAWAY_ROWS)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, RoboXP, Path]]:
    """A daemon on a vault that the test, like any operator, opens too."""
    folder = tmp_path_factory.mktemp("ways")
    data = folder / "data"
    with serving(folder) as found, RoboXP.open(data, chance=Even(), by="test") as robo:
        yield found, robo, data


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.command)
def test_three_ways(row: Row, served: tuple[Served, RoboXP, Path]) -> None:
    """Three guilds that were alike are alike afterwards, and all three were told the same."""
    said, left = dict[str, Any](), dict[str, Any]()
    ways = {"slash": row.slash, "terminal": row.terminal, "http": row.http}
    for name, way in ways.items():
        if isinstance(way, str):
            continue
        place = Place.make(*served)
        row.prepare(place)
        before = place.anonymous(row.state(place))
        result = way(place)
        left[name] = place.anonymous(row.state(place))
        assert (left[name] != before) == row.changes, (name, getattr(result, "text", result))
        if name == "slash":
            said[name] = place.anonymous(result.text)
        else:
            said[name] = place.anonymous(row.numbers(result))

    assert left == dict.fromkeys(left, left["terminal"])
    assert said.get("http", said["terminal"]) == said["terminal"]
    for words in row.says(said["terminal"]) if "slash" in said else []:
        assert words in said["slash"]


def test_each_way_that_is_missing_has_a_reason() -> None:
    """A row without a slash command or a route says in a sentence why."""
    missing = [way for row in ROWS for way in (row.slash, row.http) if isinstance(way, str)]

    assert all(len(reason.split()) >= 5 for reason in missing)
    assert len({row.command for row in ROWS}) == len(ROWS)
