"""The Tab key in real shells, what ``__complete`` answers, and the man pages as tools read them."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.vault import Origin
from tests.cli.program import ANN, BOB, CARL, GUILD, Process
from tests.cli.shell import ROOT
from tests.cli.tab import Shell, shell

SHELLS = {"bash": "robo-xp", "zsh": "_robo-xp", "fish": "robo-xp.fish"}
PAGES = sorted(path.name for path in (ROOT / "man").iterdir())
# each of them ran as a command when a completion script handed descriptions to eval
ATTACKS = (r"\$(touch F1)", r"\" ); touch F2; ( : \"", "`touch F3` $(touch F4)")


def needs(name: str) -> None:
    """Skip the test where a program is not installed."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Process:
    """A vault with two stores, a plain name, hostile names and a hostile prize."""
    folder = tmp_path_factory.mktemp("completion") / "vault"
    with RoboXP.open(folder, by="test") as robo:
        robo.xp.add(GUILD, ANN, 100)
        robo.xp.add(GUILD, ANN, 50, store="season-1")
        robo.xp.add(GUILD, ANN, 50, store="season-0")
        robo.stores.delete(GUILD, "season-0")
        robo.names.remember(GUILD, {ANN: "Ada", BOB: ATTACKS[0], CARL: ATTACKS[1]})
        robo.giveaways.create(GUILD, prize=ATTACKS[0], channel_id="300000000000000001")
        robo.giveaways.create(GUILD, prize=ATTACKS[1], channel_id="300000000000000001")
        robo.giveaways.create(GUILD, prize=ATTACKS[2], channel_id="300000000000000001")
        robo.rewards.add(GUILD, 10, "300000000000000002")
        roles = ("Regular", "robo", "Rector", ATTACKS[0])
        channels = ("news", "general", ATTACKS[1])
        for kind, names in (("roles", roles), ("channels", channels)):
            called = {f"30000000000000010{n}": name for n, name in enumerate(names)}
            robo.names.remember(GUILD, called, kind)
    return Process(folder)


def completed(program: Process, *words: str) -> list[list[str]]:
    """The candidates as pairs of value and description; nothing else may be said."""
    done = program("__complete", *words)
    assert (done.returncode, done.stderr) == (0, "")
    return [line.split("\t") for line in done.stdout.splitlines()]


# What the program answers


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (["guild"], [GUILD]),
        (["store", ""], ["default", "season-1"]),
        (["store", "sea"], ["season-1"]),
        (["member", "a"], ["Ada"]),
        (["member", "@A"], ["@Ada"]),
        (["member", "20000000000000000"], [BOB, CARL, ANN]),
        (["role", "re"], ["Rector", "Regular"]),
        (["role", "@R"], ["@Rector", "@Regular"]),
        (["role", "@r"], ["@robo"]),
        (["role", "r"], ["Rector", "Regular", "robo"]),
        (["channel", "N"], ["news"]),
        (["level"], ["10"]),
        (["setting", "leader"], ["leaderboard.public", "leaderboard.page"]),
        (["setting", "defaults.w", "--", "giveaway", "settings"], ["defaults.winners"]),
        (["setting-value", "s", "--", "set", "rewardsMode"], ["stack"]),
        (["namespace", "names"], [f"names/{GUILD}"]),
        (["nonsense"], []),
        ([], []),
    ],
)
def test_candidates(program: Process, words: list[str], values: list[str]) -> None:
    """Each kind has the values that begin with what was typed, whatever the case."""
    assert sorted(pair[0] for pair in completed(program, *words)) == sorted(values)


def test_names_that_are_no_plain_words_stay_descriptions(program: Process) -> None:
    """A member whose name could mean something to a shell is offered by id."""
    assert sorted(completed(program, "member")) == [
        [BOB, ATTACKS[0]],
        [CARL, ATTACKS[1]],
        ["Ada", ANN],
    ]


def test_a_name_that_two_members_share_is_not_offered(tmp_path: Path) -> None:
    """Nor is one that looks like an option or an id; control characters are made visible."""
    names = {ANN: "Twin", BOB: "twin", CARL: "-y", f"{CARL[:-1]}9": "1st\x1b[2J"}
    with RoboXP.open(tmp_path, by="test") as robo:
        robo.names.remember(GUILD, names)

    found = completed(Process(tmp_path), "member")

    assert sorted(found) == sorted(
        [[ANN, "Twin"], [BOB, "twin"], [CARL, "-y"], [f"{CARL[:-1]}9", r"1st\x1b[2J"]]
    )


