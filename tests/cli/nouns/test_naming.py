"""Names beside ids: wherever Discord told one, rows and records have it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests.cli.program import ANN, BOB, GUILD, Program

REGULAR, UNSEEN, NEWS = "400000000000000001", "400000000000000002", "300000000000000003"


def test_names_stand_beside_ids(data_dir: Path) -> None:
    """Guilds, roles, channels and members; an id that nobody told of stands alone."""
    program = Program(data_dir)
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.names.remember(GUILD, {ANN: "Ann"})
        robo.names.remember(GUILD, {GUILD: "Good Game"}, "guilds")
        robo.names.remember(GUILD, {REGULAR: "Regular"}, "roles")
        robo.names.remember(GUILD, {NEWS: "news"}, "channels")
    program("reward", "add", "5", REGULAR)
    program("reward", "add", "10", UNSEEN)
    program("no-xp", "add-channel", NEWS)
    for words in (("role", REGULAR), ("channel", NEWS), ("user", ANN)):
        program("multiplier", *words, "2")
    program("giveaway", "start", "Book", "--channel", NEWS, "--duration", "1d")

    assert program.json("reward", "list") == [
        {"level": 5, "roleId": REGULAR, "roleName": "Regular"},
        {"level": 10, "roleId": UNSEEN},
    ]
    assert program("no-xp", "list", "-o", "csv").stdout.splitlines() == [
        "kind,id,name",
        f"channel,{NEWS},news",
    ]
    factors = program("multiplier", "list", "-o", "tsv", "--fields", "name").stdout.split()
    assert factors == ["name", "Regular", "news", "Ann"]
    [giveaway] = program.json("giveaway", "list")
    assert giveaway["channelName"] == "news"
    info = program.for_people("giveaway", "info", giveaway["id"]).stdout
    assert f"news ({NEWS})" in info
    assert program.json("guild", "list")[0]["name"] == "Good Game"
    assert "Good Game" in program.for_people("guild", "list").stdout


@pytest.mark.parametrize("name", ["@mention", "@", "two\nlines", "#news", "-x"])
def test_whoever_has_a_name_can_be_named(data_dir: Path, name: str) -> None:
    """By the whole of it, whatever sign it begins with."""
    program = Program(data_dir)
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.xp.add(GUILD, ANN, 5)
        robo.names.remember(GUILD, {ANN: name})

    assert json.loads(program("rank", "--json", "--", name).stdout)["userId"] == ANN


def test_the_sign_belongs_to_a_name_that_has_it(data_dir: Path) -> None:
    """Where one is called Ann and another @Ann; of the first the sign is only a sign."""
    program = Program(data_dir)
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.xp.move(GUILD, "give", [ANN, BOB], 5)
        robo.names.remember(GUILD, {ANN: "Ann", BOB: "@Ann"})

    assert program.json("rank", "Ann")["userId"] == ANN
    assert program.json("rank", "@Ann")["userId"] == BOB
    assert program.json("rank", "@ann")["userId"] == BOB


def test_names_stand_in_errors(data_dir: Path) -> None:
    """People read who or what an error is about; a script reads the id alone, and so does who has
    no names.
    """
    program = Program(data_dir)
    program("reward", "add", "5", REGULAR)
    bare = program("reward", "add", "5", UNSEEN).stderr
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.names.remember(GUILD, {REGULAR: "Regular"}, "roles")
        robo.names.remember(GUILD, {NEWS: "news"}, "channels")
        robo.zones.add_channel(GUILD, NEWS)
    named = program("reward", "add", "5", UNSEEN).stderr
    why = program.for_people("xp", "why", ANN, "--channel", NEWS, env={"COLUMNS": "200"}).stdout

    assert f"already gives role {REGULAR}\n" in bare
    assert f"already gives role Regular ({REGULAR})\n" in named
    assert program.refused("reward", "add", "5", UNSEEN)[2].endswith(f"gives role {REGULAR}")
    assert f"channel or category news ({NEWS}) gives no XP" in why


@pytest.mark.parametrize("name", ["-dash", "=SUM", "+1", "@home", "'quoted"])
def test_what_a_table_wrote_is_read_back(data_dir: Path, name: str) -> None:
    """Names from csv and tsv go into stdin as they are, apostrophe and all."""
    program = Program(data_dir)
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.xp.add(GUILD, ANN, 5)
        robo.names.remember(GUILD, {ANN: name})
    for output in ("csv", "tsv"):
        listed = program("xp", "list", "-o", output, "--no-header", "--fields", "name").stdout

        given = program.json("xp", "give", "-", "5", stdin=listed.encode())
        assert given["userId"] == ANN
