"""``robo-xp publish``: the pages of public guilds as files for any web server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from robo_xp.text import count_text
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument
from robo_xp_cli.run.context import Run
from robo_xp_cli.show.results import One, Result

app = noun("", "Pages")


@app.verb("publish", examples=("robo-xp publish /var/www/levels", "robo-xp publish site --json"))
def publish(
    run: Run,
    folder: Annotated[str, argument("DIR", "Folder of the pages", completes="folder")],
) -> Result:
    """Write the pages of all guilds whose leaderboard.page is public.

    Only what changed is written, each file as a whole, and what is gone is removed; so a web
    server may read the folder meanwhile. A folder with other files in it is refused.
    """
    from robo_xp.machine.publish import publish as publish_pages
    from robo_xp.views.page import Published

    done = Published.of(publish_pages(run.robo(), Path(folder).expanduser()))
    human = (
        f"{count_text(done.guilds, 'guild')}: {done.written} written, {done.removed} removed,"
        f" {done.unchanged} unchanged"
    )
    none = ["no guild has leaderboard.page set to public"] if not done.guilds else ()
    return One(done.as_json(), human=human, id_key="guilds", notes=none)
