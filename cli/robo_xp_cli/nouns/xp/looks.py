"""``robo-xp xp``: why a message earns what it earns, and a member's XP day by day."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.shared.pictures import Png, Svg, keep_bars
from robo_xp_cli.nouns.xp import views as xp_views
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run
from robo_xp_cli.run.names import with_names
from robo_xp_cli.show.results import Column, One, Result, Rows

app = noun("xp", "Looks at members' XP")

_WIDTH = 40

User = Annotated[
    str, argument("USER", "Id, mention or name", parse=values.user, completes="member")
]


@app.verb(
    "why",
    examples=(
        "robo-xp xp why @ada --channel general",
        "robo-xp xp why @ada --channel 123456789012345678 --role @Muted --at 2026-05-01T18:00",
    ),
)
def why(
    run: Run,
    user: User,
    channel: Annotated[
        str,
        option(
            "--channel",
            help="Where the message stands",
            metavar="CHANNEL",
            parse=values.channel,
            completes="channel",
        ),
    ],
    roles: Annotated[
        list[str] | None,
        option(
            "--role",
            help="A role that the member holds; may be repeated",
            metavar="ROLE",
            parse=values.role,
            completes="role",
        ),
    ] = None,
    at: Annotated[
        int | None,
        option(
            "--at",
            help="When, else now, such as 2h for two hours ago, or 'sat 18:00'",
            metavar="WHEN",
            parse=values.moment,
        ),
    ] = None,
) -> Result:
    """Say which rules a message would meet and what it would earn; nothing is changed."""
    from robo_xp.model import Message
    from robo_xp.views.member import Why

    run.check_spelled()
    now = int(time.time() * 1000) if at is None else at
    message = Message(channel, role_ids=tuple(roles or ()), at=now)
    shown = Why.of(run.robo().xp.why(run.guild_id, user, message, store=run.store_id)).as_json()
    amount, factors = shown["amount"], dict(shown["multiplier"])
    called = factors.pop("boostNames")
    human: list[tuple[str, Any]] = [
        ("outcome", shown["reason"] or f"{amount['min']} to {amount['max']} XP"),
        *((f"times {name}", factor) for name, factor in factors.items() if factor is not None),
        *((("called", ", ".join(called)),) if called else ()),
    ]
    columns = (Column("check"), Column("passed"), Column("detail"), Column("setBy", "set by"))
    rows = [{**row, "detail": with_names(run, row["detail"])} for row in shown["checks"]]
    table = Rows(columns, rows if run.for_people else shown["checks"], id_key="check")
    return One(shown, human=human, table=table)


@app.verb(
    "chart",
    examples=(
        "robo-xp xp chart @ada",
        "robo-xp xp chart @ada --days 90 -o csv",
        "robo-xp xp chart @ada --days 90 --svg ada.svg",
    ),
)
def chart(
    run: Run,
    user: User,
    days: Annotated[
        int,
        option("--days", help="How many days", metavar="N", parse=values.whole(1, 3_650)),
    ] = 30,
    svg: Svg = None,
    png: Png = None,
) -> Result:
    """Draw a member's XP day by day, as far back as the journal is kept.

    --png needs the extra robo-xp[cards].
    """
    from robo_xp.vault import xp_name
    from robo_xp.views.member import Day

    run.check_there()
    today = date.today()
    first = today - timedelta(days=days - 1)
    since = int(datetime(first.year, first.month, first.day).timestamp() * 1000)
    gained: Counter[str] = Counter()
    namespace = xp_name(run.store_id, run.guild_id)
    for at, delta in run.robo().history.gains(namespace, user, since):
        gained[datetime.fromtimestamp(at / 1000).date().isoformat()] += delta
    listed = ((first + timedelta(days=number)).isoformat() for number in range(days))
    rows = [Day(day, gained[day]).as_json() for day in listed]
    keep_bars([(row["day"], row["xp"]) for row in rows], ("day", "XP"), svg, png)
    if not run.for_people:
        return Rows((Column("day"), Column("xp", kind="number")), rows, id_key="day")
    most = max((row["xp"] for row in rows), default=0)
    drawn = [{**row, "chart": _bar(row["xp"], most)} for row in rows]
    columns = (Column("day", kind="id"), Column("xp", "XP", kind="number"), Column("chart", " "))
    return Rows(columns, drawn, id_key="day")


def _bar(xp: int, most: int) -> str:
    """A bar as long as the day was good, against the best one."""
    return xp_views.bar(100, max(1, round(_WIDTH * xp / most))) if xp > 0 else ""
