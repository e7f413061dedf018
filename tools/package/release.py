"""``./dev release``: whether all places agree on a version, and then every artefact of it."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import robo_xp
from tools.generate.outputs import outputs, stale
from tools.package import deb, sbom, wheel
from tools.package.project import DIST, ROOT, Stopped

Git = Callable[..., str]

_ARTEFACT = r"robo-xp[_:](\d+\.\d+\.\d+)"
_NAMED = {
    "README.md": _ARTEFACT,
    "docs/install.md": _ARTEFACT,
    "docs/openapi.json": r'"version": "([^"]+)"',
}
"""Where the version stands in a text that no generator of ``outputs`` writes."""


def faults(version: str, git: Git | None = None) -> list[str]:
    """Everything that stands in the way of releasing this version now."""
    return list(_faults(version, git or _git))


def build(version: str, folder: Path = DIST) -> list[Path]:
    """Every artefact of the version with its bill of materials. Raises Stopped with all faults."""
    if found := faults(version):
        raise Stopped("\n  ".join([f"{version} is not ready:", *found]))
    for left in folder.glob("robo[-_]xp[-_]*"):
        left.unlink()
    made = wheel.build(folder) + [deb.build(name, folder) for name in deb.RELEASES]
    return [*made, *map(sbom.write_beside, made)]


def _faults(version: str, git: Git) -> Iterator[str]:
    said = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    if said["project"]["version"] != version:
        yield f"pyproject.toml says {said['project']['version']}"
    if robo_xp.__version__ != version:
        yield f"robo_xp.__version__ says {robo_xp.__version__}"
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+)(.*)$", text, re.MULTILINE)
    if newest is None or newest[1] != version:
        yield f"CHANGELOG.md begins with {newest[1] if newest else 'no version'}"
    for path, pattern in _NAMED.items():
        named = set(re.findall(pattern, (ROOT / path).read_text(encoding="utf-8"))) - {version}
        yield from (f"{path} names {other}" for other in sorted(named))
    yield from (f"{path} is not as the generator writes it" for path in stale(outputs()))
    if git("status", "--porcelain"):
        yield "there are uncommitted changes"
    if git("log", "-1", "--format=%cs") < robo_xp.__released__:
        yield f"robo_xp.__released__ lies ahead of the last commit: {robo_xp.__released__}"
    if git("tag", "--points-at", "HEAD").split() != [f"v{version}"]:
        yield f"the last commit has not the tag v{version}"


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    return done.stdout.strip()
