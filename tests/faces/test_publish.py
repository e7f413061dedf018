"""``robo-xp publish``: a folder that follows what the public guilds show."""

from __future__ import annotations

import fcntl
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.errors import FileExists, FileFailed
from robo_xp.machine.publish import LIST, publish
from tests.cli.program import Program
from tests.faces.public import GUILD, contents_of, given_away, member

NAMESPACE = f"xp/default/{GUILD}"


def files_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file: its inode and content."""
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


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


def test_what_a_killed_run_left_is_removed(robo: RoboXP, tmp_path: Path) -> None:
    """Half written files of a run that was killed go, also where nothing else came of it."""
    first = tmp_path / "site" / f".{LIST}.7.new"
    first.parent.mkdir()
    first.write_text("{")
    publish(robo, tmp_path / "site")
    assert not first.exists()

    kept = tmp_path / "site" / LIST
    kept.write_text(json.dumps(list(json.loads(kept.read_text()))))
    later = tmp_path / "site" / GUILD / "day" / ".1.html.12345.new"
    others = later.with_name(".1.html.new")
    later.write_text("<")
    others.write_text("<")
    publish(robo, tmp_path / "site")
    assert (later.exists(), others.exists()) == (False, True)


def test_one_run_at_a_time(robo: RoboXP, tmp_path: Path) -> None:
    """A second run waits for the first, and finds nothing left to write."""
    site = tmp_path / "site"
    site.mkdir()
    fd = os.open(site, os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_EX)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(publish, robo, site)
        until_somebody_waits_for(site)
        assert not waiting.done()
        os.close(fd)
        assert waiting.result().written

    assert publish(robo, site).written == 0


def until_somebody_waits_for(folder: Path) -> None:
    """Returns when a lock of the folder is waited for, as the kernel tells."""
    waited_for = re.compile(rf"-> FLOCK .*:{folder.stat().st_ino} ")
    while not waited_for.search(Path("/proc/locks").read_text()):
        pass


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


@pytest.mark.parametrize("path", [LIST, "index.html", f"{GUILD}/day/3.html", f"{GUILD}/day", GUILD])
@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_nothing_is_written_or_removed_through_links(
    robo: RoboXP, tmp_path: Path, path: str, kind: str
) -> None:
    """What is no plain file or folder is named; whatever it leads to stays as it is."""
    publish(robo, tmp_path / "site")
    place, aside = tmp_path / "site" / path, tmp_path / "aside"
    place.rename(aside)
    if kind == "link":
        place.symlink_to(aside)
    else:
        os.mkfifo(place)
    before = aside.read_bytes() if aside.is_file() else files_of(aside)
    robo.names.remember(GUILD, {GUILD: "Other"}, "guilds")
    robo.xp.delete(GUILD, [member(240)])
    with pytest.raises(FileFailed, match=f"{path} is in the way of a page"):
        publish(robo, tmp_path / "site")

    assert (aside.read_bytes() if aside.is_file() else files_of(aside)) == before


def test_the_command(tmp_path: Path) -> None:
    """``publish DIR`` tells what it wrote, and says so where no guild is public."""
    program = Program(tmp_path / "vault")
    program("xp", "give", member(1), "5")
    quiet = program("publish", str(tmp_path / "site"))
    assert "no guild has leaderboard.page set to public" in quiet.stderr

    program("config", "set", "leaderboard.page", "public")
    said = program.json("publish", str(tmp_path / "site"))

    assert said == {"guilds": 1, "written": 9, "removed": 0, "unchanged": 1}
