"""Names on the command line: what was typed for members, roles and channels becomes ids, and
what was typed for times instants.

A command gets ids only: whatever it takes as :class:`~robo_xp_cli.run.parse_values.Named` is
looked up among the names that Discord told, before the command begins. Times by the clock are
those of the guild's time zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from robo_xp.errors import Fault, InvalidRows, NotConfigured, RoboXPError
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.parse_values import MACHINE, STDIN, Named, WallTime

if TYPE_CHECKING:
    from robo_xp_cli.run.context import Run

_ID = re.compile(r"(?<![\w(])[0-9]{17,20}\b")
_PARSERS = {"role": values.role, "channel": values.channel, "member": values.user}


def with_ids(run: Run, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a command, with an id for all that was named, and instants for times."""
    return {name: _with_id(run, value) for name, value in arguments.items()}


def id_of(run: Run, named: Named) -> str:
    """The id; a name is looked up. MemberNotFound or NotFound, with the nearest names."""
    names = run.robo().names
    return named.id or names.resolve(run.guild_id, named.name, named.kind, sign=named.sign)


def id_in_setting(run: Run, what: str, text: str) -> str:
    """The id of a ``role``, ``channel`` or ``member`` that is typed in a setting.

    What is of another sort stays as it is. Raises as :func:`id_of`, and InvalidId.
    """
    parse = _PARSERS.get(what)
    return text.strip() if parse is None else id_of(run, parse(text))


def with_names(run: Run, text: str) -> str:
    """The text with the name before each id of a member, role or channel: ``Ada (160…)``.

    An id of which no name is known, or that stands in brackets behind it, stays as it is; so does
    everything where no guild is given or its names cannot be read.
    """
    if _ID.search(text) is None:
        return text
    known: dict[str, str] = {}
    with suppress(RoboXPError):
        names, guild_id = run.robo().names, run.guild_id
        for kind in ("channels", "roles", "members"):
            known |= names.of(guild_id, kind)
    return _ID.sub(lambda id_: f"{known[id_[0]]} ({id_[0]})" if id_[0] in known else id_[0], text)


def _with_id(run: Run, value: Any) -> Any:
    if isinstance(value, Named):
        return id_of(run, value)
    if isinstance(value, WallTime):
        return value.at(_zone(run))
    if isinstance(value, list) and any(isinstance(one, Named) for one in value):
        return list(_ids(run, value))
    return value


def shown_zone(run: Run) -> tzinfo | None:
    """The zone that times are read in, to show them in it too; None for that of this machine.

    None also where the vault is not open, or cannot tell.
    """
    if run.has_vault:
        with suppress(RoboXPError):
            zone = _zone(run)
            return None if zone is MACHINE else zone
    return None


def _zone(run: Run) -> tzinfo:
    """The guild's time zone; that of this machine where none was set."""
    from robo_xp.rules.wall_time import check_zone

    config = run.robo().config
    try:
        found = config.explain("periods.timezone", run.guild_id, store=run.store_id)
    except NotConfigured:  # of all guilds, or of none
        found = config.explain("periods.timezone")
    return MACHINE if found.source == "default" else check_zone(found.value)


def _ids(run: Run, several: Sequence[Named]) -> Iterator[str]:
    for one in several:
        if one is STDIN:
            yield from _lines(run)
        else:
            yield id_of(run, one)


def _lines(run: Run) -> list[str]:
    """The members in the lines of stdin; InvalidRows with every line that names nobody."""
    found: list[str] = []
    faults: list[Fault] = []
    for number, line in enumerate(run.stdin(), start=1):
        if not line.strip():
            continue
        try:
            found.append(id_of(run, values.user(line)))
        except RoboXPError as error:
            faults.append(Fault(f"line {number}", error.message))
    if faults:
        raise InvalidRows(faults, advice="nothing was changed; correct the lines")
    return found
