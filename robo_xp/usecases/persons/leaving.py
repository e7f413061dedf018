"""Members who leave and come back: what the settings say becomes of their records."""

from __future__ import annotations

from robo_xp.model.ids import check_snowflake
from robo_xp.settings.xp import HIDE, RESET
from robo_xp.usecases.core import Core, Scope
from robo_xp.usecases.members.changes import USERS, Members
from robo_xp.usecases.persons.pruning import LEFT
from robo_xp.vault import Namespace, name_of, names_name


class Leaving:
    """Who is not in a guild any more, as far as anybody saw it, and what was done about it."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def gone(self, guild_id: str) -> frozenset[str]:
        """The members that left and did not come back."""
        return frozenset(self._names(guild_id).read().records(LEFT))

    def leave(self, guild_id: str, user_id: str, *, banned: bool = False) -> bool:
        """Remember that a member left now, and hide or reset it where a store says so.

        False where that was known, or where it was banned and a ban does not count.
        """
        check_snowflake(user_id, "member id")
        names = self._names(guild_id)
        if user_id in names.read().records(LEFT):
            return False
        hidden, counts = [], not banned
        for scope in self._stores(guild_id):
            scope.namespace.read()
            values = self._core.rules(scope).settings.values
            if banned and not values["onBan"]:
                continue
            counts = True
            if self._settle(scope, user_id, str(values["onLeave"])):
                hidden.append(scope.store_id)
        if counts:
            with names.transaction(self._core.origin_for("member left")) as transaction:
                transaction.put(LEFT, user_id, {"at": transaction.ts, "hidden": hidden})
        return counts

    def come_back(self, guild_id: str, user_id: str) -> bool:
        """Show a member again that was hidden when it left; whether it had left at all."""
        names = self._names(guild_id)
        mark = names.read().records(LEFT).get(user_id)
        if mark is None:
            return False
        for scope in self._stores(guild_id):
            if scope.store_id in mark.get("hidden", ()):
                with scope.namespace.transaction(self._core.origin_for("member back")) as changes:
                    Members(scope, changes, self._core.rules(scope)).hide(user_id, hidden=False)
        with names.transaction(self._core.origin_for("member back")) as transaction:
            transaction.delete(LEFT, user_id)
        return True

    def _settle(self, scope: Scope, user_id: str, how: str) -> bool:
        """Do to the record what the setting says; whether that hid the member."""
        if how not in (HIDE, RESET) or user_id not in scope.namespace.state.records(USERS):
            return False
        with scope.namespace.transaction(self._core.origin_for("member left")) as transaction:
            members = Members(scope, transaction, self._core.rules(scope))
            if how == HIDE:
                return members.hide(user_id, hidden=True)
            members.delete(user_id)
            return False

    def _stores(self, guild_id: str) -> list[Scope]:
        """The stores of the guild."""
        names = map(name_of, self._core.vault.stores_of(guild_id))
        return [self._core.scope(guild_id, one.store_id) for one in names]

    def _names(self, guild_id: str) -> Namespace:
        """Where it is remembered."""
        return self._core.vault.namespace(names_name(guild_id))
