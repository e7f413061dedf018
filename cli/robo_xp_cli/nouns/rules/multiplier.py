"""``robo-xp multiplier``: factors on awards, for the guild, for roles, channels, members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument
from robo_xp_cli.nouns.shared import settings_change as rule_views
from robo_xp_cli.nouns.shared.naming import KINDS, Namer
from robo_xp_cli.nouns.xp import views as xp_views
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.show.results import Column, One, Result, Rows

if TYPE_CHECKING:
    from robo_xp.usecases.settings.layered import ConfigChanged
    from robo_xp_cli.run.context import Run

app = noun("multiplier", "Factors for guild, roles, channels, members")

_COLUMNS = (
    Column("kind", "for", kind="text"),
    Column("id", kind="id"),
    Column("name"),
    Column("factor", kind="number"),
)

Factor = Annotated[float, argument("X", "0 to 10, such as 1.5; 0 gives no XP", parse=values.number)]
User = Annotated[
    str, argument("USER", "Id, mention or name", parse=values.user, completes="member")
]


@app.verb("list", examples=("robo-xp multiplier list --json",))
def list_factors(run: Run) -> Result:
    """List the multipliers of the guild.

    An award is multiplied by the guild's factor, the largest of the member's roles, that of the
    thread, else of its channel, else of the category, and the member's own; what is not listed
    is 1.
    """
    run.check_spelled()
    found = run.robo().multipliers.get(run.guild_id, store=run.store_id)
    names = Namer(run)
    rows: list[dict[str, Any]] = []
    if found["server"] is not None:
        rows.append({"kind": "guild", "id": run.guild_id, "factor": found["server"]})
    rows += [{"kind": "role", "id": id_, "factor": x} for id_, x in found["role"].items()]
    rows += [{"kind": "channel", "id": id_, "factor": x} for id_, x in found["channel"].items()]
    rows += [{"kind": "member", "id": id_, "factor": x} for id_, x in found["user"].items()]
    for row in rows:
        if row["kind"] in KINDS and (name := names.name(KINDS[row["kind"]], row["id"])):
            row["name"] = name
    has_names = not run.for_people or any("name" in row for row in rows)
    columns = [column for column in _COLUMNS if has_names or column.key != "name"]
    return One(found, table=Rows(columns, rows, id_key="id", empty="all multipliers are 1"))


@app.verb("server", changes=True, examples=("robo-xp multiplier server 2 --reason 'anniversary'",))
def server(run: Run, factor: Factor) -> Result:
    """Multiply all awards of the guild."""
    done = run.robo().multipliers.set_server(run.guild_id, factor, **rule_views.how(run))
    return _change_result(run, done, f"awards of the guild count {factor} times")


@app.verb("role", changes=True, examples=("robo-xp multiplier role 123456789012345678 1.5",))
def role(run: Run, role: rule_views.Role, factor: Factor) -> Result:
    """Multiply awards of members with a role; of several such roles the largest counts."""
    done = run.robo().multipliers.set_role(run.guild_id, role, factor, **rule_views.how(run))
    return _change_result(
        run,
        done,
        f"awards of members with {rule_views.target_name(run, 'role', role)} count {factor} times",
    )


@app.verb("channel", changes=True, examples=("robo-xp multiplier channel 123456789012345678 0.5",))
def channel(run: Run, channel: rule_views.Channel, factor: Factor) -> Result:
    """Multiply awards in a thread, a channel or all channels of a category; the nearest counts."""
    done = run.robo().multipliers.set_channel(run.guild_id, channel, factor, **rule_views.how(run))
    return _change_result(
        run,
        done,
        f"awards in {rule_views.target_name(run, 'channel', channel)} count {factor} times",
    )


@app.verb("user", changes=True, examples=("robo-xp multiplier user @ada 0",))
def user(run: Run, user: User, factor: Factor) -> Result:
    """Multiply awards of one member."""
    done = run.robo().multipliers.set_user(run.guild_id, user, factor, **rule_views.how(run))
    return _change_result(
        run, done, f"awards of member {_member_name(run, user)} count {factor} times"
    )


@app.verb("remove-role", changes=True, examples=("robo-xp multiplier remove-role @Regular",))
def remove_role(run: Run, role: rule_views.Role) -> Result:
    """Forget the multiplier of a role."""
    done = run.robo().multipliers.remove_role(
        run.guild_id, role, **rule_views.how(run, begins=False)
    )
    return _change_result(
        run, done, f"{rule_views.target_name(run, 'role', role)} has no multiplier any more"
    )


@app.verb(
    "remove-channel",
    changes=True,
    examples=("robo-xp multiplier remove-channel spam",),
)
def remove_channel(run: Run, channel: rule_views.Channel) -> Result:
    """Forget the multiplier of a channel."""
    done = run.robo().multipliers.remove_channel(
        run.guild_id, channel, **rule_views.how(run, begins=False)
    )
    return _change_result(
        run, done, f"{rule_views.target_name(run, 'channel', channel)} has no multiplier any more"
    )


@app.verb("remove-user", changes=True, examples=("robo-xp multiplier remove-user @ada",))
def remove_user(run: Run, user: User) -> Result:
    """Forget the multiplier of a member."""
    done = run.robo().multipliers.remove_user(
        run.guild_id, user, **rule_views.how(run, begins=False)
    )
    return _change_result(run, done, f"member {_member_name(run, user)} has no multiplier any more")


def _change_result(run: Run, done: ConfigChanged, told: str) -> One:
    from robo_xp.usecases.settings.multipliers import parts_of

    return rule_views.change_result(run, done, told, multipliers=parts_of(done.effective))


def _member_name(run: Run, user_id: str) -> str:
    return xp_views.member_name(user_id, xp_views.name_of(run, user_id))
