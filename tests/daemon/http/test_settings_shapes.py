"""The shapes of settings over HTTP follow from their table."""

from __future__ import annotations

import msgspec

from robo_xp.settings.kinds import Flag, Whole
from robo_xp.settings.table import Field, Table
from robo_xp_daemon.http.routes.settings_shapes import shapes_of


def test_a_group_in_two_places_is_one_shape() -> None:
    """Where a new setting stands in the table does not matter: its group has it and the others."""
    table = Table(
        Field("voice.first", Flag(), False, "First", help="One."),
        Field("alone", Flag(), False, "Alone", help="None."),
        Field("voice.last", Whole(0, 9), 1, "Last", help="Two."),
        groups={"voice": "XP for time in voice channels"},
    )

    shapes = shapes_of(table, "Settings")

    assert [part.name for part in msgspec.structs.fields(shapes["voice"])] == ["first", "last"]
    assert [part.name for part in msgspec.structs.fields(shapes[""])] == ["voice", "alone"]
