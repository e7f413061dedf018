"""Stores and guilds: what is listed, and copying, renaming and deleting a whole store."""

from __future__ import annotations

from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.errors import InvalidId, InvalidValue, Refused, StoreNotFound
from tests.usecases.small import (
    ANN,
    BOB,
    CARL,
    GUILD,
    MINUTE,
    OTHER_GUILD,
    HandClock,
    memory,
    stored,
    write,
)

SETTINGS = {"xpRate": 2.0, "multipliers": {"server": 3, "role": {CARL: 2}}}


def filled() -> RoboXP:
    """A store with settings and three members, one of them without XP."""
    robo = memory()
    robo.config.set(GUILD, SETTINGS)
    robo.xp.add(GUILD, ANN, 1_000)
    robo.xp.add(GUILD, BOB, 400)
    robo.xp.set(GUILD, CARL, 0)
    write(robo, ANN, at=MINUTE)
    return robo


def test_a_store_is_listed_with_its_figures() -> None:
    """Members, those with XP, all XP and messages, settings of its own, and the last batch."""
    robo = filled()
    [row] = robo.stores.list(GUILD)

    assert (row.store_id, row.members, row.ranked) == ("default", 3, 2)
    assert (row.total_xp, row.messages, row.own_settings, row.seq) == (1_520, 1, 3, 5)


def test_an_empty_store_is_not_listed() -> None:
    """What was deleted to the last record, or only looked at, is no store."""
    robo = filled()
    robo.xp.get(GUILD, ANN, store="looked-at")
    robo.stores.delete(GUILD, "default")

    assert robo.stores.list(GUILD) == []
    assert robo.stores.guilds() == []


def test_a_guild_is_known_while_anything_of_it_is_kept() -> None:
    """Members, settings or giveaways make a guild known; an emptied store does not."""
    robo = filled()
    robo.giveaways.settings.set(OTHER_GUILD, {"defaults": {"winners": 2}})
    known = [robo.stores.has_guild(guild) for guild in (GUILD, OTHER_GUILD, ANN)]
    robo.stores.delete(GUILD, "default")

    assert known == [True, True, False]
    assert not robo.stores.has_guild(GUILD)
    with pytest.raises(InvalidId):
        robo.stores.has_guild("12")


def test_stats_speak_of_members_with_xp() -> None:
    """Average, median, levels and the first leave out who has no XP."""
    robo = filled()
    robo.xp.add(GUILD, CARL, 1)
    robo.xp.set(GUILD, CARL, 0)
    stats = robo.stores.stats(GUILD)

    assert (stats.average_xp, stats.median_xp) == (760.0, 760.0)
    assert stats.levels == ((2, 1), (4, 1))
    assert stats.top is not None
    assert (stats.top.user_id, stats.top.xp, stats.top.level) == (ANN, 1_120, 4)
    assert stats.last_awarded_at == MINUTE


def test_stats_of_a_store_with_settings_only() -> None:
    """A store without members has figures too: all of them nothing."""
    robo = memory()
    robo.config.set(GUILD, {"xpRate": 2.0})
    stats = robo.stores.stats(GUILD)

    assert (stats.average_xp, stats.median_xp, stats.levels, stats.top) == (0.0, 0.0, (), None)


def test_guilds_count_each_member_once() -> None:
    """A member of two stores is one member of the guild; guilds come in the order of their ids."""
    robo = filled()
    robo.xp.add(GUILD, ANN, 5, store="reputation")
    robo.xp.add(OTHER_GUILD, ANN, 5)

    assert [(row.guild_id, row.stores, row.members) for row in robo.stores.guilds()] == [
        (GUILD, ("default", "reputation"), 3),
        (OTHER_GUILD, ("default",), 1),
    ]


def test_a_copy_has_the_settings_and_no_members() -> None:
    """The next season starts empty under the rules of the last one."""
    robo = filled()
    copied = robo.stores.copy(GUILD, "default", "season-2")

    assert (copied.members, copied.settings, copied.seq) == (0, 3, 1)
    assert robo.config.own(GUILD, store="season-2") == SETTINGS
    assert stored(robo, "season-2") == {}


def test_a_copy_with_members_is_the_same_store() -> None:
    """Every record is copied as it is, levels under the copied curve."""
    robo = filled()
    robo.config.set(GUILD, {"levels": {"type": "mee6"}})
    robo.stores.copy(GUILD, "default", "test", members=True)

    assert stored(robo, "test") == stored(robo)


