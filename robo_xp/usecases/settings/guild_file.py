"""A guild as a file: all its own settings in one document, what would change, and the change.

The document is that of the settings (curve, rewards, multipliers and zones among them), with the
settings of giveaways under ``giveaways``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from msgspec import UNSET

from robo_xp.errors import Fault, InvalidConfig
from robo_xp.rules.checks import joined_path
from robo_xp.settings.giveaway import GIVEAWAY
from robo_xp.settings.kinds import no_object
from robo_xp.settings.table import Table
from robo_xp.settings.xp import XP
from robo_xp.usecases.core import DEFAULT_STORE, Core, check_reason
from robo_xp.usecases.members.changes import LevelEffect
from robo_xp.usecases.plan import bind
from robo_xp.usecases.settings.configure import Config, edit_config
from robo_xp.usecases.settings.giveaways import SETTINGS, SettingsOfGiveaways
from robo_xp.usecases.settings.layered import edit_for
from robo_xp.vault import giveaways_name

GIVEAWAYS: Final = "giveaways"

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting that a file would change; UNSET where it has no own value before, or after."""

    key: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Applied:
    """What a file changed: batch ``seq`` of the store, which is taken back with its part in
    ``giveaways_seq`` of the giveaways.

    Nothing to change is no batch; nor has a dry run any.
    """

    differences: tuple[Difference, ...]
    levels: LevelEffect
    seq: int | None
    giveaways_seq: int | None
    dry_run: bool


class GuildFile:
    """The own settings of guilds as documents."""

    def __init__(self, core: Core) -> None:
        """Work in these surroundings."""
        self._core = core
        self._config = Config(core)
        self._giveaways = SettingsOfGiveaways(core)

    def document(self, guild_id: str, *, store: str = DEFAULT_STORE) -> dict[str, Any]:
        """All that was set for the guild itself; sparse."""
        giveaways = self._giveaways.own(guild_id)
        own = self._config.own(guild_id, store=store)
        return {**own, GIVEAWAYS: giveaways} if giveaways else own

    def differences(
        self, guild_id: str, document: Document, *, prune: bool = False, store: str = DEFAULT_STORE
    ) -> tuple[Difference, ...]:
        """What applying the document would change. Raises InvalidConfig with every fault."""
        config, giveaways = self._parts(document)
        own = self._config.own(guild_id, store=store)
        return (
            *_differences(self._config.fields, own, config, prune=prune),
            *_differences(
                self._giveaways.fields,
                self._giveaways.own(guild_id),
                giveaways,
                prune=prune,
                prefix=f"{GIVEAWAYS}.",
            ),
        )

    def apply(
        self,
        guild_id: str,
        document: Document,
        *,
        prune: bool = False,
        store: str = DEFAULT_STORE,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> Applied:
        """Set all that the document says; ``prune`` also unsets all that it does not say.

        One change: both parts are stored or none, and one undo takes both back. Raises
        InvalidConfig with every fault.
        """
        found = self.differences(guild_id, document, prune=prune, store=store)
        part, giveaway_part = self._parts(document)
        vault, scope = self._core.vault, self._core.scope(guild_id, store)
        beside = vault.namespace(giveaways_name(guild_id))
        names, origin = (beside.name, scope.namespace.name), self._core.origin_for("config apply")
        with vault.together(names, origin, dry_run=dry_run) as transactions:
            second, first = (transactions[name] for name in names)
            first.reason = second.reason = check_reason(reason)
            below, edit = self._giveaways.own(None), edit_for(GIVEAWAY, giveaway_part, prune)
            SETTINGS.edit(second, edit, below)
            if second.has_changes:
                bind(vault, transactions)
            changed = edit_config(self._core, scope, first, edit_for(XP, part, prune))
        return Applied(found, changed.levels, first.seq, second.seq, dry_run)

    def _parts(self, document: Document) -> tuple[Document, Document]:
        """The two parts of a document; InvalidConfig with every fault of both."""
        if not isinstance(document, Mapping):
            raise InvalidConfig([no_object("", document)])
        config = {key: value for key, value in document.items() if key != GIVEAWAYS}
        giveaways = document.get(GIVEAWAYS, {})
        faults = self._config.validate(config)
        for fault in self._giveaways.validate(giveaways):
            where = joined_path(GIVEAWAYS, fault.where) if fault.where else GIVEAWAYS
            faults.append(Fault(where, fault.message))
        if faults:
            raise InvalidConfig(faults)
        return config, giveaways


def _differences(
    fields: Table, own: Document, document: Document, *, prune: bool, prefix: str = ""
) -> Iterator[Difference]:
    """The keys whose own value would be another one."""
    old, new = fields.leaves_of(own), fields.leaves_of(document)
    kept = {} if prune else old
    for key in {**old, **new}:
        before, after = old.get(key, UNSET), new.get(key, kept.get(key, UNSET))
        if before != after:
            yield Difference(f"{prefix}{key}", before, after)
