"""Whether Discord has to hear of a batch: levels that moved, and who earned a new one.

What the daemon does about it is its own; this is what it and the command line have to agree on.
"""

from __future__ import annotations

from robo_xp.model.events import (
    AWARD,
    LevelMoved,
    LevelRepaired,
    LevelUp,
    MemberDeleted,
    MemberRestored,
    PeriodClosed,
    RoleHoldersChanged,
    XpChanged,
)
from robo_xp.model.outbox import MANY
from robo_xp.settings.xp import XP
from robo_xp.usecases.core import DEFAULT_STORE, Core, own_config
from robo_xp.usecases.giveaways.effects import EffectCases
from robo_xp.vault import CURSORS, Batch, name_of

_EARNED = (AWARD, "add", "set", "prize")
_AWARD_CMD = "award"
_MOVES = (LevelMoved, MemberDeleted, MemberRestored, LevelRepaired)
_OFF = "off"


def is_bulk(batch: Batch) -> bool:
    """Whether an operator changed many at once, which can wait for what members do."""
    return batch.cmd != _AWARD_CMD and len(batch.ops) > MANY


def earned_by(batch: Batch) -> frozenset[str]:
    """The members whose rise in this batch is worth telling: they got XP, and are not many."""
    rose = [event.user_id for event in batch.told(LevelUp) if isinstance(event, LevelUp)]
    if not rose or (batch.cmd != _AWARD_CMD and len(rose) > MANY):
        return frozenset()
    got = {
        event.user_id
        for event in batch.told(XpChanged)
        if isinstance(event, XpChanged) and event.how in _EARNED and event.delta > 0
    }
    return frozenset(got.intersection(rose))


def is_awaited(core: Core, name: str, seq: int) -> bool:
    """Whether Discord looks different after this batch of a namespace once a daemon ran.

    False for a store that no daemon ever followed: the first one begins at its present.
    """
    place = name_of(name)
    if place.kind == "giveaways":
        return bool(EffectCases(core).pending(place.guild_id))
    if place.kind != "xp" or not core.vault.namespace(CURSORS).exists():
        return False
    batch = next(core.vault.namespace(name).batches(seq - 1), None)
    return batch is not None and _matters(core, place.store_id, place.guild_id, batch)


def _matters(core: Core, store_id: str, guild_id: str, batch: Batch) -> bool:
    """Whether a role reward or an announcement may follow from the batch."""
    own = own_config(core.scope(guild_id, store_id).namespace.read())
    settings = XP.effective(core.global_own(), own)
    if settings["announcements"]["mode"] != _OFF and earned_by(batch):
        return True
    if settings["announcements"]["mode"] != _OFF and any(
        isinstance(event, PeriodClosed) and event.announced for event in batch.told()
    ):
        return True
    has_rewards = store_id == DEFAULT_STORE and bool(settings["roleRewards"])
    kinds = _MOVES if has_rewards else (RoleHoldersChanged,)
    return any(isinstance(event, kinds) for event in batch.told())
