"""What Discord would allow, as far as a running daemon can tell; nothing without one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from robo_xp.errors import DangerousRole, RoboXPError
from robo_xp.settings.xp import given_roles
from robo_xp_cli.nouns.shared.naming import named_id

if TYPE_CHECKING:
    from robo_xp.model import RoleReward
    from robo_xp_cli.run.context import Run

_ROLES, _ANNOUNCEMENTS = ("roleRewards", "periods.prizes"), "announcements"
_MOST_ASKED = 20
_SECONDS = 5.0


def refuse_dangerous(run: Run, guild_id: str, role_id: str, level: int | None) -> None:
    """Raise DangerousRole for a role whose members manage the guild.

    Where no daemon can be asked it passes: the daemon looks again whenever it is to give the role.
    """
    told = _role(run, guild_id, role_id)
    if told.get("dangerous"):
        raise DangerousRole.of(role_id, told["dangerous"], level)


def refuse_dangerous_in(
    run: Run, guild_id: str | None, document: Any, own: Mapping[str, Any]
) -> None:
    """The same for roles that levels or prizes are to give by a layer's own settings, but not for
    those that they give already, nor for one that is called dangerous; a guild of None is all.
    """
    present = given_roles(own)
    for role_id, given in given_roles(document).items():
        if not given.dangerous and role_id not in present:
            for each in run.robo().stores.guild_ids() if guild_id is None else [guild_id]:
                refuse_dangerous(run, each, role_id, given.level or None)


def role_doubts(run: Run, role_ids: Iterable[str]) -> list[str]:
    """A line for each role that the bot could not give, with what mends it."""
    asked = list(dict.fromkeys(role_ids))[:_MOST_ASKED]
    return [
        line
        for role_id in asked
        for line in _doubts(run, "role", role_id, _role(run, run.guild_id, role_id))
    ]


def rewards_in_trouble(run: Run, guild_id: str, rewards: Iterable[RoleReward]) -> list[str]:
    """What is wrong, for each reward that the bot could not give, or that is not given because
    its role lets its members manage the guild now.
    """
    lines = []
    for reward in rewards:
        told = _role(run, guild_id, reward.role_id)
        role = f"role {_role_name(run, guild_id, reward.role_id)} of guild {guild_id}"
        obstacle = told.get("obstacle")
        if obstacle is not None:
            lines.append(f"{role}: {obstacle['what']}")
        elif may := told.get("dangerous"):
            what = "is given all the same" if reward.dangerous else "is not given"
            lines.append(f"{role} {what}: it may {_permission_names(may)}")
    return lines


def dangerous_rewards(run: Run, rewards: Iterable[RoleReward]) -> list[str]:
    """A line for each reward whose role lets its members manage the guild now."""
    lines = []
    for reward in list(rewards)[:_MOST_ASKED]:
        may = _role(run, run.guild_id, reward.role_id).get("dangerous")
        if may:
            what = "it is given all the same" if reward.dangerous else "it is not given"
            lines.append(
                f"careful: who has role {_role_name(run, run.guild_id, reward.role_id)} of level"
                f" {reward.level} may {_permission_names(may)}; {what}"
            )
    return lines


def _role_name(run: Run, guild_id: str, role_id: str) -> str:
    return named_id(run.robo().names.of(guild_id, "roles"), role_id)


def _permission_names(permissions: Iterable[str]) -> str:
    """Permissions in words."""
    return ", ".join(one.replace("_", " ") for one in permissions)


def channel_doubts(run: Run, channel_id: str, purpose: str) -> list[str]:
    """A line where the bot could not post a ``giveaway`` or an ``announcement`` there."""
    from robo_xp_cli.daemon_link import client

    what = f"{client.channel(run.guild_id, channel_id)}?purpose={purpose}"
    told = _daemon_outlook(run, run.guild_id, what)
    return _doubts(run, "channel", channel_id, told)


def setting_doubts(run: Run, keys: Iterable[str], holds: Mapping[str, Any]) -> list[str]:
    """The same for settings at these dotted keys, as they hold in the guild."""
    changed = list(keys)
    doubts = []
    if not {*_ROLES}.isdisjoint(changed):
        doubts += role_doubts(run, given_roles(holds))
    announced = holds.get(_ANNOUNCEMENTS, {})
    is_there = announced.get("mode") == "channel" and "channelId" in announced
    if is_there and any(key.startswith(f"{_ANNOUNCEMENTS}.") for key in changed):
        doubts += channel_doubts(run, announced["channelId"], "announcement")
    return doubts


def _role(run: Run, guild_id: str, role_id: str) -> Mapping[str, Any]:
    from robo_xp_cli.daemon_link import client

    return _daemon_outlook(run, guild_id, client.role(guild_id, role_id))


def _doubts(run: Run, what: str, id_: str, told: Mapping[str, Any]) -> list[str]:
    obstacle = told.get("obstacle")
    if obstacle is None:
        return []
    named = f"{what} {named_id(run.robo().names.of(run.guild_id, f'{what}s'), id_)}"
    return [f"careful: Discord would refuse it: {obstacle['what']} ({named}); {obstacle['mend']}"]


def _daemon_outlook(run: Run, guild_id: str, what: str) -> Mapping[str, Any]:
    """What the daemon says; nothing where none can be asked."""
    from robo_xp_cli.daemon_link import client
    from robo_xp_cli.daemon_link.process import there

    try:
        holder = there(run.data_dir, guild_id)
        return client.ask(holder.socket, what, timeout=_SECONDS) if holder else {}
    except RoboXPError:
        return {}
