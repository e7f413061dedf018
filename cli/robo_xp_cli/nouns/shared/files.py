"""Files that commands write: what is there already is replaced only where that was asked for."""

from __future__ import annotations

from pathlib import Path

from robo_xp.errors import FileExists


def check_free(file: str, *, force: bool) -> None:
    """Raise FileExists for a file that holds anything, unless it is to be replaced."""
    path = Path(file)
    if path.is_file() and path.stat().st_size and not force:
        raise FileExists(f"{file} is there already", advice="add --force to replace it")
