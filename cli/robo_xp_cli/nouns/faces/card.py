"""``robo-xp card``: a member's rank card as a picture, without Discord."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from robo_xp.errors import FileFailed, FileMissing
from robo_xp.text import count_text
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run
from robo_xp_cli.show.results import One, Result

if TYPE_CHECKING:
    from robo_xp.pictures.template import Template

app = noun("", "Cards")

File: TypeAlias = str | None


@app.verb(
    "card",
    replaces=("--output",),
    examples=(
        "robo-xp card @ada --output ada.png",
        "robo-xp card @ada --output ada.png --avatar ada.jpg --template ~/cards/blue.typ",
    ),
)
def card(
    run: Run,
    user: Annotated[
        str, argument("USER", "Id, mention or name", parse=values.user, completes="member")
    ],
    output: Annotated[
        str, option("--output", help="PNG file to write", metavar="FILE", completes="file")
    ],
    avatar: Annotated[
        File, option("--avatar", help="Picture of the member", metavar="FILE", completes="file")
    ] = None,
    template: Annotated[
        File,
        option("--template", help="Typst file, or folder of one", metavar="FILE", completes="file"),
    ] = None,
) -> Result:
    """Draw a member's rank card as PNG.

    It shows what /rank shows. Without ``--template`` it is drawn by card_template of the
    configuration, or as Robo XP does. A file is given to Typst alone; of a folder card.typ is
    drawn, which may read what else is there, and nothing outside.
    """
    from robo_xp.machine.whole_file import write_whole
    from robo_xp.pictures.easel import check_installed
    from robo_xp.pictures.studio import Dress, Studio
    from robo_xp.usecases.members.board import CardOwner
    from robo_xp.views.card import Card

    check_installed()
    user_id = user
    owner = CardOwner(user_id, run.robo().names.name(run.guild_id, user_id) or user_id)
    found = Card.of(run.robo().leaderboard.card(run.guild_id, owner, store=run.store_id))
    dress = Dress(
        _template(template or run.settings.card_template),
        _picture(avatar),
        _picture(run.settings.card_background),
    )
    with Studio() as studio:
        drawn = studio.card(found, dress)
    size = write_whole(Path(output), drawn)
    data = {"userId": user_id, "file": output, "bytes": size}
    return One(data, human=f"card written to {output}, {count_text(size, 'byte')}", id_key="file")


def _template(path: str) -> Template:
    from robo_xp.pictures.template import read, usual

    return read(Path(path).expanduser()) if path else usual()


def _picture(path: File) -> bytes:
    from robo_xp.pictures.studio import check_picture

    if not path:
        return b""
    try:
        return check_picture(Path(path).read_bytes(), path)
    except FileNotFoundError:
        raise FileMissing(f"there is no picture {path}") from None
    except OSError as error:
        raise FileFailed.of(path, "read", error) from None