def test_the_line_says_which_guild_and_folder(program: Process) -> None:
    """Options on the line count, joined or apart, quoted or not, before the environment."""
    elsewhere = Process(Path("/nonexistent/vault"), guild="")
    line = ["rank", f'--data-dir="{program.data_dir}"', "-g", GUILD]

    assert completed(elsewhere, "store", "d", "--", *line) == [
        ["default", f"store of guild {GUILD}"]
    ]
    assert completed(program, "store", "", "--", "-g200000000000000000") == []


@pytest.mark.parametrize("kind", ["guild", "store", "member", "giveaway", "level", "namespace"])
def test_nothing_is_made_and_nothing_said(tmp_path: Path, kind: str) -> None:
    """Without a vault, or with a damaged one, there are no candidates, files or messages."""
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "format.json").write_text("nonsense")

    assert completed(Process(tmp_path / "none"), kind) == []
    assert completed(Process(damaged), kind) == []
    assert [path.name for path in tmp_path.rglob("*")] == ["damaged", "format.json"]


def test_a_writer_is_not_waited_for(program: Process) -> None:
    """Completion takes no lock: it answers while another process holds it, and changes no byte."""
    before = program.bytes()
    with RoboXP.open(program.data_dir, by="test") as robo:
        namespace = robo.vault.namespace(f"xp/default/{GUILD}")
        with namespace.transaction(Origin("test", "wait")):
            found = completed(program, "level")

    assert found == [["10", "gives role 300000000000000002"]]
    assert program.bytes() == before


def test_a_large_guild_is_answered(tmp_path: Path) -> None:
    """Of thousands of names that match, the first 200 are offered."""
    names = {str(10**17 + n): f"member{n:05}" for n in range(9_000, 14_000)}
    with RoboXP.open(tmp_path, by="test", durability="os") as robo:
        robo.names.remember(GUILD, names)

    found = completed(Process(tmp_path), "member", "MEMBER1")

    assert [pair[0] for pair in found] == [f"member{n}" for n in range(10_000, 10_200)]


def test_a_disk_that_does_not_answer_is_not_waited_for(tmp_path: Path) -> None:
    """When reading hangs, the look-up ends by itself, without a word."""
    os.mkfifo(tmp_path / "format.json")

    assert completed(Process(tmp_path), "store") == []


# Real shells


