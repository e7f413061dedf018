"""Card templates: a Typst file, or a folder with ``card.typ`` and what that reads.

A file is given to Typst alone, so that a template beside the configuration sees nothing of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Final

from robo_xp.errors import FileFailed, FileMissing, TemplateWrong

MAIN: Final = "card.typ"
MOST_BYTES: Final = 20 << 20
_PACKAGE = re.compile(r"^.*?#?(?:import|include)\s*\(*\s*\"@[^\"]*\"", re.MULTILINE)
_REPEATS = re.compile(r"\b(?:while|for|range|lorem)\b|\blet\s+[\w-]+\(|=>")
_MOST_LINES: Final = 8
_USUAL: Final = "the usual template"


@dataclass(frozen=True)
class Template:
    """The files of a template by their path, ``card.typ`` among them; ``name`` is for people."""

    name: str
    files: Mapping[str, bytes]

    @cached_property
    def digest(self) -> str:
        """What tells templates apart."""
        made = hashlib.sha256()
        for path, content in sorted(self.files.items()):
            made.update(f"{path}\n{len(content)}\n".encode() + content)
        return made.hexdigest()

    def repeating_lines(self) -> str:
        """The lines of an operator's files that may go on for ever, as people read them.

        Typst does not say where it was when it was stopped, so these are its loops and functions;
        empty for none.
        """
        if self.name == _USUAL:
            return ""
        found = []
        for path, content in self.files.items():
            text = content.decode(errors="replace") if path.endswith(".typ") else ""
            lines = [
                str(number)
                for number, line in enumerate(text.splitlines(), 1)
                if _REPEATS.search(line.partition("//")[0])
            ]
            if lines:
                more = ["…"] if len(lines) > _MOST_LINES else []
                found.append(f"{path}, line {', '.join(lines[:_MOST_LINES] + more)}")
        return "; ".join(found)

    def check(self) -> None:
        """Raise TemplateWrong where a file imports a package, which is never fetched."""
        for path, content in self.files.items():
            text = content.decode(errors="replace") if path.endswith(".typ") else ""
            if found := _PACKAGE.search(text):
                line = text.count("\n", 0, found.end()) + 1
                raise TemplateWrong(
                    f"{self.name}: {path}, line {line}: a template cannot import packages",
                    advice="copy what you need of the package into the template's folder",
                )


def usual() -> Template:
    """The template that comes with Robo XP."""
    source = resources.files("robo_xp").joinpath("pictures", "templates", MAIN)
    return Template(_USUAL, {MAIN: source.read_bytes()})


def read(path: Path) -> Template:
    """The template at this path. Raises FileMissing, FileFailed, TemplateWrong."""
    try:
        files = _folder(path) if path.is_dir() else {MAIN: path.read_bytes()}
    except FileNotFoundError:
        raise FileMissing(f"there is no template {path}") from None
    except OSError as error:
        raise FileFailed.of(path, "read", error) from None
    if MAIN not in files:
        raise TemplateWrong(f"{path} has no {MAIN}", advice=f"put the template into {path / MAIN}")
    found = Template(str(path), files)
    found.check()
    return found


def _folder(path: Path) -> dict[str, bytes]:
    """All plain files below the folder; links lead out of it and are left out."""
    files: dict[str, bytes] = {}
    room = MOST_BYTES
    for one in sorted(path.rglob("*")):
        if one.is_symlink() or not one.is_file():
            continue
        room -= one.stat().st_size
        if room < 0:
            raise TemplateWrong(
                f"{path} holds more than {MOST_BYTES >> 20} MB",
                advice="keep the template in a folder of its own",
            )
        files[str(one.relative_to(path))] = one.read_bytes()
    return files
