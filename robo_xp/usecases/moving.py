"""A vault moved from one place to another: from a folder into a database, or back."""

from __future__ import annotations

from robo_xp.ports import SystemClock
from robo_xp.vault.care_port import Step
from robo_xp.vault.exchange.move import Moved, move


def move_vault(
    source: str, target: str, *, dry_run: bool = False, step: Step | None = None
) -> Moved:
    """Move the vault at one address to another: every line, number and record is kept.

    ``step`` is called after each namespace; a dry run reads all and writes nothing. The source
    stays as it was, and says where the vault is now to whoever opens it. Raises InvalidValue,
    NotFound without a source, Refused unless the target is empty, VaultDamaged, VaultUnavailable,
    and VaultBusy where others wrote meanwhile; then nothing was moved.
    """
    return move(source, target, SystemClock(), step, dry_run=dry_run)
