"""The compaction that puts pseudonyms in place, killed at each call to the disk."""

from __future__ import annotations

import gzip
from contextlib import suppress
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.usecases.core import Core
from robo_xp.vault import Origin
from robo_xp.vault.files.vault import FileVault
from tests.usecases.small import CHANNEL, GUILD, HandClock, Twenty
from tests.vault.faults import Fault, FaultyFiles, Stop

ANN, BOB = "300000000000000001", "300000000000000002"


def opened(folder: Path, files: FaultyFiles) -> RoboXP:
    """A program on the folder, whose calls to the disk are counted."""
    clock = HandClock()
    vault = FileVault(folder, clock=clock, files=files, lock_wait=0)
    return RoboXP(Core(vault, clock, Twenty(), Origin("test", "")))


def compact(robo: RoboXP) -> None:
    """All that is kept, as ``vault compact`` does."""
    for name in robo.vault.names():
        robo.vault.namespace(name).compact()


def lived(folder: Path, backup: Path | None) -> None:
    """Two members, a giveaway that is over, and one of the two erased; some of it is archived, and
    with a backup they were restored from it meanwhile.
    """
    with opened(folder, FaultyFiles()) as robo:
        robo.names.remember(GUILD, {ANN: "Ann", BOB: "Bob"})
        for user_id in (ANN, BOB):
            robo.xp.add(GUILD, user_id, 500)
        compact(robo)
    if backup is not None:
        with RoboXP.open(folder, clock=HandClock(), durability="os") as robo:
            robo.maintenance.create_backup(str(backup))
            robo.xp.add(GUILD, ANN, 7)
            robo.maintenance.restore(str(backup))
    with opened(folder, FaultyFiles()) as robo:
        robo.xp.add(GUILD, BOB, 7)
        giveaway = robo.giveaways.create(GUILD, prize="Tea", channel_id=CHANNEL, duration="1d").id
        robo.giveaways.enter(GUILD, giveaway, [ANN, BOB])
        robo.giveaways.end(GUILD, giveaway)
        robo.xp.add(GUILD, BOB, 7)
        robo.members.erase(GUILD, BOB)


def naming(folder: Path) -> list[str]:
    """The files in which the erased id stands, but for what a restore put aside."""
    found = []
    for path in folder.rglob("*"):
        is_aside = path.relative_to(folder).parts[0].startswith("before-")
        data = path.read_bytes() if path.is_file() and not is_aside else b""
        data = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
        found += [path.name] if BOB.encode() in data else []
    return found


def compacted_into(folder: Path, fault: Fault | None, backup: Path | None) -> FaultyFiles:
    """The calls of a compaction that may be killed."""
    lived(folder, backup)
    files = FaultyFiles()
    with opened(folder, files) as robo, suppress(Stop):
        robo.vault.names()
        files.count, files.fault = 0, fault
        compact(robo)
    return files


@pytest.mark.parametrize(("kind", "restored"), [("stop", False), ("torn", False), ("stop", True)])
def test_killed_at_any_call_the_next_compaction_finishes(
    tmp_path: Path, kind: str, restored: bool
) -> None:
    """Nothing of the others is lost, nothing is called damaged, the draw verifies, and then the
    id is in no file.
    """

    def copy_of(folder: Path) -> Path | None:
        return folder.with_suffix(".tar.gz") if restored else None

    whole = tmp_path / "whole"
    calls, killed = compacted_into(whole, None, copy_of(whole)).count, 0
    for at in range(1, calls + 1):
        folder = tmp_path / str(at)
        killed += compacted_into(folder, Fault(at, kind), copy_of(folder)).fired
        with RoboXP.open(folder, clock=HandClock(), durability="os") as robo:
            assert robo.xp.get(GUILD, ANN) == 500
            assert robo.maintenance.check().damaged == []
            compact(robo)
            assert robo.maintenance.check().damaged == []
            (listed,) = robo.giveaways.list(GUILD, which="all")
            assert robo.giveaways.verify(GUILD, listed.giveaway.id).valid
        assert naming(folder) == []

    assert killed == calls if kind == "stop" else killed > 5
