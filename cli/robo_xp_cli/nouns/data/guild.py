"""Guilds that have data in this vault."""

from __future__ import annotations

from robo_xp.errors import VaultDamaged
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.run.context import Run
from robo_xp_cli.show.results import Column, Result, Rows

app = noun("guild", "Guilds that have data")


@app.verb("list", examples=("robo-xp guild list -o ids",))
def list_guilds(run: Run) -> Result:
    """List the guilds that have data, with their stores.

    A store that cannot be read is named, its members are not counted, and the exit code is 6.
    """
    from msgspec import UNSET

    from robo_xp.views.store import Guild

    robo = run.robo()
    rows = [
        Guild.of(row, name=robo.names.guild(row.guild_id) or UNSET).as_json()
        for row in robo.stores.guilds()
    ]
    has_names = not run.for_people or any("name" in row for row in rows)
    name = [Column("name")] if has_names else []
    columns = (Column("guildId"), *name, Column("stores"), Column("members", kind="number"))
    damaged = [(row["guildId"], store_id) for row in rows for store_id in row["damaged"]]
    return Rows(
        columns if run.for_people else (*columns, Column("damaged")),
        rows,
        id_key="guildId",
        empty=f"no guild has data in {run.vault_address}",
        exit_code=VaultDamaged.exit_code if damaged else 0,
        notes=[
            f"store {store_id!r} of guild {guild_id} is damaged or cannot be reached;"
            " robo-xp vault check says why"
            for guild_id, store_id in damaged
        ],
    )
