"""Which engine opens an address, and what is said where none can."""

from __future__ import annotations

from pathlib import Path

import pytest

from robo_xp.errors import InvalidValue
from robo_xp.vault import Vault
from robo_xp.vault.engines import ENGINES, Engine, open_vault
from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.memory import MemoryVault
from robo_xp.vault.port import VaultOptions
from tests.vault.acts import HandClock

OPTIONS = VaultOptions(clock=HandClock(), durability="os")


@pytest.mark.parametrize("form", ["{}", "file:{}", "file://{}", "{}/with: a colon", "{}/a:b"])
def test_a_path_is_a_data_folder(tmp_path: Path, form: str) -> None:
    """A path with or without its scheme is kept on files, whatever characters it has."""
    address = form.format(tmp_path)
    vault = open_vault(address, OPTIONS)

    assert isinstance(vault, FileVault)
    assert vault.root == address.removeprefix("file:").removeprefix("//")
    assert vault.care is not None


def test_a_path_object_is_a_data_folder(tmp_path: Path) -> None:
    """What stands for a path is taken for one."""
    vault = open_vault(tmp_path, OPTIONS)

    assert isinstance(vault, FileVault) and vault.root == str(tmp_path)


def test_memory_has_an_address() -> None:
    """``memory:`` is a vault that ends with its handle, and has nothing to look after."""
    vault = open_vault("memory:", OPTIONS)

    assert isinstance(vault, MemoryVault)
    assert vault.care is None


@pytest.mark.parametrize("address", ["mysql://host/db", "s3://bucket"])
def test_an_unknown_engine_is_refused(address: str) -> None:
    """The error names the scheme, and the engines that there are."""
    scheme = address.partition(":")[0]
    with pytest.raises(InvalidValue, match=f"no engine for {scheme}://") as told:
        open_vault(address, OPTIONS)

    assert "file, memory, postgresql" in told.value.advice


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an engine's package is not installed, the error says how to install it."""

    def opened(_: str, __: VaultOptions) -> Vault:
        raise ModuleNotFoundError("No module named 'driver'", name="driver")

    monkeypatch.setitem(ENGINES, "rocks", Engine(opened, extra="rocks"))
    with pytest.raises(InvalidValue, match="needs the package driver") as told:
        open_vault("rocks://host/db", OPTIONS)

    assert "robo-xp[rocks]" in told.value.advice
