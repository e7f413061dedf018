"""The note that Discord has to be told of a change, and nobody is there to do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from robo_xp.machine.daemon_lock import Holder
    from robo_xp_cli.run.context import Run

_NOTE = "saved; the daemon is not running, Discord will be updated when it starts"


def reachable(run: Run) -> Holder | None:
    """The running daemon of the guild where it can be asked for something; None without one."""
    from robo_xp.errors import VaultUnavailable
    from robo_xp_cli.daemon_link.process import there

    try:
        holder = there(run.data_dir, run.guild_id)
    except VaultUnavailable:
        return None
    return holder if holder is not None and holder.socket else None


def told_later(run: Run, namespace: str, seq: int | None) -> list[str]:
    """The note, where the batch of that number is one that Discord has to be told of.

    None stands for no batch: a dry run, or nothing to change.
    """
    from robo_xp.errors import VaultUnavailable
    from robo_xp.vault import name_of
    from robo_xp_cli.daemon_link.process import there

    guild_id = name_of(namespace).guild_id
    try:
        if seq is None or there(run.data_dir, guild_id or ""):
            return []
    except VaultUnavailable:  # there may be one
        return []
    return [_NOTE] if run.robo().history.is_awaited(namespace, seq) else []


def giveaway_told_later(run: Run, seq: int | None) -> list[str]:
    """The same for a change of the guild's giveaways."""
    from robo_xp.vault import giveaways_name

    return told_later(run, giveaways_name(run.guild_id), seq)


def xp_told_later(run: Run, seq: int | None) -> list[str]:
    """The same for a change in the store of this run."""
    from robo_xp.vault import xp_name

    return told_later(run, xp_name(run.store_id, run.guild_id), seq)
