"""The function that ``get_curve`` names: code of the operator's own, for both programs.

It is imported when the first curve is asked for and not before, so that a module which is broken
holds up nothing that has no use for it.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from robo_xp.errors import CurveCodeRefused
from robo_xp.machine import trust

KEY = "get_curve"


class CurveCode:
    """The callable that ``module:function`` names; ``path`` is the file that names it."""

    def __init__(self, name: str, path: Path | None) -> None:
        self._name = name
        self._path = path
        self._lock = threading.Lock()
        self._function: Callable[..., Any] | None = None

    def __str__(self) -> str:
        """What the file says."""
        return self._name

    def __call__(self, guild_id: str, store_id: str) -> Any:
        """What the function says; raises what it raises, and what ``load`` raises."""
        return self.load()(guild_id, store_id)

    def load(self) -> Callable[..., Any]:
        """The function, imported once.

        Raises CurveCodeRefused (exit code 2) where there is none, and where somebody else than
        this account and root could change it, or the file that names it.
        """
        with self._lock:
            if self._function is None:
                self._function = self._load_code()
            return self._function

    def _load_code(self) -> Callable[..., Any]:
        module, _, attribute = self._name.partition(":")
        if not module or not attribute:
            raise self._refusal_of("it must be written module:function")
        if self._path is not None:
            self._check(self._path)
            self._look_beside(self._path.absolute().parent, module.partition(".")[0])
        self._check_module(module)
        try:
            found = getattr(import_module(module), attribute)
        except (Exception, SystemExit) as error:
            why = f"{type(error).__name__}: {error}"
            raise self._refusal_of(f"module {module!r} cannot be loaded: {why}") from error
        if not callable(found):
            raise self._refusal_of(f"{attribute!r} of module {module!r} is no function")
        result: Callable[..., Any] = found
        return result

    def _look_beside(self, folder: Path, top: str) -> None:
        """Let the module be found in the folder of the file, if it is there."""
        spec = PathFinder.find_spec(top, [str(folder)])
        if spec is not None and str(folder) not in sys.path:
            self._check(folder)
            sys.path.insert(0, str(folder))

    def _check_module(self, module: str) -> None:
        """Refuse a module that others can change; each package is looked at before it is run."""
        parts = module.split(".")
        for count in range(1, len(parts) + 1):
            name = ".".join(parts[:count])
            try:
                spec = find_spec(name)
            except (Exception, SystemExit) as error:
                raise self._refusal_of(f"module {name!r} cannot be found: {error}") from error
            if spec is None:
                where = "" if self._path is None else f", neither beside {self._path} nor elsewhere"
                raise self._refusal_of(f"there is no module {name!r}{where}")
            for place in _places(spec.origin if spec.has_location else None,
                                 spec.cached, spec.submodule_search_locations):  # fmt: skip
                self._check(place)

    def _check(self, place: Path) -> None:
        try:
            fault = trust.fault_of(place, (os.geteuid(), os.stat(__file__).st_uid))
        except OSError as error:
            raise self._refusal_of(f"{place} cannot be looked at: {error.strerror}") from None
        if fault:
            raise self._refusal_of(f"{fault}, and could put any code there")

    def _refusal_of(self, why: str) -> CurveCodeRefused:
        return CurveCodeRefused(f"{KEY} = {self._name!r}: {why}")


def _places(origin: str | None, cached: str | None, folders: Any) -> Iterator[Path]:
    """The files and folders that the code of a module is taken from."""
    if origin is not None:
        yield Path(origin)
    if cached is not None and os.path.lexists(folder := os.path.dirname(cached)):
        yield Path(cached) if os.path.lexists(cached) else Path(folder)
    for folder in folders or ():
        yield Path(folder)


def curve_code(name: str, path: Path | None) -> CurveCode | None:
    """The function of that name, to be loaded when it is asked; None for no name."""
    return CurveCode(name, path) if name else None
