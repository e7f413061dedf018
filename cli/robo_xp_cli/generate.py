"""Writes what follows from the commands: completions/, man/ and docs/commands.md.

``./dev python -m robo_xp_cli.generate`` writes the files into the checkout; with ``--check`` it
only says which of them are not as it would write them, and its exit code is 1 if there is one.
What comes out depends on the code and the texts in ``manual/`` and ``docs/journal.md`` alone:
never on the day, the terminal, the language or the environment.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from robo_xp_cli import generate_man
from robo_xp_cli.framework.declare import Entry
from robo_xp_cli.framework.parse import walk
from robo_xp_cli.generate_bash import bash
from robo_xp_cli.generate_fish import fish
from robo_xp_cli.generate_tree import Tree, tree_of
from robo_xp_cli.generate_zsh import zsh
from robo_xp_cli.nouns import NOUNS
from robo_xp_cli.show import streams

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = {"bash": bash, "zsh": zsh, "fish": fish}
FILES = {
    "bash": "completions/robo-xp",
    "zsh": "completions/_robo-xp",
    "fish": "completions/robo-xp.fish",
}


def script(shell: str, table: Mapping[str, Entry] = NOUNS) -> str:
    """The completion script of a shell: ``bash``, ``zsh`` or ``fish``."""
    return SCRIPTS[shell](_tree(table))


def outputs(root: Path = ROOT, table: Mapping[str, Entry] = NOUNS) -> dict[str, str]:
    """Every generated file: its path in the checkout, and its text."""
    tree = _tree(table)
    scripts = {path: SCRIPTS[shell](tree) for shell, path in FILES.items()}
    return scripts | generate_man.pages(tuple(walk(table)), table, root)


def stale(root: Path = ROOT, table: Mapping[str, Entry] = NOUNS) -> list[str]:
    """The paths of files that are not as they would be written, or not there."""
    return [
        path
        for path, text in outputs(root, table).items()
        if not (root / path).is_file() or (root / path).read_text(encoding="utf-8") != text
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Write the files, or with ``--check`` compare them; the exit code."""
    parser = argparse.ArgumentParser(prog="robo_xp_cli.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    only_check = parser.parse_args(argv).check
    texts = outputs()
    changed = stale()
    for path in changed:
        streams.write(f"{path} {'differs' if only_check else 'written'}\n")
        if not only_check:
            (ROOT / path).parent.mkdir(exist_ok=True)
            (ROOT / path).write_text(texts[path], encoding="utf-8")
    return 1 if only_check and changed else 0


def _tree(table: Mapping[str, Entry]) -> Tree:
    lines = {name: entry.help for name, entry in table.items()}
    return tree_of(tuple(walk(table)), lines)


if __name__ == "__main__":
    sys.exit(main())
