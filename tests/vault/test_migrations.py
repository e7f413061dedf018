"""Old files load for ever, and reach a new schema in one step or not at all."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from robo_xp import RoboXP
from robo_xp.errors import VaultDamaged, VaultUnavailable
from robo_xp.vault.batch import batch_of, line_of
from robo_xp.vault.care.check import check_namespace
from robo_xp.vault.care_port import Damage
from robo_xp.vault.exchange.folder import FolderSide
from robo_xp.vault.files.compaction import archive_of
from robo_xp.vault.files.options import Place
from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.migrations import Migrations
from robo_xp.vault.state import Tables
from tests.vault.acts import (
    ANN,
    BOB,
    CARL,
    GUILD,
    NAME,
    ORIGIN,
    Content,
    content,
    give,
    on_disk,
    path_of,
)
from tests.vault.faults import Fault, FaultyFiles, Stop

SAMPLE = Path(__file__).parents[1] / "data" / "format-1"
SAMPLE_SHA256 = "09d99d4e71a04eb7316b9b0f8a575392476c3acbf8f2b1235152e5a7b56fe452"
GIVEAWAYS = f"giveaways/{GUILD}"
COUNTS = {"lastAwardedAt": 1732160000000, "messages": 9, "xpMessages": 7}
ANN_NOW = {"xp": 140, "level": 0, **COUNTS, "streak": 3}
BOB_NOW = {"xp": 160, "level": 1, **COUNTS, "badge": {"name": "früh 🎉", "at": [1, None, 2.5]}}
SAMPLED: dict[str, Content] = {
    NAME: {"users": {ANN: ANN_NOW, BOB: BOB_NOW}, "config": {"1": {"cooldownSeconds": 30}}},
    GIVEAWAYS: {
        "giveaways": {
            "1": {"prize": "Nitro", "status": "active", "winnersCount": 1, "colour": "red"}
        }
    },
    "global": {"config": {"1": {"xpRate": 1.5}}},
}


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A copy of the frozen sample of format 1 that tests may write to."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "sample"))


def files_of(root: Path) -> dict[str, bytes]:
    """All files that carry data, by path."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


def rename_xp(name: str, tables: Tables) -> None:
    """To schema 2: members' ``xp`` becomes ``points``; other namespaces stay."""
    if name.startswith("xp/"):
        for doc_id, record in tables.get("users", {}).items():
            points = {"points" if key == "xp" else key: value for key, value in record.items()}
            tables["users"][doc_id] = points


def fail(name: str, tables: Tables) -> None:
    """A step that fails half-way."""
    tables["users"].clear()
    raise KeyError("level")


TWO = Migrations(current=2, steps={2: rename_xp})
MIGRATED: Content = {
    **SAMPLED[NAME],
    "users": {
        user_id: {"points" if key == "xp" else key: value for key, value in record.items()}
        for user_id, record in SAMPLED[NAME]["users"].items()
    },
}


def test_the_frozen_sample_is_frozen() -> None:
    """Nobody made the sample anew to fit later code: a new format gets a sample of its own."""
    digest = hashlib.sha256()
    for name, data in files_of(SAMPLE).items():
        digest.update(f"{name} {len(data)}\n".encode() + data)

    assert digest.hexdigest() == SAMPLE_SHA256


@pytest.mark.parametrize("name", SAMPLED)
def test_the_frozen_sample_of_format_1_loads(name: str) -> None:
    """Files of the first release read as they did, with fields that nobody knows any more."""
    vault = FileVault(SAMPLE)

    assert vault.names() == sorted(SAMPLED)
    assert content(vault.namespace(name)) == SAMPLED[name]
    vault.close()


def test_the_history_of_the_frozen_sample_loads() -> None:
    """Journal and archive of the first release give every batch."""
    vault = FileVault(SAMPLE)
    batches = list(vault.namespace(NAME).batches())

    assert [batch.seq for batch in batches] == [1, 2, 3, 4, 5]
    assert (batches[0].reason, batches[0].by, batches[0].cmd) == ("contest", "cli:alice", "xp give")
    assert list(batches[1].raw_events()) == [{"type": "levelUp", "userId": BOB, "newLevel": 1}]
    vault.close()


