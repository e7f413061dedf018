"""Who has a role now, as the running daemon sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from robo_xp.errors import Refused, RoboXPError
from robo_xp_cli.nouns.shared.daemon_note import reachable

if TYPE_CHECKING:
    from robo_xp_cli.run.context import Run

_SECONDS = 600.0
"""Without the members intent the daemon looks at a hundred members at a time."""


@dataclass(frozen=True, slots=True)
class RoleMembers:
    """The members who have a role, and what to know about how they were found."""

    user_ids: list[str]
    notes: list[str]


def role_members(run: Run, role_id: str, *, with_record: bool = False) -> RoleMembers:
    """Those who have the role; only those with a record in the store where that is wanted.

    Raises Refused without a daemon that can say, and where nobody is left.
    """
    from robo_xp_cli.daemon_link import client

    holder = reachable(run)
    if holder is None:
        raise Refused(
            "no daemon runs that could say who has the role",
            advice="start robo-xpd, or name the members",
        )
    where = client.role_members(run.guild_id, role_id, run.store_id)
    try:
        found = client.ask(holder.socket, where, timeout=_SECONDS)
    except RoboXPError as error:
        raise Refused(
            f"the daemon cannot say who has the role: {error.message}", advice=error.advice
        ) from None
    ids = [str(user_id) for user_id in found["userIds"]]
    if with_record:
        records = run.robo().xp.records(run.guild_id, store=run.store_id)
        there = {member.user_id for member in records}
        ids = [user_id for user_id in ids if user_id in there]
    if not ids:
        raise Refused(f"nobody has role {role_id}" + (" and any XP" if with_record else ""))
    notes = [] if found["complete"] else ["without the members intent the daemon sees only members"
                                          " that this vault knows"]  # fmt: skip
    return RoleMembers(ids, notes)
