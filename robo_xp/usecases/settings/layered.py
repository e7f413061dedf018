"""What settings of every sort share: sparse, in three layers, checked as a whole, told key by key.

Where a guild id may be None, that stands for the global defaults.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, TypedDict, Unpack

from msgspec import UNSET

from robo_xp.errors import Fault, InvalidConfig
from robo_xp.model.events import ValueChanged
from robo_xp.settings.kinds import Kind, PerId
from robo_xp.settings.table import LAYERS, Field, Table
from robo_xp.usecases.core import CONFIG_ID, DEFAULT_STORE, Core, Tables, own_config
from robo_xp.usecases.members.changes import LevelEffect
from robo_xp.usecases.settings.patches import patched_settings
from robo_xp.usecases.settings.recalculate_levels import Behind
from robo_xp.vault import Transaction

Own = Mapping[str, Any]
Edit = Callable[[Own], dict[str, Any]]


class ChangeOptions(TypedDict, total=False):
    """What every change of settings takes beside its own arguments."""

    reason: str | None
    store: str
    dry_run: bool


@dataclass(frozen=True, slots=True)
class ConfigChanged:
    """What a change of settings did: the keys that differ, and the effect on stored levels.

    ``before`` and ``effective`` are the complete settings that held before and after it;
    ``behind`` is empty unless the global curve changed and some store could not be written.
    """

    keys: tuple[str, ...]
    effective: Own
    levels: LevelEffect
    seq: int | None
    dry_run: bool
    before: Own = field(default_factory=dict)
    behind: tuple[Behind, ...] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """A setting as it holds, and the layer that it comes from: guild, global or default.

    ``field`` is None for a group of settings; of one value in a map ``kind`` is the value's.
    """

    key: str
    value: Any
    source: str
    field: Field | None
    kind: Kind | None


@dataclass(frozen=True, slots=True)
class Kept:
    """Where own settings of one sort are kept in a namespace, and the event that tells of them."""

    fields: Table
    table: str
    event: type[ValueChanged]

    def own(self, tables: Tables) -> Own:
        """The own settings in a state or within a transaction; not to be changed."""
        return own_config(tables, self.table)

    def put(self, transaction: Transaction, before: Own, after: Own) -> tuple[str, ...]:
        """Put the settings into the transaction, with an event for each dotted key that differs."""
        old, new = self.fields.leaves_of(before), self.fields.leaves_of(after)
        keys = tuple(key for key in {**old, **new} if old.get(key) != new.get(key))
        for key in keys:
            transaction.event(self.event(key, old.get(key, UNSET), new.get(key, UNSET)))
        documents = transaction.db.table(self.table)
        if keys and new:
            documents.replace({CONFIG_ID: after})
        elif keys:
            documents.remove(doc_ids=[CONFIG_ID])
        return keys

    def edit(self, transaction: Transaction, edit: Edit, *below: Own) -> tuple[Own, ConfigChanged]:
        """Carry out an edit of the own settings above these layers; what they are then.

        Raises InvalidConfig with every fault.
        """
        before = self.own(transaction)
        after = edit(before)
        if faults := self.fields.faults_of(after, *below):
            raise InvalidConfig(faults)
        keys = self.put(transaction, before, after)
        if faults := self.fields.new_faults(after, keys):
            raise InvalidConfig(faults)
        held, holds = (self.fields.effective(*below, own) for own in (before, after))
        return after, ConfigChanged(keys, holds, LevelEffect(), None, transaction.dry_run, held)


class Layered(ABC):
    """Settings of one sort: of each guild, and the defaults for all guilds."""

    fields: ClassVar[Table]

    def __init__(self, core: Core) -> None:
        self._core = core

    @abstractmethod
    def own(self, guild_id: str | None, *, store: str = DEFAULT_STORE) -> dict[str, Any]:
        """The settings that were set for this store of the guild itself, or for all; sparse."""

    @abstractmethod
    def change(
        self,
        guild_id: str | None,
        edit: Edit,
        *,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
        dry_run: bool = False,
    ) -> ConfigChanged:
        """Let ``edit`` make new own settings of the present ones; one batch with its effects."""

    # -- reading --------------------------------------------------------------------------

    def get(self, guild_id: str | None, *, store: str = DEFAULT_STORE) -> dict[str, Any]:
        """The complete settings that hold: system < global < guild."""
        return self.fields.effective(*self._layers(guild_id, store))

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """The system's defaults, complete."""
        return cls.fields.effective()

    @classmethod
    def validate(cls, own: Own) -> list[Fault]:
        """Every fault of a sparse settings document; empty when it can be set."""
        return cls.fields.value_faults(own)

    def explain(
        self, key: str, guild_id: str | None = None, *, store: str = DEFAULT_STORE
    ) -> Explained:
        """The setting at a dotted key and where it comes from; of the defaults without a guild."""
        return self._explained_key(key, self._layers(guild_id, store))

    def explain_all(
        self, guild_id: str | None = None, *, store: str = DEFAULT_STORE
    ) -> list[Explained]:
        """Every setting as it holds and the layer it comes from, in the order of the docs."""
        layers = self._layers(guild_id, store)
        return [self._explained_key(field.key, layers) for field in self.fields]

    def explain_values(
        self, guild_id: str | None = None, *, store: str = DEFAULT_STORE
    ) -> list[Explained]:
        """The same with every value of a map by itself.

        A map without any comes once, with the value None, under a key that stands for all ids.
        """
        layers = self._layers(guild_id, store)
        found = []
        for whole in self.explain_all(guild_id, store=store):
            assert whole.field is not None
            if not isinstance(whole.kind, PerId):
                found.append(whole)
            elif whole.value:
                keys = (f"{whole.key}.{id_}" for id_ in whole.value)
                found += [self._explained_key(key, layers) for key in keys]
            else:
                empty = replace(whole, key=whole.field.known_key, value=None, source=LAYERS[0])
                found.append(replace(empty, kind=whole.kind.entry))
        return found

    # -- changing -------------------------------------------------------------------------

    def set(
        self, guild_id: str | None, part: Own, **options: Unpack[ChangeOptions]
    ) -> dict[str, Any]:
        """Set the given settings and keep all others; returns what holds then.

        Raises InvalidConfig with every fault; then nothing is stored.
        """
        return dict(self.put(guild_id, part, **options).effective)

    def unset(
        self, guild_id: str | None, key: str, **options: Unpack[ChangeOptions]
    ) -> dict[str, Any]:
        """Let the dotted key fall back to the layer below; returns what holds then."""
        return dict(self.unset_key(guild_id, key, **options).effective)

    def put(
        self,
        guild_id: str | None,
        document: Own,
        *,
        exact: bool = False,
        **options: Unpack[ChangeOptions],
    ) -> ConfigChanged:
        """Set all that a sparse document says; ``exact`` also unsets all that it does not say.

        Raises InvalidConfig with every fault of the document; then nothing is stored.
        """
        self._check(document)
        return self.change(guild_id, edit_for(self.fields, document, exact), **options)

    def patch(
        self,
        guild_id: str | None,
        patch: Own,
        *,
        is_sparse: bool = False,
        **options: Unpack[ChangeOptions],
    ) -> ConfigChanged:
        """Set all that a document says, and unset what is null in it; InvalidConfig as ``put``.

        With ``is_sparse`` a value that would hold anyway is not made an own one.
        """

        def change(own: Own) -> dict[str, Any]:
            after = patched_settings(self.fields, own, patch)
            if not is_sparse:
                return after
            below = self.fields.effective(*([] if guild_id is None else [self.own(None)]))
            return without_equal(self.fields, own, after, below)

        return self.change(guild_id, change, **options)

    def change_key(
        self, guild_id: str | None, key: str, value: Any, **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Set one dotted key."""
        return self.change(guild_id, lambda own: self.fields.set(own, key, value), **options)

    def unset_key(
        self, guild_id: str | None, key: str | None, **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Let a dotted key, or everything, fall back to the layer below; changes nothing where
        it is not set.
        """
        return self.change(
            guild_id, lambda own: {} if key is None else self.fields.unset(own, key), **options
        )

    def change_list(
        self,
        guild_id: str,
        key: str,
        edit: Callable[[list[Any]], list[Any]],
        **options: Unpack[ChangeOptions],
    ) -> ConfigChanged:
        """Set a list to what ``edit`` makes of the one that holds, under the lock: two operators
        who add at once both succeed, and what the global defaults list is not lost.
        """

        def change(own: Own) -> dict[str, Any]:
            holds = self.fields.effective(self.own(None), own)
            listed = edit(self.fields.get(holds, key))
            if listed == self.fields.get(holds, key):
                # a guild that shares the global list must not get a copy of its own
                return dict(own)
            return self.fields.set(own, key, listed)

        return self.change(guild_id, change, **options)

    def rebase(
        self, guild_id: str | None, before: Own, after: Own, **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Make the own settings differ as ``after`` differs from ``before``, key by key.

        What somebody else set since ``before`` was read stays. Raises InvalidConfig.
        """
        self._check(after)
        return self.change(
            guild_id, lambda own: rebased_settings(self.fields, own, before, after), **options
        )

    # -- shared ---------------------------------------------------------------------------

    def _check(self, document: Own) -> None:
        if faults := self.validate(document):
            raise InvalidConfig(faults)

    def _layers(self, guild_id: str | None, store: str) -> list[Own]:
        """The own settings of all layers above the system's, weakest first."""
        shared = self.own(None)
        return [shared] if guild_id is None else [shared, self.own(guild_id, store=store)]

    def _explained_key(self, key: str, layers: list[Own]) -> Explained:
        kind = self.fields.kind_of(key)
        value = self.fields.get(self.fields.effective(*layers), key)
        source = self.fields.source_of(key, *layers)
        return Explained(key, value, source, None if kind is None else self.fields[key], kind)


def without_equal(fields: Table, own: Own, after: Own, below: Own) -> dict[str, Any]:
    """The new own settings without those that are new and say what the layers below say."""
    before, held = fields.leaves_of(own), fields.leaves_of(below)
    result = dict(after)
    for key, value in fields.leaves_of(after).items():
        if key not in before and key in held and held[key] == value:
            result = fields.unset(result, key)
    return result


def edit_for(fields: Table, document: Own, exact: bool) -> Edit:
    """The edit that sets all that a document says; ``exact`` also unsets what it does not say."""
    return lambda own: fields.merge({} if exact else own, document)


def rebased_settings(fields: Table, own: Own, before: Own, after: Own) -> dict[str, Any]:
    """The own settings with the difference between two documents carried out on them."""
    old, new = fields.leaves_of(before), fields.leaves_of(after)
    result = dict(own)
    for key in old.keys() - new.keys():
        result = fields.unset(result, key)
    for key, value in new.items():
        if key not in old or old[key] != value:
            result = fields.set(result, key, value)
    return result
