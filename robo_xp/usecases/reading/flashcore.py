"""Flashcore, the store of Robo.js bots: one gzipped JSON value a file, named by its key's hash."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from robo_xp.errors import InvalidValue
from robo_xp.nesting import bounded_text
from robo_xp.usecases.reading.content import unpacked_content

_NAME_LENGTH = 64


class Flashcore:
    """A folder of values by namespace and key; only what is asked for by name can be found."""

    def __init__(self, folder: str) -> None:
        self._folder = _with_values(Path(folder))

    def get(self, namespace: Iterable[str], key: str) -> Any:
        """The value under a key, None where there is none; InvalidValue where it is damaged."""
        name = sha256(f"{'/'.join(namespace)}__{key}".encode()).hexdigest()
        path = self._folder / name
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return msgspec.json.decode(bounded_text(unpacked_content(content)))
        except (msgspec.DecodeError, InvalidValue, RecursionError) as error:
            raise InvalidValue(f"{path} is damaged: {error}") from error


def has_values(folder: Path) -> bool:
    """Whether a folder, or one just below it, looks like Flashcore's."""
    return _with_values(folder) != folder or _is_flashcore(folder)


def _with_values(folder: Path) -> Path:
    for place in (folder, folder / "flashcore", folder / ".robo" / "data", folder / "data"):
        if place.is_dir() and _is_flashcore(place):
            return place
    return folder


def _is_flashcore(folder: Path) -> bool:
    names = (path.name for path in folder.iterdir() if path.is_file())
    return any(len(name) == _NAME_LENGTH and set(name) <= set("0123456789abcdef") for name in names)
