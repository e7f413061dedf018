"""A vault moved from one engine to another; the source stays whole, and is marked at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from robo_xp.errors import InvalidValue, NotFound, Refused, VaultBusy, VaultDamaged
from robo_xp.ports import Clock
from robo_xp.vault.exchange.whole import Side


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move carried: how many namespaces and lines, from where to where."""

    source: str
    target: str
    namespaces: int
    lines: int


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


def move(
    source: str,
    target: str,
    clock: Clock,
    step: Callable[[str], None] | None = None,
    *,
    dry_run: bool = False,
) -> Moved:
    """Move the vault at one address to another; raises what ``copy`` does."""
    start = side_of(source, clock)
    try:
        end = side_of(target, clock)
        try:
            if dry_run:
                _check_empty(end)
                found = _counts_of(start, step)
            else:
                found = copy(start, end, step)
                start.mark_moved(end.shown)
            return Moved(start.shown, end.shown, *found)
        finally:
            end.close()
    finally:
        start.close()
