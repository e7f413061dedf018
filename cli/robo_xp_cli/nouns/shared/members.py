"""Members on the command line: their names, and what the rows of files call them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from robo_xp.text import first_of
from robo_xp_cli.nouns.shared.naming import Namer
from robo_xp_cli.run import names
from robo_xp_cli.run import parse_values as values

if TYPE_CHECKING:
    from robo_xp_cli.run.context import Run


_FEW = 3


def names_of(run: Run) -> Mapping[str, str]:
    """All known names of the guild by member id."""
    return run.robo().names.of(run.guild_id)


def called_all(run: Run, user_ids: Sequence[str]) -> str:
    """The first few by name and id, where a name is known, and how many more there are."""
    namer, ids = Namer(run), dict.fromkeys(user_ids)
    return first_of([namer.called("members", user_id) for user_id in ids], _FEW)


def members_called(known: Mapping[str, str], text: str) -> frozenset[str]:
    """The members whose name has the text in it, in whatever case."""
    wanted = text.casefold()
    return frozenset(user_id for user_id, name in known.items() if wanted in name.casefold())


def resolver(run: Run) -> Callable[[str], str]:
    """A function from the text of a bulk row to a member id, quick for many rows."""

    @cache
    def by_name(named: values.Named) -> str:
        return names.id_of(run, named)

    def resolve(text: str) -> str:
        named = values.user(text)
        return named.id or by_name(named)

    return resolve
