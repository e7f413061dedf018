"""Which guilds are in a range of shards, and which ranges share guilds."""

from __future__ import annotations

import itertools

import pytest

from robo_xp.errors import InvalidValue
from robo_xp.model.shards import ALL, Shards

GUILD_IDS = [str((number << 22) + 5) for number in range(10**11, 10**11 + 60)]


@pytest.mark.parametrize(
    "text", ["0-3", "3-2/8", "0-8/8", "0/8", "-1-2/8", "0-3/0", "a-b/c", "1 - 2/8"]
)
def test_what_is_no_range_is_refused(text: str) -> None:
    """A range counts from 0, is in order and below its count; the refusal shows how."""
    with pytest.raises(InvalidValue, match="FIRST-LAST/COUNT such as 0-3/8"):
        Shards.of(text)


def test_every_guild_is_in_one_range_of_a_whole() -> None:
    """Ranges that make up all shards have each guild once, as Discord deals them out."""
    ranges = [Shards.of(text) for text in ("0-2/8", "3-3/8", "4-7/8")]
    for guild_id in GUILD_IDS:
        shard = (int(guild_id) >> 22) % 8
        assert [one.first <= shard <= one.last for one in ranges] == [
            one.has(guild_id) for one in ranges
        ]
        assert sum(one.has(guild_id) for one in ranges) == 1
        assert ALL.has(guild_id)


def test_ranges_overlap_where_a_guild_could_be_in_both() -> None:
    """Also with different counts that is exact: it is what looking at many guilds finds."""
    ranges = [
        Shards(first, last, count)
        for count in (1, 2, 3, 4, 6)
        for first in range(count)
        for last in range(first, count)
    ]
    for one, two in itertools.product([*ranges, ALL], repeat=2):
        shared = any(one.has(guild_id) and two.has(guild_id) for guild_id in GUILD_IDS)
        assert one.overlaps(two) == shared, (one, two)


def test_a_range_is_written_as_it_was_read() -> None:
    """The text of a range gives it again; all guilds are an empty text."""
    assert [str(Shards.of(text)) for text in ("0-3/8", "1-1/2", "")] == ["0-3/8", "1-1/2", ""]
