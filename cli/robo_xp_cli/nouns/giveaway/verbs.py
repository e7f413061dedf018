"""``robo-xp giveaway``: start giveaways, enter people, draw, and prove the draw."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from robo_xp.errors import WrongUsage
from robo_xp.model.outbox import GIVEAWAY
from robo_xp_cli.framework.declare import noun, taking
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.giveaway import draws as giveaway_draws
from robo_xp_cli.nouns.giveaway import entries as giveaway_entries
from robo_xp_cli.nouns.giveaway import foreign as giveaway_foreign
from robo_xp_cli.nouns.giveaway import settings as giveaway_settings
from robo_xp_cli.nouns.giveaway import templates as giveaway_templates
from robo_xp_cli.nouns.giveaway import terms, views
from robo_xp_cli.nouns.giveaway.typed import At, IdOrOnly, Winners
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.nouns.shared import outlook, refusals
from robo_xp_cli.nouns.shared.daemon_note import giveaway_told_later
from robo_xp_cli.nouns.shared.naming import Namer
from robo_xp_cli.nouns.shared.periods import Tz
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run
from robo_xp_cli.show.results import One, Pairs, Result, Rows
from robo_xp_cli.show.words import human_time

if TYPE_CHECKING:
    from robo_xp.model.giveaway_results import GiveawayChange
    from robo_xp.usecases.giveaways.starting.terms import Asked

app = noun("giveaway", "Start, run and verify giveaways")


@app.verb("list", examples=("robo-xp giveaway list", "robo-xp giveaway list --active --json"))
def list_giveaways(
    run: Run,
    active: Annotated[bool, option("--active", help="Only those that go on")] = False,
    recent: Annotated[bool, option("--recent", help="Only the last 50 that finished")] = False,
    everything: Annotated[bool, option("--all", help="All there ever were")] = False,
) -> Result:
    """List giveaways: the active ones, and the last 50 that finished."""
    from robo_xp.views.giveaway import GiveawayRow

    if active + recent + everything > 1:
        raise WrongUsage("--active, --recent and --all contradict each other")
    which = (active and "active") or (recent and "recent") or (everything and "all") or "current"
    run.check_spelled(of_store=False)
    found = run.robo().giveaways.list(run.guild_id, which=which)
    empty = f"guild {run.guild_id} has no such giveaways"
    named = Namer(run).named
    notes = refusals.notes_of(run, refusals.refusals_of(run, GIVEAWAY))
    if run.for_people and not run.fields:
        told = (
            {**named(GiveawayRow.of(row).as_json()), "state": views.state_of(row)} for row in found
        )
        return Rows(views.FOR_PEOPLE, told, id_key="id", empty=empty, notes=notes)
    rows = (named(GiveawayRow.of(row).as_json()) for row in found)
    return Rows(views.LIST_COLUMNS, rows, id_key="id", empty=empty, notes=notes)


@app.verb("info", examples=("robo-xp giveaway info 01M7YJJ94WC4Q3344FK42H5P8Y",))
def info(run: Run, giveaway: IdOrOnly = "") -> Result:
    """Show everything about a giveaway.

    In JSON with its entries: what ``verify`` reads once it is over.
    """
    from msgspec import UNSET

    from robo_xp.views.giveaway import GiveawayDocument

    giveaways = run.robo().giveaways
    found = giveaways.get(run.guild_id, giveaway)
    exported = giveaways.export(run.guild_id, found.id)
    channel = Namer(run).called("channels", found.channel_id)
    human = views.giveaway_pairs(found, exported["entryCount"], people.names_of(run), channel)
    is_json = run.output in ("json", "jsonl")  # a column for each entry would help nobody
    shown = GiveawayDocument.of(
        found,
        entry_count=exported["entryCount"],
        entries=exported["entries"] if is_json else UNSET,
        entry_numbers=exported["entryNumbers"] if is_json else UNSET,
    )
    notes = refusals.notes_of(run, refusals.refusals_of(run, GIVEAWAY, giveaway_id=found.id))
    return One(Namer(run).named(shown.as_json()), human=human, id_key="id", notes=notes)


@app.verb(
    "start",
    changes=True,
    examples=(
        "robo-xp giveaway start Nitro --channel 123456789012345678 --duration 2d",
        "robo-xp giveaway start Book --channel 123456789012345678 --winners 3",
        "robo-xp giveaway start Game --channel 123456789012345678 --require minLevel=5",
        "robo-xp giveaway start Tea --channel 123456789012345678 --at 'sat 18:00' --duration 1d"
        " --every 1w --times 4",
    ),
)
@taking(terms.asked)
def start(
    run: Run,
    prize: Annotated[str, argument("PRIZE", "What there is to win; a template may say it")] = "",
    channel: Annotated[
        str | None,
        option(
            "--channel",
            help="Where it is posted",
            metavar="CHANNEL",
            parse=values.channel,
            completes="channel",
        ),
    ] = None,
    host: Annotated[
        str | None,
        option("--host", help="Who hosts it", metavar="USER", parse=values.user),
    ] = None,
    template: Annotated[
        str | None,
        option("--template", help="Start it with the terms of this template", metavar="NAME"),
    ] = None,
    at: At = None,
    every: Annotated[
        str | None,
        option("--every", help="Another one follows each time, such as 1w", metavar="TIME"),
    ] = None,
    times: Annotated[
        int | None,
        option(
            "--times", help="How many there are in all", metavar="N", parse=values.whole(2, 1000)
        ),
    ] = None,
    until: Annotated[
        str | None, option("--until", help="Until when they start", metavar="WHEN")
    ] = None,
    tz: Tz = None,
    *,
    asked: Asked,
) -> Result:
    """Start a giveaway. It is stored at once; the daemon posts it.

    What is not given comes from ``giveaway settings``, and is fixed for this giveaway then.
    """
    if channel is None and template is None:
        raise WrongUsage("--channel is missing", advice="give the id or the name of a channel")
    change = run.robo().giveaways.create(
        run.guild_id,
        prize=prize or None,
        channel_id=channel,
        template=template,
        started_by=host,
        reason=run.reason,
        dry_run=run.dry_run,
        at=at,
        every=every,
        times=times,
        until=until,
        tz=tz,
        **asked,
    )
    done = "planned" if change.giveaway.is_scheduled else "started"
    verb = "plan" if change.giveaway.is_scheduled else "start"
    found = _change_result(run, change, f"would {verb}" if run.dry_run else done)
    doubts = outlook.channel_doubts(run, change.giveaway.channel_id, "giveaway")
    return replace(found, notes=[*found.notes, *doubts])


@app.verb(
    "edit",
    changes=True,
    examples=("robo-xp giveaway edit 01M7YJJ94WC4Q3344FK42H5P8Y --ends 3d --winners 2",),
)
def edit(
    run: Run,
    giveaway: IdOrOnly = "",
    prize: Annotated[str | None, option("--prize", help="Another prize", metavar="TEXT")] = None,
    ends: Annotated[
        str | None,
        option(
            "--ends",
            help="How long from now, or from a start to come; or until when",
            metavar="TIME",
        ),
    ] = None,
    winners: Winners = None,
    at: At = None,
) -> Result:
    """Change the prize, the end or the number of winners; of a planned one also the start."""
    if prize is None and ends is None and winners is None and at is None:
        raise WrongUsage("nothing to edit: give --prize, --ends, --winners or --at")
    change = run.robo().giveaways.edit(
        run.guild_id,
        giveaway,
        prize=prize,
        ends=ends,
        winners=winners,
        starts=at,
        reason=run.reason,
        dry_run=run.dry_run,
    )
    return _change_result(run, change, "would edit" if run.dry_run else "edited")


def _change_result(run: Run, change: GiveawayChange, verb: str) -> One:
    from robo_xp.views.giveaway import GiveawayStored

    giveaway = change.giveaway
    data = GiveawayStored.of(giveaway, seq=change.seq, dry_run=change.dry_run).as_json()
    human: Pairs = [
        (verb if change.changed else "as it was", giveaway.prize),
        ("giveaway", giveaway.id),
        *([("starts", human_time(giveaway.began_at))] if giveaway.is_scheduled else []),
        ("ends", human_time(giveaway.ends_at)),
        ("to be drawn", giveaway.winners_count),
        *([("commitment", giveaway.commitment)] if giveaway.commitment else []),
    ]
    return One(data, human=human, id_key="id", notes=giveaway_told_later(run, change.seq))


# after its own verbs, so that the help lists a giveaway's life in order
for part in (giveaway_entries.app, giveaway_draws.app, giveaway_foreign.app):
    app.verbs.update(part.verbs)
app.groups["settings"] = giveaway_settings.app
app.groups["template"] = giveaway_templates.app
