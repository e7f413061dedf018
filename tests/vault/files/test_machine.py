"""Two handles on the same files do anything in any order, and always agree with a plain dict."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from robo_xp.vault import Batch
from robo_xp.vault.batch import line_of
from robo_xp.vault.files.namespace import FileNamespace
from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.migrations import Migrations
from robo_xp.vault.state import Tables
from tests.vault.acts import NAME, ORIGIN, HandClock, content, disk_content, on_disk, path_of
from tests.vault.faults import Fault, FaultyFiles

handles = st.sampled_from([0, 1])
user_ids = st.sampled_from([str(10**17 + number) for number in range(5)])
records = st.fixed_dictionaries(
    {"xp": st.integers(0, 2**53 - 1)},
    optional={"name": st.text(max_size=8), "roles": st.lists(st.integers(0, 9), max_size=3)},
)
ops = st.lists(
    st.tuples(st.sampled_from(["users", "config"]), user_ids, st.none() | records), max_size=4
)


def mark_version(version: int) -> Any:
    """A step that writes the new schema's number into every record."""

    def step(name: str, tables: Tables) -> None:
        for table in tables.values():
            for doc_id, record in table.items():
                table[doc_id] = {**record, "schema": version}

    return step


class VaultMachine(RuleBasedStateMachine):
    """A vault, and the dict that it must be equal to."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.clock = HandClock()
        self.schema = 1
        self.seq = 0
        self.model: dict[tuple[str, str], Any] = {}
        self.files = [FaultyFiles(), FaultyFiles()]
        self.vaults = [self.opened(0), self.opened(1)]

    def opened(self, handle: int) -> FileVault:
        self.files[handle] = FaultyFiles()
        return FileVault(
            self.root,
            clock=self.clock,
            files=self.files[handle],
            lock_wait=0,
            compact_from=700,
            migrations=Migrations(
                self.schema, {version: mark_version(version) for version in range(2, 10)}
            ),
        )

    def namespace(self, handle: int) -> FileNamespace:
        return on_disk(self.vaults[handle])

    def model_tables(self) -> dict[str, dict[str, Any]]:
        tables: dict[str, dict[str, Any]] = {}
        for (table, doc_id), record in self.model.items():
            tables.setdefault(table, {})[doc_id] = record
        return tables

    def apply(self, changes: list[Any]) -> None:
        self.seq += 1
        for table, doc_id, record in changes:
            self.model.pop((table, doc_id), None)
            if record is not None:
                self.model[table, doc_id] = record

    @initialize(changes=ops)
    def begin(self, changes: list[Any]) -> None:
        """Half of all lives begin with a batch, so that there is something to lose."""
        if changes:
            self.commit(0, changes)

    @rule(handle=handles, changes=ops)
    def commit(self, handle: int, changes: list[Any]) -> None:
        with self.namespace(handle).transaction(ORIGIN) as transaction:
            for table, doc_id, record in changes:
                transaction.put(table, doc_id, record)
        if changes:
            self.apply(changes)
            assert transaction.seq == self.seq

    @rule(handle=handles, changes=ops, dry_run=st.booleans())
    def drop(self, handle: int, changes: list[Any], dry_run: bool) -> None:
        """An exception, or a dry run, leaves nothing."""
        try:
            with self.namespace(handle).transaction(ORIGIN, dry_run=dry_run) as transaction:
                for table, doc_id, record in changes:
                    transaction.put(table, doc_id, record)
                if not dry_run:
                    raise LookupError
        except LookupError:
            pass

    @rule(handle=handles)
    def read(self, handle: int) -> None:
        assert content(self.namespace(handle)) == self.model_tables()
        assert self.namespace(handle).read().seq == self.seq

    @rule(handle=handles)
    def compact(self, handle: int) -> None:
        self.namespace(handle).compact()

    @rule(handle=handles)
    def close(self, handle: int) -> None:
        self.vaults[handle].close()

    @rule(handle=handles, changes=ops, at=st.integers(1, 12), kind=st.sampled_from(["EIO", "torn"]))
    def commit_into_a_fault(self, handle: int, changes: list[Any], at: int, kind: str) -> None:
        """Whatever the fault, the batch is there or not; a process that is killed comes back."""
        files = self.files[handle]
        files.fault = Fault(files.count + at, kind)
        try:
            self.commit(handle, changes)
        except BaseException as error:
            if isinstance(error, AssertionError):
                raise
            if files.stopped:
                self.vaults[handle].close()
                self.vaults[handle] = self.opened(handle)
            files.heal()
            if self.namespace(handle).read().seq > self.seq:
                self.apply(changes)
        files.heal()

    @precondition(lambda self: self.seq > 0)
    @rule(handle=handles, changes=ops, share=st.integers(1, 99))
    def crash(self, handle: int, changes: list[Any], share: int) -> None:
        """The handle is dropped in the middle of writing a line."""
        self.vaults[handle].close()
        batch = Batch(seq=self.seq + 1, ts=0, by="cli:alice", cmd="xp give", ops=changes, events=[])
        line = line_of(batch)
        with path_of(self.root, ".journal").open("ab") as journal:
            # an earlier crash may have left its bytes; then nothing was written after them
            if journal.tell() and path_of(self.root, ".journal").read_bytes().endswith(b"\n"):
                journal.write(line[: len(line) * share // 100])
        self.vaults[handle] = self.opened(handle)

    @precondition(lambda self: self.schema < 9)
    @rule()
    def upgrade(self) -> None:
        """Both programs stop and come back in a version with the next schema."""
        self.schema += 1
        for handle in (0, 1):
            self.vaults[handle].close()
            self.vaults[handle] = self.opened(handle)
        exists = self.namespace(0).exists()
        for key, record in self.model.items():
            self.model[key] = {**record, "schema": self.schema} if exists else record

    @rule(seconds=st.integers(-100_000, 100_000))
    def set_clock(self, seconds: int) -> None:
        self.clock.at += seconds * 1000

    @rule()
    def remove_lock_file(self) -> None:
        path_of(self.root, ".lock").unlink(missing_ok=True)

    @invariant()
    def disk_agrees(self) -> None:
        """A process that starts now, in the same version, finds what the dict says."""
        vault = FileVault(self.root, migrations=self.vaults[0]._options.migrations)
        assert content(vault.namespace(NAME)) == self.model_tables()
        batches = [batch.seq for batch in vault.namespace(NAME).batches()]
        assert batches == list(range(1, self.seq + 1))
        vault.close()

    def teardown(self) -> None:
        for vault in self.vaults:
            vault.close()
        if self.schema == 1:
            assert disk_content(self.root) == self.model_tables()
        shutil.rmtree(self.root)


def run(examples: int, steps: int) -> None:
    """Try so many lives of so many steps."""
    run_state_machine_as_test(
        VaultMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_two_handles_always_agree_with_a_dict() -> None:
    """Commits, reads, compactions, migrations, crashes and faults in any order."""
    run(150, 25)


@pytest.mark.long
def test_two_handles_always_agree_with_a_dict_for_long() -> None:
    """The same, for minutes."""
    run(3000, 60)
