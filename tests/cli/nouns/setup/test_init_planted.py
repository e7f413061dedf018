"""What somebody of the folder's group plants in it is not given to the group by root's ``init``."""

from __future__ import annotations

import os
import stat

import pytest

from robo_xp_cli.nouns.setup import init_sharing
from tests.vault.acts import NAME
from tests.vault.files.test_planted import FILES, GROUP, OWNER, Scene, plant, pytestmark, scene

__all__ = ["pytestmark", "scene"]

OTHER_GROUP = GROUP + 7
KINDS = ["link", "dangling", "hard link", "pipe", "device"]
WITHIN = [place for place in FILES if not place.startswith("..")]


@pytest.mark.parametrize("owner", [OWNER, 0], ids=["of an account", "of root"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", WITHIN)
def test_a_planted_file_is_not_given_away(scene: Scene, place: str, kind: str, owner: int) -> None:
    """Whatever stands in the place of a file, nothing of root's changes, and the rest is shared;
    also where the folder is root's and a group writes there.
    """
    os.chown(scene.root, owner, GROUP)
    scene.root.chmod(0o2770)
    plant(scene, place, kind)
    before = scene.seen()
    init_sharing.open_up(scene.root, OTHER_GROUP)

    assert scene.seen() == before
    assert init_sharing.closed_in(scene.root, OTHER_GROUP) == []
    others = [path for path in scene.root.rglob("*.json") if path != scene.root / place]
    regular = [path.stat() for path in others if stat.S_ISREG(path.lstat().st_mode)]
    assert {found.st_gid for found in regular} == {OTHER_GROUP}


@pytest.mark.parametrize("place", ["xp", "xp/default", "archive"])
def test_nothing_behind_a_planted_folder_is_given_away(scene: Scene, place: str) -> None:
    """A link in the place of a folder is not walked through."""
    (scene.outside / "a.json").write_text("{}")
    plant(scene, place, "link" if place != "archive" else "dangling")
    (scene.root / "more").symlink_to(scene.outside)
    before = scene.seen(), (scene.outside / "a.json").stat()
    init_sharing.open_up(scene.root, OTHER_GROUP)

    assert (scene.seen(), (scene.outside / "a.json").stat()) == before


def test_what_was_roots_own_is_shared_with_its_archive(scene: Scene) -> None:
    """A folder that was root's alone is given with the files that have a second name in it."""
    twice = scene.root / "archive" / "second.json"
    twice.hardlink_to(scene.root / f"{NAME}.json")
    for path in [scene.root, *scene.root.rglob("*")]:
        os.chown(path, 0, 0)
        path.chmod(0o700 if path.is_dir() else 0o600)
    init_sharing.open_up(scene.root, OTHER_GROUP)

    assert init_sharing.closed_in(scene.root, OTHER_GROUP) == []
    assert twice.stat().st_gid == OTHER_GROUP
