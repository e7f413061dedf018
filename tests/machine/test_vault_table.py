"""The table ``[vault]`` of the configuration file belongs to both programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from robo_xp.errors import InvalidConfig
from robo_xp.machine import config_file


def written(tmp_path: Path, value: str) -> Path:
    path = tmp_path / "robo-xp.toml"
    path.write_text(f"[vault]\narchive_days = {value}\n")
    return path


def test_the_days_of_the_archive_are_read(tmp_path: Path) -> None:
    """By what the command line reads, and by what the daemon reads."""
    path = written(tmp_path, "0")

    assert config_file.load(path).archive_days == 0
    assert config_file.load_daemon(path)[0].archive_days == 0


@pytest.mark.parametrize("value", ["-1", "3651", '"30"', "true", "1.5", "[]"])
def test_wrong_days_are_refused(tmp_path: Path, value: str) -> None:
    """Whatever reads the file names the key and what it may be."""
    path = written(tmp_path, value)
    for read in (config_file.load, config_file.load_daemon):
        with pytest.raises(InvalidConfig) as caught:
            read(path)
        assert "vault.archive_days" in str(caught.value.faults[0].where)
