"""What is done to members as persons: hidden and shown again, told all, erased."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from robo_xp.errors import InvalidValue
from robo_xp.usecases.core import DEFAULT_STORE, Core, check_reason
from robo_xp.usecases.members.changes import Members
from robo_xp.usecases.persons.erasure import Erased, erase
from robo_xp.usecases.persons.leaving import Leaving
from robo_xp.usecases.persons.personal import PersonalData, personal_data
from robo_xp.usecases.persons.pruning import Pruned, Which, prune
from robo_xp.usecases.plan import Plan
from robo_xp.vault import Transaction, names_name


@dataclass(frozen=True, slots=True)
class VisibilityChanged:
    """The members that are hidden, or shown, since batch ``seq`` and were not before."""

    changed: tuple[str, ...]
    seq: int | None
    dry_run: bool = False


class MemberCases:
    """Members as persons: who stands on boards, and what is kept about whom."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.leaving = Leaving(core)

    def hide(
        self,
        guild_id: str,
        user_ids: Iterable[str],
        *,
        hidden: bool = True,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
        dry_run: bool = False,
    ) -> VisibilityChanged:
        """Take members off the boards of a store, all in one batch; ``hidden`` False shows them.

        They earn and are rewarded as ever, and the others close up. Raises InvalidId.
        """
        ids = list(dict.fromkeys(user_ids))
        if not ids:
            raise InvalidValue("there is nobody to hide or to show")
        scope = self._core.scope(guild_id, store)

        def decide(transaction: Transaction) -> tuple[str, ...]:
            members = Members(scope, transaction, self._core.rules(scope))
            return tuple([one for one in ids if members.hide(one, hidden=hidden)])

        origin = self._core.origin_for("member hide" if hidden else "member show")
        plan = Plan(scope.namespace, origin, decide, reason=check_reason(reason))
        return VisibilityChanged(*plan.carry_out(dry_run=dry_run), dry_run)

    def export(self, guild_id: str, user_id: str) -> PersonalData:
        """Everything that is kept about one person in all stores of a guild, giveaways included.

        Raises InvalidId, and MemberNotFound where nothing speaks of the person.
        """
        return personal_data(self._core, guild_id, user_id)

    def erase(
        self,
        guild_id: str,
        user_id: str,
        *,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
        dry_run: bool = False,
    ) -> Erased:
        """Erase a person from all stores, giveaways, names and what waits for Discord.

        In giveaways that are over, and in the lines of the past with the next compaction, a
        pseudonym takes the place of the id. Nothing can take it back. ``seq`` is the batch in this
        store. Raises InvalidId, and MemberNotFound where nothing speaks of the person.
        """
        return erase(self._core, guild_id, user_id, reason=reason, store=store, dry_run=dry_run)

    def prune(
        self,
        guild_id: str,
        which: Which,
        *,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
        dry_run: bool = False,
    ) -> Pruned:
        """Delete the records of who left, is quiet or has little XP, in one batch; see ``Which``.

        Who left is known from the daemon, where it has the members intent, and from ``which.ids``.
        """
        scope = self._core.scope(guild_id, store)
        names = self._core.vault.namespace(names_name(guild_id)).read()

        def decide(transaction: Transaction) -> Pruned:
            return prune(Members(scope, transaction, self._core.rules(scope)), names, which)

        origin = self._core.origin_for("member prune")
        plan = Plan(scope.namespace, origin, decide, reason=check_reason(reason))
        found, seq = plan.carry_out(dry_run=dry_run)
        return replace(found, seq=seq, dry_run=dry_run)
