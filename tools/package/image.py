"""The image of the daemon, built by podman, docker or buildah, whichever is there."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.package.project import ROOT, VERSION, Stopped, run
from tools.package.wheel import build as build_wheel

BUILDERS = ("podman", "docker", "buildah")
# the health check is part of Docker's format only; podman reads it as well
_DOCKER_FORMAT = ("--format", "docker")


def build(tag: str = "", more: Sequence[str] = ()) -> str:
    """Build the image and return its tag; ``more`` goes to the builder. Raises Stopped."""
    tag = tag or f"robo-xp:{VERSION}"
    builder = next(filter(_answers, BUILDERS), None)
    if builder is None:
        raise Stopped(f"none of {', '.join(BUILDERS)} works here; install one and try again")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build_wheel(folder)
        for source in ("requirements-extras.txt", "packaging/image/Containerfile"):
            shutil.copy(ROOT / source, folder)
        kind = () if builder == "docker" else _DOCKER_FORMAT
        words = [builder, "build", "--file", folder / "Containerfile", "--tag", tag, *kind, *more]
        run(*words, folder)
    return tag


def _answers(builder: str) -> bool:
    """Whether the builder is there; a client of Docker may be, without its daemon."""
    if shutil.which(builder) is None:
        return False
    return subprocess.run([builder, "info"], capture_output=True, check=False).returncode == 0
