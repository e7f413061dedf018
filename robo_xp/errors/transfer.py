"""Errors of imports: files of other bots that must not be believed."""

from __future__ import annotations

from robo_xp.errors.base import InvalidValue, Refused
from robo_xp.errors.core import InvalidId


class RoundedIds(InvalidId):
    """A program has rounded the ids in a file, so nobody can tell whose they are."""

    code = "ROUNDED_IDS"
    advice = "take the ids as text: in a spreadsheet import that column as text, then save again"


class UnknownSource(InvalidValue):
    """A file is of no bot that is known, or could be of several."""

    code = "UNKNOWN_SOURCE"
    advice = "say which it is: robo-xp import SOURCE FILE"


class OtherGuild(Refused):
    """All that a file holds is of another guild."""

    code = "OTHER_GUILD"
