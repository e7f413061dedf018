"""Import from other bots and files, export to files."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict, Unpack

from robo_xp.errors import InvalidValue, RoboXPError
from robo_xp.model import XPChange
from robo_xp.model.ids import check_snowflake
from robo_xp.rules.levels.shape import Curve
from robo_xp.settings.xp import XP
from robo_xp.usecases.core import DEFAULT_STORE, Core, GuildRules, Scope, check_reason, own_config
from robo_xp.usecases.members.changes import USERS, Members
from robo_xp.usecases.members.names import Names
from robo_xp.usecases.members.sums import MARKS
from robo_xp.usecases.plan import Plan
from robo_xp.usecases.reading.documents import Document
from robo_xp.usecases.settings.configure import Config
from robo_xp.usecases.settings.layered import ChangeOptions, ConfigChanged
from robo_xp.usecases.transfer import export
from robo_xp.usecases.transfer.answers import refuse_others
from robo_xp.usecases.transfer.entry import Entry, Reading, Skipped, SourceCurve
from robo_xp.usecases.transfer.levels import LevelsInFile, compare
from robo_xp.usecases.transfer.merge import (
    KEEPS,
    MERGES,
    Keep,
    Merge,
    Terms,
    is_at_start,
    one_a_member,
    with_totals,
    xp_of,
)
from robo_xp.usecases.transfer.merge import merged_field as merged_field
from robo_xp.usecases.transfer.read import read
from robo_xp.usecases.transfer.sources.base import How
from robo_xp.usecases.transfer.sources.curves import curve_named
from robo_xp.usecases.transfer.sources.registry import AUTO, could_be_of, source_of
from robo_xp.vault import Transaction

log = logging.getLogger("robo_xp")

SAMPLE = 10
Step = Callable[[], object]


def _no_step() -> None:
    return None


class ReadOptions(TypedDict, total=False):
    """What an operator says about files. ``from_guild`` is the guild whose entries are wanted.

    ``curve`` is the curve that the levels in them were made with (``lurkr``, or as ``curve set``
    takes it), ``key`` how keys of a key-value store are built, ``table`` which table is meant,
    ``stores`` names of Robo.js' stores.
    """

    from_guild: str | None
    curve: str | None
    key: str | None
    table: str | None
    stores: Sequence[str]
    step: Step


class ImportOptions(TypedDict, total=False):
    """How an import meets what is there.

    ``merge``: add to it, keep the greater value, or replace it. ``keep``: the XP as they are, or
    the level, with XP worked out for the curve that holds. ``xp_in_level``: XP in the files start
    from 0 at each level. ``settings`` are own settings that a dry run takes for set.
    """

    merge: Merge
    keep: Keep
    xp_in_level: bool
    settings: Mapping[str, Any]
    reason: str | None
    store: str
    dry_run: bool
    step: Step


@dataclass(frozen=True, slots=True)
class Moved:
    """One of the largest changes, with the level that the file says, None where it says none."""

    change: XPChange
    level_in_file: int | None


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: entries read, members added and changed, entries left out and why.

    ``unchanged`` members had all of it already; ``repeated`` entries named a member again;
    ``elsewhere`` entries are of other guilds. ``largest`` has the changes that moved most XP.
    Where levels are kept of files that name no curve, ``inside_on`` is the one that said how far
    into their levels members are, and ``at_start`` counts those of whom nothing said it.
    """

    read: int
    added: int
    changed: int
    unchanged: int
    repeated: int
    elsewhere: int
    skipped: tuple[Skipped, ...]
    ups: int
    downs: int
    delta: int
    largest: tuple[Moved, ...]
    levels: LevelsInFile
    inside_on: SourceCurve | None
    at_start: int
    seq: int | None
    dry_run: bool


