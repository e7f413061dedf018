"""A guild or a store that is not there: exit 3 for whatever reads it or takes something away."""

from __future__ import annotations

from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests.cli.program import ANN, GUILD, Program

ELSEWHERE = "100000000000000019"
ROLE, CHANNEL = "400000000000000001", "400000000000000003"

OF_STORES = (
    "config show",
    "config get xpRate",
    "config explain",
    "config export",
    "config unset xpRate",
    "config diff FILE",
    "curve show",
    "curve table",
    "curve plot",
    "curve compare mee6",
    "curve reset",
    "reward list",
    "reward remove 5",
    "multiplier list",
    f"multiplier remove-role {ROLE}",
    "no-xp list",
    f"no-xp remove-channel {CHANNEL}",
    "boost list",
    "boost preview",
    "boost end 123456789012345678",
    "leaderboard",
    "xp list",
    f"xp show {ANN}",
    f"xp why {ANN} --channel {CHANNEL}",
    f"xp chart {ANN}",
    f"xp remove {ANN} 5",
    f"xp delete {ANN} --yes",
    "xp recalc --all",
    "export",
    "events",
    "history",
    "undo 1",
    "top --once",
)
OF_GUILDS = ("giveaway list", "giveaway settings show", "giveaway settings get defaultWinners",
             "store list", "history --giveaways", "events --giveaways")  # fmt: skip


@pytest.fixture
def program(data_dir: Path) -> Program:
    """A vault with one guild that has one store."""
    made = Program(data_dir)
    assert made("xp", "give", ANN, "100").returncode == 0
    (data_dir.parent / "guild.toml").write_text("cooldownSeconds = 30\n")
    return made


def asked(program: Program, command: str) -> list[str]:
    """The words of a command."""
    file = str(program.data_dir.parent / "guild.toml")
    return [file if word == "FILE" else word for word in command.split()]


@pytest.mark.parametrize("command", OF_STORES)
def test_a_mistyped_store_is_not_found(program: Program, command: str) -> None:
    """The error names the stores that there are."""
    code, name, message = program.refused(*asked(program, command), "--store", "sesaon")

    assert (code, name) == (3, "STORE_NOT_FOUND"), message


@pytest.mark.parametrize("command", OF_STORES + OF_GUILDS)
def test_a_mistyped_guild_is_not_found(program: Program, command: str) -> None:
    """Whether it has stores or not."""
    code, name, message = program.refused(*asked(program, command), "--guild", ELSEWHERE)

    assert (code, name) == (3, "GUILD_NOT_FOUND"), message


def test_defaults_hold_in_an_empty_vault(data_dir: Path) -> None:
    """What will hold in the first guild can be looked at before anything is stored."""
    program = Program(data_dir)

    assert program.json("config", "get", "cooldownSeconds")["value"] == 60
    assert program.json("curve", "show")["type"] == "quadratic"
    assert program.json("reward", "list") == []


def test_settings_take_names(program: Program) -> None:
    """Roles and channels in values and keys, once Discord told of them."""
    with RoboXP.open(program.data_dir, durability="os") as robo:
        robo.names.remember(GUILD, {ROLE: "Regular"}, "roles")
        robo.names.remember(GUILD, {CHANNEL: "gold rush"}, "channels")

    set_to = {
        "noXpRoleIds": ["@Regular"],
        "announcements.channelId": ["#gold rush"],
        "multipliers.channel": ["gold rush=2"],
        "roleRewards": ["5=@Regular"],
    }
    for key, words in set_to.items():
        assert program("config", "set", key, *words).returncode == 0
    assert program("config", "set", "multipliers.role.@Regular", "1.5").returncode == 0

    own = program.json("config", "export")
    assert own["noXpRoleIds"] == [ROLE]
    assert own["announcements"] == {"channelId": CHANNEL}
    assert own["multipliers"] == {"role": {ROLE: 1.5}, "channel": {CHANNEL: 2}}
    assert own["roleRewards"] == [{"level": 5, "roleId": ROLE}]
    assert program.refused("config", "set", "noXpRoleIds", "@Regulr")[0] == 3
