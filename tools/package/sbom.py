"""What is inside an artefact, as CycloneDX: every library with its version and hashes."""

from __future__ import annotations

from pathlib import Path

from tools.package.project import ROOT, python


def write_beside(artefact: Path) -> Path:
    """Write the bill of materials of an artefact beside it; its path. Raises Stopped."""
    path = artefact.with_name(f"{artefact.name}.cdx.json")
    # a package comes with all extras, a wheel with none
    pins = "requirements-extras.txt" if artefact.suffix == ".deb" else "requirements.txt"
    python(
        *("cyclonedx_py", "requirements", "--output-reproducible", "--of", "JSON"),
        *("--pyproject", ROOT / "pyproject.toml", "--mc-type", "application"),
        *("-o", path, ROOT / pins),
    )
    return path
