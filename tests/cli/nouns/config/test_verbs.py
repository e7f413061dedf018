"""``robo-xp config``: reading and setting by key, whole documents, the editor."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp import RoboXP
from robo_xp.errors import InvalidConfig, InvalidValue
from robo_xp.settings.xp import XP
from robo_xp_cli.nouns.config.documents import as_toml, from_json, from_toml, in_ascii
from robo_xp_cli.nouns.config.typed import read, read_all, typed_value
from tests.cli.program import ANN, GUILD, Process, Program
from tests.cli.terminal import watched

ROLE, CHANNEL = "400000000000000001", "400000000000000003"
KEYS = {"changed", "config", "levels", "seq", "dryRun", "guildId"}


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a guild with one member and some settings."""
    with RoboXP.open(data_dir) as robo:
        robo.xp.set(GUILD, ANN, 5_000)
        robo.config.set(GUILD, {"xpRate": 2.0, "multipliers": {"role": {ROLE: 1.5}}})
        robo.config.set_global({"cooldownSeconds": 5})
    return Program(data_dir)


# -- reading --------------------------------------------------------------------------------


def test_show_is_the_document(program: Program) -> None:
    """What holds is complete, what is the guild's own is sparse, and the global layer too."""
    assert program.json("config", "show") == XP.effective(
        {"cooldownSeconds": 5, "xpRate": 2.0, "multipliers": {"role": {ROLE: 1.5}}},
    )
    assert program.json("config", "show", "--own") == {
        "xpRate": 2.0,
        "multipliers": {"role": {ROLE: 1.5}},
    }
    assert program.json("config", "show", "--own", "--global") == {"cooldownSeconds": 5}
    assert program.refused("config", "show", "--own", "--effective")[:2] == (2, "USAGE")


def test_show_in_a_pipe_has_a_line_for_each_setting(program: Program) -> None:
    """Key, exact value and layer, tab-separated."""
    lines = program("config", "show").stdout.splitlines()

    assert lines[0] == "key\tvalue\tsource"
    assert "cooldownSeconds\t5\tglobal" in lines
    assert f"multipliers.role.{ROLE}\t1.5\tguild" in lines
    assert "leaderboard.public\tfalse\tdefault" in lines
    assert len(lines) == 1 + len(XP.known_keys)


def test_show_on_a_narrow_terminal(program: Program) -> None:
    """At 80 columns no line is broken and no key cut."""
    seen = watched(program, "config", "show", size=(80, 60))

    assert {len(line) for line in seen.lines[1:]} == {len(seen.lines[1])}
    assert len(seen.lines[1]) <= 80
    assert any(f"│ multipliers.role.{ROLE} │ 1.5" in line for line in seen.lines)
    assert seen.lines[0] == f"Settings of guild {GUILD}, store default"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("xpRate",), {"key": "xpRate", "value": 2.0, "source": "guild"}),
        (("cooldownSeconds",), {"key": "cooldownSeconds", "value": 5, "source": "global"}),
        (("rewardsMode",), {"key": "rewardsMode", "value": "stack", "source": "default"}),
        (("theme",), {"key": "theme", "value": None, "source": "default"}),
        (
            ("xpRate", "--global"),
            {"key": "xpRate", "value": 1.0, "source": "default"},
        ),
    ],
)
def test_get(program: Program, words: tuple[str, ...], expected: dict[str, Any]) -> None:
    """One setting with the layer that it comes from."""
    assert program.json("config", "get", *words) == expected


# -- changing -------------------------------------------------------------------------------


