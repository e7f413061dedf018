"""Guilds that have data in this vault."""

from __future__ import annotations

from robo_xp_cli.framework.declare import noun
from robo_xp_cli.run.context import Run
from robo_xp_cli.show.results import Column, Result, Rows

app = noun("guild", "Guilds that have data")


@app.verb("list", examples=("robo-xp guild list -o ids",))
def list_guilds(run: Run) -> Result:
    """List the guilds that have data, with their stores."""
    from robo_xp.views.store import Guild

    rows = [Guild.of(row).as_json() for row in run.robo().stores.guilds()]
    columns = ("guildId", Column("stores"), Column("members", kind="number"))
    return Rows(columns, rows, id_key="guildId", empty=f"no guild has data in {run.vault_address}")
