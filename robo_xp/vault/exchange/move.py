"""A vault moved from one engine to another; the source stays whole, and is marked at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from robo_xp.errors import InvalidValue, NotFound, Refused, VaultBusy, VaultDamaged
from robo_xp.ports import Clock
from robo_xp.vault.exchange.whole import Side


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move carried: how many namespaces and lines, from where to where.

    ``address`` is what opens the target.
    """

    source: str
    target: str
    namespaces: int
    lines: int
    address: str


def side_of(address: str, clock: Clock) -> Side:
    """The vault at an address as a side of a move; InvalidValue for one that has no other side."""
    if address.startswith("postgresql://"):
        from robo_xp.vault.exchange.database import DatabaseSide
        from robo_xp.vault.postgres.vault import PostgresVault

        return DatabaseSide(PostgresVault(address, clock=clock))
    if "://" in address or address.startswith("memory:"):
        raise InvalidValue(f"{address} is neither a data folder nor a postgresql:// address")
    from robo_xp.vault.exchange.folder import FolderSide

    return FolderSide(address.removeprefix("file:"), clock)


def copy(
    source: Side,
    target: Side,
    step: Callable[[str], None] | None = None,
    *,
    may_change: bool = False,
    damaged: dict[str, str] | None = None,
) -> tuple[int, int]:
    """Bring all of one vault into an empty one; how many namespaces and lines that were.

    With ``may_change`` others may go on writing: each namespace is as of one moment. Damaged ones
    are left out, and noted in ``damaged`` where that is given. Raises
    NotFound without a source, Refused unless the target is empty, VaultDamaged, and VaultBusy
    where the source was written to meanwhile; nothing is in the target then.
    """
    before = source.numbers()
    if not before:
        raise NotFound(f"there is no vault at {source.shown}")
    _check_empty(target)
    lines = 0
    with target.writing() as writer:
        for name in before:
            try:
                with source.read(name) as whole:
                    lines += writer.put(whole)
            except VaultDamaged as error:
                if damaged is None:
                    raise
                damaged[name] = error.message
            if step is not None:
                step(name)
        if not may_change and source.numbers() != before:
            raise VaultBusy(
                f"{source.shown} was written to meanwhile; it is as it was, and nothing was moved",
                advice="stop the daemon and other programs that use it, then move it again",
            )
    return len(before), lines


def _check_empty(target: Side) -> None:
    """Raise Refused where there is a vault already."""
    if target.numbers():
        raise Refused(
            f"there is a vault at {target.shown} already",
            advice="name a folder or a schema that is empty",
        )


def _counts_of(source: Side, step: Callable[[str], None] | None) -> tuple[int, int]:
    """How many namespaces and lines a vault has; each line is read, and checked."""
    names, lines = list(source.numbers()), 0
    if not names:
        raise NotFound(f"there is no vault at {source.shown}")
    for name in names:
        with source.read(name) as whole:
            lines += sum(1 for _ in whole.lines)
        if step is not None:
            step(name)
    return len(names), lines


def _has_all_of(source: Side, target: Side) -> bool:
    """Whether the target holds the very vault: a move that ended before it marked the source."""
    numbers = source.numbers()
    return (
        bool(numbers)
        and target.numbers() == numbers
        and all(_content_of(source, name) == _content_of(target, name) for name in numbers)
    )


def _content_of(side: Side, name: str) -> object:
    """What a namespace is, to be compared: lineage, records, and a sum of its lines."""
    with side.read(name) as whole:
        tables = {table: dict(records) for table, records in whole.tables.items() if records}
        lines = sha256()
        for _, line in whole.lines:
            lines.update(line + b"\n")
        return whole.mark.lineage, tables, lines.digest()


def _mark(source: Side, target: Side, before: dict[str, int]) -> None:
    """Let the source say where the vault is now, unless somebody wrote to it at the last moment."""
    source.mark_moved(target.address)
    if source.numbers() != before:
        source.mark_moved("")
        raise VaultBusy(
            f"{source.shown} was written to at the last moment, and goes on;"
            f" {target.shown} holds what was there before",
            advice="stop all programs that use it, remove the copy, and move it again",
        )


def move(
    source: str,
    target: str,
    clock: Clock,
    step: Callable[[str], None] | None = None,
    *,
    dry_run: bool = False,
) -> Moved:
    """Move the vault at one address to another; raises what ``copy`` does.

    Where an earlier move had come to the end of the copy, and no further, the mark is all that is
    left to do.
    """
    start = side_of(source, clock)
    try:
        if worker := start.worker():
            raise Refused(
                f"{worker} works on {start.shown} as a daemon",
                advice="stop it first: robo-xp daemon stop; one that was killed is let go"
                " in fifteen seconds",
            )
        end = side_of(target, clock)
        try:
            if start.identity() == end.identity():
                raise Refused(f"{start.shown} and {end.shown} are one vault")
            before, is_there = start.numbers(), _has_all_of(start, end)
            if not is_there:
                _check_empty(end)
            found = _counts_of(start, step) if is_there or dry_run else copy(start, end, step)
            if not dry_run:
                _mark(start, end, before)
            return Moved(start.shown, end.shown, *found, end.address)
        finally:
            end.close()
    finally:
        start.close()
