"""The image: read-only, as nobody special, on a loopback Discord. Takes root and buildah."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests.daemon.loopback import Loopback
from tests.daemon.stage import played
from tools.package import image
from tools.package.project import run

ACCOUNT = 10001
TAG, BASE = "localhost/robo-xp-tested", "localhost/robo-xp-tested-base"
ISOLATION = ("--isolation", "chroot", "--network", "host")
CERTIFICATES = ("--volume", "/etc/ssl/certs:/etc/ssl/certs:ro")

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        os.geteuid() != 0 or not all(map(shutil.which, ("debootstrap", "buildah"))),
        reason="takes root, debootstrap and buildah",
    ),
]


def buildah(*words: str) -> str:
    """What a command of buildah prints."""
    done = subprocess.run(["buildah", *words], capture_output=True, encoding="utf-8", check=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The root of the image, built on a Debian that was made here."""
    debian = tmp_path_factory.mktemp("debian")
    patch = pytest.MonkeyPatch()
    patch.setenv("STORAGE_DRIVER", "vfs")
    run("debootstrap", "--variant=minbase", "--include=python3,python3-venv", "trixie", debian)
    container = buildah("from", "scratch")
    run("cp", "-a", f"{debian}/.", buildah("mount", container))
    buildah("commit", "--quiet", "--rm", container, BASE)
    image.build(TAG, ["--build-arg", f"BASE={BASE}", *ISOLATION, *CERTIFICATES])
    container = buildah("from", TAG)
    yield Path(buildah("mount", container))
    buildah("rm", container)
    buildah("rmi", "--force", TAG, BASE)
    patch.undo()


def inside(root: Path, data: Path, *words: str) -> list[str]:
    """A command in the image as a container engine runs it: read-only, /data mounted, 10001."""
    mounts = (
        "PATH=$PATH:/usr/bin:/bin; "
        f"mount --bind {root} {root} && mount --bind {data} {root}/data"
        f" && mount -o remount,ro,bind {root} && mount -t proc proc {root}/proc"
    )
    # the folders above the image's are closed to others, so it is entered before root is given up
    enter = f'exec /usr/sbin/chroot --userspec={ACCOUNT}:{ACCOUNT} {root} "$@"'
    return ["/usr/bin/unshare", "--mount", "sh", "-ec", f"{mounts}\n{enter}", "sh", *words]


def environment() -> dict[str, str]:
    """The variables that the image sets."""
    config = json.loads(buildah("inspect", "--type", "image", TAG))["Docker"]["config"]
    return dict(line.split("=", 1) for line in config["Env"])


def test_it_says_how_it_is_run(root: Path) -> None:
    """Account, volumes, signal and health check stand in the image."""
    assert (root / "opt/robo-xp/bin/robo-xpd").is_file()
    config = json.loads(buildah("inspect", "--type", "image", TAG))["Docker"]["config"]

    assert config["User"] == f"{ACCOUNT}:{ACCOUNT}"
    assert config["StopSignal"] == "SIGTERM"
    assert sorted(config["Volumes"]) == ["/data", "/data-backups"]
    assert config["Healthcheck"]["Test"][1:4] == ["robo-xp", "daemon", "status"]


@played
async def test_it_counts_and_stops_with_nothing_lost(root: Path, tmp_path: Path) -> None:
    """On a read-only root, as 10001, messages are counted, and SIGTERM ends it within 10 s."""
    os.chown(tmp_path, ACCOUNT, ACCOUNT)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    async with Loopback() as discord:
        guild = discord.add_guild("G", members=["ann", "bob"])
        (tmp_path / "robo-xp.toml").write_text(
            f'[daemon]\napi_base = "{discord.api_base}"\ngateway = "{discord.gateway_url}"\n'
        )
        environ = environment() | {"ROBO_XP_TOKEN": discord.token}
        words = inside(root, tmp_path, "robo-xpd", "--config", "/data/robo-xp.toml")
        program = await asyncio.create_subprocess_exec(*words, env=environ)
        await discord.until(
            lambda: bool(discord.sessions) and discord.sessions[-1].is_connected, 30.0
        )
        for _ in range(20):
            guild.say("ann", "general", "hello")
        guild.say("bob", "general", "hello")
        status = inside(root, tmp_path, "robo-xp", "daemon", "status", "--quiet")
        healthy = await asyncio.create_subprocess_exec(*status, env=environ)
        assert await healthy.wait() == 0
        program.terminate()
        stopped_at = time.monotonic()
        assert await program.wait() == 0

        assert time.monotonic() - stopped_at < 10.0
    with RoboXP.open(tmp_path) as robo:
        found = [robo.xp.record(str(guild.id), str(guild.member(n).id)) for n in ("ann", "bob")]
    assert [one and one.messages for one in found] == [20, 1]
