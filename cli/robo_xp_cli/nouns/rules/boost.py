"""``robo-xp boost``: multipliers for a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

from robo_xp.model.ids import check_snowflake
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.shared import settings_change as rule_views
from robo_xp_cli.nouns.shared.periods import Tz
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.show.results import Column, One, Result, Rows

if TYPE_CHECKING:
    from robo_xp_cli.run.context import Run

app = noun("boost", "Multipliers for a time")

_FACTOR = Column("factor", kind="number")
_COLUMNS = (
    Column("id", kind="id"),
    Column("name"),
    _FACTOR,
    Column("from", kind="time"),
    Column("until", kind="time"),
    Column("state"),
)
_STRETCHES = (Column("from", kind="time"), Column("until", kind="time"), _FACTOR, Column("names"))

Factor = Annotated[float, argument("FACTOR", "0 to 10, such as 2", parse=values.number)]
BoostId = Annotated[str, argument("ID", "Id of the boost", parse=check_snowflake)]


@app.verb(
    "add",
    changes=True,
    examples=(
        "robo-xp boost add 2 --name 'Weekend' --from 'sat 00:00' --for 2d --tz Europe/Berlin",
        "robo-xp boost add 1.5 --weekly 'fri,sat 18:00-22:00' --tz America/New_York",
    ),
)
def add(
    run: Run,
    factor: Factor,
    name: Annotated[str | None, option("--name", help="What it is called", metavar="TEXT")] = None,
    begin: Annotated[
        str | None, option("--from", help="When it begins, else now", metavar="WHEN")
    ] = None,
    until: Annotated[
        str | None, option("--until", help="When it ends; 2d is from its beginning", metavar="WHEN")
    ] = None,
    length: Annotated[
        str | None, option("--for", help="How long it lasts, such as 2d", metavar="TIME")
    ] = None,
    weekly: Annotated[
        str | None,
        option("--weekly", help="Only then, such as 'sat 18:00-22:00'", metavar="DAYS FROM-TO"),
    ] = None,
    tz: Tz = None,
    channel: Annotated[
        list[str] | None,
        option(
            "--channel",
            help="Only in this channel or category",
            metavar="CHANNEL",
            parse=values.channel,
            completes="channel",
        ),
    ] = None,
    role: Annotated[
        list[str] | None,
        option(
            "--role",
            help="Only for members with this role",
            metavar="ROLE",
            parse=values.role,
            completes="role",
        ),
    ] = None,
) -> Result:
    """Multiply awards for a time.

    An award uses the boosts of the time of its message, so neither a late message nor an edit of
    a boost changes an award that was given. Of several boosts the highest counts, unless
    boosts.stack is multiply. Times such as 'sat 18:00' are the next by the clock of the zone
    (--tz, else periods.timezone), also where the clock is put forward or back.
    """
    from robo_xp.rules.wall_time import period_ms, weekly_of
    from robo_xp.usecases.settings.boosts import BoostTerms
    from robo_xp.views.boost import BoostAdded

    now, held = int(time.time() * 1000), run.robo().config.zone(run.guild_id, store=run.store_id)
    zone = held if tz is None else tz
    begins_at, ends_at = period_ms(begin, until, length, now, zone)
    terms = BoostTerms(
        factor,
        name=name or "",
        begins_at=begins_at,
        ends_at=ends_at,
        weekly=None if weekly is None else weekly_of(weekly, zone),
        channel_ids=channel or (),
        role_ids=role or (),
    )
    done = run.robo().boosts.add(run.guild_id, terms, **rule_views.how(run))
    told = f"awards count {factor:g} times by boost {f'{name} ({done.id})' if name else done.id}"
    notes = []
    if ends_at is None:
        notes = [f"it runs until you end it: robo-xp boost end {done.id}"]
    elif ends_at <= now:
        notes = ["careful: it is over already, so it multiplies nothing"]
    return One(BoostAdded.of_change(done).as_json(), human=told, id_key="id", notes=notes)


@app.verb("list", examples=("robo-xp boost list --all --json",))
def list_boosts(
    run: Run,
    all_boosts: Annotated[bool, option("--all", help="Those that are over too")] = False,
) -> Result:
    """List the boosts that run or are planned."""
    run.check_spelled()
    from robo_xp.rules.boost import OVER
    from robo_xp.views.boost import BoostRow

    found = run.robo().boosts.list(run.guild_id, store=run.store_id)
    rows = [BoostRow.of_listed(one).as_json() for one in found if all_boosts or one.state != OVER]
    return Rows(_columns(run, rows), rows, id_key="id", empty="no boost runs or is planned")


@app.verb("end", changes=True, examples=("robo-xp boost end 123456789012345678",))
def end(run: Run, boost: BoostId) -> Result:
    """End a boost now, or forget one that is planned; messages from before keep its factor."""
    from robo_xp.views.boost import BoostEnded

    done = run.robo().boosts.end(run.guild_id, boost, **rule_views.how(run, begins=False))
    data = BoostEnded(done.id, done.changed.seq, done.changed.dry_run).as_json()
    return One(data, human=f"boost {done.id} is over", id_key="id")


@app.verb("preview", examples=("robo-xp boost preview --days 14",))
def preview(
    run: Run,
    days: Annotated[
        int, option("--days", help="How many days ahead", metavar="N", parse=values.whole(1, 366))
    ] = 7,
) -> Result:
    """Show when boosts run from now on, and what they come to together."""
    run.check_spelled()
    from robo_xp.views.boost import BoostStretch

    found = run.robo().boosts.preview(run.guild_id, days=days, store=run.store_id)
    rows = [BoostStretch.of_stretch(one).as_json() for one in found]
    if run.for_people:
        rows = [{**row, "names": ", ".join(row["names"])} for row in rows]
    return Rows(_STRETCHES, rows, id_key="from", empty=f"no boost runs in the next {days} days")


def _columns(run: Run, rows: list[dict[str, Any]]) -> tuple[Column, ...]:
    """The columns; for people those that some row fills."""
    if not run.for_people:
        return _COLUMNS
    return tuple(one for one in _COLUMNS if one.key != "name" or any(row["name"] for row in rows))
