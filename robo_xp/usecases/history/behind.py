"""What waits for a daemon: changes that no daemon has looked at, and giveaways to be told of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from robo_xp.vault import CURSORS, Vault, name_of, xp_name

if TYPE_CHECKING:
    from robo_xp.usecases.giveaways.use import Giveaways
    from robo_xp.usecases.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many batches of stores nobody has looked at, and how many effects nobody carried out.

    ``was_followed`` is False for a vault that no daemon ever followed: its past is not carried
    out, so ``batches`` is 0.
    """

    was_followed: bool
    batches: int
    effects: int


def waiting(vault: Vault, giveaways: Giveaways, outbox: Outbox) -> Waiting:
    """What waits now. Raises VaultDamaged, VaultUnavailable."""
    table = vault.namespace(CURSORS).read().table(CURSORS)
    done = {one["namespace"]: min(one["rewarded"], one["announced"]) for one, _ in table}
    followed = bool(done)
    for guild_id in outbox.guilds():
        for store_id, seq in outbox.taken(guild_id).items():
            name = xp_name(store_id, guild_id)
            done[name] = max(done.get(name, 0), seq)
    behind = (vault.namespace(name).read().seq - done.get(name, 0) for name in vault.names("xp"))
    guilds = (name_of(name).guild_id for name in vault.names("giveaways"))
    return Waiting(
        was_followed=followed,
        batches=sum(count for count in behind if count > 0) if followed else 0,
        effects=sum(len(giveaways.pending(guild_id)) for guild_id in guilds)
        + sum(map(outbox.left, outbox.guilds())),
    )
