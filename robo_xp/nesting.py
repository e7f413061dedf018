"""How deeply a JSON text of a stranger is nested, found out before anything decodes it.

A decoder calls itself for each level, so what it survives depends on the stack of the thread.
"""

from __future__ import annotations

import re
from typing import Final, TypeVar

MOST_LEVELS: Final = 100
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_TEXTS = re.compile(rb'"[^"]*"')
_REST = bytes(set(range(256)) - set(b'[]{}"'))
Text = TypeVar("Text", bound=str | bytes)


def bounded_text(text: Text) -> Text:
    """The text itself; RecursionError where it has far more levels than any file needs.

    What has up to 100 levels passes, and what has more than 200 does not.
    """
    data = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    if data.count(b"[") + data.count(b"{") > MOST_LEVELS and _is_deep(data):
        raise RecursionError(f"it is nested more than {MOST_LEVELS} levels deep")
    return text


def _is_deep(data: bytes) -> bool:
    """Whether brackets are left when the innermost pairs were taken out so many times."""
    if b"\\" in data:
        data = _ESCAPED.sub(b"", data)
    brackets = _TEXTS.sub(b"", data.translate(None, _REST))
    for _ in range(MOST_LEVELS):
        inner, brackets = brackets, brackets.replace(b"[]", b"").replace(b"{}", b"")
        if inner == brackets:
            break
    return brackets.count(b"[") + brackets.count(b"{") > MOST_LEVELS or (
        len(brackets) > 0 and inner != brackets
    )
