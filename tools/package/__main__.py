"""``./dev package``: one artefact, or all of them, in dist/."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.package import deb, wheel
from tools.package.project import DIST, Stopped


def main(argv: Sequence[str] | None = None) -> int:
    """Make what is asked for and print the paths; the exit code."""
    options = _parser().parse_args(argv)
    try:
        made = _made(options)
    except Stopped as stopped:
        sys.stderr.write(f"error: {stopped}\n")
        return 1
    sys.stdout.writelines(f"{path}\n" for path in made)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev package", description=__doc__)
    parser.add_argument("--output", type=Path, default=DIST, help="the folder, else dist/")
    kinds = parser.add_subparsers(dest="kind", required=True)
    kinds.add_parser("wheel", help="wheel and source archive for PyPI")
    for_debian = kinds.add_parser("deb", help="a package for apt")
    for_debian.add_argument(
        "releases", nargs="*", choices=[*deb.RELEASES, []], help="of Debian, else all"
    )
    for_debian.add_argument("--revision", type=int, default=1, help="of the packaging, from 1")
    return parser


def _made(options: argparse.Namespace) -> list[Path]:
    if options.kind == "wheel":
        return wheel.build(options.output)
    return [
        deb.build(release, options.output, revision=options.revision)
        for release in options.releases or deb.RELEASES
    ]


if __name__ == "__main__":
    sys.exit(main())
