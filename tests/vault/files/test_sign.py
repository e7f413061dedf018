"""The sign of a change of several namespaces is seen by all who write, at once."""

from __future__ import annotations

import json
import time
from pathlib import Path
from unittest.mock import patch

import pytest

from robo_xp.vault.batch import Batch, line_of
from robo_xp.vault.files.vault import FileVault
from tests.vault.acts import ANN, NAME, ORIGIN, give

SIGN = "intent.lock"
ELSEWHERE = "xp/default/100000000000000009"
LINE = line_of(
    Batch(seq=1, ts=1, by="cli:ann", cmd="store rename", ops=[("users", ANN, {"xp": 1})], events=[])
)
PLANNED = [(ELSEWHERE, LINE)]
LEFT = {"cmd": "store rename", "by": "cli:ann", "ts": 1, "names": [], "lines": []}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the sign goes by; it stands."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def blocked(vault: FileVault) -> bool:
    """Whether the vault looks into the intent before it writes."""
    file = vault.changes_of_several._file
    with patch.object(file, "read", wraps=file.read) as read:
        give(vault.namespace(NAME))
    return bool(read.called)


def test_a_change_is_seen_at_once_and_forgotten_after_it(
    data_dir: Path, clock: list[float]
) -> None:
    """One byte in the lock file stands from before the intent is there until it is gone."""
    writing, changing = (FileVault(data_dir, durability="os") for _ in range(2))
    give(writing.namespace(NAME))
    with changing.changes_of_several.alone():
        changing.changes_of_several.intend(ORIGIN, PLANNED)
        assert (data_dir / SIGN).stat().st_size == 1
        changing.changes_of_several.done()

    assert not blocked(writing)
    assert (data_dir / SIGN).stat().st_size == 0
    writing.close()
    changing.close()


def test_a_change_that_was_left_keeps_its_sign(data_dir: Path, clock: list[float]) -> None:
    """Whoever wrote before the process ended looks for the intent at the next batch."""
    writing, ended = (FileVault(data_dir, durability="os") for _ in range(2))
    give(writing.namespace(NAME))
    with pytest.raises(KeyboardInterrupt), ended.changes_of_several.alone():
        ended.changes_of_several.intend(ORIGIN, PLANNED)
        raise KeyboardInterrupt

    assert (data_dir / SIGN).stat().st_size == 1
    assert blocked(writing)
    assert writing.changes_of_several.take_up() is not None
    assert not blocked(writing)
    writing.close()
    ended.close()


@pytest.mark.parametrize("lost", ["byte", "file"])
def test_a_lost_sign_is_found_out_within_a_second(
    data_dir: Path, clock: list[float], lost: str
) -> None:
    """An intent without a sign is seen by a new handle at once, by an old one a second later."""
    writing = FileVault(data_dir, durability="os")
    give(writing.namespace(NAME))
    if lost == "file":
        (data_dir / SIGN).unlink()
    (data_dir / "intent.json").write_text(json.dumps(LEFT))

    assert blocked(FileVault(data_dir, durability="os"))
    clock[0] += 1.1
    assert blocked(writing)
    (data_dir / "intent.json").unlink()
    assert not blocked(writing)
    assert not blocked(writing)
    writing.close()


def test_a_folder_where_no_sign_can_be_made_is_asked_for_the_intent(data_dir: Path) -> None:
    """A link where the lock file should be makes every batch look for the intent itself."""
    vault = FileVault(data_dir, durability="os")
    data_dir.mkdir(exist_ok=True)
    (data_dir / SIGN).symlink_to("elsewhere")
    give(vault.namespace(NAME))
    (data_dir / "intent.json").write_text(json.dumps(LEFT))

    assert blocked(vault)
    vault.close()