def test_set_and_unset(program: Program) -> None:
    """Both answer with the keys that changed and what holds then; the reason is kept."""
    result = program.json("config", "set", "noXpRoleIds", ROLE, CHANNEL, "--reason", "quiet")

    assert {*result} == KEYS | {"storeId"}
    assert (result["changed"], result["seq"], result["dryRun"]) == (["noXpRoleIds"], 3, False)
    assert result["config"]["noXpRoleIds"] == [ROLE, CHANNEL]
    assert result["levels"] == {"changed": 0, "up": 0, "down": 0}
    with RoboXP.open(program.data_dir) as robo:
        (batch,) = robo.vault.namespace(f"xp/default/{GUILD}").batches(2)
        assert (batch.cmd, batch.reason) == ("config set", "quiet")

    gone = program.json("config", "unset", "multipliers")
    assert gone["changed"] == [f"multipliers.role.{ROLE}"]
    assert "multipliers" not in gone["config"]
    again = program.json("config", "unset", "multipliers")
    assert (again["changed"], again["seq"]) == ([], None)


def test_a_curve_says_what_it_does(program: Program) -> None:
    """Setting the curve by its key moves the levels like the command for curves."""
    result = program.json("config", "set", "levels", "linear", "xpPerLevel=100")

    assert result["levels"] == {"changed": 1, "up": 1, "down": 0}
    assert "1 member at another level" in "\n".join(
        watched(program, "config", "set", "levels", "mee6", "-n").lines
    )


def test_global_needs_no_guild(program: Program) -> None:
    """The defaults of all guilds are set without naming one; a guild is asked for else."""
    nobody = Program(program.data_dir / "empty", guild="")

    result = nobody.json("config", "set", "theme.embedColor", "#ff8800", "--global")
    assert {*result} == KEYS
    assert (result["guildId"], result["config"]["theme"]) == (None, {"embedColor": 0xFF8800})
    assert nobody.refused("config", "set", "xpRate", "1")[:2] == (7, "NOT_CONFIGURED")


def test_a_dry_run_changes_no_byte(program: Program) -> None:
    """The same answer, marked; the files are as before."""
    before = program.bytes()

    result = program.json("config", "set", "xpRate", "3", "-n")
    program.json("config", "unset", "xpRate", "-n")
    program.json("config", "import", "-", "--replace", "--global", "-n", stdin=b"xpRate = 3")

    assert (result["changed"], result["seq"], result["dryRun"]) == (["xpRate"], None, True)
    assert program.bytes() == before


def test_unknown_keys_name_the_nearest(program: Program) -> None:
    """Exit code 2 and a suggestion, for every verb that takes a key."""
    for words in (("get", "xprate"), ("set", "xprate", "1", "2"), ("unset", "xprate")):
        code, name, message = program.refused("config", *words)
        assert (code, name) == (2, "INVALID_CONFIG")
        assert "'xpRate'" in message


def test_people_read_what_it_was(program: Program) -> None:
    """On a terminal a change shows the value before; no change says so."""
    changed = watched(program, "config", "set", "xpRate", "3.5")
    same = watched(program, "config", "set", "xpRate", "3.5")

    assert changed.lines == ["xpRate  3.5  (was 2.0)"]
    assert same.lines == ["nothing changes: it is set like that already"]


# -- documents ------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["json", "toml"])
def test_export_and_import(program: Program, tmp_path: Path, form: str) -> None:
    """What one guild exports another one imports, whichever the format."""
    program("config", "set", "labels.xpDisplayName", 'Ünï "Stars"')
    file = tmp_path / f"settings.{form}"
    file.write_text(program("config", "export", "--format", form).stdout, encoding="utf-8")
    own = program.json("config", "export")

    other = Program(program.data_dir, guild="100000000000000010")
    result = other.json("config", "import", str(file))

    assert sorted(result["changed"]) == sorted(XP.leaves_of(own))
    assert other.json("config", "show", "--own") == own


def test_import_keeps_or_replaces(program: Program) -> None:
    """What a document does not say stays, unless it is to be replaced."""
    kept = program.json("config", "import", "-", stdin=b'{"cooldownSeconds": 9}')
    assert (kept["changed"], kept["config"]["xpRate"]) == (["cooldownSeconds"], 2.0)

    exact = program.json("config", "import", "-", "--replace", stdin=b"cooldownSeconds = 9\n")
    assert sorted(exact["changed"]) == [f"multipliers.role.{ROLE}", "xpRate"]
    assert program.json("config", "export") == {"cooldownSeconds": 9}


