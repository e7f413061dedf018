"""Which engine keeps the vault at an address: a path, or a scheme and what its engine needs.

The only module that knows the engines; each is imported when a vault of its kind is opened.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from robo_xp.errors import InvalidValue
from robo_xp.errors.extras import how_to_add
from robo_xp.vault.port import Vault, VaultOptions

if TYPE_CHECKING:
    from robo_xp.vault.care_port import Care
    from robo_xp.vault.files.vault import FileVault
    from robo_xp.vault.postgres.vault import PostgresVault

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://")


@dataclass(frozen=True, slots=True)
class Engine:
    """How its vaults are opened, from what stands behind the scheme.

    ``extra`` is the extra of this distribution that brings the packages which it needs.
    """

    open: Callable[[str, VaultOptions], Vault]
    extra: str = ""


def _on_files(path: str, options: VaultOptions) -> Vault:
    from robo_xp.vault.files.timed import TimedFiles
    from robo_xp.vault.files.vault import FileVault

    return FileVault(
        path,
        durability=options.durability,
        clock=options.clock,
        files=None if options.timings is None else TimedFiles(options.timings),
        lock_wait=options.lock_wait,
        archive_days=options.archive_days,
        to_mend=options.to_mend,
        care=_care_of_files,
    )


def _care_of_files(vault: FileVault) -> Care:
    # slow to import, and few commands look after the files
    from robo_xp.vault.care.file_care import FileCare

    return FileCare(vault)


def _in_memory(_: str, options: VaultOptions) -> Vault:
    from robo_xp.vault.memory import MemoryVault

    return MemoryVault(clock=options.clock)


def _on_postgresql(rest: str, options: VaultOptions) -> Vault:
    from robo_xp.vault.postgres.vault import PostgresVault

    return PostgresVault(
        f"postgresql://{rest}",
        durability=options.durability,
        clock=options.clock,
        lock_wait=options.lock_wait,
        archive_days=options.archive_days,
        to_mend=options.to_mend,
        care=_care_of_database,
    )


def _care_of_database(vault: PostgresVault) -> Care:
    from robo_xp.vault.exchange.care import DatabaseCare

    return DatabaseCare(vault)


ENGINES: dict[str, Engine] = {
    "file": Engine(_on_files),
    "memory": Engine(_in_memory),
    "postgresql": Engine(_on_postgresql, extra="postgresql"),
}


def open_vault(address: str | os.PathLike[str], options: VaultOptions) -> Vault:
    """The vault at the address: a path, ``file:PATH``, ``memory:`` or that of another engine.

    Raises InvalidValue for an engine that is unknown or not installed, and what the engine raises.
    """
    text = os.fspath(address)
    scheme, rest = _parts(text)
    engine = ENGINES.get(scheme)
    if engine is None:
        raise InvalidValue(
            f"this version has no engine for {scheme}:// vaults",
            advice=f"give the path of a data folder; there are engines for {', '.join(ENGINES)}",
        )
    try:
        return engine.open(rest, options)
    except ModuleNotFoundError as error:
        if not engine.extra:
            raise
        raise InvalidValue(
            f"a vault on {scheme} needs the package {error.name}",
            advice=f"install it: {how_to_add(engine.extra)}",
        ) from error


def _parts(address: str) -> tuple[str, str]:
    """The scheme, and what its engine is given; a path is for the engine on files.

    A known scheme needs no slashes; an unknown one does, since a folder may have a colon.
    """
    scheme, colon, rest = address.partition(":")
    if colon and scheme in ENGINES:
        return scheme, rest.removeprefix("//")
    if match := _SCHEME.match(address):
        return match[1], address
    return "file", address
