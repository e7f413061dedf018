"""Every generated file and its text.

What comes out depends on the code, the texts in ``manual/`` and ``shell/`` and ``docs/journal.md``
alone: never on the day, the terminal, the language or the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from robo_xp_cli.framework.declare import Entry
from robo_xp_cli.framework.parse import walk
from robo_xp_cli.nouns import NOUNS
from tools.generate import bash, errors, fish, library, man, zsh
from tools.generate.tree import Tree, tree_of

ROOT = Path(__file__).resolve().parents[2]
COMPLETIONS = {
    "bash": "completions/robo-xp",
    "zsh": "completions/_robo-xp",
    "fish": "completions/robo-xp.fish",
}
_SHELL = Path(__file__).with_name("shell")
_TABLES = {"bash": bash.tables, "zsh": zsh.tables, "fish": fish.tables}
_MARK = "# {tables}\n"


def outputs(root: Path = ROOT, table: Mapping[str, Entry] = NOUNS) -> dict[str, str]:
    """Every generated file: its path in the checkout, and its text."""
    nodes = tuple(walk(table))
    tree = tree_of(nodes, {name: entry.help for name, entry in table.items()})
    scripts = {path: _script(shell, tree) for shell, path in COMPLETIONS.items()}
    return scripts | man.pages(nodes, table, root) | errors.pages(root) | library.pages(root)


def stale(texts: Mapping[str, str], root: Path = ROOT) -> list[str]:
    """The paths of files that are not as ``texts`` has them, or not there."""
    return [
        path
        for path, text in texts.items()
        if not (root / path).is_file() or (root / path).read_text(encoding="utf-8") != text
    ]


def _script(shell: str, tree: Tree) -> str:
    """The functions of a shell's script, with the tables of the commands at its mark."""
    before, after = (_SHELL / f"robo-xp.{shell}").read_text(encoding="utf-8").split(_MARK)
    return before + _TABLES[shell](tree) + after
