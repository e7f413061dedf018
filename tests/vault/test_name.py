"""The names of namespaces: made and read in one place."""

from __future__ import annotations

import pytest

from robo_xp.errors import InvalidId, InvalidValue
from robo_xp.vault.name import (
    KINDS,
    NamespaceName,
    giveaways_name,
    is_namespace,
    name_of,
    names_name,
    outbox_name,
    xp_name,
)
from tests.vault.acts import GUILD

NAMES = [
    ("global", NamespaceName("global")),
    ("cursors", NamespaceName("cursors")),
    (f"xp/season-2/{GUILD}", NamespaceName("xp", GUILD, "season-2")),
    (f"giveaways/{GUILD}", NamespaceName("giveaways", GUILD)),
    (f"names/{GUILD}", NamespaceName("names", GUILD)),
    (f"outbox/{GUILD}", NamespaceName("outbox", GUILD)),
]


@pytest.mark.parametrize(("text", "name"), NAMES)
def test_a_name_reads_back(text: str, name: NamespaceName) -> None:
    """The parts of a name make the same text again."""
    assert name_of(text) == name
    assert str(name) == text
    assert is_namespace(text)


def test_there_is_a_name_of_each_kind() -> None:
    """No kind is left out."""
    assert sorted(name.kind for _, name in NAMES) == sorted(KINDS)


def test_names_are_made_of_ids() -> None:
    """Each kind that belongs to a guild is made of its ids."""
    assert xp_name("season-2", GUILD) == f"xp/season-2/{GUILD}"
    assert giveaways_name(GUILD) == f"giveaways/{GUILD}"
    assert names_name(GUILD) == f"names/{GUILD}"
    assert outbox_name(GUILD) == f"outbox/{GUILD}"


@pytest.mark.parametrize("guild_id", ["", "1", f"{GUILD}/x", "../" + GUILD])
def test_no_name_is_made_of_what_is_no_id(guild_id: str) -> None:
    """What cannot be an id never becomes part of a name, and so of a path."""
    for make in (giveaways_name, names_name, outbox_name, lambda guild: xp_name("default", guild)):
        with pytest.raises(InvalidId):
            make(guild_id)
    with pytest.raises(InvalidId):
        xp_name("Season 2", GUILD)


@pytest.mark.parametrize("text", ["", "xp", f"xp/{GUILD}", f"xp/A/{GUILD}", "globals", "global\n"])
def test_other_text_is_no_name(text: str) -> None:
    """What no namespace is called is refused with the text."""
    assert not is_namespace(text)
    with pytest.raises(InvalidValue, match="no name of a namespace"):
        name_of(text)
