"""What the verbs of giveaways read: ids, people from stdin, exported files; and what they note."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

from robo_xp.errors import FileMissing, InvalidValue
from robo_xp.settings.giveaway import MORE
from robo_xp.text import thousands
from robo_xp_cli.framework.options import argument, option
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
    list[str],
    argument("USER", "Whom; - for stdin, one a line", parse=values.users, completes="member"),
]
Winners: TypeAlias = Annotated[
    int | None, option("--winners", help="How many winners", metavar="N", parse=count_of)
]


@dataclass(frozen=True, slots=True)
class Bonus:
    """How many entries a role has on top."""

    role: values.Named
    more: int


def bonus_of(text: str) -> Bonus:
    """The role and the number of ``ROLE=N``."""
    role, equals, number = text.rpartition("=")
    if not equals:
        raise InvalidValue(f"'{shown(text)}' is not of the form ROLE=N")
    return Bonus(values.role(role), values.whole(MORE.low, MORE.high)(number))


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