def test_the_frozen_sample_can_be_written_to(sample: Path) -> None:
    """A commit and a compaction keep everything, unknown fields of records included."""
    vault = FileVault(sample, durability="os")
    namespace = vault.namespace(NAME)
    assert give(namespace, BOB, 1) == 6
    namespace.compact()
    vault.close()

    assert content(namespace) == {
        **SAMPLED[NAME], "users": {ANN: ANN_NOW, BOB: {**BOB_NOW, "xp": 161}}
    }  # fmt: skip
    assert [batch.seq for batch in namespace.batches()] == [1, 2, 3, 4, 5, 6]
    vault.close()


def test_the_first_writer_brings_a_namespace_to_format_2(sample: Path) -> None:
    """After one commit every file of it names it and proves the one before; each line stays."""
    before = FileVault(SAMPLE)
    lines = [line for name in SAMPLED for line in lines_of(before, name)]
    before.close()
    vault = FileVault(sample, durability="os")
    for name in SAMPLED:
        give(vault.namespace(name), CARL)
    vault.close()

    assert json.loads((sample / "format.json").read_bytes())["format"] == 2
    assert [line for name in SAMPLED for line in lines_of(vault, name)[:-1]] == lines
    for name in SAMPLED:
        place = Place.of(str(sample), name)
        archive = archive_of(place, vault.options)
        heads = [archive.peek(path, *numbers) for path, numbers in archive.folded()]
        assert [one.head.name for one in heads if one and one.head] == [name] * len(heads)
        assert None not in [one.sum for one in heads if one]
    assert damaged(sample) == []
    vault.close()


def damaged(root: Path) -> list[Damage]:
    """What is wrong with the files, whatever their records say."""
    vault = FileVault(root)
    found = [one for name in vault.names() for one in check_namespace(name, vault.options).damaged]
    vault.close()
    return found


def lines_of(vault: FileVault, name: str) -> list[bytes]:
    """All kept lines of a namespace, as they stand in its files."""
    with FolderSide(vault.root, vault.clock).read(name) as whole:
        return [line for _, line in whole.lines]


def test_a_compaction_brings_it_to_format_2_as_well(sample: Path) -> None:
    """Also of a namespace that has nothing to fold; a second one has nothing to do."""
    vault = FileVault(sample, durability="os")
    found = [vault.namespace(name).compact() for name in SAMPLED]
    again = [vault.namespace(name).compact() for name in SAMPLED]
    vault.close()

    assert (found, again) == ([True] * 3, [False] * 3)
    assert contents_of(sample) == SAMPLED
    assert damaged(sample) == []


def contents_of(root: Path) -> dict[str, Content]:
    """What each namespace of the sample holds."""
    vault = FileVault(root)
    found = {name: content(vault.namespace(name)) for name in SAMPLED}
    vault.close()
    return found


@pytest.mark.parametrize("at", range(1, 40, 2))
def test_a_crash_on_the_way_to_format_2_is_harmless(sample: Path, at: int) -> None:
    """Stopped at any call, the next writer begins again, and all batches are there."""
    files = FaultyFiles()
    stopping = FileVault(sample, files=files)
    namespace = stopping.namespace(NAME)
    namespace.read()
    files.fault = Fault(files.count + at, "stop")
    with suppress(Stop):
        namespace.compact()
    stopping.close()
    assert contents_of(sample) == SAMPLED
    vault = FileVault(sample, durability="os")
    give(vault.namespace(NAME), CARL)

    assert [batch.seq for batch in vault.namespace(NAME).batches()] == [1, 2, 3, 4, 5, 6]
    vault.close()
    assert damaged(sample) == []


