"""Makes foreign text harmless for a terminal, and instants readable for people.

Names, prizes and reasons are typed by members of a guild. Whatever could move the cursor, change
colours, reverse the reading direction or hide itself is turned into a visible escape.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, tzinfo

_CONTROLS = r"\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029"
# bidirectional marks, zero-width and other invisible format characters, tag characters
_INVISIBLE = (
    r"\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f"
)
# Joiners belong to emoji families and to Persian or Indic words; beside ASCII they only hide.
_STRAY_JOINER = r"(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"
# texts, not compiled: most runs of the program show nothing that needs them
_CONTROL = f"[{_CONTROLS}]"
_UNSAFE = f"[{_CONTROLS}{_INVISIBLE}]|{_STRAY_JOINER}"
_LONGEST = 60
_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def visible_text(text: str) -> str:
    r"""``text`` with everything that is not plainly visible as an escape such as ``\x1b``."""
    if text.isprintable():
        return text
    return re.sub(_UNSAFE, _escape, text)


def short_visible(text: str) -> str:
    """What was typed, to be repeated in an error: visible, and cut where it is long."""
    return visible_text(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")


def quoted(text: str) -> str:
    """The same in quotes."""
    return f"'{short_visible(text)}'"


def shown_lines(text: str) -> str:
    """``text`` like :func:`visible_text`, its line breaks kept."""
    if "\n" not in text:
        return visible_text(text)
    return "\n".join(visible_text(line) for line in text.split("\n"))


def without_controls(text: str) -> str:
    """``text`` with control characters as escapes and everything else exact: for files."""
    if text.isprintable():
        return text
    return re.sub(_CONTROL, _escape, text)


def json_escaped(text: str) -> str:
    r"""The same JSON document, its invisible characters written as ``\uXXXX``."""
    if text.isprintable():
        return text
    return re.sub(_UNSAFE, _json_escape, text)


def encodable(text: str, encoding: str) -> str:
    """``text`` with what ``encoding`` cannot hold as escapes."""
    return text.encode(encoding, "backslashreplace").decode(encoding)


ZoneOf = Callable[[], tzinfo | None]
_zone: ContextVar[ZoneOf] = ContextVar("zone", default=lambda: None)


@contextmanager
def times_in(zone: ZoneOf) -> Iterator[None]:
    """In the block instants are shown in this zone, and name it; None is that of this machine."""
    token = _zone.set(zone)
    try:
        yield
    finally:
        _zone.reset(token)


def human_time(epoch_ms: int | float) -> str:
    """An instant to the minute in the zone that holds; the bare number if no calendar has it."""
    zone = _zone.get()()
    try:
        moment = datetime.fromtimestamp(epoch_ms / 1000, zone)
        return moment.strftime("%Y-%m-%d %H:%M" + ("" if zone is None else " %Z"))
    except (OverflowError, OSError, ValueError):
        return str(epoch_ms)


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    if char in _NAMED:
        return _NAMED[char]
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_escape(match: re.Match[str]) -> str:
    char = match.group()
    if char == "\n":  # between the lines of an indented document; inside strings JSON escapes it
        return char
    code = ord(char)
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
