"""What roles let their members do, as far as a running daemon can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robo_xp.errors import DangerousRole, RoboXPError

if TYPE_CHECKING:
    from robo_xp_cli.run.context import Run


def refuse_dangerous(run: Run, role_id: str) -> None:
    """Raise DangerousRole for a role whose members manage the guild.

    Where no daemon can be asked it passes: the daemon looks again whenever it is to give the role.
    """
    from robo_xp_cli.daemon_link import client
    from robo_xp_cli.daemon_link.process import there

    try:
        holder = there(run.data_dir)
        told = client.ask(holder.socket, client.role(run.guild_id, role_id)) if holder else {}
    except RoboXPError:
        return
    if told.get("dangerous"):
        raise DangerousRole.of(role_id, told["dangerous"])
