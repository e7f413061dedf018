"""A page that is not made yet: it is made only where what it shows is not what it showed before."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from robo_xp import __version__
from robo_xp.pages.engine import files_digest


@dataclass(frozen=True, slots=True)
class Draft:
    """``shows`` says what the page shows, None for no page, and ``make`` makes it of that.

    ``around`` is what it says besides; on nothing else may the page depend.
    """

    shows: Callable[[], Any]
    make: Callable[[Any], bytes]
    around: Any = None

    def content(self) -> bytes | None:
        """The page; None where there is none."""
        shown = self.shows()
        return None if shown is None else self.make(shown)

    def digest(self, shown: Any) -> str:
        """What tells a page that shows this from all others of the same path."""
        basis = msgspec.msgpack.encode((__version__, files_digest(), self.around, shown))
        return hashlib.blake2b(basis, digest_size=12).hexdigest()