def test_a_copy_never_overwrites() -> None:
    """A target that holds anything is refused, and stays as it was."""
    robo = filled()
    robo.xp.add(GUILD, BOB, 5, store="taken")
    before = stored(robo, "taken")

    with pytest.raises(Refused, match="holds data already"):
        robo.stores.copy(GUILD, "default", "taken", members=True)
    assert stored(robo, "taken") == before


def test_a_renamed_store_is_the_other_one_with_everything() -> None:
    """Afterwards the target holds members and settings, and the source nothing."""
    robo = filled()
    before = stored(robo)
    renamed = robo.stores.rename(GUILD, "default", "season-1", reason="over")

    assert (renamed.members, renamed.seq, renamed.source_seq) == (3, 1, 6)
    assert stored(robo, "season-1") == before
    assert robo.config.own(GUILD, store="season-1") == SETTINGS
    assert [row.store_id for row in robo.stores.list(GUILD)] == ["season-1"]
    last = next(iter(robo.history.rows(f"xp/default/{GUILD}")))
    assert (last.cmd, last.reason) == ("store rename", "over")


def test_a_rename_that_is_refused_leaves_both_as_they_were() -> None:
    """Nothing is emptied when the target cannot be filled."""
    robo = filled()
    robo.xp.add(GUILD, BOB, 5, store="taken")
    before, taken = stored(robo), stored(robo, "taken")

    with pytest.raises(Refused):
        robo.stores.rename(GUILD, "default", "taken")
    with pytest.raises(InvalidValue, match="called so already"):
        robo.stores.rename(GUILD, "default", "default")
    assert (stored(robo), stored(robo, "taken")) == (before, taken)


@pytest.mark.parametrize("store", ["season-1", "default"])
def test_a_rename_is_undone_from_either_store(store: str) -> None:
    """Undoing its batch in one of the stores brings the names back in both."""
    robo = filled()
    before = stored(robo)
    renamed = robo.stores.rename(GUILD, "default", "season-1")
    half = renamed.seq if store == "season-1" else renamed.source_seq
    assert half is not None

    robo.history.undo(f"xp/{store}/{GUILD}", half)

    assert stored(robo) == before
    assert [row.store_id for row in robo.stores.list(GUILD)] == ["default"]


def test_a_deleted_store_comes_back_whole() -> None:
    """One batch deletes members and settings, and its undo restores both."""
    robo = filled()
    before = stored(robo)
    deleted = robo.stores.delete(GUILD, "default")
    assert (deleted.members, deleted.settings, deleted.seq) == (3, 3, 6)
    assert stored(robo) == {}

    robo.history.undo(f"xp/default/{GUILD}", 6)

    assert stored(robo) == before
    assert robo.config.own(GUILD) == SETTINGS


@pytest.mark.parametrize("verb", ["copy", "rename", "delete"])
def test_a_dry_run_tells_the_same_and_changes_nothing(verb: str) -> None:
    """The figures of the preview are those of the change."""
    robo = filled()
    names = ["default"] if verb == "delete" else ["default", "new"]
    change = getattr(robo.stores, verb)
    before = stored(robo)

    trial = change(GUILD, *names, dry_run=True)
    assert (trial.seq, trial.source_seq, trial.dry_run) == (None, None, True)
    assert (stored(robo), stored(robo, "new")) == (before, {})
    real = change(GUILD, *names)
    assert (real.members, real.settings) == (trial.members, trial.settings)


@pytest.mark.parametrize("verb", ["stats", "copy", "rename", "delete"])
def test_a_store_that_is_not_there_is_not_found(verb: str, data_dir: Path) -> None:
    """The error names the store, and the attempt leaves nothing in the data folder."""
    with RoboXP.open(data_dir, clock=HandClock()) as robo:
        call = getattr(robo.stores, verb)
        with pytest.raises(StoreNotFound, match="'nowhere'"):
            if verb == "stats":
                call(GUILD, store="nowhere")
            else:
                call(GUILD, "nowhere", *([] if verb == "delete" else ["new"]))

    assert not data_dir.exists()


def test_a_name_that_no_store_can_have_is_refused() -> None:
    """Reserved and odd names are errors before anything is looked at."""
    robo = filled()

    for name in ("global", "UPPER", "a/b", "", "x" * 33):
        with pytest.raises(InvalidId):
            robo.stores.copy(GUILD, "default", name)