class Transfer:
    """Members in and out of a store."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def read(
        self,
        guild_id: str,
        source: str,
        documents: Sequence[Document],
        *,
        store: str = DEFAULT_STORE,
        **options: Unpack[ReadOptions],
    ) -> dict[str, Reading]:
        """What the documents say, by the store that it is for; nearly always this one.

        ``source`` is one of ``registry.NAMES``; ``auto`` recognises it. Raises UnknownSource,
        InvalidValue where nothing can be used, RoundedIds, and OtherGuild.
        """
        curve = options.get("curve")
        how = How(
            guild=check_snowflake(options.get("from_guild") or guild_id, "guild id"),
            now_ms=self._core.clock.now_ms(),
            curve=None if curve is None else curve_named(curve),
            key=options.get("key"),
            table=options.get("table"),
            store=store,
            stores=tuple(options.get("stores", ())),
        )
        for document in documents:
            refuse_others(document.value)
        found = source_of(source, documents)
        if source == AUTO:
            how = replace(how, others=tuple(one.title for one in could_be_of(found, documents)))
        step = options.get("step", _no_step)
        if found.stores is None or not documents:
            return {store: read(found, documents, how, step)}
        names = found.stores(documents[0], how)
        wanted = [name for name in names if store in (DEFAULT_STORE, name)]
        return {name: read(found, documents, replace(how, store=name), step) for name in wanted}

    def import_members(
        self,
        guild_id: str,
        what: Reading | Iterable[Entry | Skipped],
        **options: Unpack[ImportOptions],
    ) -> Imported:
        """Take the entries over as one batch; the names in them are remembered.

        A member who is there several times is merged like one who is here already.
        """
        reading = what if isinstance(what, Reading) else _reading_of(what)
        scope = self._core.scope(guild_id, options.get("store", DEFAULT_STORE))
        dry_run = options.get("dry_run", False)
        scope.namespace.read()
        terms = _terms(self._rules(scope, options).curve, reading, options)
        found = [with_totals(entry, terms) for entry in reading.entries]
        skipped = [*reading.skipped, *(one for one in found if isinstance(one, Skipped))]
        entries = [one for one in found if isinstance(one, Entry)]
        mine = one_a_member(entries, terms.merge)
        # sums of repeats have no level in the file
        held = [] if terms.keep == "level" else entries if terms.merge == "add" else mine.values()
        levels = compare(list(held), terms.here, reading.curve)
        inside_on = None
        if terms.keep == "level" and terms.there is None:
            inside_on = _fitting(entries, terms)
            terms = replace(terms, there=None if inside_on is None else inside_on.curve)

        def decide(transaction: Transaction) -> _Tally:
            transaction.foresee([*mine], USERS, MARKS)
            members = Members(scope, transaction, self._rules(scope, options))
            tally = _Tally()
            step = options.get("step", _no_step)
            for entry in mine.values():
                tally.add(_take_over(members, entry, terms), entry)
                step()
            return tally

        plan = Plan(
            scope.namespace,
            self._core.origin_for("import"),
            decide,
            reason=check_reason(options.get("reason")),
        )
        tally, seq = plan.carry_out(dry_run=dry_run)
        if not dry_run:
            self._remember(guild_id, mine.values())
        return Imported(
            reading.read,
            tally.added,
            tally.changed,
            tally.unchanged,
            len(entries) - len(mine),
            reading.elsewhere,
            tuple(sorted(skipped, key=lambda one: (one.file or "", one.line))),
            tally.ups,
            tally.downs,
            tally.delta,
            tally.largest(),
            levels,
            inside_on,
            sum(is_at_start(entry, terms) for entry in mine.values()),
            seq,
            dry_run,
        )

    def import_settings(
        self, guild_id: str, part: Mapping[str, Any], **options: Unpack[ChangeOptions]
    ) -> ConfigChanged:
        """Set what files say of settings and rewards, as one batch of its own."""
        core = replace(self._core, origin=self._core.origin_for("import"))
        return Config(core).put(guild_id, part, **options)

    def document(self, guild_id: str, *, store: str = DEFAULT_STORE) -> dict[str, Any]:
        """Everything of one store as a JSON document that ``import`` takes back.

        StoreNotFound where the store holds nothing.
        """
        return export.document(self._core, guild_id, store)

    def _rules(self, scope: Scope, options: ImportOptions) -> GuildRules:
        """The rules that hold, or would with the settings that are to be imported."""
        trial = options.get("settings")
        if not trial:
            return self._core.rules(scope)
        own = XP.merge(own_config(scope.namespace.state), trial)
        return self._core.rules_for(scope, self._core.global_own(), own)

    def _remember(self, guild_id: str, entries: Iterable[Entry]) -> None:
        """Keep the names; trouble is only told, since the import itself stands."""
        names = {entry.user_id: entry.name for entry in entries if entry.name is not None}
        try:
            if names:
                Names(self._core).remember(guild_id, names)
        except RoboXPError as error:
            log.warning("the names in the import could not be kept: %s", error)


@dataclass(slots=True)
class _Tally:
    """What an import did so far, and the changes that moved most XP."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    ups: int = 0
    downs: int = 0
    delta: int = 0
    most: list[tuple[int, int, Moved]] = field(default_factory=list)

    def add(self, done: tuple[XPChange, bool] | None, entry: Entry) -> None:
        """Count in what became of an entry: the change, and whether the member is new."""
        if done is None:
            self.unchanged += 1
            return
        change, is_new = done
        self.added += is_new
        self.changed += not is_new
        self.ups += change.leveled_up
        self.downs += change.leveled_down
        self.delta += change.delta
        size = abs(change.delta)
        if len(self.most) < SAMPLE or size > self.most[0][0]:
            place = heapq.heappush if len(self.most) < SAMPLE else heapq.heapreplace
            place(self.most, (size, -int(change.user_id), Moved(change, entry.level)))

    def largest(self) -> tuple[Moved, ...]:
        """The largest changes, the largest first."""
        return tuple(moved for _, _, moved in sorted(self.most, reverse=True, key=lambda m: m[:2]))


