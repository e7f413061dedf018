"""Members on the command line: from what was typed to an id, and from an id to a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from robo_xp_cli.run import parse_values as values

if TYPE_CHECKING:
    from robo_xp_cli.run.context import Run


def id_of(run: Run, who: values.Who) -> str:
    """The member's id; a name is looked up among those the guild has shown."""
    return who.user_id or run.robo().names.resolve(run.guild_id, who.name)


def names_of(run: Run) -> Mapping[str, str]:
    """All known names of the guild by member id."""
    return run.robo().names.of(run.guild_id)


def resolver(run: Run) -> Callable[[str], str]:
    """A function from the text of a bulk row to a member id, quick for many rows."""

    @cache
    def by_name(name: str) -> str:
        return run.robo().names.resolve(run.guild_id, name)

    def resolve(text: str) -> str:
        who = values.user(text)
        return who.user_id or by_name(who.name)

    return resolve
