"""A small program on top of the real shell, run by the tests of this folder."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from robo_xp.errors import Fault, InvalidRows, MemberNotFound, VaultDamaged
from robo_xp_cli.framework.declare import Entry, noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.main import main
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run, confirm
from robo_xp_cli.show.results import Column, One, Result, Rows, Stream, Text

MEMBERS: list[dict[str, Any]] = [
    {"userId": "100000000000000001", "name": "Zoë", "xp": 1234567, "level": 43, "lastAwardedAt": 0},
    {"userId": "100000000000000002", "name": "\x1b[31mred\x1b[0m", "xp": 50, "level": 0},
    {"userId": "100000000000000003", "name": "[red]markup[/red]", "xp": -5, "level": 0},
    {"userId": "100000000000000004", "name": "\u202eesrever\nnext\tcell", "xp": 1, "level": 0},
    {"userId": "100000000000000005", "name": "=1+1", "xp": 2, "level": 0},
    {"userId": "100000000000000006", "name": "日本語の名前 " + "long " * 20, "xp": 3, "level": 0},
]
COLUMNS = ("userId", "name", "xp", "level", "lastAwardedAt")

app = noun("toy", "Things to try")
inner = app.group("deep", "A group in a group")


@app.verb("list", examples=("robo-xp toy list --json",))
def list_members(
    run: Run,
    limit: Annotated[int, option("--limit", help="How many", metavar="N", parse=values.total)] = 10,
    sort: Annotated[str, option("--sort", help="Order", choices=("xp", "last"))] = "xp",
) -> Result:
    """List some members."""
    return Rows(COLUMNS, MEMBERS[:limit], title="Members")


@app.verb("big")
def big(
    run: Run, count: Annotated[int, argument("COUNT", "How many", parse=values.total)]
) -> Result:
    """List many members."""
    rows = ({"userId": str(10**17 + n), "name": f"member {n}", "xp": n} for n in range(count))
    return Rows(("userId", "name", "xp"), rows)


@app.verb("give", changes=True)
def give(
    run: Run,
    user: Annotated[str, argument("USER", "Who gets it", parse=str)],
    amount: Annotated[int, argument("AMOUNT", "How much", parse=values.amount)],
) -> Result:
    """Give XP to a member.

    The ``AMOUNT`` may be written as [10k].
    """
    data = {
        "guildId": run.guild_id,
        "storeId": run.store_id,
        "userId": user,
        "name": user,
        "newXp": amount,
        "reason": run.reason,
        "progress": {"level": 1, "inLevel": 2},
        "dryRun": run.dry_run,
    }
    return One(data, human=[("member", user), ("XP", amount)], notes=["saved"])


@app.verb("delete", changes=True)
def delete(run: Run, users: Annotated[list[str], argument("USER", "Who", parse=str)]) -> Result:
    """Delete members."""
    confirm(run, f"Delete {len(users)} members?")
    return One({"deleted": len(users)})


@app.verb("page")
def page(run: Run) -> Result:
    """Show an object with rows in it."""
    return One(
        {"entries": MEMBERS, "total": 6},
        human="6 members",
        table=Rows([Column("userId", "who"), "xp"], MEMBERS),
    )


@app.verb("settings")
def settings(run: Run) -> Result:
    """Show what the options add up to."""
    return One(
        {
            "dataDir": str(run.data_dir),
            "guild": run.guild_id,
            "store": run.store_id,
            "output": run.output,
            "quiet": run.quiet,
            "command": run.command,
        }
    )


@app.verb("empty")
def empty(run: Run) -> Result:
    """List nothing."""
    return Rows(COLUMNS, [])


@app.verb("follow")
def follow(run: Run) -> Result:
    """Show events as they come, for ever."""

    def events() -> Iterator[dict[str, Any]]:
        yield {"seq": 1, "type": "levelUp", "name": "\x1b[2J"}
        time.sleep(60)

    return Stream(events(), columns=("seq", "type"), human=lambda event: f"{event['name']} rose")


@app.verb("text")
def text(run: Run) -> Result:
    """Show a text."""
    return Text("one\n\x1b[1mtwo")


@app.verb("fail")
def fail(run: Run, how: Annotated[str, argument("HOW", "In which way")]) -> Result:
    """Fail in one of several ways."""
    match how:
        case "missing":
            raise MemberNotFound("no member \x1b[2J\u202e here")
        case "faults":
            raise InvalidRows([Fault("line 2", "bad amount"), Fault("line 5", "bad user")])
        case "damaged":
            raise VaultDamaged("not JSON", path="x.journal", offset=5)
        case "file":
            Path("/nowhere/at-all").read_text()
    raise RuntimeError("boom")


@app.verb("wait")
def wait(run: Run) -> Result:
    """Wait for a signal, then clean up."""
    try:
        print("waiting", file=sys.stderr, flush=True)
        time.sleep(60)
    finally:
        print("cleaned up", file=sys.stderr, flush=True)
    return None


@app.verb("work")
def work(run: Run) -> Result:
    """Work for a second and a half under a progress bar."""
    with run.progress(15, "Counting [red]") as counting:
        for _ in range(15):
            time.sleep(0.1)
            counting.step()
    return Text("done")


@inner.verb("verb")
def deep_verb(run: Run) -> Result:
    """Show where it stands."""
    return One({"command": run.command})


TABLE = {
    "toy": Entry("tests.cli.toy", "Things to try", panel="Toys"),
    "ls": Entry("tests.cli.toy", "Same as toy list", verb="list", panel="Short forms"),
    "broken": Entry("no_such_module_at_all", "Would fail if it were imported"),
}

if __name__ == "__main__":
    sys.modules["tests.cli.toy"] = sys.modules["__main__"]
    sys.exit(main(table=TABLE))
