"""``robo-xp no-xp``: roles and channels whose messages are counted and earn nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robo_xp_cli.framework.declare import noun
from robo_xp_cli.nouns.shared import settings_change as rule_views
from robo_xp_cli.nouns.shared.naming import KINDS, Namer
from robo_xp_cli.show.results import Column, One, Result, Rows

if TYPE_CHECKING:
    from robo_xp.usecases.settings.layered import ConfigChanged
    from robo_xp_cli.run.context import Run

app = noun("no-xp", "Roles and channels that earn nothing")

_COLUMNS = (Column("kind", kind="text"), Column("id", kind="id"), Column("name"))


@app.verb("list", examples=("robo-xp no-xp list -o ids",))
def list_zones(run: Run) -> Result:
    """List the roles and channels that earn nothing."""
    run.check_spelled()
    found = run.robo().zones.get(run.guild_id, store=run.store_id)
    rows = [{"kind": "role", "id": id_} for id_ in found["roles"]]
    rows += [{"kind": "channel", "id": id_} for id_ in found["channels"]]
    names = Namer(run)
    for row in rows:
        if name := names.name(KINDS[row["kind"]], row["id"]):
            row["name"] = name
    return Rows(_COLUMNS, rows, id_key="id", empty="all roles and channels earn XP")


@app.verb("add-role", changes=True, examples=("robo-xp no-xp add-role 123456789012345678",))
def add_role(run: Run, role: rule_views.Role) -> Result:
    """Give members with a role no XP for messages."""
    done = run.robo().zones.add_role(run.guild_id, role, **rule_views.how(run))
    return _change_result(
        run, done, f"members with {rule_views.target_name(run, 'role', role)} earn nothing"
    )


@app.verb("remove-role", changes=True, examples=("robo-xp no-xp remove-role @Muted",))
def remove_role(run: Run, role: rule_views.Role) -> Result:
    """Let members with a role earn XP again."""
    done = run.robo().zones.remove_role(run.guild_id, role, **rule_views.how(run, begins=False))
    return _change_result(
        run, done, f"members with {rule_views.target_name(run, 'role', role)} earn XP"
    )


@app.verb(
    "add-channel", changes=True, examples=("robo-xp no-xp add-channel '<#12345678901234567>'",)
)
def add_channel(run: Run, channel: rule_views.Channel) -> Result:
    """Give no XP for messages in a channel and its threads, or in all channels of a category."""
    done = run.robo().zones.add_channel(run.guild_id, channel, **rule_views.how(run))
    return _change_result(
        run, done, f"messages in {rule_views.target_name(run, 'channel', channel)} earn nothing"
    )


@app.verb("remove-channel", changes=True, examples=("robo-xp no-xp remove-channel spam",))
def remove_channel(run: Run, channel: rule_views.Channel) -> Result:
    """Let messages in a channel earn XP again."""
    done = run.robo().zones.remove_channel(
        run.guild_id, channel, **rule_views.how(run, begins=False)
    )
    return _change_result(
        run, done, f"messages in {rule_views.target_name(run, 'channel', channel)} earn XP"
    )


def _change_result(run: Run, done: ConfigChanged, told: str) -> One:
    return rule_views.change_result(
        run,
        done,
        told,
        no_xp_role_ids=done.effective["noXpRoleIds"],
        no_xp_channel_ids=done.effective["noXpChannelIds"],
    )
