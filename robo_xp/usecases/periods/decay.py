"""Decay of members who have earned nothing for long: once a guild-day, as one batch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from robo_xp.errors import InvalidValue, Refused
from robo_xp.rules.decay import Decay
from robo_xp.usecases.core import DEFAULT_STORE, Core, Tables, check_reason
from robo_xp.usecases.members.changes import USERS, Members
from robo_xp.usecases.plan import Plan
from robo_xp.vault import Transaction

DECAY, DAY_ID, EXEMPT_ID = "decay", "1", "2"
"""The table of the last day with decay, and of who is exempt as the daemon saw them last."""

_CMD: Final = "member decay"


@dataclass(frozen=True, slots=True)
class Decayed:
    """How many members lost how many XP in all; ``already_done`` where the day had its decay."""

    decayed: int
    xp: int
    already_done: bool
    seq: int | None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Exempt:
    """Who had an exempt role when the daemon looked, at ``at`` (epoch ms, 0 for never)."""

    at: int = 0
    user_ids: tuple[str, ...] = ()


class DecayCases:
    """Taking XP from those who are away, day by day."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def run(
        self,
        guild_id: str,
        *,
        exempt: Iterable[str] | None = None,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
        dry_run: bool = False,
    ) -> Decayed:
        """The decay of today, unless it is done; who writes meanwhile loses nothing.

        ``exempt`` are the members who have an exempt role now, and are kept with the change; None
        stands for those whom the daemon saw last. Raises Refused where decay is off.
        """
        scope = self._core.scope(guild_id, store)

        def decide(transaction: Transaction) -> tuple[int, int, bool]:
            members = Members(scope, transaction, self._core.rules(scope))
            terms = members.rules.settings.decay
            if not terms.is_on:
                raise Refused(
                    "decay is off in this guild",
                    advice="set decay.afterDays, and decay.percent or decay.amount",
                )
            day = members.rules.settings.periods.calendar.day_of(transaction.ts)
            if (transaction.get(DECAY, DAY_ID) or {"day": 0})["day"] >= day:
                return 0, 0, True
            if exempt is not None:
                _note_exempt(transaction, exempt)
            losses = [_take(members, *loss) for loss in _losses(members, terms)]
            if losses:
                transaction.put(DECAY, DAY_ID, {"day": day})
            return len(losses), sum(losses), False

        origin = self._core.origin_for(_CMD)
        plan = Plan(scope.namespace, origin, decide, reason=check_reason(reason))
        found, seq = plan.carry_out(dry_run=dry_run)
        return Decayed(*found, seq, dry_run)

    def candidates(self, guild_id: str, *, store: str = DEFAULT_STORE) -> list[str]:
        """Who would lose XP today if nobody were exempt; nobody where that is done, or off."""
        scope = self._core.scope(guild_id, store)
        with scope.namespace.transaction(self._core.origin, dry_run=True) as transaction:
            members = Members(scope, transaction, self._core.rules(scope))
            settings = members.rules.settings
            day = settings.periods.calendar.day_of(transaction.ts)
            done = (transaction.get(DECAY, DAY_ID) or {"day": 0})["day"] >= day
            if done or not settings.decay.is_on:
                return []
            return [user_id for user_id, _ in _losses(members, settings.decay, exempt=())]

    def exempt(self, guild_id: str, *, store: str = DEFAULT_STORE) -> Exempt:
        """Who is exempt, as the daemon saw them last."""
        return _exempt(self._core.scope(guild_id, store).namespace.read())


def _note_exempt(transaction: Transaction, user_ids: Iterable[str]) -> None:
    ids = sorted(set(user_ids))
    held = transaction.get(DECAY, EXEMPT_ID)
    if held is None or held["members"] != ids:
        transaction.put(DECAY, EXEMPT_ID, {"at": transaction.ts, "members": ids})


def _losses(
    members: Members, terms: Decay, exempt: Iterable[str] | None = None
) -> list[tuple[str, int]]:
    """Who loses how much today."""
    transaction, curve = members.transaction, members.rules.curve
    spared = set(_exempt(transaction).user_ids if exempt is None else exempt)
    if not terms.exempt_role_ids:
        spared = set()
    try:
        floor = curve.threshold(terms.floor_level)
    except InvalidValue:
        # the curve ends below that level
        return []
    found = []
    for user_id, record in transaction.records(USERS).items():
        total = record["xp"]
        if user_id not in spared and terms.concerns(record.get("lastAwardedAt", 0), transaction.ts):
            loss = total - terms.total_after(total, floor)
            if loss:
                found.append((user_id, loss))
    return found


def _take(members: Members, user_id: str, loss: int) -> int:
    members.decay(user_id, loss)
    return loss


def _exempt(tables: Tables) -> Exempt:
    found: Any = tables.records(DECAY).get(EXEMPT_ID)
    return Exempt() if found is None else Exempt(found["at"], tuple(found["members"]))
