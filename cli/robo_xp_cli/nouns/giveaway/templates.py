"""``robo-xp giveaway template``: terms of giveaways that are kept under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from robo_xp.settings.giveaway_terms import TEMPLATE
from robo_xp_cli.framework.declare import Noun, taking
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.giveaway import terms
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run
from robo_xp_cli.show import lines
from robo_xp_cli.show.results import Column, One, Result, Rows

if TYPE_CHECKING:
    from robo_xp.usecases.giveaways.starting.templates import Template
    from robo_xp.usecases.giveaways.starting.terms import Asked
    from robo_xp.usecases.settings.layered import ConfigChanged

app = Noun("template", "Terms of giveaways, kept under a name", "giveaway template")

_COLUMNS = (Column("name"), Column("terms"))
Name = Annotated[str, argument("NAME", "Name of the template")]


@app.verb(
    "save",
    changes=True,
    examples=(
        "robo-xp giveaway template save weekly --duration 2d --winners 3 --require minLevel=5",
    ),
)
@taking(terms.asked)
def save(
    run: Run,
    name: Name,
    prize: Annotated[
        str | None, option("--prize", help="What there is to win", metavar="TEXT")
    ] = None,
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
    *,
    asked: Asked,
) -> Result:
    """Keep terms under a name, in place of those that it had.

    ``giveaway start --template NAME`` starts with them; what is given there comes first.
    """
    giveaways = run.robo().giveaways
    changed = giveaways.save_template(
        run.guild_id,
        name,
        prize=prize,
        channel_id=channel,
        change={"reason": run.reason, "dry_run": run.dry_run},
        **asked,
    )
    template = changed.effective["templates"][name]
    return _change_result("would save" if run.dry_run else "saved", name, template, changed)


@app.verb("remove", changes=True, examples=("robo-xp giveaway template remove weekly",))
def remove(run: Run, name: Name) -> Result:
    """Forget a template; giveaways that were started with it go on."""
    changed = run.robo().giveaways.remove_template(
        run.guild_id, name, change={"reason": run.reason, "dry_run": run.dry_run}
    )
    template = changed.before["templates"][name]
    return _change_result("would remove" if run.dry_run else "removed", name, template, changed)


@app.verb("list", examples=("robo-xp giveaway template list",))
def list_templates(run: Run) -> Result:
    """List the templates of the guild, and those that hold for all guilds."""
    from robo_xp.views.giveaway_template import Template as Row

    found = run.robo().giveaways.templates(run.guild_id)
    if run.for_people and not run.fields:
        told = ({"name": name, "terms": lines.plain(one)} for name, one in found.items())
        return Rows(_COLUMNS, told, id_key="name", empty="there are no templates")
    rows = (Row.of({"name": name, **one}).as_json() for name, one in found.items())
    return Rows(
        [Column("name"), *TEMPLATE.parts], rows, id_key="name", empty="there are no templates"
    )


def _change_result(verb: str, name: str, template: Template, changed: ConfigChanged) -> Result:
    from robo_xp.views.giveaway_template import TemplateChanged

    found = {"name": name, **template}
    data = TemplateChanged.of(found, seq=changed.seq, dry_run=changed.dry_run).as_json()
    return One(data, human=[(verb, name), ("terms", lines.plain(template))], id_key="name")
