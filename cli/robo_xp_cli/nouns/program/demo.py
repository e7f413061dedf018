"""A tour of the tool on real numbers, in a temporary vault that is gone afterwards.

Each step is a real command line, run by the program itself: what the tour shows is what an
operator would see.
"""

from __future__ import annotations

import io
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from robo_xp.errors import Refused
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import option
from robo_xp_cli.run.context import Run
from robo_xp_cli.run.progress import leave_terminal
from robo_xp_cli.show.results import One, Result, Text

GUILD = "746807687960896580"
MEMBERS_WITH_NAMES = (
    "Ada Grace Linus Margaret Ken Barbara Dennis Radia Edsger Katherine Alan Hedy Donald Frances "
    "Tim Annie John Sophie Niklaus Evelyn Guido Joan Bjarne Zoë Anders Mary José Karen 花子 Ólafur"
).split()
STORY = Path("event.csv")
PAGES = Path("leaderboard.json")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the tour: what it is for, and the words of the command."""

    why: str
    words: tuple[str, ...]

    @property
    def command(self) -> str:
        """The step as it would be typed."""
        return shlex.join(("robo-xp", *self.words))


STEPS = (
    Step(
        "Take over a guild: 300 members, as another bot's leaderboard listed them.",
        ("import", "mee6", str(PAGES), "--yes"),
    ),
    Step(
        "What would other level curves do to these members? Nothing is changed yet.",
        ("curve", "compare", "mee6", "linear", "xpPerLevel=2500"),
    ),
    Step(
        "Take the curve of the old bot: everybody keeps the level they had.",
        ("curve", "set", "mee6", "--reason", "same levels as before"),
    ),
    Step("Who leads?", ("leaderboard", "--limit", "8")),
    Step(
        "Give one member XP, by name.",
        ("xp", "give", "Ada", "20k", "--reason", "won the art contest"),
    ),
    Step("How does she stand?", ("rank", "Ada")),
    Step(
        "A whole event from a file, tried out first …",
        ("xp", "apply", str(STORY), "--reason", "summer event", "--dry-run"),
    ),
    Step(
        "… and then for real: one batch.", ("xp", "apply", str(STORY), "--reason", "summer event")
    ),
    Step("Who changed what?", ("history",)),
    Step("The event was a mistake. Take it back, and nothing else.", ("undo", "4")),
    Step(
        "Everything is machine-readable.",
        ("leaderboard", "--limit", "3", "-o", "csv", "--fields", "rank,userId,xp,level"),
    ),
)

app = noun("", "A tour")


@app.verb("demo", examples=("robo-xp demo", "robo-xp demo --keep ./tour"))
def demo(
    run: Run,
    keep: Annotated[str, option("--keep", help="Keep the vault, in DIR", metavar="DIR")] = "",
) -> Result:
    """Show what the tool is, on real numbers, in a temporary vault.

    Nothing of yours is touched; the vault is removed at the end unless ``--keep`` names a folder.
    """
    if keep and Path(keep).exists() and (not Path(keep).is_dir() or os.listdir(keep)):
        raise Refused(
            f"{keep} is not an empty folder, and the tour writes only into one",
            advice="name a folder that is not there yet",
        )
    machine = run.output in ("json", "jsonl")
    leave_terminal()
    done: list[dict[str, Any]] = []
    with _stage(keep) as folder:
        for step in STEPS:
            done.append(_play(step, run.program, machine))
            if code := done[-1]["exitCode"]:
                return Text("The tour ended early.", exit_code=code)
    if machine:
        return One({"steps": done, "dataDir": str(folder) if keep else None})
    kept = f"The vault is in {folder}." if keep else "The vault of this tour is gone again."
    return Text(f"\n{kept}\nWhat else there is: robo-xp --help")


@contextmanager
def _stage(keep: str) -> Iterator[Path]:
    """A folder with a vault to be filled, the process standing in it; put back afterwards."""
    home = os.getcwd()
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="robo-xp-demo-") as scratch:
        folder = Path(keep).absolute() if keep else Path(scratch, "vault")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ |= {"ROBO_XP_DATA_DIR": str(folder), "ROBO_XP_GUILD": GUILD}
        for name in ("ROBO_XP_STORE", "ROBO_XP_OUTPUT", "ROBO_XP_CONFIG"):
            os.environ.pop(name, None)
        try:
            os.chdir(scratch)
            _prepare(folder)
            yield folder
        finally:
            os.chdir(home)
            os.environ.clear()
            os.environ.update(before)


def _prepare(folder: Path) -> None:
    """Lay out the files of the tour, and the names that a daemon would have seen."""
    from importlib.resources import files

    from robo_xp import RoboXP

    pages = files("robo_xp").joinpath("demo/mee6_leaderboard_pages.json").read_bytes()
    PAGES.write_bytes(pages)
    leaders = [player["id"] for player in json.loads(pages)[0]["players"]]
    names = dict(zip(leaders, MEMBERS_WITH_NAMES, strict=False))
    rows = [f"give,{user_id},{500 + 25 * place}\n" for place, user_id in enumerate(leaders)]
    STORY.write_text("op,user,amount\n" + "".join(rows))
    with RoboXP.open(folder, by="demo") as robo:
        robo.names.remember(GUILD, names)


def _play(step: Step, program: Callable[[Sequence[str]], int], machine: bool) -> dict[str, Any]:
    """Run one step; on a terminal its command and output are shown as they come."""
    if not machine:
        sys.stdout.write(f"\n# {step.why}\n$ {step.command}\n")
        sys.stdout.flush()
        return {"exitCode": program(step.words)}
    shown = io.StringIO()
    with redirect_stdout(shown):
        code = program((*step.words, "-o", "json") if "-o" not in step.words else step.words)
    return {"command": step.command, "exitCode": code, "output": shown.getvalue()}
