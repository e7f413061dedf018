"""Files that were swapped or left over are told from a namespace's own, and never read as its."""

from __future__ import annotations

import itertools
import random
import shutil
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.errors import VaultDamaged
from robo_xp.vault.files.vault import FileVault
from tests.vault.acts import ANN, BOB, GUILD, NAME, HandClock, content
from tests.vault.care.test_check import check
from tests.vault.care.test_repair import give

OTHER = f"xp/other/{GUILD}"
PARTS = (".json", ".journal", "archive")


def lived(root: Path) -> None:
    """Two namespaces with snapshot, journal and archive, of the same numbers."""
    vault = FileVault(root, durability="os")
    for number, name in enumerate((NAME, OTHER), start=1):
        for xp in range(1, 4):
            give(vault.namespace(name), ANN, number * xp)
            vault.namespace(name).compact()
        give(vault.namespace(name), ANN, number)
    vault.close()


def part_of(root: Path, name: str, part: str) -> Path:
    return root / "archive" / name if part == "archive" else root / f"{name}{part}"


def swap(root: Path, parts: tuple[str, ...]) -> None:
    """Put the parts of each in the place of the other's."""
    for part in parts:
        one, other, aside = part_of(root, NAME, part), part_of(root, OTHER, part), root / "aside"
        one.rename(aside)
        other.rename(one)
        aside.rename(other)


@pytest.mark.parametrize(
    "parts", [p for n in (1, 2, 3) for p in itertools.combinations(PARTS, n)], ids="+".join
)
def test_what_was_swapped_is_refused(data_dir: Path, parts: tuple[str, ...]) -> None:
    """Check names each swapped file; history and restore refuse them; after a repair each
    namespace says its own again, or still nothing.
    """
    lived(data_dir)
    # with its last batch, and without it where the journal was another's
    own = {NAME: (7, 6), OTHER: (14, 12)}
    swap(data_dir, parts)

    damaged = {damage.file for damage in check(data_dir).damaged}
    named = [str(part_of(data_dir, name, part)) for name in (NAME, OTHER) for part in parts]
    assert [place for place in named if not any(f.startswith(place) for f in damaged)] == []
    vault = FileVault(data_dir)
    for name in (NAME, OTHER):
        with pytest.raises(VaultDamaged):
            list(vault.namespace(name).batches())
    with RoboXP.open(data_dir) as robo:
        with pytest.raises(VaultDamaged):
            robo.maintenance.restore(at=robo.vault.clock.now_ms())
        refused = {one.namespace for one in robo.maintenance.repair().refused}
    vault.close()
    mended = [name for name in own if name not in refused]
    for name in mended:
        xp = vault.namespace(name).read().records("users")[ANN]["xp"]
        assert xp == own[name][".journal" in parts]
    assert mended or len(parts) > 1
    vault.close()


@pytest.mark.parametrize("seed", range(40))
def test_no_mixture_is_read_as_another_namespace(data_dir: Path, seed: int) -> None:
    """Whatever files of another lie in a namespace's places, it says its own or nothing."""
    lived(data_dir)
    chance = random.Random(seed)
    vault = FileVault(data_dir)
    mine = content(vault.namespace(NAME))
    vault.close()
    for place in (part_of(data_dir, OTHER, part) for part in PARTS):
        files = [place] if place.is_file() else sorted(place.iterdir())
        for file in chance.sample(files, chance.randint(0, len(files))):
            target = data_dir / str(file.relative_to(data_dir)).replace(OTHER, NAME)
            shutil.copy(file, target)
    found: list[object] = []
    vault = FileVault(data_dir)
    try:
        found = [content(vault.namespace(NAME))]
        history = [record for b in vault.namespace(NAME).batches() for _, _, record in b.ops]
    except VaultDamaged:
        history = []
    vault.close()

    assert found in ([], [mine])
    assert [record["xp"] for record in history if record] in ([], [1, 3, 6, 7])


def test_an_archive_without_its_pair_is_damage(data_dir: Path) -> None:
    """Where snapshot and journal are gone, nothing begins anew, and a repair heals it."""
    lived(data_dir)
    for suffix in (".json", ".journal"):
        (data_dir / f"{NAME}{suffix}").unlink()
    vault = FileVault(data_dir)

    assert NAME in vault.names()
    for act in (vault.namespace(NAME).read, lambda: give(vault.namespace(NAME))):
        with pytest.raises(VaultDamaged, match="without snapshot and journal"):
            act()
    assert [Path(one.file) for one in check(data_dir).damaged] == [data_dir / "archive" / NAME]
    with RoboXP.open(data_dir) as robo:
        robo.maintenance.repair()
    assert vault.namespace(NAME).read().records("users")[ANN]["xp"] == 6
    assert check(data_dir).damaged == []
    vault.close()


def test_what_forgets_a_person_proves_the_same(data_dir: Path) -> None:
    """With pseudonyms in the archive, check finds nothing, and history and moments are there."""
    clock = HandClock()
    moments = []
    with RoboXP.open(data_dir, clock=clock) as robo:
        namespace = robo.vault.namespace(NAME)
        for number in range(1, 9):
            clock.at += 1000
            robo.xp.add(GUILD, (ANN, BOB)[number % 2], number)
            moments.append(clock.at)
            if number % 3 == 0:
                namespace.compact()
            if number == 5:
                robo.maintenance.restore(at=moments[3])
        robo.members.erase(GUILD, BOB)
        namespace.compact()

        assert check(data_dir).damaged == []
        assert BOB not in str([batch.ops for batch in namespace.batches()])
        numbers = [batch.seq for batch in namespace.batches()]
        assert numbers == sorted({*numbers}) and numbers[:4] == [1, 2, 3, 4]
        done = robo.maintenance.restore(at=moments[2], dry_run=True)
    assert [one.from_seq for one in done.namespaces if one.name == NAME] == [3]