def _reading_of(entries: Iterable[Entry | Skipped]) -> Reading:
    listed = list(entries)
    return Reading(
        AUTO,
        [one for one in listed if isinstance(one, Entry)],
        tuple(one for one in listed if isinstance(one, Skipped)),
    )


def _terms(here: Curve, reading: Reading, options: ImportOptions) -> Terms:
    merge, keep = options.get("merge", "max"), options.get("keep", "xp")
    if merge not in MERGES or keep not in KEEPS:
        raise InvalidValue(f"merge is one of {', '.join(MERGES)}; keep of {', '.join(KEEPS)}")
    there = None if reading.curve is None else reading.curve.curve
    return Terms(here, there, merge, keep, options.get("xp_in_level", False))


def _fitting(entries: Sequence[Entry], terms: Terms) -> SourceCurve | None:
    """The curve that explains nearly all levels of a file that does not name one."""
    levels = compare(entries, terms.here, None)
    return levels.best if levels.best_fits else None


def _take_over(members: Members, entry: Entry, terms: Terms) -> tuple[XPChange, bool] | None:
    """Merge one entry into the store; None where the member had all of it already."""
    record = members.transaction.get(USERS, entry.user_id)
    fields = _fields(entry, terms)
    if record is not None:
        fields = {key: merged_field(record, key, v, terms.merge) for key, v in fields.items()}
        if all(record.get(key, 0) == value for key, value in fields.items()):
            return None
    # what is added moves with the totals, all else fixes them
    how = "import" if terms.merge == "add" else "replace"
    return members.replace(entry.user_id, fields, how=how), record is None


def _fields(entry: Entry, terms: Terms) -> dict[str, int]:
    """The record's fields that the entry gives."""
    fields = {"xp": xp_of(entry, terms)}
    messages = entry.messages if entry.messages is not None else entry.xp_messages
    if messages is not None:
        fields["messages"] = messages
    if entry.xp_messages is not None:
        fields["xpMessages"] = entry.xp_messages
    if entry.voice_seconds:
        fields["voiceSeconds"] = entry.voice_seconds
    if entry.last_awarded_at is not None:
        fields["lastAwardedAt"] = entry.last_awarded_at
    if entry.hidden:
        fields["hidden"] = True
    return fields
