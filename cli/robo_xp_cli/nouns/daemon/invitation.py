"""Which application the bot is of, for the link that invites it."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from robo_xp.errors import NotConfigured, RoboXPError
from robo_xp.machine import config_file as settings_file
from robo_xp.machine.token_place import VARIABLE, check_place, checked_token, token_place
from robo_xp.model.ids import is_snowflake

if TYPE_CHECKING:
    from robo_xp_cli.run.context import Run

_NO_ID = "give --application ID: General Information, Application ID in the developer portal"


def application_of(run: Run) -> str:
    """The id of the application, which is the first part of the bot's token.

    Raises NotConfigured where this account has no token, or one of another form.
    """
    try:
        first = _token(run).partition(".")[0]
        id_ = base64.b64decode(first + "=" * (-len(first) % 4), validate=True).decode()
    except (binascii.Error, ValueError, OSError, RoboXPError):
        id_ = ""
    if not is_snowflake(id_):
        raise NotConfigured("the application is not known here", advice=_NO_ID)
    return id_


def _token(run: Run) -> str:
    """The bot's token; never to be shown. Raises what cannot be read, or is none."""
    path = run.settings.path
    named = settings_file.load_daemon(path)[1].token_file if path is not None else ""
    place = token_place(run.environ, named)
    if place is None:
        return ""
    check_place(place)
    text = run.environ[VARIABLE] if place.path is None else place.path.read_text().strip()
    return checked_token(text.strip(), place.name)
