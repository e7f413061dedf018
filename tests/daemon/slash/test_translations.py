"""Commands in other languages, within what Discord takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from robo_xp_daemon.slash.translations import DESCRIPTIONS, NAMES
from tests.daemon.loopback.flags import Json
from tests.daemon.scene import scene
from tests.daemon.stage import played

LOCALES = ["de", "es-419", "es-ES", "fr", "pt-BR"]
NAME = re.compile(r"[-_\w]{1,32}")
_GROUPS = (1, 2)


def levels(commands: list[Json]) -> Iterator[list[Json]]:
    """The commands, and those within each group."""
    yield commands
    for command in commands:
        within = [one for one in command.get("options", []) if one["type"] in _GROUPS]
        if within:
            yield from levels(within)


@played
async def test_every_command_has_its_words(tmp_path: Path) -> None:
    """Discord is told each name and description in each language; names of a level differ."""
    async with scene(tmp_path) as at:
        seen_names, seen_texts = set[str](), set[str]()
        for level in levels(list(at.discord.commands.values())):
            for command in level:
                seen_names.add(command["name"])
                seen_texts.add(command["description"])
                assert sorted(command["name_localizations"]) == LOCALES, command["name"]
                assert sorted(command["description_localizations"]) == LOCALES, command["name"]
            for locale in LOCALES:
                names = [command["name_localizations"][locale] for command in level]
                assert len(set(names)) == len(names), (locale, names)

        assert (seen_names, seen_texts) == (set(NAMES), set(DESCRIPTIONS))


def test_the_words_are_within_the_limits() -> None:
    """Names have at most 32 characters and no capitals, descriptions at most 100."""
    for row in NAMES.values():
        assert all(NAME.fullmatch(name) and name == name.lower() for name in row), row
    for row in DESCRIPTIONS.values():
        assert len(row) == 4
        assert all(1 <= len(text) <= 100 and text == text.strip() for text in row), row
