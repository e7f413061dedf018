"""Commands and parameters as documentation sees them; help, man pages and completions use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Details(NamedTuple):
    """What this program knows about a parameter beyond what Typer keeps.

    Of ``choices`` one has to be taken, unless ``parse`` decides.
    """

    parse: Callable[[str], Any] | None = None
    choices: tuple[str, ...] = ()
    completes: str = ""
    env: str = ""


class Param(NamedTuple):
    """One argument (``opts`` empty) or option of a command."""

    name: str
    opts: tuple[str, ...]
    metavar: str
    help: str
    panel: str
    required: bool
    multiple: bool
    is_flag: bool
    hidden: bool
    default: Any
    details: Details

    @property
    def is_argument(self) -> bool:
        """Whether it has a position instead of a name."""
        return not self.opts

    @property
    def usage(self) -> str:
        """The argument as it stands in a usage line."""
        name = self.metavar if self.required else f"[{self.metavar}]"
        return f"{name}..." if self.multiple else name

    @property
    def heading(self) -> str:
        """What stands at the left of a list of parameters."""
        if self.is_argument:
            return self.usage
        names = ", ".join(sorted(self.opts, key=len))
        # long lists of choices stand in the explanation, else they push it off the line
        value = "" if self.is_flag else f" {'NAME' if self.details.choices else self.metavar}"
        return names + value

    @property
    def explanation(self) -> str:
        """What stands at the right: the help, choices, default, environment variable."""
        extras = []
        if self.details.choices:
            extras.append(", ".join(self.details.choices))
        if self.default not in (None, False, "", ()):
            extras.append(f"default: {self.default}")
        if self.details.env:
            extras.append(f"env: {self.details.env}")
        return " ".join([self.help, *(f"[{extra}]" for extra in extras)])


class Node(NamedTuple):
    """One command or group; the root has an empty ``path``."""

    path: tuple[str, ...]
    help: str
    params: tuple[Param, ...]
    is_group: bool
    changes: bool
    hidden: bool
    examples: tuple[str, ...]
