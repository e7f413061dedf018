"""What the verbs of giveaways read: ids, people from stdin, exported files; and what they note."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

from robo_xp.errors import Fault, FileMissing, InvalidRows, InvalidValue, RoboXPError
from robo_xp.model.ids import check_snowflake
from robo_xp.settings.giveaway import MORE
from robo_xp.text import thousands
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run
from robo_xp_cli.show.words import shown

count_of = values.whole(1, 1000)
_FEW = 10
_REFERENCE = re.compile(r"[0-9A-Za-z]{26}|[0-9]{17,20}|https://\S+")

Id: TypeAlias = Annotated[
    str, argument("ID", "Giveaway, its message, or a link to that", completes="giveaway")
]
Users: TypeAlias = Annotated[
    list[str], argument("USER", "Whom; - reads ids from stdin, one a line", completes="member")
]
Winners: TypeAlias = Annotated[
    int | None, option("--winners", help="How many winners", metavar="N", parse=count_of)
]


def id_of(what: str) -> Callable[[str], str]:
    """A parser for the id of a channel or a role."""
    return lambda text: check_snowflake(text, what)


@dataclass(frozen=True, slots=True)
class Bonus:
    """How many entries a role has on top."""

    role_id: str
    more: int


def bonus_of(text: str) -> Bonus:
    """The role and the number of ``ROLE=N``."""
    role_id, equals, number = text.partition("=")
    if not equals:
        raise InvalidValue(f"'{shown(text)}' is not of the form ROLE=N")
    return Bonus(
        check_snowflake(role_id.strip(), "role id"), values.whole(MORE.low, MORE.high)(number)
    )


def user_ids(run: Run, words: Sequence[str]) -> list[str]:
    """The members that are meant; ``-`` stands for the lines of stdin.

    Raises InvalidRows with every line that names nobody.
    """
    resolve = people.resolver(run)
    found: list[str] = []
    for word in words:
        if word == "-":
            found += _lines(run, resolve)
        else:
            found.append(resolve(word))
    return found


def exported(run: Run, what: str) -> bytes | None:
    """The content of an exported file; None when ``what`` is a giveaway of the vault."""
    if what == "-":
        return run.stdin().read().encode()
    path = Path(what)
    if _REFERENCE.fullmatch(what) and not path.is_file():
        return None
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise FileMissing(f"'{shown(what)}' is neither a giveaway nor a file") from None
    except IsADirectoryError:
        raise InvalidValue(f"'{shown(what)}' is a folder, not a file") from None


def shortened(lines: Sequence[str]) -> list[str]:
    """The first lines, and how many more there are."""
    more = len(lines) - _FEW
    return [*lines[:_FEW], *([f"and {thousands(more)} more"] if more > 0 else ())]


def _lines(run: Run, resolve: Callable[[str], str]) -> list[str]:
    """The members in the lines of stdin."""
    found: list[str] = []
    faults: list[Fault] = []
    for number, line in enumerate(run.stdin(), start=1):
        text = line.strip()
        if not text:
            continue
        try:
            found.append(resolve(text))
        except RoboXPError as error:
            faults.append(Fault(f"line {number}", error.message))
    if faults:
        raise InvalidRows(faults, advice="nobody was entered or taken out; correct the lines")
    return found
