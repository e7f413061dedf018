"""``robo-xp publish`` and the pages by their path."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from robo_xp import RoboXP
from robo_xp.errors import FileExists, FileFailed, GuildNotFound
from robo_xp.machine.publish import LIST, publish
from robo_xp.machine.site import all_pages, page_at
from tests.cli.program import Program
from tests.faces.public import GUILD, given_away, member, public_guild
from tests.faces.reader import links_in

NAMESPACE = f"xp/default/{GUILD}"
_ELSEWHERE = re.compile(rb"""(?:src|href|url\()\s*=?\s*["']?(?:https?:)?//""")


@pytest.fixture
def robo(tmp_path: Path) -> Iterator[RoboXP]:
    """A guild of 250 with three pages of a board."""
    with public_guild(tmp_path / "vault") as made:
        yield made


def files_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file: its inode and content."""
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def contents_of(robo: RoboXP) -> dict[str, bytes]:
    """Every page by its path."""
    made = {path: draft.content() for path, draft in all_pages(robo)}
    return {path: content for path, content in made.items() if content is not None}


def test_every_file_of_the_contract(robo: RoboXP, tmp_path: Path) -> None:
    """The folder has an index, the board page by page and as JSON, and a proof."""
    giveaway = given_away(robo)
    done = publish(robo, tmp_path / "site")
    paths = set(files_of(tmp_path / "site"))
    boards = [f"{kind}/{number}.html" for kind in ("day", "week", "month") for number in (1, 2, 3)]
    shared = ["index.html", "style.css"]
    names = {path for path in paths if path.startswith(f"{GUILD}/names/")}

    assert paths - names == {
        LIST,
        *shared,
        f"{GUILD}/index.html",
        f"{GUILD}/board/2.html",
        f"{GUILD}/board/3.html",
        f"{GUILD}/board.json",
        f"{GUILD}/giveaway/{giveaway}.html",
        *(f"{GUILD}/{path}" for path in boards),
        *(f"{GUILD}/member/{member(number)}.html" for number in range(250)),
    }
    assert f"{GUILD}/names/index.html" in names
    assert (done.guilds, done.written, done.removed, done.unchanged) == (1, len(paths) - 1, 0, 0)


def test_a_second_run_writes_nothing(robo: RoboXP, tmp_path: Path) -> None:
    """Nothing changed: no file is replaced."""
    publish(robo, tmp_path / "site")
    before = files_of(tmp_path / "site")
    done = publish(robo, tmp_path / "site")

    assert (done.written, done.removed, done.unchanged) == (0, 0, len(before) - 1)
    assert files_of(tmp_path / "site") == before


def test_one_award_writes_the_pages_that_change(robo: RoboXP, tmp_path: Path) -> None:
    """XP of the last member changes its own page, the last of each board and the JSON."""
    publish(robo, tmp_path / "site")
    before = files_of(tmp_path / "site")
    robo.xp.add(GUILD, member(249), 1)
    done = publish(robo, tmp_path / "site")
    after = files_of(tmp_path / "site")

    assert {path for path in after if after[path] != before[path]} == {
        LIST,
        f"{GUILD}/board/3.html",
        f"{GUILD}/board.json",
        f"{GUILD}/member/{member(249)}.html",
        *(f"{GUILD}/{kind}/3.html" for kind in ("day", "week", "month")),
    }
    assert done.written == 6


def test_whatever_changes_the_folder_follows(robo: RoboXP, tmp_path: Path) -> None:
    """After a change of any kind the folder holds what would be written into an empty one."""
    role, gained = member(1), robo.xp.add(GUILD, member(9), 1)
    for change in (
        lambda: robo.config.set(GUILD, {"labels": {"xpDisplayName": "Suns"}}),
        lambda: robo.names.remember(GUILD, {GUILD: "Guild"}, "guilds"),
        lambda: robo.names.remember(GUILD, {member(200): "Zoe"}),
        lambda: robo.names.remember(GUILD, {role: "Regular"}, "roles"),
        lambda: robo.config.set(GUILD, {"levels": {"type": "linear", "params": {"xpPerLevel": 7}}}),
        lambda: robo.config.set(GUILD, {"cooldownSeconds": 7}),
        lambda: robo.members.hide(GUILD, [member(0)]),
        lambda: robo.xp.delete(GUILD, [member(240)]),
        lambda: robo.history.undo(NAMESPACE, gained.seq or 0),
        lambda: given_away(robo),
        lambda: robo.config.set(GUILD, {"leaderboard": {"page": "public"}}, store="art"),
    ):
        change()
        publish(robo, tmp_path / "site")
        found = files_of(tmp_path / "site")
        del found[LIST]
        assert {path: content for path, (_, content) in found.items()} == contents_of(robo)


def test_a_run_that_was_cut_short(
    robo: RoboXP, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it wrote is looked at again, also where all is as before that run."""
    publish(robo, tmp_path / "site")
    before = files_of(tmp_path / "site")
    changed = robo.xp.add(GUILD, member(249), 1)
    with monkeypatch.context() as patched:
        patched.setattr("robo_xp.machine.publish._remove", None)
        robo.members.hide(GUILD, [member(3)])
        with pytest.raises(TypeError):
            publish(robo, tmp_path / "site")
    robo.members.hide(GUILD, [member(3)], hidden=False)
    robo.history.undo(NAMESPACE, changed.seq or 0)
    publish(robo, tmp_path / "site")
    after = files_of(tmp_path / "site")

    assert {path: content for path, (_, content) in after.items() if path != LIST} == {
        path: content for path, (_, content) in before.items() if path != LIST
    }


def test_a_page_that_lost_its_end_is_written_again(robo: RoboXP, tmp_path: Path) -> None:
    """As is one that was removed, and all of an earlier version's list."""
    publish(robo, tmp_path / "site")
    before = files_of(tmp_path / "site")
    (tmp_path / "site" / GUILD / "index.html").write_text("")
    (tmp_path / "site" / "index.html").unlink()
    assert publish(robo, tmp_path / "site").written == 2

    listed = json.loads((tmp_path / "site" / LIST).read_text())
    (tmp_path / "site" / LIST).write_text(json.dumps(list(listed)))
    assert publish(robo, tmp_path / "site").written == 0
    after = files_of(tmp_path / "site")
    assert {path: content for path, (_, content) in after.items()} == {
        path: content for path, (_, content) in before.items()
    }


def test_what_is_gone_is_removed(robo: RoboXP, tmp_path: Path) -> None:
    """Pages that are gone are removed with their folders; a guild that hides leaves nothing."""
    publish(robo, tmp_path / "site")
    robo.xp.delete(GUILD, [member(number) for number in range(100, 250)])
    # their own pages, that of names which begin with 2, and two of each board
    assert publish(robo, tmp_path / "site").removed == 150 + 2 * 4
    assert not (tmp_path / "site" / GUILD / "board").exists()

    robo.config.set(GUILD, {"leaderboard": {"page": "off"}})
    done = publish(robo, tmp_path / "site")

    assert (done.guilds, done.unchanged, done.written) == (0, 1, 1)
    assert set(files_of(tmp_path / "site")) == {LIST, "index.html", "style.css"}


def test_files_of_others_are_left_alone(robo: RoboXP, tmp_path: Path) -> None:
    """A folder with other files is refused; later ones beside the pages stay."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "mine.txt").write_text("x")
    with pytest.raises(FileExists):
        publish(robo, tmp_path / "site")

    (tmp_path / "site" / "mine.txt").unlink()
    publish(robo, tmp_path / "site")
    (tmp_path / "site" / "mine.txt").write_text("x")
    robo.config.set(GUILD, {"leaderboard": {"page": "off"}})
    publish(robo, tmp_path / "site")
    assert (tmp_path / "site" / "mine.txt").exists()


def test_a_list_that_leads_out_is_not_followed(robo: RoboXP, tmp_path: Path) -> None:
    """Nothing outside the folder is ever removed; a list that cannot be read is an error."""
    (tmp_path / "keep.txt").write_text("x")
    publish(robo, tmp_path / "site")
    kept = tmp_path / "site" / LIST
    kept.write_text(json.dumps(["../keep.txt", str(tmp_path / "keep.txt"), "a/../../keep.txt"]))
    publish(robo, tmp_path / "site")
    assert (tmp_path / "keep.txt").exists()

    kept.write_text("{")
    with pytest.raises(FileFailed, match="is no list"):
        publish(robo, tmp_path / "site")


def test_live_and_static_are_the_same(robo: RoboXP) -> None:
    """Every page by its path is what is written to the file, and every link leads to one."""
    given_away(robo)
    pages = contents_of(robo)
    for path, content in pages.items():
        live = page_at(robo, path)
        assert live is not None
        assert live.content == content
        if path.endswith(".html"):
            for link in links_in(content):
                assert os.path.normpath(os.path.join(os.path.dirname(path), link)) in pages


@pytest.mark.parametrize(
    "path",
    [
        "",
        "x",
        f"{GUILD}",
        f"{GUILD}/",
        f"{GUILD}/board/1.html",
        f"{GUILD}/board/4.html",
        f"{GUILD}/board/02.html",
        f"{GUILD}/giveaway/01M7YJJ94WC4Q3344FK42H5P8Y.html",
        f"{GUILD}/member/{member(999)}.html",
        f"{GUILD}/member/1.html",
        f"{GUILD}/week/4.html",
        f"{GUILD}/year/1.html",
        f"{GUILD}/find.html",
        f"{GUILD}/store/default/index.html",
        f"{GUILD}/store/season-1/index.html",
        f"{GUILD}/store/../index.html",
        "100000000000000010/index.html",
        f"{GUILD}/../style.css",
    ],
)
def test_there_is_nothing_else(robo: RoboXP, path: str) -> None:
    """Other paths have no page."""
    assert page_at(robo, path) is None


def test_a_member_that_is_hidden_is_nowhere(robo: RoboXP) -> None:
    """No page names who is hidden, and the own page is gone; ranks close up."""
    hidden, next_one = member(30), member(31)
    robo.names.remember(GUILD, {hidden: "Zebedee", next_one: "Zoe"})
    assert any(b"Zebedee" in content for content in contents_of(robo).values())
    robo.members.hide(GUILD, [hidden])
    pages = contents_of(robo)

    assert [path for path, content in pages.items()
            if b"Zebedee" in content or hidden.encode() in content] == []  # fmt: skip
    assert page_at(robo, f"{GUILD}/member/{hidden}.html") is None
    assert b"<dt>Rank</dt><dd>31</dd>" in pages[f"{GUILD}/member/{next_one}.html"]
    assert b"Nobody on the board" in asked(robo, "zebedee")
    assert b"Nobody on the board" in asked(robo, hidden)


def asked(robo: RoboXP, text: str) -> bytes:
    """The page of a search."""
    found = page_at(robo, f"{GUILD}/find.html", urlencode({"q": text}))
    assert found is not None
    return found.content


def test_members_are_found_by_name(robo: RoboXP) -> None:
    """A part of a name in any case, and a whole id; the nearest first, and nothing for no text."""
    called = {member(40): "Grace Hopper", member(41): "grace", member(42): "<i>Grace</i>"}
    robo.names.remember(GUILD, called)
    found = re.findall(rb"member/(\d+)\.html", asked(robo, " GRACE "))

    assert [one.decode() for one in found] == [member(41), member(40), member(42)]
    assert b"<bdi>Grace Hopper</bdi></a>" in asked(robo, "grace")
    assert f"<bdi>{member(77)}</bdi></a>".encode() in asked(robo, member(77))
    assert re.findall(rb"member/(\d+)\.html", asked(robo, member(7))) == [member(7).encode()]
    assert b"<i>Grace" not in asked(robo, "<i>")
    assert b"<li>" not in asked(robo, "")


def test_members_are_listed_by_name(robo: RoboXP) -> None:
    """Names lead to members, laid out by their beginnings; without a name the id does."""
    robo.names.remember(GUILD, {member(40): "Grace <Hopper>"})
    pages = contents_of(robo)

    assert b"<bdi>Grace &lt;Hopper&gt;</bdi></a>" in pages[f"{GUILD}/names/67.html"]
    assert f"<bdi>{member(77)}</bdi></a>".encode() in pages[f"{GUILD}/names/32.html"]


def test_the_page_of_a_member(robo: RoboXP) -> None:
    """Rank, level, progress and the XP of each day; what was taken counts too."""
    robo.xp.remove(GUILD, member(3), 991)
    html = page_at(robo, f"{GUILD}/member/{member(3)}.html")
    assert html is not None
    text = html.content.decode()

    assert "<dt>Rank</dt><dd>250</dd>" in text
    assert '<progress aria-labelledby="progress" max="100"' in text
    assert '<td class="number">4,000</td>' in text
    assert text.count("<rect ") == 1


def test_boards_of_periods(robo: RoboXP) -> None:
    """The board of the day shows what was gained on it, and its dates."""
    html = page_at(robo, f"{GUILD}/day/1.html")
    assert html is not None
    text = html.content.decode()

    assert '<h2 id="board">Today</h2>' in text
    assert re.search(r"gained on \d{4}-\d\d-\d\d", text)
    assert '<td class="number">5,000</td>' in text


def test_other_stores_have_pages_where_they_say_so(robo: RoboXP) -> None:
    """A public store lies below the guild and is linked; without the default one it has none."""
    robo.xp.add(GUILD, member(1), 70, store="art")
    robo.xp.add(GUILD, member(2), 80, store="secret")
    robo.config.set(GUILD, {"leaderboard": {"page": "public"}}, store="art")
    pages = contents_of(robo)
    art = pages[f"{GUILD}/store/art/index.html"].decode()

    assert member(1) in art
    assert f'href="../../../{GUILD}/index.html"' in art
    assert f'href="../{GUILD}/store/art/index.html"' in pages[f"{GUILD}/index.html"].decode()
    assert not any("secret" in path or b"secret" in page for path, page in pages.items())

    robo.config.set(GUILD, {"leaderboard": {"page": "off"}})
    assert page_at(robo, f"{GUILD}/store/art/index.html") is None


def test_guild_and_roles_are_called_as_they_were_seen(robo: RoboXP) -> None:
    """Names of the guild and of the roles of rewards stand on the first page, escaped."""
    robo.names.remember(GUILD, {GUILD: "<b>Guild"}, "guilds")
    robo.names.remember(GUILD, {member(1): "Re<gular"}, "roles")
    pages = contents_of(robo)

    assert b"<h1><bdi>&lt;b&gt;Guild</bdi></h1>" in pages[f"{GUILD}/index.html"]
    assert b"<bdi>Re&lt;gular</bdi>" in pages[f"{GUILD}/index.html"]
    assert b"&lt;b&gt;Guild" in pages["index.html"]


def test_a_guild_that_is_off_has_no_page(robo: RoboXP) -> None:
    """Off and unknown are alike, also where the global default is public."""
    robo.config.set(GUILD, {"leaderboard": {"page": "off"}})
    robo.config.set(None, {"leaderboard": {"page": "public"}})

    assert page_at(robo, f"{GUILD}/index.html") is None
    assert page_at(robo, "100000000000000010/index.html") is None
    with pytest.raises(GuildNotFound):
        robo.public.guild(GUILD)


def test_nothing_comes_from_elsewhere(robo: RoboXP) -> None:
    """No page names another host."""
    given_away(robo)
    for path, content in contents_of(robo).items():
        assert not _ELSEWHERE.search(content), path


def test_assets_say_version_and_licence() -> None:
    """Each asset begins with its name, version and licence."""
    import robo_xp.pages

    for file in (Path(robo_xp.pages.__path__[0]) / "assets").iterdir():
        assert re.search(r"Robo XP \d+\.\d+\.\d+, MIT", file.read_text().splitlines()[0]), file


def test_the_command(tmp_path: Path) -> None:
    """``publish DIR`` tells what it wrote, and says so where no guild is public."""
    program = Program(tmp_path / "vault")
    program("xp", "give", member(1), "5")
    quiet = program("publish", str(tmp_path / "site"))
    assert "no guild has leaderboard.page set to public" in quiet.stderr

    program("config", "set", "leaderboard.page", "public")
    said = program.json("publish", str(tmp_path / "site"))

    assert said == {"guilds": 1, "written": 9, "removed": 0, "unchanged": 1}
