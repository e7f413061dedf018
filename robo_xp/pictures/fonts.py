"""Which scripts the fonts of this machine can draw, by drawing a letter of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

import msgspec

from robo_xp.pictures.easel import Easel, Order

_CORE, _CJK, _EMOJI = "fonts-noto-core", "fonts-noto-cjk", "fonts-noto-color-emoji"
_NOBODY: Final = "\U000ffffd"
"""A character of private use that no font has."""
_SHAPE = re.compile(r'<path\b[^>]*? d="([^"]*)"')
_IMAGE: Final = "<image"


@dataclass(frozen=True, slots=True)
class Script:
    """A way of writing, a letter of it, and the package of Debian whose font has it."""

    name: str
    letter: str
    package: str


SCRIPTS: Final = (
    Script("Latin", "A", _CORE),
    Script("Greek", "Ω", _CORE),
    Script("Cyrillic", "Ж", _CORE),
    Script("Hebrew", "ש", _CORE),
    Script("Arabic", "م", _CORE),
    Script("Devanagari", "क", _CORE),
    Script("Bengali", "ক", _CORE),
    Script("Tamil", "க", _CORE),
    Script("Thai", "ก", _CORE),
    Script("Georgian", "ა", _CORE),
    Script("Armenian", "Ա", _CORE),
    Script("Ethiopic", "ሀ", _CORE),
    Script("Khmer", "ក", _CORE),
    Script("Chinese and Japanese", "桜", _CJK),
    Script("Korean", "한", _CJK),
    Script("Emoji", "🦊", _EMOJI),
)


def without_font(easel: Easel, seconds: float = 8.0) -> list[Script]:
    """The scripts that would be drawn as boxes. Raises ExtraMissing, PictureFailed."""
    samples = [_NOBODY, *(script.letter for script in SCRIPTS)]
    inputs = {"samples": msgspec.json.encode(samples).decode()}
    with resources.as_file(resources.files("robo_xp").joinpath("pictures", "templates")) as folder:
        order = Order(Path(folder), Path(folder) / "fonts.typ", inputs, "svg")
        box, *drawn = [page.decode() for page in easel.pages(order, seconds)]
    no_letter = _SHAPE.findall(box)
    return [
        script
        for script, page in zip(SCRIPTS, drawn, strict=True)
        if _IMAGE not in page and _SHAPE.findall(page) in (no_letter, [])
    ]
