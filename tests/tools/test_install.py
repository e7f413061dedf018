"""Wheel and source archive in clean environments of each Python that is here."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest

import robo_xp
from tests.daemon.loopback import Loopback
from tests.daemon.stage import played
from tools.package import wheel


def _works(python: str) -> bool:
    """Whether it is a Python, and not the stand-in of one that is not chosen here."""
    return subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0


FOUND = (shutil.which(f"python3.{number}") for number in range(11, 16))
PYTHONS = [python for python in FOUND if python and _works(python)]

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The wheel and the source archive."""
    return wheel.build(tmp_path_factory.mktemp("dist"))


@pytest.mark.parametrize("kind", ["wheel", "source archive"])
@pytest.mark.parametrize("python", PYTHONS)
@played
async def test_an_install_works(
    python: str, kind: str, artefacts: list[Path], tmp_path: Path
) -> None:
    """After pip install both programs answer, the tour plays, and the daemon meets Discord."""
    [artefact] = [path for path in artefacts if (path.suffix == ".whl") is (kind == "wheel")]
    subprocess.run([python, "-m", "venv", tmp_path / "venv"], check=True)
    scripts = tmp_path / "venv/bin"
    subprocess.run([scripts / "pip", "install", "--quiet", artefact], check=True, cwd=tmp_path)
    said = subprocess.run([scripts / "robo-xp", "--version"], capture_output=True, check=True)
    assert said.stdout.decode() == f"robo-xp {robo_xp.__version__}\n"
    subprocess.run([scripts / "robo-xp", "demo"], capture_output=True, check=True)
    async with Loopback() as discord:
        discord.add_guild("G", members=["ann"])
        config = tmp_path / "robo-xp.toml"
        config.write_text(
            f'data_dir = "data"\n[daemon]\napi_base = "{discord.api_base}"\n'
            f'gateway = "{discord.gateway_url}"\n'
        )
        daemon = await asyncio.create_subprocess_exec(
            scripts / "robo-xpd", "--config", config, env={"ROBO_XP_TOKEN": discord.token}
        )
        await discord.until(
            lambda: bool(discord.sessions) and discord.sessions[-1].is_connected, 30.0
        )
        daemon.terminate()
        assert await daemon.wait() == 0
