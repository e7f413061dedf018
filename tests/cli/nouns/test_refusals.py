"""What Discord refuses: told by the commands that it concerns, for as long as it lasts."""

from __future__ import annotations

from pathlib import Path

from robo_xp import RoboXP
from robo_xp.model.outbox import NotDone, RolesDue
from tests.cli.program import ANN, BOB, GUILD, Program

CHANNEL = "300000000000000001"
NO_CHANNEL = NotDone(
    "10003", "the giveaway is not shown: there is no such channel", "choose another one", {}
)
TOO_HIGH = NotDone("50013", "role @Regular is not given", "drag the bot's role above it", {})


def said(program: Program, *words: str) -> str:
    """What a command tells beside its result."""
    return program(*words).stderr


def test_refusals_are_told_where_they_matter(data_dir: Path) -> None:
    """Each concerned command says what is not done, for how many, and what mends it."""
    program = Program(data_dir)
    with RoboXP.open(data_dir, durability="os") as robo:
        one = robo.giveaways.create(GUILD, prize="Mug", channel_id=CHANNEL, duration="2d").id
        other = robo.giveaways.create(GUILD, prize="Hat", channel_id=CHANNEL, duration="2d").id
        due = [RolesDue(user_id, True, False, 1) for user_id in (ANN, BOB)]
        robo.outbox.take(GUILD, "default", 1, roles=due)
        robo.outbox.roles_settled(GUILD, [], [(member, [TOO_HIGH]) for member in due])
        robo.outbox.giveaway_refused(GUILD, one, "message", NO_CHANNEL)
    giveaway = f"Discord refuses: {NO_CHANNEL.what} (giveaway {one}); {NO_CHANNEL.mend}\n"
    roles = f"Discord refuses: {TOO_HIGH.what} (2 members); {TOO_HIGH.mend}\n"

    assert said(program, "giveaway", "list") == giveaway
    assert said(program, "giveaway", "info", one) == giveaway
    assert said(program, "giveaway", "info", other) == ""
    assert said(program, "reward", "list") == roles
    assert said(program, "config", "show") == roles
    for refused in (giveaway, roles):
        assert f"guild {GUILD}: {refused}" in said(program, "daemon", "status")
    rows = {row["check"]: row for row in program.json("doctor")}
    assert rows["discord"]["status"] == "warning"
    assert TOO_HIGH.what in rows["discord"]["message"]

    with RoboXP.open(data_dir, durability="os") as robo:
        robo.outbox.giveaway_passed(GUILD, one, "message")
        robo.outbox.roles_settled(GUILD, due)
    assert said(program, "giveaway", "list") == ""
    assert said(program, "reward", "list") == ""
    rows = {row["check"]: row for row in program.json("doctor")}
    assert rows["discord"]["status"] == "ok"


def test_a_refusal_says_what_it_is_about(data_dir: Path) -> None:
    """The role or channel by its name, beside how many members wait for it."""
    program, role = Program(data_dir), "400000000000000001"
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.names.remember(GUILD, {role: "Regular"}, "roles")
        due = [RolesDue(user_id, True, False, 1) for user_id in (ANN, BOB)]
        too_high = NotDone("50013", "a role is not given", "drag it", {"role_id": role})
        robo.outbox.take(GUILD, "default", 1, roles=due)
        robo.outbox.roles_settled(GUILD, [], [(member, [too_high]) for member in due])

    told = f"a role is not given (role Regular ({role}), 2 members); drag it"
    assert said(program, "reward", "list") == f"Discord refuses: {told}\n"
    rows = {row["check"]: row for row in program.json("doctor")}
    assert told in rows["discord"]["message"]
