"""The program ``robo-xpd``: its options and its exit codes.

This version has no connection to Discord, and says so instead of looking alive.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from robo_xp import __version__

FAILED = 1

_NOT_YET = """\
error: robo-xpd cannot connect to Discord in this version, so it awards no XP and posts nothing
hint: the command line does all its work without it; start with 'robo-xp --help'
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code, after ``--help`` and ``--version`` had their say."""
    parser = argparse.ArgumentParser(
        prog="robo-xpd",
        description="The Robo XP daemon. It does not connect to Discord in this version; "
        "the command line, robo-xp, works without it.",
        epilog="exit codes: 0 help or version was shown, 1 it cannot run, 2 wrong usage",
    )
    parser.add_argument("--version", action="version", version=f"robo-xpd {__version__}")
    parser.parse_args(arguments)
    sys.stderr.write(_NOT_YET)
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
