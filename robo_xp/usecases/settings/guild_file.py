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
from robo_xp.rules.checks import joined
from robo_xp.settings.kinds import no_object
from robo_xp.settings.table import Table
from robo_xp.usecases.core import DEFAULT_STORE, Core
from robo_xp.usecases.members.changes import LevelEffect
from robo_xp.usecases.settings.configure import Config
from robo_xp.usecases.settings.giveaways import SettingsOfGiveaways
from robo_xp.usecases.settings.layered import ConfigChanged, Layered

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
    """What a file changed: in batch ``seq`` of the store, in ``giveaways_seq`` of the giveaways.

    A part that had nothing to change has no batch; nor has a dry run.
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

        Both parts are tried before one is made. Raises InvalidConfig with every fault.
        """
        found = self.differences(guild_id, document, prune=prune, store=store)
        parts = self._parts(document)

        def put(is_trial: bool) -> tuple[ConfigChanged, ConfigChanged]:
            config, giveaways = (
                settings.put(
                    guild_id, part, exact=prune, store=store, reason=reason, dry_run=is_trial
                )
                for settings, part in zip(self._settings(), parts, strict=True)
            )
            return config, giveaways

        done = put(True)
        if not dry_run:
            done = put(False)
        config, giveaways = done
        return Applied(found, config.levels, config.seq, giveaways.seq, dry_run)

    def _settings(self) -> tuple[Layered, Layered]:
        return self._config, self._giveaways

    def _parts(self, document: Document) -> tuple[Document, Document]:
        """The two parts of a document; InvalidConfig with every fault of both."""
        if not isinstance(document, Mapping):
            raise InvalidConfig([no_object("", document)])
        config = {key: value for key, value in document.items() if key != GIVEAWAYS}
        giveaways = document.get(GIVEAWAYS, {})
        faults = self._config.validate(config)
        for fault in self._giveaways.validate(giveaways):
            where = joined(GIVEAWAYS, fault.where) if fault.where else GIVEAWAYS
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
