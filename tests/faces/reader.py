"""A reader of published pages in a process of its own: polls all files and follows all links.

``python -m tests.faces.reader FOLDER`` reads until its stdin ends, and says as JSON how many
rounds it made, how many files it read, and what it found wrong.
"""

from __future__ import annotations

import json
import os
import re
import select
import sys
from pathlib import Path

_LINK = re.compile(rb'(?:href|src)="([^"?]+)"')
_ENDS = {".html": (b"</html>", b"</html>\n"), ".json": (b"]", b"}"), ".css": (b"}\n",)}


def links_in(html: bytes) -> list[str]:
    """Where a page leads to."""
    return [one.decode() for one in _LINK.findall(html)]


class Reader:
    """Reads a folder again and again; ``faults`` is what was wrong."""

    def __init__(self, site: Path) -> None:
        self._site = site
        self.rounds = self.files = self.links = 0
        self.faults: list[str] = []

    def read_all(self) -> None:
        """One round over all files that are there."""
        for folder, _, names in os.walk(self._site):
            for name in names:
                if name.startswith("."):
                    continue
                if is_over():
                    return
                self._look_at(os.path.join(folder, name))
        self.rounds += 1

    def _look_at(self, path: str) -> None:
        """One file: whole, and with links that lead somewhere."""
        content = _content_of(path)
        if content is None:
            return
        self.files += 1
        ends = _ENDS.get(os.path.splitext(path)[1])
        if ends and not content.endswith(ends):
            self.faults.append(f"{path} is cut")
        for link in links_in(content) if path.endswith(".html") else []:
            self.links += 1
            target = os.path.join(os.path.dirname(path), link)
            if not os.path.exists(target) and self._is_dangling(path, link, target):
                self.faults.append(f"{path} leads to {link}")

    @staticmethod
    def _is_dangling(path: str, link: str, target: str) -> bool:
        """Whether the page as it is now leads there; only who read the old one misses the other."""
        now = _content_of(path)
        return now is not None and link in links_in(now) and not os.path.exists(target)


def _content_of(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def is_over() -> bool:
    """Whether stdin has ended."""
    return bool(select.select([sys.stdin], [], [], 0)[0])


def main() -> None:
    """Read until stdin ends."""
    reader = Reader(Path(sys.argv[1]))
    while not is_over():
        reader.read_all()
    print(json.dumps(vars(reader), default=str))


if __name__ == "__main__":
    main()
