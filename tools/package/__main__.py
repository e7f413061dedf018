"""``./dev package``: one artefact, or all of them, in dist/."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.package import deb, image, release, sbom, wheel
from tools.package.project import DIST, Stopped


def main(argv: Sequence[str] | None = None) -> int:
    """Make what is asked for and print what was made; the exit code."""
    options = _parser().parse_args(argv)
    try:
        made = _make_package(options)
    except Stopped as stopped:
        sys.stderr.write(f"error: {stopped}\n")
        return 1
    sys.stdout.writelines(f"{one}\n" for one in made)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev package", description=__doc__)
    parser.add_argument("--output", type=Path, default=DIST, help="the folder, else dist/")
    kinds = parser.add_subparsers(dest="kind", required=True)
    kinds.add_parser("wheel", help="wheel and source archive for PyPI")
    for_image = kinds.add_parser("image", help="an image for podman, docker or buildah")
    for_image.add_argument("--tag", default="", help="its name, else robo-xp:VERSION")
    for_image.add_argument("more", nargs="*", help="words for the builder, after --")
    for_release = kinds.add_parser("release", help="everything, if all places agree")
    for_release.add_argument("version", help="the version to release")
    for_debian = kinds.add_parser("deb", help="a package for apt")
    for_debian.add_argument(
        "releases", nargs="*", choices=[*deb.RELEASES, []], help="of Debian, else all"
    )
    for_debian.add_argument("--revision", type=int, default=1, help="of the packaging, from 1")
    return parser


def _make_package(options: argparse.Namespace) -> list[object]:
    if options.kind == "image":
        return [image.build(options.tag, options.more)]
    if options.kind == "release":
        return [*release.build(options.version, options.output)]
    if options.kind == "wheel":
        made = wheel.build(options.output)
    else:
        releases = options.releases or deb.RELEASES
        made = [deb.build(one, options.output, revision=options.revision) for one in releases]
    return [*made, *map(sbom.write_beside, made)]


if __name__ == "__main__":
    sys.exit(main())
