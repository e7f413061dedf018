"""Reads files the way an import does, and says what came out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from robo_xp.usecases.reading.documents import Document, document_of
from robo_xp.usecases.transfer.entry import Entry, Reading
from tests.usecases.small import GUILD, memory

SAMPLES = Path(__file__).parents[2] / "data" / "imports"


def reading_of(content: bytes | Document, source: str = "auto", **options: Any) -> Reading:
    """What a file says of the default store."""
    document = content if isinstance(content, Document) else document_of(content)
    guild = options.pop("guild", GUILD)
    return memory().transfer.read(guild, source, [document], **options)["default"]


def read_json(value: Any, source: str = "auto", **options: Any) -> Reading:
    """What a JSON document says."""
    return reading_of(json.dumps(value).encode(), source, **options)


def xp_in(reading: Reading) -> dict[str, int | None]:
    """XP by member."""
    return {entry.user_id: entry.xp for entry in reading.entries}


def only(reading: Reading) -> Entry:
    """The only entry."""
    (entry,) = reading.entries
    return entry
