"""Names of members, kept beside the awards."""

from __future__ import annotations

from collections.abc import Mapping

from robo_xp.errors import VaultBusy
from robo_xp_daemon.awards.seen_names import SeenNames
from tests.daemon.stage import played

Kept = list[tuple[str, dict[str, str]]]


@played
async def test_only_what_changed_is_kept() -> None:
    """Names go to the vault by guild, once, until they change."""
    kept: Kept = []

    async def remember(guild_id: str, names: Mapping[str, str], _kind: str) -> None:
        kept.append((guild_id, dict(names)))

    book = SeenNames(remember)
    for name in ("ann", "ann", "Ann"):
        book.note("1", "7", name)
    book.note("2", "7", "ann")
    await book.flush()
    book.note("1", "7", "Ann")
    await book.flush()

    assert kept == [("1", {"7": "Ann"}), ("2", {"7": "ann"})]


@played
async def test_a_busy_vault_keeps_names_for_later() -> None:
    """What could not be kept is tried again, and a newer name wins."""
    kept: Kept = []

    async def remember(guild_id: str, names: Mapping[str, str], _kind: str) -> None:
        kept.append((guild_id, dict(names)))
        if len(kept) == 1:
            book.note("1", "7", "newer")
            raise VaultBusy("busy")

    book = SeenNames(remember)
    book.note("1", "7", "ann")
    book.note("1", "8", "bob")
    await book.flush()
    await book.flush()

    assert kept[1] == ("1", {"7": "newer", "8": "bob"})


@played
async def test_any_name_can_be_kept() -> None:
    """A name that the vault could not store is cut or mended, so that it harms no other."""
    kept: Kept = []

    async def remember(guild_id: str, names: Mapping[str, str], _kind: str) -> None:
        kept.append((guild_id, dict(names)))

    book = SeenNames(remember)
    book.note("1", "7", "x" * 300)
    book.note("1", "8", "a\ud800b")
    await book.flush()

    assert kept == [("1", {"7": "x" * 200, "8": "a?b"})]
