"""The wheel and the source archive, checked as PyPI and its readers would."""

from __future__ import annotations

from pathlib import Path

from tools.package.project import DIST, VERSION, python


def build(folder: Path = DIST) -> list[Path]:
    """Make both files in ``folder`` and check them; their paths. Raises Stopped."""
    folder.mkdir(parents=True, exist_ok=True)
    python("hatchling", "build", "-d", folder)
    made = [wheel_in(folder), folder / f"robo_xp-{VERSION}.tar.gz"]
    python("twine", "check", "--strict", *made)
    return made


def wheel_in(folder: Path) -> Path:
    """Where a build puts the wheel."""
    return folder / f"robo_xp-{VERSION}-py3-none-any.whl"
