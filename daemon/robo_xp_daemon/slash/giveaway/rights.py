"""Who may do what with giveaways, looked up anew for each command, in the member's guild only.

Who may administer the guild may do everything. A host role, which the settings of giveaways name,
lets its members start, edit and reroll giveaways and see their entries. Ending and cancelling are
open to the one who started the giveaway, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord

from robo_xp import RoboXP
from robo_xp.errors import GiveawayNotFound, NotFound, Refused
from robo_xp.model.giveaway import Giveaway
from robo_xp.rules.giveaway import eligibility
from robo_xp.settings.giveaway import settings_of
from robo_xp_daemon.client.convert import role_ids_of
from robo_xp_daemon.context import context_of
from robo_xp_daemon.interactions.permissions import guild_id_of, is_admin, title_of

UNKNOWN = (
    "this server has no such giveaway; choose one that is offered while you type,"
    " or give the link to its message"
)

_CHOOSE = "choose one with the option `giveaway`"


@dataclass(frozen=True, slots=True)
class Asker:
    """The member who gives a command; ``permission`` is what administrators have."""

    guild_id: str
    user_id: str
    role_ids: tuple[str, ...]
    administers: bool
    permission: str

    @classmethod
    def of(cls, interaction: discord.Interaction[Any]) -> Asker:
        """The member as Discord described them with this interaction."""
        member, guild = interaction.user, interaction.guild
        # without @everyone the guild is not described yet, and nobody's roles are known
        is_known = guild is not None and guild.default_role is not None
        return cls(
            guild_id_of(interaction),
            str(member.id),
            role_ids_of(member) if is_known and isinstance(member, discord.Member) else (),
            is_admin(interaction),
            title_of(context_of(interaction).admin_permission),
        )

    @property
    def by(self) -> str:
        """The member as the history names them."""
        return f"discord:{self.user_id}"


def check_host(robo: RoboXP, asker: Asker) -> None:
    """Raise Refused unless the member may start giveaways."""
    if not may_host(robo, asker):
        raise Refused(
            f"you need the permission {asker.permission}, or a role that may host giveaways,"
            " for this"
        )


def check_finisher(robo: RoboXP, asker: Asker, giveaway: Giveaway) -> None:
    """Raise Refused unless the member may end and cancel this giveaway."""
    if giveaway.host != asker.user_id and not may_host(robo, asker):
        raise Refused(
            f"you need the permission {asker.permission}, or a role that may host giveaways;"
            " or you must have started this one"
        )


def may_host(robo: RoboXP, asker: Asker) -> bool:
    """Whether the member may start giveaways now."""
    holds = settings_of(robo.giveaways.settings.get(asker.guild_id))
    return eligibility.may_host(
        asker.role_ids, holds.host_role_ids, manages_guild=asker.administers
    )


def find(robo: RoboXP, guild_id: str, reference: str) -> Giveaway:
    """The giveaway of this guild by its id, its message's id or link; else NotFound."""
    try:
        return robo.giveaways.get(guild_id, reference)
    except NotFound as error:
        raise GiveawayNotFound(UNKNOWN if reference else f"{error.message}; {_CHOOSE}") from error
