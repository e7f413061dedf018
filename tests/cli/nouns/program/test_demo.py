"""The tour: real commands on real numbers, and nothing left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
STEPS = 11


@pytest.fixture
def toured(tmp_path: Path) -> dict[str, str]:
    """An environment whose temporary folder is the test's own."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "cli")])
    own = {"PYTHONPATH": path, "TMPDIR": str(tmp_path), "HOME": str(tmp_path / "home")}
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **own}


def _demo(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """One tour, its output in pipes."""
    return subprocess.run(
        [sys.executable, "-m", "robo_xp_cli", "demo", *words],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_tour_shows_each_command_and_cleans_up(toured: dict[str, str], tmp_path: Path) -> None:
    """Every step is announced as it would be typed, and the temporary vault is gone after it."""
    done = _demo(toured)

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n$ robo-xp ") == STEPS
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_tour_for_machines(toured: dict[str, str], tmp_path: Path) -> None:
    """As JSON each step has its command, exit code 0 and output; a kept vault holds its state."""
    done = _demo(toured, "--json", "--keep", str(tmp_path / "kept"))

    steps = json.loads(done.stdout)["steps"]
    assert [step["exitCode"] for step in steps] == [0] * STEPS
    board = json.loads(steps[3]["output"])
    assert (board["total"], board["entries"][0]["name"]) == (300, "Ada")
    assert (tmp_path / "kept" / "xp" / "default").is_dir()


def test_a_folder_with_something_in_it_is_left_alone(
    toured: dict[str, str], tmp_path: Path
) -> None:
    """The tour writes only into a folder that is empty or not there."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "mine").write_text("x")
    done = _demo(toured, "--keep", str(kept))
    assert (done.returncode, done.stdout) == (4, "")
    assert "is not an empty folder" in done.stderr
    assert [path.name for path in kept.iterdir()] == ["mine"]