def test_reading_format_1_writes_nothing(sample: Path) -> None:
    """Records, history and a check leave every byte, also where nothing may be written."""
    before = files_of(sample)
    for path in [sample, *sample.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    assert contents_of(sample) == SAMPLED
    vault = FileVault(sample)
    assert [batch.seq for batch in vault.namespace(NAME).batches_back()] == [5, 4, 3, 2, 1]
    vault.close()

    assert damaged(sample) == []
    for path in [sample, *sample.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert files_of(sample) == before


def test_an_archive_of_another_life_stays_in_format_1(sample: Path) -> None:
    """What of format 1 is not whole is told by check, read by nobody, and stops no writer."""
    folder = sample / "archive" / NAME
    (folded,) = folder.glob("*.gz")
    lines = gzip.decompress(folded.read_bytes()).split(b"\n")
    head = batch_of(lines[0])
    assert head.head is not None
    foreign = msgspec.structs.replace(head, head={**head.head, "lineage": "f" * 16})
    folded.write_bytes(gzip.compress(b"\n".join([line_of(foreign)[:-1], *lines[1:]])))
    vault = FileVault(sample, durability="os")
    give(vault.namespace(NAME), CARL)
    give(vault.namespace(NAME), CARL)

    assert [Path(one.file).name for one in damaged(sample)] == [folded.name]
    with pytest.raises(VaultDamaged, match="another life"):
        list(vault.namespace(NAME).batches())
    with RoboXP.open(sample) as robo:
        robo.maintenance.repair()
    give(vault.namespace(NAME), CARL)
    vault.namespace(NAME).compact()
    kept = [batch.seq for batch in vault.namespace(NAME).batches()]
    assert kept == list(range(3, vault.namespace(NAME).read().seq + 1))
    vault.close()
    assert damaged(sample) == []


def test_a_backup_of_format_1_is_restored_in_format_2(sample: Path, tmp_path: Path) -> None:
    """With members, history and proofs."""
    shutil.rmtree(sample / "giveaways")
    with RoboXP.open(sample) as robo:
        made = robo.maintenance.create_backup(str(tmp_path / "b.tar.gz")).path
    with RoboXP.open(tmp_path / "fresh") as robo:
        robo.maintenance.restore(made)
        history = [batch.seq for batch in robo.vault.namespace(NAME).batches()]

    assert contents_of(tmp_path / "fresh") == {**SAMPLED, GIVEAWAYS: {}}
    assert history == [1, 2, 3, 4, 5, 6]
    assert damaged(tmp_path / "fresh") == []


def test_a_reader_sees_migrated_records(sample: Path) -> None:
    """Reading migrates in memory and leaves the files alone."""
    before = files_of(sample)
    vault = FileVault(sample, migrations=TWO)

    assert content(vault.namespace(NAME)) == MIGRATED
    assert content(vault.namespace(GIVEAWAYS)) == SAMPLED[GIVEAWAYS]
    with vault.namespace(NAME).transaction(ORIGIN, dry_run=True) as dry:
        assert dry.get("users", BOB) == MIGRATED["users"][BOB]
    assert files_of(sample) == before
    vault.close()


def test_the_first_writer_makes_it_lasting(sample: Path) -> None:
    """One commit brings the namespace to the new schema on disk; the step never runs again."""
    vault = FileVault(sample, durability="os", migrations=TWO)
    with vault.namespace(NAME).transaction(ORIGIN) as transaction:
        assert transaction.get("users", BOB) == MIGRATED["users"][BOB]
        transaction.put("users", ANN, {"points": 1})
    vault.close()
    expected = {**MIGRATED, "users": {**MIGRATED["users"], ANN: {"points": 1}}}
    refuses_to_run = Migrations(current=2, steps={2: fail})
    again = FileVault(sample, migrations=refuses_to_run)

    assert content(again.namespace(NAME)) == expected
    assert again.namespace(NAME).read().mark.schema == 2
    assert [batch.seq for batch in again.namespace(NAME).batches()] == [1, 2, 3, 4, 5, 6]
    again.close()


def test_namespaces_migrate_one_by_one(sample: Path) -> None:
    """A commit in one namespace leaves the files of the others as they are."""
    before = files_of(sample)
    vault = FileVault(sample, durability="os", migrations=TWO)
    give(vault.namespace("global"))
    after = files_of(sample)

    assert {name for name in before if before[name] != after[name]} == {
        "format.json", "global.journal"
    }  # fmt: skip
    assert set(after) - set(before) == {
        "global.json", "archive/global/000000000001-000000000001.jsonl.gz"
    }  # fmt: skip
    vault.close()


def test_a_step_is_safe_to_repeat(sample: Path) -> None:
    """Readers that come before the first writer each migrate, and all see the same."""
    for _ in range(2):
        vault = FileVault(sample, migrations=TWO)
        namespace = vault.namespace(NAME)
        assert content(namespace) == content(namespace) == MIGRATED
        vault.close()


@pytest.mark.parametrize("act", [lambda n: n.read(), give, lambda n: n.compact()])
def test_a_failing_step_leaves_the_files_as_they_were(sample: Path, act: Any) -> None:
    """The error names namespace and schema; the earlier version goes on as before."""
    before = files_of(sample)
    vault = FileVault(sample, migrations=Migrations(current=2, steps={2: fail}))
    for _ in range(2):
        with pytest.raises(VaultUnavailable, match=f"{NAME} could not be brought to schema 2"):
            act(vault.namespace(NAME))
    vault.close()

    assert files_of(sample) == before
    earlier = FileVault(sample)
    assert content(earlier.namespace(NAME)) == SAMPLED[NAME]
    earlier.close()


def test_a_later_schema_is_refused(sample: Path) -> None:
    """A version that does not know the schema neither reads nor writes, and says what to do."""
    later = FileVault(sample, durability="os", migrations=TWO)
    give(later.namespace(NAME), CARL)
    later.close()
    before = files_of(sample)
    vault = FileVault(sample)
    for act in (lambda: vault.namespace(NAME).read(), lambda: give(vault.namespace(NAME))):
        with pytest.raises(VaultUnavailable, match="schema 2") as caught:
            act()
        assert "upgrade" in caught.value.advice
    vault.close()

    assert files_of(sample) == before


def test_a_running_earlier_version_stops_at_the_new_schema(sample: Path) -> None:
    """A handle of the earlier version that is open meanwhile does not write over the new one."""
    earlier = FileVault(sample, durability="os")
    give(earlier.namespace(NAME), ANN, 1)
    later = FileVault(sample, durability="os", migrations=TWO)
    with later.namespace(NAME).transaction(ORIGIN) as transaction:
        transaction.put("users", ANN, {"points": 1})
    with pytest.raises(VaultUnavailable, match="schema 2"):
        give(earlier.namespace(NAME), ANN, 1)

    assert later.namespace(NAME).read().records("users")[ANN] == {"points": 1}
    earlier.close()
    later.close()


def test_a_migrated_reader_follows_an_earlier_writer(sample: Path) -> None:
    """What an earlier version commits after a later one migrated in memory is migrated as well."""
    earlier = FileVault(sample, durability="os")
    later = FileVault(sample, migrations=TWO)
    later.namespace(NAME).read()
    give(earlier.namespace(NAME), ANN, 1)

    assert later.namespace(NAME).read().records("users")[ANN]["points"] == 141
    earlier.close()
    later.close()


def test_steps_run_in_order_from_where_the_namespace_is(sample: Path) -> None:
    """From schema 1 both steps run, from schema 2 the second one only."""

    def double(name: str, tables: Tables) -> None:
        for doc_id, record in tables.get("users", {}).items():
            tables["users"][doc_id] = {"points": record["points"] * 2}

    two = FileVault(sample, durability="os", migrations=TWO)
    three = Migrations(current=3, steps={2: rename_xp, 3: double})
    from_one = FileVault(sample, migrations=three)
    assert from_one.namespace(NAME).read().records("users")[BOB] == {"points": 320}
    two.namespace(NAME).compact()
    from_two = FileVault(sample, migrations=Migrations(current=3, steps={2: fail, 3: double}))

    assert from_two.namespace(NAME).read().records("users")[BOB] == {"points": 320}
    for vault in (two, from_one, from_two):
        vault.close()


def test_a_new_namespace_starts_at_the_current_schema(data_dir: Path) -> None:
    """There is nothing to migrate in what begins now, with or without a snapshot."""
    vault = FileVault(data_dir, durability="os", migrations=Migrations(current=2, steps={2: fail}))
    namespace = on_disk(vault)
    give(namespace)
    vault.close()
    give(namespace)

    assert namespace.read().mark.schema == 2
    assert not path_of(data_dir, ".json").exists()
    vault.close()
