"""The reference of all settings, out of their tables: a page of the documents and a man page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from robo_xp.settings.giveaway import GIVEAWAY
from robo_xp.settings.kinds import Choice
from robo_xp.settings.table import Field, Table
from robo_xp.settings.xp import XP
from robo_xp_cli.nouns.config import typed
from robo_xp_cli.nouns.config.views import range_text
from tools.generate import markdown
from tools.generate.page import Block, Items, Paragraph, escaped_inline

PAGE = "docs/settings.md"
_TEXT = Path(__file__).with_name("manual") / "settings.md"


def blocks() -> Iterator[Block]:
    """The reference: the text with the tables in place of their marks."""
    tables = {Paragraph("{xp}"): XP, Paragraph("{giveaways}"): GIVEAWAY}
    for block in markdown.read(_TEXT.read_text(encoding="utf-8")):
        if isinstance(block, Paragraph) and block in tables:
            yield from _settings_blocks(tables[block])
        else:
            yield block


def _settings_blocks(fields: Table) -> Iterator[Block]:
    heads = ("setting", "takes", "default", "what it does")
    yield Items(heads, tuple(_row(field) for field in fields))
    for field in fields:
        if isinstance(field.kind, Choice):
            words = field.kind.options.items()
            yield Paragraph(f"The words of `{field.key}`:")
            yield Items(
                ("word", "meaning"),
                tuple((f"`{word}`", escaped_inline(meaning)) for word, (_, meaning) in words),
            )


def _row(field: Field) -> tuple[str, ...]:
    default = field.fallback if field.default is None else field.default
    shown = "" if default is None else typed.read(field.kind, default)
    takes = range_text(field.kind, field.unit)
    return (
        f"`{field.known_key}`",
        escaped_inline(takes),
        escaped_inline(shown),
        escaped_inline(field.help.rstrip(".")),
    )
