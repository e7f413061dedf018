"""What an install brings: the packages, both programs, one version, and pins that fit."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import robo_xp

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {"robo_xp", "robo_xp_cli", "robo_xp_daemon"}
EXTRAS = ("postgresql", "cards", "beacon")
PINS = {
    "requirements.txt": (),
    "requirements-extras.txt": EXTRAS,
    "requirements-dev.txt": ("dev", *EXTRAS),
}


def project() -> dict[str, Any]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        table: dict[str, Any] = tomllib.load(file)["project"]
    return table


def pins_of(name: str) -> dict[str, Requirement]:
    """The requirements of a file by name, without their hashes."""
    lines = (ROOT / name).read_text().splitlines()
    pins = [Requirement(line.rstrip("\\ ")) for line in lines if line[0] not in " #"]
    return {canonicalize_name(pin.name): pin for pin in pins}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built from this checkout without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """The folder that holds the unpacked wheel."""
    folder = wheel.parent / "unpacked"
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def test_the_wheel_holds_three_packages_and_nothing_else(installed: Path) -> None:
    """An install adds the packages, their metadata, and at most files for share/."""
    stem = f"robo_xp-{robo_xp.__version__}"
    tops = {path.name for path in installed.iterdir()}

    assert tops - {f"{stem}.data"} == {*PACKAGES, f"{stem}.dist-info"}
    assert {path.name for path in installed.glob("*.data/*/*")} <= {"share"}


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_each_package_is_whole_and_typed(wheel: Path, package: str) -> None:
    """The wheel holds every source file of a package and the mark that it has types."""
    [source] = [p for p in (ROOT / package, *ROOT.glob(f"*/{package}")) if p.is_dir()]
    files = {str(path.relative_to(source)) for path in source.rglob("*.py")}
    names = zipfile.ZipFile(wheel).namelist()
    packed = {name.removeprefix(f"{package}/") for name in names if name.startswith(f"{package}/")}

    assert files | {"py.typed"} <= packed
    assert not {name for name in packed if name.endswith(".pyc")}


def test_the_units_are_in_the_wheel(installed: Path) -> None:
    """What ``robo-xp service install`` writes comes with every install."""
    source = ROOT / "cli/robo_xp_cli/units"
    files = [path for path in source.rglob("*") if path.is_file()]
    units = {path.relative_to(source): path.read_text() for path in files}
    packed = installed / "robo_xp_cli/units"

    assert len(units) == 9
    assert {name: (packed / name).read_text() for name in units} == units


def test_the_completions_are_in_the_wheel(installed: Path) -> None:
    """What ``robo-xp completion install`` writes comes with every install."""
    scripts = {path.name: path.read_text() for path in (ROOT / "completions").iterdir()}
    packed = {path.name: path.read_text() for path in installed.glob("robo_xp_cli/completions/*")}

    assert len(scripts) == 3
    assert packed == scripts


def test_the_generators_are_not_in_the_wheel(installed: Path) -> None:
    """What only a checkout needs is not installed."""
    assert (ROOT / "tools/generate/__main__.py").is_file()
    assert [path for path in installed.rglob("*") if "generate" in path.name] == []


def test_the_licence_is_in_the_wheel(installed: Path) -> None:
    """Whoever gets the wheel gets the licence."""
    [licence] = installed.glob("*.dist-info/licenses/LICENSE")

    assert licence.read_text() == (ROOT / "LICENSE").read_text()


def test_an_install_prints_its_completion(installed: Path) -> None:
    """``robo-xp completion show`` from the wheel prints the script that came with it."""
    answer = subprocess.run(
        [sys.executable, "-m", "robo_xp_cli", "completion", "show", "fish"],
        env={**os.environ, "PYTHONPATH": str(installed)},
        cwd=installed,
        capture_output=True,
        text=True,
    )

    assert answer.stderr == ""
    assert answer.stdout == (ROOT / "completions/robo-xp.fish").read_text()


@pytest.mark.parametrize("program", ["robo-xp", "robo-xpd"])
def test_both_programs_answer_from_the_wheel(installed: Path, program: str) -> None:
    """Each entry point leads to a function that answers ``--version``."""
    entry_points = ConfigParser()
    entry_points.read(next(installed.glob("*.dist-info/entry_points.txt")))
    module, _, function = entry_points["console_scripts"][program].partition(":")
    start = f"import sys; sys.argv[0] = {program!r}; from {module} import {function} as main"

    answer = subprocess.run(
        [sys.executable, "-c", f"{start}; sys.exit(main())", "--version"],
        env={**os.environ, "PYTHONPATH": str(installed)},
        cwd=installed,
        capture_output=True,
        text=True,
    )

    assert (answer.stdout, answer.returncode) == (f"{program} {robo_xp.__version__}\n", 0)


def test_one_version_everywhere() -> None:
    """The project file, the package and the newest entry of the changelog agree."""
    newest = re.search(r"^## \[?v?(\d[^\s\]]*)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert newest is not None
    assert project()["version"] == robo_xp.__version__ == newest[1]


@pytest.mark.parametrize("name", PINS)
def test_every_pin_is_exact_and_hashed(name: str) -> None:
    """Each requirement has one version and at least one hash, and no line names an address."""
    text = (ROOT / name).read_text()

    assert "://" not in text
    assert "index" not in text
    for requirement in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"\S+==[\w.]+\s", requirement), requirement
        assert "--hash=sha256:" in requirement, requirement


@pytest.mark.parametrize("name", PINS)
def test_the_pins_satisfy_the_project_file(name: str) -> None:
    """Whatever the project asks for is pinned to a version that it accepts."""
    pins = pins_of(name)
    wanted = [*project()["dependencies"]]
    for extra in PINS[name]:
        wanted += project()["optional-dependencies"][extra]

    for asked in map(Requirement, wanted):
        [pin] = pins[canonicalize_name(asked.name)].specifier
        assert asked.specifier.contains(pin.version), asked


def test_each_file_of_pins_holds_those_before_it() -> None:
    """What runs, what the packages bring and what is tested are the same versions."""
    run, extras, dev = ({name: p.specifier for name, p in pins_of(f).items()} for f in PINS)

    assert run.items() <= extras.items() <= dev.items()


def test_the_description_of_the_wheel_stands_alone(installed: Path) -> None:
    """What PyPI shows links to nothing by a path, and shows its picture from an address."""
    [metadata] = installed.glob("*.dist-info/METADATA")
    text = metadata.read_text()
    targets = re.findall(r"\]\(([^)]+)\)", text)

    assert targets
    assert {target for target in targets if not target.startswith(("https://", "#"))} == set()
    assert any(target.endswith("/docs/picture.svg") for target in targets)


def test_the_project_says_who_made_it_and_where_it_lives(installed: Path) -> None:
    """Authors and addresses stand in the metadata."""
    [metadata] = installed.glob("*.dist-info/METADATA")
    text = metadata.read_text()

    assert "\nAuthor-email: " in text
    assert {"Homepage", "Documentation", "Changelog", "Issues"} <= set(
        re.findall(r"^Project-URL: (\w+),", text, re.MULTILINE)
    )
