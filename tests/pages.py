"""The sessions in the documents: run as written, on a terminal of 80 columns, one after another.

A block of ```console`` holds commands after ``$`` and what they showed. All blocks of a page play
in one temporary vault, filled as the demo fills it. ``./dev python -m tests.pages`` writes what
the commands show today into the pages; ``test_docs.py`` compares.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from pathlib import Path

import pexpect
import pyte

ROOT = Path(__file__).parents[1]
PAGES = (
    "README.md",
    "docs/first-ten-minutes.md",
    "docs/migration.md",
    "docs/seasons.md",
    "docs/troubleshooting.md",
)
GUILD = "746807687960896580"
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# what differs from day to day
_VARYING = ((re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d"), "2026-11-21 12:00"),)


def played(text: str) -> str:
    """The page with today's output under each command of its sessions."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        lay_out(folder)
        return _BLOCK.sub(lambda found: _session(found[1], folder), text)


def lay_out(folder: Path) -> None:
    """The files that the sessions speak of, and names as a daemon would have seen them."""
    sys.path[:0] = [str(ROOT / "cli")]
    from robo_xp import RoboXP
    from robo_xp_cli.nouns.program.demo import MEMBERS_WITH_NAMES

    pages = (ROOT / "robo_xp/demo/mee6_leaderboard_pages.json").read_bytes()
    (folder / "leaderboard.json").write_bytes(pages)
    polaris = (ROOT / "tests/data/polaris_shape.json").read_bytes()
    (folder / "polaris.json").write_bytes(polaris)
    leaders = [player["id"] for player in json.loads(pages)[0]["players"]]
    rows = "".join(f"give,{user_id},500\n" for user_id in leaders)
    (folder / "event.csv").write_text("op,user,amount\n" + rows)
    with RoboXP.open(folder / "vault", by="pages") as robo:
        robo.names.remember(GUILD, dict(zip(leaders, MEMBERS_WITH_NAMES, strict=False)))


def _session(block: str, folder: Path) -> str:
    """The block, each command followed by what it shows."""
    shown = []
    for line in block.splitlines():
        if line.startswith("$ "):
            shown += [line, *_run(line[2:], folder)]
    return "```console\n" + "\n".join(shown) + "\n```"


def _run(command: str, folder: Path) -> list[str]:
    """What a terminal of 80 columns shows of the command."""
    raw = _said(command, folder)
    screen = pyte.Screen(80, 200)
    pyte.ByteStream(screen).feed(raw)
    text = "\n".join(line.rstrip() for line in screen.display).rstrip()
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, text)
    return text.splitlines()


def colored(command: str, folder: Path) -> str:
    """What the command sends to a terminal, with its colours."""
    text = _said(command, folder).decode().replace("\r\n", "\n")
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, text)
    return text


def _said(command: str, folder: Path) -> bytes:
    """All that the command writes to a terminal of 80 columns."""
    program = f"robo-xp() {{ '{sys.executable}' -m robo_xp_cli \"$@\"; }}\n"
    child = pexpect.spawn(
        "bash",
        ["-c", program + command],
        cwd=str(folder),
        dimensions=(200, 80),
        timeout=60,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "cli")]),
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "TZ": "UTC",
            "ROBO_XP_DATA_DIR": str(folder / "vault"),
            "ROBO_XP_GUILD": GUILD,
        },
    )
    raw: bytes = child.read()
    child.close()
    return raw


def main() -> None:
    """Write today's output into the pages, and draw the picture anew."""
    from tests.picture import PICTURE, drawn

    for name in PAGES:
        page = ROOT / name
        page.write_text(played(page.read_text()))
    PICTURE.write_text(drawn())


if __name__ == "__main__":
    main()
