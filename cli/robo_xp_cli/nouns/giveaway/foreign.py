"""``robo-xp giveaway import``: giveaways of other bots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from robo_xp.text import count_text
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.shared.daemon_note import giveaway_told_later
from robo_xp_cli.nouns.shared.foreign_files import documents_of
from robo_xp_cli.run.context import Run, confirm
from robo_xp_cli.show.results import One, Pairs, Result

if TYPE_CHECKING:
    from robo_xp.usecases.giveaways.taking_over import GiveawaysImported
    from robo_xp.usecases.transfer.foreign_giveaways import GiveawaysRead

app = noun("giveaway", "Giveaways of other bots")

_FEW = 10
_SKIPPED = 4


@app.verb(
    "import",
    changes=True,
    examples=("robo-xp giveaway import giveaways.json --dry-run",),
)
def import_giveaways(
    run: Run,
    files: Annotated[
        list[str], argument("FILE", "Files, a Robo.js folder, or - for stdin", completes="file")
    ],
    from_guild: Annotated[
        str | None,
        option("--from-guild", help="Take what the file says of this guild", metavar="ID"),
    ] = None,
    skip_bad: Annotated[
        bool, option("--skip-bad", help="Exit 0 although some giveaways were skipped")
    ] = False,
) -> Result:
    """Take giveaways of other bots over: discord-giveaways, GiveawayBot, Robo.js.

    Ended ones become history, marked as not drawn here. Active ones go on here until their end,
    with a message of their own; end their messages in the other bot. Entries come along where the
    file has them. A second import of the same file changes nothing.
    """
    from robo_xp.usecases.transfer.foreign_giveaways import giveaways_in
    from robo_xp.views import transfer as views

    read = giveaways_in(documents_of(run, files), from_guild or run.guild_id)
    active = sum(one.status == "active" for one in read.found)
    confirm(run, f"Import {count_text(len(read.found), 'giveaway')}, {active} of which go on?")
    done = taken_over(run, read, dry_run=run.dry_run)
    return One(
        views.GiveawaysImported.of(done).as_json(),
        human=_pairs(done),
        id_key="seq",
        exit_code=_SKIPPED if done.skipped and not skip_bad else 0,
        notes=[*problems(done), *giveaway_told_later(run, done.seq)],
    )


def taken_over(run: Run, read: GiveawaysRead, *, dry_run: bool) -> GiveawaysImported:
    """What taking them over did, or would do."""
    return run.robo().giveaways.take_over(run.guild_id, read, reason=run.reason, dry_run=dry_run)


def problems(done: GiveawaysImported) -> list[str]:
    """What was skipped and left out, for people."""
    notes = [f"skipped giveaway {one.line}: {one.error}" for one in done.skipped[:_FEW]]
    return [*notes, *(f"left out: {one}" for one in done.left_out)]


def _pairs(done: GiveawaysImported) -> Pairs:
    return [
        ("giveaways read", done.read),
        ("history now", done.ended),
        ("go on here", done.active),
        ("here already", done.known),
        ("skipped", len(done.skipped)),
    ]
