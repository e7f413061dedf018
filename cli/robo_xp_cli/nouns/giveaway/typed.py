"""What the verbs of giveaways read: ids, people from stdin, exported files; and what they note."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from robo_xp.errors import FileMissing, FolderGiven, InvalidValue
from robo_xp.rules.checks import meant
from robo_xp.settings.giveaway_terms import MORE, WINNERS, RequirementParts
from robo_xp.settings.kinds import Flag, IdsOf
from robo_xp.text import thousands
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run
from robo_xp_cli.run.names import id_of
from robo_xp_cli.show.words import quoted, visible_text

At: TypeAlias = Annotated[
    str | None, option("--at", help="When it starts, such as 'sat 18:00' or 2h", metavar="WHEN")
]
times_of = values.whole(2, 1000)
count_of = values.whole(WINNERS.low, WINNERS.high)
_FEW = 10
_REFERENCE = re.compile(r"[0-9A-Za-z]{26}|[0-9]{17,20}|https://\S+")


def id_or_message(text: str) -> str:
    """What names a giveaway; InvalidValue for nothing, which would mean the only active one."""
    if not text.strip():
        raise InvalidValue("it is empty", advice="see 'robo-xp giveaway list' for the ids")
    return text


Id: TypeAlias = Annotated[
    str,
    argument(
        "ID",
        "Giveaway (a part of its id will do), its message, a link",
        parse=id_or_message,
        completes="giveaway",
    ),
]
IdOrOnly: TypeAlias = Annotated[
    str,
    argument(
        "ID",
        "Giveaway, as for others; the only active one without it",
        parse=id_or_message,
        completes="giveaway",
    ),
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
        raise InvalidValue(f"{quoted(text)} is not of the form ROLE=N")
    return Bonus(values.role(role), values.whole(MORE.low, MORE.high)(number))


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement by its word; ``value`` may be a role, or several."""

    key: str
    value: Any


def requirement_of(text: str) -> Requirement:
    """The requirement of ``KEY=VALUE``: roles, a least number, days, or whether it is asked."""
    key, equals, written = text.partition("=")
    kind = RequirementParts.parts.get(key)
    advice = f"the keys are {', '.join(RequirementParts.parts)}"
    if not equals:
        raise InvalidValue(f"{quoted(text)} is not of the form KEY=VALUE", advice=advice)
    if kind is None:
        near = meant(key, RequirementParts.parts)
        raise InvalidValue(f"there is no requirement {quoted(key)}{near}", advice=advice)
    if isinstance(kind, IdsOf):
        return Requirement(key, [values.role(part) for part in written.split(",")])
    if isinstance(kind, Flag):
        return Requirement(key, _yes_or_no(written))
    return Requirement(key, values.whole(kind.low, kind.high)(written))


def colour_of(text: str) -> int:
    """The colour of ``#5865f2`` as one number."""
    digits = text.strip().removeprefix("#")
    if not re.fullmatch("[0-9a-fA-F]{6}", digits):
        raise InvalidValue(f"{quoted(text)} is no colour", advice="write it like #5865f2")
    return int(digits, 16)


def _yes_or_no(text: str) -> bool:
    if text.lower() in ("true", "yes"):
        return True
    if text.lower() in ("false", "no"):
        return False
    raise InvalidValue(f"{quoted(text)} is neither yes nor no")


def requirements_in(run: Run, given: Sequence[Requirement] | None) -> dict[str, Any]:
    """All of them as one object; roles that are given several times come together.

    InvalidValue for anything else that is given twice.
    """
    found: dict[str, Any] = {}
    for one in given or ():
        if isinstance(one.value, list):
            held = found.setdefault(one.key, [])
            held += [id_of(run, role) for role in one.value]
        elif one.key in found:
            raise InvalidValue(f"--require {one.key} is there twice", advice="give it once")
        else:
            found[one.key] = one.value
    return found


def exported_content(run: Run, what: str) -> bytes | None:
    """The content of an exported file; None when ``what`` names a giveaway of the vault."""
    from robo_xp.usecases.giveaways.book import may_begin_id

    if what == "-":
        return run.stdin().read().encode()
    path = Path(what)
    if _REFERENCE.fullmatch(what) and not path.is_file():
        return None
    try:
        return path.read_bytes()
    except FileNotFoundError:
        if may_begin_id(what):
            return None
        raise FileMissing(f"'{visible_text(what)}' is neither a giveaway nor a file") from None
    except IsADirectoryError:
        raise FolderGiven(f"{visible_text(what)} is a folder, not a file") from None


def first_lines(lines: Sequence[str]) -> list[str]:
    """The first lines, and how many more there are."""
    more = len(lines) - _FEW
    return [*lines[:_FEW], *([f"and {thousands(more)} more"] if more > 0 else ())]