@pytest.mark.parametrize("name", SHELLS)
def test_the_script_has_no_fault_of_syntax(name: str) -> None:
    """The shell reads its script without complaint."""
    needs(name)

    done = subprocess.run(
        [name, "-n", str(ROOT / "completions" / SHELLS[name])], capture_output=True, text=True
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_zsh_finds_the_script() -> None:
    """Its first line is what compinit looks for."""
    assert (ROOT / "completions/_robo-xp").read_text().startswith("#compdef robo-xp\n")


@pytest.fixture(params=list(SHELLS))
def prompt(request: pytest.FixtureRequest, program: Process, tmp_path: Path) -> Iterator[Shell]:
    """An interactive shell with the script loaded, in a folder of its own."""
    needs(request.param)
    with shell(request.param, program, tmp_path) as found:
        yield found


def test_tab_in_a_real_shell(prompt: Shell, tmp_path: Path) -> None:
    """Tab completes verbs, options, choices, a store and a member; attacks stay text."""
    for typed, whole in [
        ("robo-xp xp sho", "robo-xp xp show"),
        ("robo-xp xp give --dry", "robo-xp xp give --dry-run"),
        ("robo-xp -g 1", f"robo-xp -g {GUILD}"),
        ("robo-xp xp list --sort=m", "robo-xp xp list --sort=messages"),
        ("robo-xp store stats sea", "robo-xp store stats season-1"),
        ("robo-xp --store=sea", "robo-xp --store=season-1"),
        ("robo-xp rank ad", "robo-xp rank Ada"),
        ("robo-xp rank @a", "robo-xp rank @Ada"),
        (f"robo-xp xp delete {BOB} Ad", f"robo-xp xp delete {BOB} Ada"),
        ("robo-xp xp apply ./b", "robo-xp xp apply ./bin/"),
        ("robo-xp config set rewardsMode s", "robo-xp config set rewardsMode stack"),
        ("robo-xp config set announcements.mode sa", "robo-xp config set announcements.mode same"),
        ("robo-xp reward add 5 reg", "robo-xp reward add 5 Regular"),
        ("robo-xp reward add 5 @Reg", "robo-xp reward add 5 @Regular"),
        ("robo-xp config set noXpRoleIds ro", "robo-xp config set noXpRoleIds robo"),
        ("robo-xp no-xp add-channel gen", "robo-xp no-xp add-channel general"),
        ("robo-xp xp why Ada --channel ne", "robo-xp xp why Ada --channel news"),
    ]:
        prompt.type(typed + "\t", whole)
        prompt.empty()

    prompt.type("robo-xp rank \t\t", ATTACKS[0])
    prompt.until(lambda: ATTACKS[1] in prompt.text)
    prompt.empty()
    shown = prompt.type("robo-xp giveaway info \t\t\t", ATTACKS[2])
    prompt.empty()

    assert ATTACKS[0] in shown and ATTACKS[1] in shown
    assert [path.name for path in tmp_path.glob("F*")] == []


# robo-xp completion


@pytest.mark.parametrize("name", SHELLS)
def test_show_prints_the_committed_script(program: Process, name: str) -> None:
    """What ``show`` prints is the file that packages install."""
    done = program("completion", "show", name)

    assert done.stdout == (ROOT / "completions" / SHELLS[name]).read_text()


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("bash", "data/bash-completion/completions/robo-xp"),
        ("zsh", "data/zsh/site-functions/_robo-xp"),
        ("fish", "config/fish/completions/robo-xp.fish"),
    ],
)
def test_install(
    program: Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, place: str
) -> None:
    """The script goes where the shell looks; a dry run and a second time write nothing."""
    home = {"HOME": str(tmp_path), "SHELL": f"/usr/bin/{name}"}
    home |= {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    base = program.environment()
    monkeypatch.setattr(Process, "environment", lambda self: base | home)
    path = tmp_path / place
    expected = {"shell": name, "path": str(path)}

    dry = program.json("completion", "install", "--dry-run")
    was_there = path.exists()
    first = program.json("completion", "install")
    again = program.json("completion", "install", name)

    assert (dry, was_there) == ({**expected, "changed": True, "dryRun": True}, False)
    assert first == {**expected, "changed": True, "dryRun": False}
    assert again == {**expected, "changed": False, "dryRun": False}
    assert path.read_text() == (ROOT / "completions" / SHELLS[name]).read_text()
    assert stat.S_IMODE(path.stat().st_mode) & 0o444


def test_a_foreign_file_is_not_replaced_unasked(
    program: Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A completion that somebody wrote by hand stays until --yes is given."""
    base = program.environment() | {"HOME": str(tmp_path)}
    monkeypatch.setattr(Process, "environment", lambda self: base)
    path = tmp_path / ".config/fish/completions/robo-xp.fish"
    path.parent.mkdir(parents=True)
    path.write_text("# mine\n")

    code, error, _ = program.refused("completion", "install", "fish")

    assert (code, error, path.read_text()) == (4, "NEEDS_CONFIRMATION", "# mine\n")
    assert program.json("completion", "install", "fish", "--yes")["changed"] is True


def test_an_unknown_shell_is_refused(program: Process) -> None:
    """Without a shell, and with one that has no script, the error lists those that have one."""
    assert program.refused("completion", "show")[:2] == (2, "USAGE")
    assert program.refused("completion", "show", "tcsh")[:2] == (2, "USAGE")


# Man pages


@pytest.mark.parametrize("page", PAGES)
def test_mandoc_has_nothing_to_say(page: str) -> None:
    """The strictest reader of man pages finds neither errors nor warnings."""
    needs("mandoc")

    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", str(ROOT / "man" / page)],
        capture_output=True,
        text=True,
    )

    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


@pytest.mark.parametrize("page", PAGES)
def test_apropos_can_find_the_page(page: str) -> None:
    """The index of man pages reads a name and a line out of it."""
    needs("lexgrog")

    done = subprocess.run(["lexgrog", str(ROOT / "man" / page)], capture_output=True, text=True)

    assert done.returncode == 0
    assert f'"{page.rpartition(".")[0]} - ' in done.stdout


@pytest.mark.parametrize("page", PAGES)
def test_the_page_begins_as_a_man_page_does(page: str) -> None:
    """Title, section, and a NAME of one line, also where no reader of man pages is installed."""
    lines = (ROOT / "man" / page).read_text(encoding="ascii").splitlines()
    name, _, section = page.rpartition(".")
    start = lines.index(".SH NAME")

    assert lines[0].replace("\\", "").startswith(f".TH {name.upper()} {section} ")
    assert lines[start + 1].replace("\\", "").startswith(f"{name} - ")
    assert lines[start + 2].startswith(".SH ")
