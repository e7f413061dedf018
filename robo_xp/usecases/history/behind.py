"""What waits for a daemon: changes that no daemon has looked at, and giveaways to be told of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from robo_xp.vault import CURSORS, Vault, name_of

if TYPE_CHECKING:
    from robo_xp.usecases.giveaways.use import Giveaways


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many batches of stores, and how many effects of giveaways, nobody has carried out.

    ``was_followed`` is False for a vault that no daemon ever followed: its past is not carried
    out, so ``batches`` is 0.
    """

    was_followed: bool
    batches: int
    effects: int


def waiting(vault: Vault, giveaways: Giveaways) -> Waiting:
    """What waits now. Raises VaultDamaged, VaultUnavailable."""
    table = vault.namespace(CURSORS).read().table(CURSORS)
    done = {one["namespace"]: min(one["rewarded"], one["announced"]) for one, _ in table}
    followed = bool(done)
    behind = (vault.namespace(name).read().seq - done.get(name, 0) for name in vault.names("xp"))
    guilds = (name_of(name).guild_id for name in vault.names("giveaways"))
    return Waiting(
        was_followed=followed,
        batches=sum(count for count in behind if count > 0) if followed else 0,
        effects=sum(len(giveaways.pending(guild_id)) for guild_id in guilds),
    )
