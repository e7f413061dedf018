"""The thread that follows the journals: what a batch asks for, whoever wrote it, is kept.

What this process committed is known without a look; of the rest the namespaces that changed are
read. What they ask for is in the outbox of their guild before anybody acts on it.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from robo_xp import RoboXP
from robo_xp.errors import RoboXPError, VaultBusy
from robo_xp.model.outbox import NewLevel, RolesDue
from robo_xp.model.shards import ALL, Shards
from robo_xp.usecases.outbox import CROWD
from robo_xp.vault import Batch, name_of
from robo_xp.vault.pseudonyms import marks_in
from robo_xp_daemon.base.following import Following
from robo_xp_daemon.base.memory import give_back
from robo_xp_daemon.base.throttle import Throttle
from robo_xp_daemon.levels.cursors import FOLLOWED, Cursor
from robo_xp_daemon.levels.moves import Moves, is_ordinary
from robo_xp_daemon.levels.role_plan import gives_roles

log = logging.getLogger("robo_xp_daemon")

_REWARDED_STORE = "default"
_OFF = "off"
_FOLLOWED = f"{FOLLOWED}/"


@dataclass(frozen=True, slots=True)
class Asked:
    """Members of a guild for whom something is in its outbox that was not there before.

    ``in_crowd`` are more whose roles are due, since a bulk change moved them. With
    ``has_settings`` its settings changed, which may mend what is refused.
    """

    guild_id: str
    store_id: str
    role_user_ids: tuple[str, ...] = ()
    told_user_ids: tuple[str, ...] = ()
    in_crowd: int = 0
    has_settings: bool = False


class JournalReader:
    """Puts into the outbox what batches ask for, in their order, until it is stopped."""

    def __init__(
        self,
        robo: RoboXP,
        cursors: Mapping[str, Cursor],
        tell: Callable[[Asked], None],
        *,
        shards: Shards = ALL,
    ) -> None:
        """Prepare; of ``shards`` alone the guilds are followed."""
        self._robo = robo
        self._shards = shards
        self._read = dict(cursors)
        self._tell = tell
        self._own: deque[tuple[str, Batch]] = deque()
        self._again: set[str] = set()
        self._throttle = Throttle()
        self._following = Following(robo.vault.watch(FOLLOWED), self.look, "journal-reader")

    def cursors(self) -> dict[str, Cursor]:
        """How far each namespace was read; any thread may ask."""
        return dict(self._read)

    def start(self) -> None:
        """Begin with what happened since the cursors."""
        self._robo.vault.listeners.append(self._note_commit)
        self._following.start()

    def stop(self) -> None:
        """Read no more; returns when what is in hand has ended."""
        self._robo.vault.listeners.remove(self._note_commit)
        self._following.stop()

    def look(self, names: Collection[str]) -> bool:
        """Read what this process committed, these namespaces, and those that could not be read.

        Whether there are such again.
        """
        own = self._take_commits()
        asked = {*names, *own, *self._again}
        self._again = {name for name in asked if self._shards.has(name_of(name).guild_id)}
        for name in sorted(self._again):
            if self._following.is_ending:
                break
            try:
                self._read_on(name, own.get(name, ()))
                self._again.discard(name)
            except VaultBusy:
                continue
            except RoboXPError as error:
                if self._throttle.lets((name, error.code)):
                    log.error("%s cannot be followed: %s (%s)", name, error.message, error.advice)
            except Exception as error:
                if self._throttle.lets((name, type(error))):
                    log.exception("%s cannot be followed", name)
        return bool(self._again)

    def _note_commit(self, name: str, batch: Batch) -> None:
        """Take note of what this process committed, in the thread that did."""
        if name.startswith(_FOLLOWED):
            self._own.append((name, batch))
            if not is_ordinary(batch):
                self._following.wake()

    def _take_commits(self) -> dict[str, list[Batch]]:
        """What this process committed and nobody has read, by namespace."""
        found: dict[str, list[Batch]] = {}
        while self._own:
            name, batch = self._own.popleft()
            found.setdefault(name, []).append(batch)
        return found

    def _read_on(self, name: str, own: Sequence[Batch]) -> None:
        """Keep what the new batches of one namespace ask for; ``own`` are some of them."""
        state = self._robo.vault.namespace(name).read()
        last = state.seq
        read = self._cursor_of(name, last)
        first = min(read.rewarded, read.announced)
        if first >= last:
            return
        erased = {one.user_id: one.until for one in marks_in(state.tables)}
        roles = rises = Moves(erased)
        if read.rewarded != read.announced:
            rises = Moves(erased)
        for batch in self._batches(name, first, own):
            last = max(last, batch.seq)
            if batch.seq > read.rewarded:
                roles.add(batch)
            if rises is not roles and batch.seq > read.announced:
                rises.add(batch)
        if roles.is_restored or rises.is_restored:
            self._look_at_all(name, last)
        self._keep(name, last, roles, rises)
        self._read[name] = Cursor.at(last)
        if len(roles.by_user) > CROWD:
            del batch, roles, rises
            give_back()

    def _keep(self, name: str, last: int, roles: Moves, rises: Moves) -> None:
        """Put into the outbox what is wanted in this guild and store; most guilds want little."""
        robo, place = self._robo, name_of(name)
        due, told = _roles_due(roles, robo.vault.clock.now_ms()), _new_levels(rises)
        if due and (place.store_id != _REWARDED_STORE or not gives_roles(robo, place.guild_id)):
            due = ()
        few = [one for one in due if one.user_id in roles.fresh]
        crowd = [one for one in due if one.user_id not in roles.fresh]
        boards = tuple(rises.boards)
        if (told or boards) and _is_silent(robo, place.guild_id, place.store_id):
            told = boards = ()
        has_settings = roles.has_settings or rises.has_settings
        if due or told or boards:
            robo.outbox.take(
                place.guild_id, place.store_id, last,
                roles=few, crowd=crowd, levels=told, boards=boards,
            )  # fmt: skip
        elif not has_settings:
            return
        role_user_ids = tuple(one.user_id for one in few)
        told_user_ids = (
            *(one.user_id for one in told),
            *(user_id for board in boards for user_id, _ in board.top),
        )
        self._tell(
            Asked(place.guild_id, place.store_id, role_user_ids, told_user_ids, len(crowd),
                  has_settings)
        )  # fmt: skip

    def _look_at_all(self, name: str, last: int) -> None:
        """Have the roles of everybody looked at: levels are what they were some time ago."""
        robo, place = self._robo, name_of(name)
        if place.store_id != _REWARDED_STORE or not robo.rewards.list(place.guild_id):
            return
        now = robo.vault.clock.now_ms()
        due = [RolesDue(one.user_id, True, True, now) for one in robo.xp.records(place.guild_id)]
        robo.outbox.take(place.guild_id, place.store_id, last, crowd=due)
        self._tell(Asked(place.guild_id, place.store_id, in_crowd=len(due)))

    def _cursor_of(self, name: str, last: int) -> Cursor:
        """How far the namespace was read; the present for one that is younger than its cursor."""
        read = self._read.setdefault(name, Cursor())
        if max(read.rewarded, read.announced) > last:
            log.warning("%s was put back to an earlier state; it is followed from now on", name)
            read = self._read[name] = Cursor.at(last)
            place = name_of(name)
            if self._robo.outbox.taken(place.guild_id).get(place.store_id, 0) > last:
                self._robo.outbox.take(place.guild_id, place.store_id, last)
            self._look_at_all(name, last)
        return read

    def _batches(self, name: str, after: int, own: Sequence[Batch]) -> Iterator[Batch]:
        """The batches after a number; a warning tells where some are no longer kept."""
        for batch in sorted(own, key=lambda one: one.seq):
            if batch.seq == after + 1:
                after = batch.seq
                yield batch
        namespace = self._robo.vault.namespace(name)
        if namespace.state.seq <= after:
            return
        for batch in namespace.batches(after):
            if batch.seq > after + 1:
                log.warning(
                    "batches %d to %d of %s are no longer kept, so their effects are unknown;"
                    " 'robo-xp xp recalc --all' has all roles looked at",
                    after + 1, batch.seq - 1, name,
                )  # fmt: skip
            after = batch.seq
            yield batch


def _is_silent(robo: RoboXP, guild_id: str, store_id: str) -> bool:
    """Whether no level of the store is announced."""
    mode = robo.config.get(guild_id, store=store_id)["announcements"]["mode"]
    return bool(mode == _OFF)


def _roles_due(found: Moves, now: int) -> tuple[RolesDue, ...]:
    moves = found.by_user.values()
    return tuple(
        RolesDue(one.user_id, one.rose, one.fell, now) for one in moves if one.rose or one.fell
    )


def _new_levels(found: Moves) -> tuple[NewLevel, ...]:
    return tuple(
        NewLevel(one.user_id, one.level or 0, one.said_from or 0, one.total_xp, one.at, one.seq,
                 one.channel_id)
        for one in found.by_user.values() if one.is_worth_telling
    )  # fmt: skip
