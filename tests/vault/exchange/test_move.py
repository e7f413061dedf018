"""A vault goes from a folder into PostgreSQL and back, and nothing of it is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from robo_xp import RoboXP
from robo_xp.errors import InvalidValue, NotFound, Refused, VaultBusy
from robo_xp.vault.exchange import move as moving
from robo_xp.vault.exchange.move import move
from robo_xp.vault.postgres.vault import PostgresVault
from tests.usecases.small import ANN, BOB, GUILD, HandClock
from tests.vault.acts import HandClock as StillClock

NAME = f"xp/default/{GUILD}"


@pytest.fixture
def addresses(postgresql_address: str, tmp_path: Path) -> Callable[[str], str]:
    """A new address on an engine at each call."""
    made = iter(range(100))

    def one(engine: str) -> str:
        number = next(made)
        return f"{tmp_path}/v{number}" if engine == "file" else f"{postgresql_address}_{number}"

    return one


def fill(address: str, *, compact: bool = False) -> None:
    """Give a vault members, settings, a giveaway with a draw, and an undo."""
    with RoboXP.open(address, durability="os", clock=HandClock()) as robo:
        robo.config.set(GUILD, {"cooldownSeconds": 30})
        robo.xp.add(GUILD, ANN, 700, reason="contest, früh 🎉")
        robo.xp.add(GUILD, BOB, 70)
        if compact:
            robo.vault.namespace(NAME).compact()
        robo.xp.add(GUILD, ANN, 5, store="rep")
        robo.history.undo(NAME, 3)
        given = robo.giveaways.create(GUILD, prize="Nitro", channel_id=ANN, duration="1d")
        robo.giveaways.enter(GUILD, given.id, [ANN, BOB])
        robo.giveaways.end(GUILD, given.id)


def all_of(address: str) -> dict[str, Any]:
    """All that a vault holds: lines, numbers, lineages and records."""
    side = moving.side_of(address, StillClock())
    try:
        found = {}
        for name in side.numbers():
            with side.read(name) as whole:
                tables = {table: dict(of) for table, of in whole.tables.items() if of}
                lines = [line for _, line in whole.lines]
                found[name] = (whole.mark.seq, whole.mark.lineage, tables, lines)
        return found
    finally:
        side.close()


@pytest.fixture(params=["file to postgresql", "postgresql to file", "postgresql to postgresql"])
def ends(request: pytest.FixtureRequest, addresses: Callable[[str], str]) -> tuple[str, str]:
    """Source and target of a move."""
    source, target = str(request.param).split(" to ")
    return addresses(source), addresses(target)


def test_a_move_keeps_every_line_and_number(ends: tuple[str, str]) -> None:
    """Lines are the same bytes, numbers and lineages the same; the vault goes on from there."""
    source, target = ends
    fill(source)
    before = all_of(source)
    moved = move(source, target, StillClock())

    assert all_of(target) == before
    assert moved.namespaces == len(before)
    assert moved.lines == sum(len(lines) for _, _, _, lines in before.values())
    with RoboXP.open(target, durability="os") as robo:
        assert robo.xp.add(GUILD, ANN, 1).seq == before[NAME][0] + 1
        assert robo.xp.get(GUILD, ANN) == 701
        assert robo.maintenance.check().damaged == []


def test_there_and_back_again_is_the_same(addresses: Callable[[str], str]) -> None:
    """A folder with folded journals and a snapshot comes back with all that it had."""
    first, middle, last = addresses("file"), addresses("postgresql"), addresses("file")
    fill(first, compact=True)
    before = all_of(first)
    move(first, middle, StillClock())
    move(middle, last, StillClock())

    assert all_of(last) == before
    assert len(before[NAME][3]) == before[NAME][0]


def test_lines_that_are_gone_stay_gone(addresses: Callable[[str], str]) -> None:
    """Where old batches were not kept, records and later batches come over all the same."""
    first, middle, last = addresses("file"), addresses("postgresql"), addresses("file")
    with RoboXP.open(first, archive_days=0) as robo:
        robo.xp.add(GUILD, ANN, 700)
        robo.vault.namespace(NAME).compact()
        robo.xp.add(GUILD, ANN, 5)
    before = all_of(first)
    move(first, middle, StillClock())
    assert all_of(middle) == before
    move(middle, last, StillClock())

    assert all_of(last) == before
    assert [len(lines) for _, _, _, lines in before.values()] == [1]


def test_a_source_says_where_its_vault_is_now(ends: tuple[str, str]) -> None:
    """Whoever opens it is refused and told the new place; what it holds is whole."""
    source, target = ends
    fill(source)
    before = all_of(source)
    move(source, target, StillClock())

    with pytest.raises(Refused, match="was moved to") as told:
        RoboXP.open(source)
    assert "--data-dir" in told.value.advice
    with RoboXP.open(source, to_mend=True) as robo:
        assert sorted(robo.vault.names()) == sorted(before)


def test_a_target_that_holds_something_is_refused(ends: tuple[str, str]) -> None:
    """Two vaults are never mixed, and a source that is not there makes nothing."""
    source, target = ends
    with pytest.raises(NotFound, match="no vault"):
        move(source, target, StillClock())
    fill(source)
    fill(target)
    before = all_of(target)

    with pytest.raises(Refused, match="already"):
        move(source, target, StillClock())
    assert all_of(target) == before
    with RoboXP.open(source):
        pass


def test_a_move_that_is_interrupted_leaves_nothing(ends: tuple[str, str], tmp_path: Path) -> None:
    """At whichever namespace it ends, the source is whole and open, the target empty."""
    source, target = ends
    fill(source)
    before = all_of(source)

    def interrupted(number: int) -> Callable[[str], None]:
        steps: Iterator[None] = iter([None] * number)

        def step(name: str) -> None:
            try:
                next(steps)
            except StopIteration:
                raise KeyboardInterrupt from None

        return step

    for number in range(len(before)):
        with pytest.raises(KeyboardInterrupt):
            move(source, target, StillClock(), interrupted(number))
        assert all_of(target) == {}
        assert not list(tmp_path.glob("*moving*"))
    assert all_of(source) == before
    move(source, target, StillClock())
    assert all_of(target) == before


def test_a_source_that_is_written_to_meanwhile_is_not_left(ends: tuple[str, str]) -> None:
    """What comes while it is copied is never lost: the move is refused, and the source goes on."""
    source, target = ends
    fill(source)

    def write(name: str) -> None:
        with RoboXP.open(source, durability="os") as robo:
            robo.xp.add(GUILD, ANN, 1)

    with pytest.raises(VaultBusy, match="written to meanwhile"):
        move(source, target, StillClock(), write)
    assert all_of(target) == {}


def test_memory_has_nowhere_to_go(tmp_path: Path) -> None:
    """A vault that ends with its handle is neither source nor target."""
    with pytest.raises(InvalidValue, match="neither a data folder"):
        move("memory:", str(tmp_path), StillClock())


@pytest.mark.parametrize("engine", ["file", "postgresql"])
def test_a_backup_of_postgresql_restores_into_either(
    engine: str, addresses: Callable[[str], str], tmp_path: Path
) -> None:
    """The file is the one of a data folder: members, history and giveaways come back from it."""
    source, target = addresses("postgresql"), addresses(engine)
    fill(source)
    with RoboXP.open(source) as robo:
        backup = robo.maintenance.create_backup(str(tmp_path / "b.tar.gz"))
        assert [row.fault for row in robo.maintenance.backups(str(tmp_path))] == [""]
        with pytest.raises(Refused, match="already"):
            robo.maintenance.restore(backup.path)
    with RoboXP.open(target) as robo:
        robo.maintenance.restore(backup.path)
    before, after = all_of(source), all_of(target)

    assert sorted(after) == sorted(before)
    for name in before:
        assert after[name][2] == before[name][2]
        assert after[name][3][: before[name][0]] == before[name][3]


def test_a_backup_of_a_folder_restores_into_postgresql(
    addresses: Callable[[str], str], tmp_path: Path
) -> None:
    """An operator may go over by a backup as well as by a move."""
    source, target = addresses("file"), addresses("postgresql")
    fill(source, compact=True)
    with RoboXP.open(source) as robo:
        backup = robo.maintenance.create_backup(str(tmp_path / "b.tar.gz"))
    with RoboXP.open(target) as robo:
        robo.maintenance.restore(backup.path)

        assert robo.xp.get(GUILD, ANN) == 700
        assert robo.maintenance.check().damaged == []


def test_a_check_finds_a_line_and_a_record_that_were_changed(
    addresses: Callable[[str], str],
) -> None:
    """What somebody changed in the tables is named: the line, or what does not follow from it."""
    address = addresses("postgresql")
    fill(address)
    with RoboXP.open(address) as robo:
        vault = robo.vault
        assert isinstance(vault, PostgresVault)
        schema = address.rpartition("=")[2]
        new = "replace(convert_from(body, 'utf8'), '700', '900')::bytea"
        vault.shared.ask(f"update {schema}.doc set body = {new} returning 1", [])
        (found,) = robo.maintenance.check([NAME]).damaged
        assert "not those that the batches lead to" in found.what
        vault.shared.ask(f"update {schema}.batch set line = 'x' returning 1", [])
        (found,) = robo.maintenance.check([NAME]).damaged
        assert "not as it was written" in found.what
        assert robo.maintenance.repair([NAME]).refused != ()
