"""A store as one document, which ``import`` takes back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from robo_xp.errors import CurveCodeRefused, StoreNotFound
from robo_xp.rules.board import order_key
from robo_xp.rules.levels.curve import DEFAULT_CURVE
from robo_xp.rules.levels.foreign import KeptLevels
from robo_xp.usecases.core import Core, Scope, own_config
from robo_xp.usecases.members.changes import USERS
from robo_xp.usecases.members.names import Names
from robo_xp.usecases.transfer.sources.stores.plain import OWN_FORMAT
from robo_xp.vault import Record

log = logging.getLogger("robo_xp")

EXPORT_VERSION: Final = 1
EXPORT_COLUMNS: Final = (
    "userId", "name", "xp", "level", "messages", "xpMessages", "lastAwardedAt", "hidden",
    "voiceSeconds",
)  # fmt: skip


def document(core: Core, guild_id: str, store: str) -> dict[str, Any]:
    """Everything of one store; StoreNotFound where it holds nothing."""
    scope = core.scope(guild_id, store)
    state = scope.namespace.read()
    records, own = state.records(USERS), own_config(state)
    if not records and not own:
        raise StoreNotFound(f"store {store!r} of guild {guild_id} holds nothing")
    return {
        "format": OWN_FORMAT,
        "version": EXPORT_VERSION,
        "guildId": guild_id,
        "storeId": store,
        "exportedAt": core.clock.now_ms(),
        "seq": state.seq,
        "config": dict(own),
        "members": _export_rows(core, scope, records),
    }


def _level_rule(core: Core, scope: Scope) -> Callable[[int, int], int]:
    """What XP and the stored level come to: the stored one where no curve can be had."""
    try:
        return core.rules(scope).curve.level_for
    except CurveCodeRefused as error:
        log.warning("levels are exported as they are stored: %s", error.message)
        return KeptLevels(DEFAULT_CURVE).level_for


def _export_rows(core: Core, scope: Scope, records: Mapping[str, Record]) -> list[dict[str, Any]]:
    """The records with ids, known names, and the levels of the curve that holds."""
    level_for = _level_rule(core, scope)
    names = Names(core).of(scope.guild_id)
    listed = []
    ranked = sorted(records.items(), key=lambda item: order_key(item[1]["xp"], item[0]))
    for user_id, record in core.along(ranked):
        level = level_for(record["xp"], record["level"])
        name = {"name": names[user_id]} if user_id in names else {}
        listed.append({"userId": user_id, **name, **record, "level": level})
    return listed
