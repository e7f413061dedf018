"""Nothing acknowledged is lost, nothing is there twice: under kills of the server and cut lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from robo_xp.errors import RoboXPError
from robo_xp.vault.postgres.vault import PostgresVault
from tests import postgres
from tests.conftest import NOT_TRIED
from tests.vault.acts import ANN, NAME

WRITERS = 4
# each notes in a file what was acknowledged, before it goes on
_WRITER = """
import os, sys
from robo_xp.errors import RoboXPError, VaultUnavailable
from robo_xp.vault.postgres.vault import PostgresVault
from tests.vault.acts import ANN, NAME, ORIGIN

vault = PostgresVault(sys.argv[1], durability="batch", lock_wait=20)
namespace = vault.namespace(NAME)
out = open(sys.argv[2], "a", buffering=1)
turn = 0
while os.path.exists(sys.argv[3]):
    turn += 1
    try:
        with namespace.transaction(ORIGIN) as transaction:
            transaction.reason = f"{sys.argv[2]} {turn}"
            xp = (transaction.get("users", ANN) or {"xp": 0})["xp"]
            transaction.put("users", ANN, {"xp": xp + 1})
        out.write(f"{transaction.seq} {turn}\\n")
    except RoboXPError as error:
        out.write(f"error {type(error).__name__} {error.message}\\n")
"""


@contextmanager
def writers(address: str, folder: str) -> Iterator[list[str]]:
    """Four processes that write to one namespace until the block ends; the files of their notes."""
    flag = os.path.join(folder, "go-on")
    Path(flag).touch()
    notes = [os.path.join(folder, f"notes-{number}") for number in range(WRITERS)]
    started = [
        subprocess.Popen([sys.executable, "-c", _WRITER, address, note, flag]) for note in notes
    ]
    try:
        yield notes
    finally:
        os.remove(flag)
        for one in started:
            assert one.wait(60) == 0


def until_more(vault: PostgresVault, before: int) -> int:
    """The number of the last batch, once it is higher."""
    while True:
        try:
            seq = vault.numbers().get(NAME, 0)
        except RoboXPError:
            continue
        if seq > before:
            return seq
        time.sleep(0.005)


def check(vault: PostgresVault, notes: list[str]) -> dict[str, int]:
    """Hold what was acknowledged against what is there; the figures."""
    acknowledged, errors = {}, 0
    for note in notes:
        for line in Path(note).read_text().splitlines():
            if line.startswith("error"):
                errors += 1
                continue
            seq, turn = line.split()
            acknowledged[int(seq)] = f"{note} {turn}"
    there = {batch.seq: batch.reason for batch in vault.namespace(NAME).batches()}
    reasons = list(there.values())

    assert sorted(there) == list(range(1, len(there) + 1))
    assert {seq: there.get(seq) for seq in acknowledged} == acknowledged
    assert len(set(reasons)) == len(reasons)
    assert vault.namespace(NAME).read().records("users")[ANN]["xp"] == len(there)
    return {"batches": len(there), "acknowledged": len(acknowledged), "errors": errors}


@pytest.fixture
def careful() -> Iterator[postgres.Server]:
    """A server that waits for its disk, and may be killed."""
    with postgres.server(careless=False) as made:
        if made is None:
            pytest.skip(NOT_TRIED)
        yield made


@pytest.mark.long
def test_cut_connections_lose_and_double_nothing(
    careful: postgres.Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """200 times all connections of four writers are cut, COMMIT included."""
    address = careful.address("cut")
    vault = PostgresVault(address, lock_wait=20)
    with writers(address, str(tmp_path)) as notes:
        seq = until_more(vault, 0)
        with psycopg.connect(careful.base, autocommit=True) as admin:
            for _ in range(200):
                admin.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where application_name like 'robo-xp%'"
                )
                seq = until_more(vault, seq)
    found = check(vault, notes)
    vault.close()
    with capsys.disabled():
        print("200 cuts:", json.dumps(found))

    assert found["acknowledged"] >= 200


@pytest.mark.long
def test_kills_of_the_server_lose_and_double_nothing(
    careful: postgres.Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The server is killed under four writers as often as KILLS says, 200 times unless."""
    kills = int(os.environ.get("KILLS", "200"))
    address = careful.address("kill")
    vault = PostgresVault(address, lock_wait=60)
    with writers(address, str(tmp_path)) as notes:
        seq = until_more(vault, 0)
        for _ in range(kills):
            careful.kill()
            careful.start()
            seq = until_more(vault, seq)
    found = check(vault, notes)
    vault.close()
    with capsys.disabled():
        print(f"{kills} kills:", json.dumps(found))

    assert found["acknowledged"] >= kills