def test_every_fault_of_a_document_is_listed(program: Program) -> None:
    """One line for each fault, exit code 2, and nothing stored."""
    before = program.bytes()

    done = program(
        "config", "import", "-", stdin=b"xpRate = 99\ncooldown = 5\n[levels]\ntype = 3\n"
    )

    assert done.returncode == 2
    faults = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert [line.split(":")[1].strip() for line in faults] == ["xpRate", "cooldown", "levels.type"]
    assert program.bytes() == before


@pytest.mark.parametrize(
    ("stdin", "said"),
    [
        (b"{", "stdin is not JSON"),
        (b"[1]", "must be an object"),
        (b'{"xpRate": 1, "xpRate": 2}', "xpRate: is there twice"),
        (b"xpRate = ", "stdin is not TOML"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_document(program: Program, stdin: bytes, said: str) -> None:
    """A text that cannot be read has exit code 2 and says why."""
    code, _, message = program.refused("config", "import", "-", stdin=stdin)

    assert code == 2
    assert said in message


def test_a_file_that_is_not_there(program: Program) -> None:
    """Exit code 3, with the name of the file."""
    code, name, message = program.refused("config", "import", "/nowhere/x.toml")

    assert (code, name) == (3, "FILE_NOT_FOUND")
    assert "/nowhere/x.toml" in message


_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_ids = st.sampled_from([ROLE, CHANNEL, ANN])
_settings = st.fixed_dictionaries(
    {},
    optional={
        "xpRate": st.floats(0.001, 10),
        "cooldownSeconds": st.integers(),
        "noXpRoleIds": st.lists(_ids | _texts),
        "roleRewards": st.lists(st.fixed_dictionaries({"level": st.integers(), "roleId": _texts})),
        "leaderboard": st.fixed_dictionaries({"public": st.booleans()}),
        "multipliers": st.fixed_dictionaries({"role": st.dictionaries(_ids, st.floats(0, 10))}),
        "labels": st.fixed_dictionaries({"xpDisplayName": _texts}),
        "levels": st.just({"type": "linear", "params": {"xpPerLevel": 5}, "maxLevel": 9}),
    },
)


@given(_settings)
def test_toml_is_read_back(settings: dict[str, Any]) -> None:
    """Flat TOML means the same document, in any terminal's characters."""
    written = as_toml(XP.leaves_of(settings))

    assert XP.leaves_of(from_toml(written, "x")) == XP.leaves_of(settings)
    assert XP.leaves_of(tomllib.loads(in_ascii(written))) == XP.leaves_of(settings)


@given(st.text())
def test_any_text_is_a_document_or_refused(text: str) -> None:
    """No text makes the readers fail in another way than by refusing it."""
    for parse in (from_json, from_toml):
        try:
            XP.faults_of(parse(text, "x"))
        except InvalidValue as error:
            assert error.exit_code == 2


# -- the editor -----------------------------------------------------------------------------


def editor(tmp_path: Path, *scripts: str) -> str:
    """An editor that changes the file with the next of some sed scripts each time it is run."""
    path = tmp_path / "editor"
    for number, script in enumerate(scripts):
        (tmp_path / f"script{number}").write_text(script)
    path.write_text(
        f"#!/bin/sh\nn=$(cat {tmp_path}/runs 2>/dev/null || echo 0)\n"
        f'cp "$1" {tmp_path}/seen$n\nsed -i -f {tmp_path}/script$n "$1"\n'
        f"echo $((n + 1)) > {tmp_path}/runs\n"
    )
    path.chmod(0o755)
    return str(path)


class Editing(Process):
    """The program with an editor in its environment."""

    def environment(self) -> dict[str, str]:
        """The environment of a run."""
        return {**super().environment(), "EDITOR": str(self.data_dir.parent / "editor")}


def test_edit_sets_what_was_changed(program: Program, tmp_path: Path) -> None:
    """The editor sees own settings as TOML and the rest as comments; its changes are stored."""
    editor(tmp_path, "s/^xpRate.*/xpRate = 3/;/^multipliers/d;$a leaderboard.public = true")
    result = Editing(program.data_dir).json("config", "edit")

    assert result["changed"] == ["xpRate", f"multipliers.role.{ROLE}", "leaderboard.public"]
    seen = (tmp_path / "seen0").read_text()
    assert tomllib.loads(seen) == program_own_before()
    assert "# cooldownSeconds = 5  # global" in seen
    # every line that is offered as a comment can be used as it stands
    offered = [line[2:] for line in seen.splitlines() if line.startswith("# ") and " = " in line]
    offered = [line.replace("<id>", ROLE) for line in offered]
    assert XP.faults_of(tomllib.loads("\n".join(offered))) == []


def program_own_before() -> dict[str, Any]:
    """The settings that the fixture makes."""
    return {"xpRate": 2.0, "multipliers": {"role": {ROLE: 1.5}}}


def test_edit_without_a_change_stores_nothing(program: Program, tmp_path: Path) -> None:
    """Leaving the text as it is makes no batch."""
    editor(tmp_path, "")
    before = program.bytes()

    assert Editing(program.data_dir).json("config", "edit")["changed"] == []
    assert program.bytes() == before


def test_edit_offers_to_mend(program: Program, tmp_path: Path) -> None:
    """On a terminal faults are named, and the same text can be edited again."""
    editor(tmp_path, "s/^xpRate.*/xpRate = 99/", "s/^xpRate.*/xpRate = 9/")
    seen = watched(Editing(program.data_dir), "config", "edit", talk=[("[Y/n] ", "")])

    assert seen.code == 0
    assert seen.lines[-1] == "xpRate  9  (was 2.0)"
    assert any(line.startswith("wrong: xpRate: must be a number") for line in seen.lines)
    assert "xpRate = 99" in (tmp_path / "seen1").read_text()


def test_edit_given_up_keeps_the_text(program: Program, tmp_path: Path) -> None:
    """Who does not mend it gets exit code 2 and the name of the file with the text."""
    editor(tmp_path, "s/^xpRate.*/xpRate = /")
    seen = watched(
        Editing(program.data_dir),
        "config",
        "edit",
        size=(200, 24),
        talk=[("[Y/n] ", "n")],
        TMPDIR=str(tmp_path),
    )

    assert seen.code == 2
    (kept,) = tmp_path.glob("robo-xp-*.toml")
    assert any(str(kept) in line for line in seen.lines)
    assert "xpRate = \n" in kept.read_text()


def test_edit_in_a_script(program: Program, tmp_path: Path) -> None:
    """Without a terminal a fault ends it, and without an editor it is refused."""
    editor(tmp_path, "s/^xpRate.*/xpRate = 99/")

    assert Editing(program.data_dir).refused("config", "edit")[:2] == (2, "INVALID_CONFIG")
    assert program.refused("config", "edit")[:2] == (4, "NEEDS_TERMINAL")
    (tmp_path / "editor").write_text("#!/bin/sh\nexit 3\n")
    assert Editing(program.data_dir).refused("config", "edit")[:2] == (4, "EDITOR_FAILED")


# -- values ---------------------------------------------------------------------------------


def looked_up(what: str, text: str) -> str:
    """The ids of the names in these tests."""
    return {"role @Regular": ROLE, "role Regular": ROLE, "channel #quiet": CHANNEL}.get(
        f"{what} {text}", text
    )


@pytest.mark.parametrize(
    ("key", "words", "expected"),
    [
        ("cooldownSeconds", ["30"], 30),
        ("xpRate", ["1.5"], 1.5),
        ("xpRate", ["60abc"], "60abc"),
        ("noXpRoleIds", [ROLE], [ROLE]),
        ("noXpRoleIds", ["@Regular", CHANNEL], [ROLE, CHANNEL]),
        ("noXpRoleIds", ['["Regular"]'], [ROLE]),
        ("noXpChannelIds", ["#quiet"], [CHANNEL]),
        ("announcements.channelId", ["#quiet"], CHANNEL),
        ("multipliers.role", ["@Regular=2"], {ROLE: 2}),
        ("noXpRoleIds", [f"[{ROLE}]"], [ROLE]),
        ("noXpRoleIds", [f'["{ROLE}"]'], [ROLE]),
        ("noXpRoleIds", ["[]"], []),
        ("roleRewards", [f"5={ROLE}", "9=@Regular"], None),
        ("leaderboard.public", ["true"], True),
        ("leaderboard.public", ["Yes"], True),
        ("removeRewardOnXpLoss", ["off"], False),
        ("rewardsMode", ["replace"], "replace"),
        ("announcements.channelId", [CHANNEL], CHANNEL),
        ("announcements.mode", ["off"], "off"),
        ("labels.xpDisplayName", ["5"], "5"),
        ("labels.xpDisplayName", ['"5"'], "5"),
        ("theme.embedColor", ["#00FF00"], 0x00FF00),
        ("theme.embedColor", ["255"], 255),
        (f"multipliers.role.{ROLE}", ["0.5"], 0.5),
        ("multipliers", ['{"server": 2}'], {"server": 2}),
        ("levels", ["mee6"], {"type": "mee6"}),
        ("levels", ['{"type": "mee6"}'], {"type": "mee6"}),
    ],
)
def test_values_as_typed(key: str, words: list[str], expected: Any) -> None:
    """The kind of a value follows from its key: ids and names stay text, numbers are numbers."""
    if expected is None:
        expected = [{"level": 5, "roleId": ROLE}, {"level": 9, "roleId": ROLE}]

    found = typed_value(XP, key, words, looked_up)

    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(("key", "words"), [("xpRat", ["1"]), ("xpRate", ["1", "2"])])
def test_values_refused(key: str, words: list[str]) -> None:
    """An unknown key, or several values for one, is refused before anything is read."""
    with pytest.raises(InvalidValue):
        typed_value(XP, key, words, looked_up)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("xpRate", None, "-"),
        ("cooldownSeconds", 3600, "3,600"),
        ("leaderboard.public", False, "no"),
        ("noXpRoleIds", [], "none"),
        ("noXpRoleIds", [ROLE, CHANNEL], f"{ROLE}, {CHANNEL}"),
        ("roleRewards", [{"level": 5, "roleId": ROLE}], f"5={ROLE}"),
        ("theme.embedColor", 255, "#0000ff"),
        ("levels", {"type": "mee6", "maxLevel": 9}, "mee6, up to level 9"),
        ("levels", {"type": "nonsense"}, '{"type": "nonsense"}'),
        ("roleRewards", [{"level": 5}], '[{"level": 5}]'),
    ],
)
def test_values_as_read(key: str, value: Any, expected: str) -> None:
    """Every value is one line for people, even one that a hand-edited file made wrong."""
    assert read(XP.kind_of(key), value) == expected


def test_groups_are_read_line_by_line() -> None:
    """A group shows each of its keys."""
    assert read_all(XP, "multipliers", {"server": 2, "role": {ROLE: 1.5}}) == [
        ("multipliers.server", "2"),
        (f"multipliers.role.{ROLE}", "1.5"),
    ]


def test_a_key_twice_in_json_is_a_fault() -> None:
    """At any depth, and each is named once."""
    with pytest.raises(InvalidConfig, match="^a: is there twice; b: is there twice$"):
        from_json('[{"a": 1, "a": 2, "a": 3}, {"x": {"b": 1, "b": 1}}]', "x")
    assert json.loads("1") == from_json("1", "x")
