"""Draws cards: puts template, avatar and background where Typst may read them, and remembers."""

from __future__ import annotations

import hashlib
import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from robo_xp.errors import PictureFailed, TemplateWrong
from robo_xp.pictures.easel import Easel, Fault, Order, TakesTooLong
from robo_xp.pictures.template import MAIN, Template, usual
from robo_xp.views.card import Card

MOST_CARDS: Final = 64
SECONDS: Final = 8.0
_PICTURES: Final = "pictures"
_BEGINNINGS: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8")


@dataclass(frozen=True, slots=True)
class Dress:
    """What a card is drawn with besides the member's figures: picture files, empty for none."""

    template: Template
    avatar: bytes = b""
    background: bytes = b""


class Studio:
    """Draws cards with one worker, and keeps the last ones. A context manager."""

    def __init__(self) -> None:
        self.easel = Easel()
        self._cards: OrderedDict[bytes, bytes] = OrderedDict()
        self._folder = tempfile.TemporaryDirectory(prefix="robo-xp-cards-")
        self._root = Path(self._folder.name)
        self._guard = threading.Lock()

    def card(self, card: Card, dress: Dress | None = None, *, seconds: float = SECONDS) -> bytes:
        """The card as PNG, at most so many seconds later.

        Raises ExtraMissing, TemplateWrong with the line, PictureFailed.
        """
        dress = dress or Dress(usual())
        said = msgspec.json.encode(card)
        key = _key(said, dress)
        with self._guard:
            if key in self._cards:
                self._cards.move_to_end(key)
                return self._cards[key]
            drawn = self._draw_card(said, dress, seconds)
            self._cards[key] = drawn
            if len(self._cards) > MOST_CARDS:
                self._cards.popitem(last=False)
            return drawn

    def close(self) -> None:
        """End the worker and remove what it read."""
        self.easel.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        """The studio itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the studio."""
        self.close()

    def _draw_card(self, said: bytes, dress: Dress, seconds: float) -> bytes:
        template = dress.template
        root = self._laid_out(template)
        inputs = {**msgspec.json.decode(said), "avatar": "", "background": ""}
        for what in ("avatar", "background"):
            if content := getattr(dress, what):
                place = root / _PICTURES / what
                place.parent.mkdir(exist_ok=True)
                place.write_bytes(content)
                inputs[what] = f"/{_PICTURES}/{what}"
        text = msgspec.json.encode(inputs).decode()
        try:
            pages = self.easel.pages(Order(root, root / MAIN, {"card": text}), seconds)
        except Fault as fault:
            raise _wrong(template, root, fault) from None
        except TakesTooLong:
            late = f"no card came of it within {seconds:g} seconds"
            raise TemplateWrong(_with_causes(dress, late)) from None
        except PictureFailed as error:
            raise PictureFailed(_with_causes(dress, error.message)) from None
        if len(pages) != 1:
            raise TemplateWrong(f"{template.name}: a card is one page, not {len(pages)}")
        return pages[0]

    def _laid_out(self, template: Template) -> Path:
        """The folder with the files of the template."""
        root = self._root / template.digest
        if not root.exists():
            for path, content in template.files.items():
                place = root / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
        return root


def _key(said: bytes, dress: Dress) -> bytes:
    parts = (dress.template.digest.encode(), said, dress.avatar, dress.background)
    return b"".join(hashlib.sha256(part).digest() for part in parts)


def check_picture(content: bytes, name: str) -> bytes:
    """The content unchanged; PictureFailed unless it begins as a picture that can be drawn."""
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    if is_webp or content.startswith(_BEGINNINGS):
        return content
    raise PictureFailed(f"{name} is no picture", advice="use PNG, JPEG, GIF or WebP")


def _wrong(template: Template, root: Path, fault: Fault) -> TemplateWrong:
    where = f"{fault.file}, line {fault.line}: " if fault.line else ""
    return TemplateWrong(f"{template.name}: {where}" + fault.message.replace(str(root), ""))


def _with_causes(dress: Dress, said: str) -> str:
    """What is said of the template, with what may be at fault."""
    lines = dress.template.repeating_lines()
    causes = [f"look at its loops and functions, in {lines}"] if lines else []
    if dress.avatar or dress.background:
        causes.append("a picture may have too many pixels")
    return "; ".join([f"{dress.template.name}: {said}", *causes])
