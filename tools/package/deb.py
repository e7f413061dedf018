"""The Debian package of a release of Debian: the programs in a virtual environment below /opt.

It is built by that release's own Python and debhelper: on this machine where it runs that release,
else in a fresh root made by debootstrap, which takes root. Wheels are fetched by their hashes
before, so that the build itself needs no network.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from email.utils import format_datetime
from pathlib import Path

from tools.package.project import DIST, ROOT, VERSION, Stopped, released_at, run
from tools.package.wheel import build as build_wheel
from tools.package.wheel import wheel_in

RELEASES: Mapping[str, str] = {"bookworm": "12", "trixie": "13"}
_NEEDED = ("debhelper", "dpkg-dev", "po-debconf", "python3", "python3-venv", "ca-certificates")
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# where the sources stand, seen from the root
_SOURCES = "build/robo-xp"


def build(release: str, folder: Path = DIST, *, revision: int = 1) -> Path:
    """The package of a release, ``bookworm`` or ``trixie``, made in ``folder``. Raises Stopped."""
    folder.mkdir(parents=True, exist_ok=True)
    # neither make nor debootstrap takes a path with a space, as that of a checkout may be;
    # /tmp may be in memory, and without devices
    place = os.environ.get("TMPDIR", "/var/tmp")  # noqa: S108 - the name in it is by chance
    with tempfile.TemporaryDirectory(dir=place) as name:
        work = Path(name)
        if is_this_system(release):
            enter: tuple[str | Path, ...] = ("env", "-C", work)
        else:
            _make_root(release, work)
            enter = ("chroot", work)
        _stage(work / _SOURCES, release, revision)
        run(*enter, "sh", "-ec", f"cd {_SOURCES}\n{_SCRIPT}", env=_ENVIRONMENT)
        package = next((work / _SOURCES).parent.glob("robo-xp_*.deb"))
        return Path(shutil.move(package, folder / package.name))


def version_of(release: str, revision: int = 1) -> str:
    """The version as apt compares it: that of a later Debian is the newer one."""
    return f"{VERSION}-{revision}~deb{RELEASES[release]}u1"


def is_this_system(release: str) -> bool:
    """Whether this machine runs the release and can build packages."""
    with suppress(OSError):
        if platform.freedesktop_os_release().get("VERSION_CODENAME") == release:
            return subprocess.run(["sh", "-c", _CAN_BUILD], env=_ENVIRONMENT).returncode == 0
    return False


def _make_root(release: str, root: Path) -> None:
    """Make of a folder a root of the release with all that a build needs. Raises Stopped."""
    if os.geteuid() != 0:
        raise Stopped(f"a root of Debian {RELEASES[release]} can only be made by root; use sudo")
    needed = ",".join(_NEEDED)
    run("debootstrap", "--variant=buildd", f"--include={needed}", release, root)
    if _CERTIFICATES.exists():
        shutil.copyfile(_CERTIFICATES, root / _CERTIFICATES.relative_to("/"))


# a Python of somebody's own in PATH is not the one that the package will run with, and a root
# has not the folders of this machine
_ENVIRONMENT = {"HOME": "/root", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR": ""}
_CAN_BUILD = (
    "command -v dh dpkg-buildpackage po2debconf >/dev/null && python3 -c 'import ensurepip'"
)
_SCRIPT = """
python3 -m venv fetching
fetching/bin/pip download --quiet --require-hashes --no-deps --only-binary :all: \\
    --dest wheels -r requirements-extras.txt
rm -r fetching
dpkg-buildpackage --build=binary --no-sign --no-check-builddeps
"""


def _stage(place: Path, release: str, revision: int) -> None:
    """Put there what the package is built from."""
    shutil.copytree(ROOT / "packaging/debian", place / "debian")
    for name in ("requirements-extras.txt", "CHANGELOG.md"):
        shutil.copyfile(ROOT / name, place / name)
    build_wheel(place / "wheels")
    (place / "wheels" / f"robo_xp-{VERSION}.tar.gz").unlink()
    assert wheel_in(place / "wheels").exists()
    (place / "debian/changelog").write_text(_changelog(release, revision), encoding="utf-8")


def _changelog(release: str, revision: int) -> str:
    """The package's own changelog: its version, and the day that the build's clock shows."""
    day = format_datetime(released_at())
    return (
        f"robo-xp ({version_of(release, revision)}) {release}; urgency=medium\n\n"
        f"  * Version {VERSION}; /usr/share/doc/robo-xp/CHANGELOG.md says what is new.\n\n"
        f" -- The Robo XP developers <maintainers@robo-xp.invalid>  {day}\n"
    )
