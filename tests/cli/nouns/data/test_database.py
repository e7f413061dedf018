"""Commands on a vault in PostgreSQL."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.vault.postgres.vault import PostgresVault
from tests.cli.program import ANN, BOB, GUILD, XP, Program


@pytest.fixture
def program(postgresql_address: str, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program with an address where else is the path of a folder."""
    return Program(postgresql_address)  # type: ignore[arg-type]  # what the environment gets


def test_commands_work_on_an_address(program: Program) -> None:
    """Changes, lists, boards, history, undo and the report of the vault are as on files."""
    assert program("xp", "give", ANN, "1000", "--reason", "contest").returncode == 0
    assert program("xp", "give", BOB, "400").returncode == 0
    assert program("undo", "2", "--yes").returncode == 0

    assert [row["userId"] for row in program.json("leaderboard")["entries"]] == [ANN]
    assert [row["seq"] for row in program.json("history")][-1] == 1
    assert {row["name"]: row["seq"] for row in program.json("vault", "info")["namespaces"]}[XP] == 3
    assert str(program.data_dir) in program("daemon", "status", "--json").stdout


def test_doctor_asks_the_server(program: Program) -> None:
    """The server answers; what its operators see to is not looked at."""
    found = {row["check"]: row for row in program.json("doctor")}

    assert found["data folder"]["status"] == "ok"
    assert found["disk"]["status"] == found["backups"]["status"] == "skipped"
    assert found["vault"]["status"] == "ok"


def test_init_takes_an_address(program: Program, tmp_path: Path) -> None:
    """The configuration names the database, and no data folder is made."""
    path = tmp_path / "etc" / "robo-xp.toml"
    told = program.json("init", "--yes", "--config", str(path), "--guild", GUILD)

    assert told["dataDir"] == str(program.data_dir)
    assert [step["what"] for step in told["steps"]] == ["folder", "configuration"]
    assert f'data_dir = "{program.data_dir}"' in path.read_text()


def test_a_vault_moves_into_a_database_and_back(
    postgresql_address: str, data_dir: Path, tmp_path: Path
) -> None:
    """What commands print is the same on each side, and the old place says where to look."""
    here, there, back = (
        Program(place)  # type: ignore[arg-type]  # what the environment gets
        for place in (data_dir, postgresql_address, tmp_path / "back")
    )
    here("xp", "give", ANN, "1000", "--reason", "contest")
    here("xp", "give", BOB, "400")
    with RoboXP.open(data_dir) as robo:
        made = robo.giveaways.create(GUILD, prize="Book", channel_id=ANN, duration="1d")
        robo.giveaways.enter(GUILD, made.id, [ANN, BOB])
        robo.giveaways.end(GUILD, made.id)

    def told(by: Program) -> list[object]:
        """What commands print about all of it."""
        asked = (
            ("history",),
            ("xp", "list"),
            ("undo", "2", "--dry-run"),
            ("giveaway", "info", made.id),
            ("giveaway", "verify", made.id),
        )
        return [by.json(*words) for words in asked]

    shown = told(here)
    would = here.json("vault", "move", str(data_dir), postgresql_address, "--dry-run")
    moved = here.json("vault", "move", str(data_dir), postgresql_address)

    assert moved == {**would, "dryRun": False}
    assert (moved["namespaces"], moved["batches"]) == (2, 5)
    assert told(there) == shown
    assert here.refused("xp", "list")[:2] == (4, "REFUSED")
    there.json("vault", "move", postgresql_address, str(tmp_path / "back"))
    assert told(back) == shown


def test_a_damaged_guild_stops_no_backup(
    program: Program, postgresql_address: str, tmp_path: Path
) -> None:
    """Backup, list and check do the other guilds, name the damaged one, and exit with 6; what
    was whole comes back from the file.
    """
    guilds = [f"1000000000000000{n:02}" for n in range(5)]
    with RoboXP.open(postgresql_address) as robo:
        for guild_id in guilds:
            robo.xp.add(guild_id, ANN, 5)
            robo.xp.add(guild_id, BOB, 6)
        assert isinstance(robo.vault, PostgresVault)
        schema, bad = robo.vault.address.schema, f"xp/default/{guilds[2]}"
        of = f"(select id from {schema}.namespace where name = %s)"
        text = f"update {schema}.batch set line = 'x' where seq = 1 and ns = {of} returning 1"
        robo.vault.shared.ask(text, [bad])
    made = program("backup", "create", f"{tmp_path}/", "--json")
    found = json.loads(made.stdout)
    checked = program("vault", "check", "--json")
    back = Program(tmp_path / "back")
    restored = back("backup", "restore", found["file"], "--yes", "--json")

    assert (made.returncode, list(found["damaged"])) == (6, [bad])
    assert bad in made.stderr and found["namespaces"] == 4
    assert checked.returncode == 6 and bad in checked.stdout
    assert restored.returncode == 6 and bad in restored.stdout
    assert [row["guildId"] for row in back.json("guild", "list")] == guilds[:2] + guilds[3:]
    assert len(program.json("guild", "list")) == 5
