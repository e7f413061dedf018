"""The code that ``get_curve`` names: where it is found, whom it is trusted to, when it is run."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from robo_xp.errors import CurveCodeRefused
from robo_xp.machine.curve_code import CurveCode, curve_code


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    """A configuration file in a folder of its own; Python's path is put back afterwards."""
    before = list(sys.path)
    folder = tmp_path / "etc"
    folder.mkdir(mode=0o755)
    path = folder / "robo-xp.toml"
    path.touch(mode=0o644)
    yield path
    sys.path[:] = before


def module(
    folder: Path, text: str = "def curve(guild, store):\n    return (guild, store)\n"
) -> str:
    """The name of a new module there."""
    name = f"curves_{uuid4().hex}"
    (folder / f"{name}.py").write_text(text)
    return name


def package(folder: Path) -> tuple[Path, str]:
    """The folder of a new package there, and the name of a module in it."""
    name = f"curves_{uuid4().hex}"
    (folder / name).mkdir()
    for part in ("__init__", "inner"):
        (folder / name / f"{part}.py").write_text("def curve(guild, store):\n    return 5\n")
    return folder / name, f"{name}.inner"


def test_beside_the_configuration(config: Path) -> None:
    """A module or a package beside the file is found, and asked with guild and store."""
    name = module(config.parent)
    _, inner = package(config.parent)

    assert CurveCode(f"{name}:curve", config)("1", "default") == ("1", "default")
    assert CurveCode(f"{inner}:curve", config)("1", "default") == 5


def test_nothing_is_imported_before_it_is_asked(config: Path) -> None:
    """A broken module is harmless until somebody wants a curve; no name is no function."""
    name = module(config.parent, "raise RuntimeError('broken')\n")
    code = CurveCode(f"{name}:curve", config)

    assert str(code) == f"{name}:curve" and name not in sys.modules
    with pytest.raises(CurveCodeRefused, match=f"module '{name}' cannot be loaded: RuntimeError"):
        code("1", "default")
    assert curve_code("", config) is None


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("no_such_module:f", "there is no module 'no_such_module', neither beside"),
        ("os.nothing:f", "there is no module|cannot be found"),
        ("os:nothing", "cannot be loaded: AttributeError"),
        ("os", "must be written module:function"),
        (":x", "must be written module:function"),
        ("os:sep", "'sep' of module 'os' is no function"),
    ],
)
def test_names_of_nothing(config: Path, name: str, why: str) -> None:
    """What is named and what is wrong with it stand in one error of exit code 2."""
    with pytest.raises(CurveCodeRefused, match=why) as refused:
        CurveCode(name, config).load()

    assert f"get_curve = {name!r}" in refused.value.message and refused.value.exit_code == 2


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
@pytest.mark.parametrize("spoilt", ["module", "configuration"])
def test_a_file_that_others_may_write(config: Path, mode: int, spoilt: str) -> None:
    """Neither the module nor the configuration may be writable by a group or by everybody."""
    name = module(config.parent)
    path = config if spoilt == "configuration" else config.parent / f"{name}.py"
    path.chmod(mode)

    with pytest.raises(CurveCodeRefused, match=f"others may write {path} "):
        CurveCode(f"{name}:curve", config).load()
    assert name not in sys.modules


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o1777])
def test_a_folder_that_others_may_write(config: Path, tmp_path: Path, mode: int) -> None:
    """Nor the folder of either, nor one above it where files can be replaced."""
    folder, inner = package(config.parent)
    code = CurveCode(f"{inner}:curve", config)
    for place in (config.parent, folder, *([] if mode == 0o1777 else [tmp_path])):
        before = place.stat().st_mode
        place.chmod(mode)
        with pytest.raises(CurveCodeRefused, match=f"others may write {place} "):
            code.load()
        place.chmod(before)
    tmp_path.chmod(0o1777)

    assert code("1", "default") == 5


def test_compiled_code_that_others_may_write(config: Path) -> None:
    """Python would run what lies in the folder of compiled modules."""
    name = module(config.parent)
    cached = config.parent / "__pycache__"
    cached.mkdir()
    cached.chmod(0o777)

    with pytest.raises(CurveCodeRefused, match=f"others may write {cached} "):
        CurveCode(f"{name}:curve", config).load()


def test_a_link_out_of_a_safe_folder(config: Path, tmp_path: Path) -> None:
    """What a link leads to is looked at as well."""
    loose = tmp_path / "loose"
    loose.mkdir()
    name = module(loose)
    loose.chmod(0o777)
    (config.parent / f"{name}.py").symlink_to(loose / f"{name}.py")

    with pytest.raises(CurveCodeRefused, match=f"others may write {loose} "):
        CurveCode(f"{name}:curve", config).load()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_another_account(config: Path) -> None:
    """Whoever owns the file may write it, whatever its mode says."""
    name = module(config.parent)
    os.chown(config.parent / f"{name}.py", 4242, 4242)

    with pytest.raises(CurveCodeRefused, match="belongs to another account"):
        CurveCode(f"{name}:curve", config).load()
