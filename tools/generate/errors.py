"""What the documents say of errors: codes, exit codes and statuses, out of the classes.

A page that has such a table keeps it between two comments; what is around them is written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from robo_xp.errors import EXIT_CODES, RoboXPError, command_line, kinds
from robo_xp_daemon.http.statuses import ERRORS
from tools.generate import markdown
from tools.generate.page import Items, escaped_inline

_COMMAND = re.compile(r"'(robo-xp [^']*)'")


def pages(root: Path) -> dict[str, str]:
    """The pages with their tables written anew, by their paths in the checkout."""
    tables = {
        "README.md": ("exit codes", exit_codes()),
        "docs/rest.md": ("statuses", statuses()),
        "docs/troubleshooting.md": ("error codes", error_codes()),
    }
    return {
        path: _with_table((root / path).read_text(encoding="utf-8"), name, table)
        for path, (name, table) in tables.items()
    }


def exit_codes() -> Items:
    """What each exit code of the command line means."""
    rows = tuple((str(code), meaning) for code, meaning in EXIT_CODES.items())
    return Items(("exit", "meaning"), rows)


def statuses() -> Items:
    """The codes that an answer over HTTP can have, by their status."""
    by_status: dict[int, list[str]] = {}
    for kind in ERRORS:
        by_status.setdefault(kind.http_status, []).append(f"`{kind.code}`")
    rows = [(str(status), ", ".join(sorted(by_status[status]))) for status in sorted(by_status)]
    return Items(("status", "codes"), tuple(rows))


def error_codes() -> Items:
    """Every code by its name: its exit code, its status, what it means and what to do."""
    rows = [
        (f"`{kind.code}`", str(kind.exit_code), _status(kind), _meaning(kind), _advice(kind))
        for kind in _by_exit_code(kinds())
    ]
    return Items(("code", "exit", "HTTP", "what it means", "what to do"), tuple(rows))


def _by_exit_code(found: Iterable[type[RoboXPError]]) -> list[type[RoboXPError]]:
    ours = [kind for kind in found if kind.__module__.startswith(command_line.__package__ or "")]
    return sorted(ours, key=lambda kind: (kind.code, kind.exit_code))


def _status(kind: type[RoboXPError]) -> str:
    return str(kind.http_status) if kind in ERRORS else ""


def _meaning(kind: type[RoboXPError]) -> str:
    return escaped_inline((kind.__doc__ or "").partition("\n")[0].rstrip(".").replace("``", ""))


def _advice(kind: type[RoboXPError]) -> str:
    return _COMMAND.sub(r"`\1`", escaped_inline(kind.advice))


def _with_table(text: str, name: str, table: Items) -> str:
    """The page with the table between the comments of this name."""
    begin, end = f"<!-- {name}: ./dev python -m tools.generate writes this -->\n", "<!-- end -->"
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{markdown.write([table])}\n{end}{after}"
