"""Writes what follows from the code: completions/, man/, docs/commands.md, tables of errors.

With ``--check`` it only says which of the files are not as it would write them, and its exit code
is 1 if there is one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tools.generate.outputs import ROOT, outputs, stale


def main(argv: Sequence[str] | None = None) -> int:
    """Write the files, or with ``--check`` compare them; the exit code."""
    parser = argparse.ArgumentParser(prog="tools.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    only_check = parser.parse_args(argv).check
    texts = outputs()
    changed = stale(texts)
    for path in changed:
        sys.stdout.write(f"{path} {'differs' if only_check else 'written'}\n")
        if not only_check:
            (ROOT / path).parent.mkdir(exist_ok=True)
            (ROOT / path).write_text(texts[path], encoding="utf-8")
    return 1 if only_check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
