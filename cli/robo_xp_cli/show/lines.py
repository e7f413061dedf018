"""Records as JSON, JSON Lines, CSV, TSV and ids: one line at a time, whatever their number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from robo_xp_cli.show import streams
from robo_xp_cli.show.words import json_escaped, visible_text, without_controls

_MISSING = object()
# what a spreadsheet takes for the start of a formula, with the wide forms that some accept
_FORMULA = r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]"
_FORMULA_STARTS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")


def json_line(value: Any) -> str:
    """``value`` as JSON on one line."""
    return json_escaped(_dumps(value, None))


def json_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One JSON object on each line."""
    for row in rows:
        yield json_line(row) + "\n"


def json_array(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The pieces of an array with one object on each line."""
    start = "[\n  "
    for row in rows:
        yield start + json_line(row)
        start = ",\n  "
    yield "\n]\n" if start.startswith(",") else "[]\n"


def json_document(value: Any, *, indented: bool) -> str:
    """``value`` as JSON, over several lines where people read it."""
    return json_escaped(_dumps(value, 2 if indented else None)) + "\n"


def tsv(
    keys: Sequence[str],
    rows: Iterable[Mapping[str, Any]],
    *,
    clean: Callable[[str], str],
    header: bool = True,
) -> Iterator[str]:
    """A header and rows with tabs between the cells; ``clean`` makes text fit to be shown."""
    if header:
        yield "\t".join(keys) + "\n"
    cells = _cells(keys, lambda text: clean(harmless(text)))
    for row in rows:
        yield "\t".join(cells(row)) + "\n"


def csv(
    keys: Sequence[str],
    rows: Iterable[Mapping[str, Any]],
    *,
    clean: Callable[[str], str],
    header: bool = True,
) -> Iterator[str]:
    """A header and rows with commas, quoted where needed; line breaks in cells stay."""
    if header:
        yield ",".join(map(_quoted_text, keys)) + "\n"
    cells = _cells(keys, lambda text: _quoted_text(clean(harmless(text))))
    for row in rows:
        yield ",".join(cells(row)) + "\n"


def ids(rows: Iterable[Mapping[str, Any]], id_key: str) -> Iterator[str]:
    """The id of each row on its own line; rows without one are left out."""
    for row in rows:
        value = pick(row, id_key)
        if value is not None:
            yield visible_text(str(value)) + "\n"


def csv_clean(text: str) -> str:
    """Text for a CSV cell in a file: line breaks and tabs stay, other controls are escaped."""
    if text.isprintable():
        return text
    return "".join(part if part in "\n\t" else without_controls(part) for part in _split(text))


def harmless(text: str) -> str:
    """``text``, with an apostrophe before what a spreadsheet would run as a formula."""
    if not text or (text[0] not in _FORMULA_STARTS and not text[0].isspace()):
        return text
    return f"'{text}" if re.match(_FORMULA, text) or text[0] in "\t\r" else text


def pick(row: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, None where there is none."""
    found = _find(row, path)
    return None if found is _MISSING else found


def has(row: Mapping[str, Any], path: str) -> bool:
    """Whether the row has a value at a dotted path, even if it is null."""
    return _find(row, path) is not _MISSING


def picked_values(row: Mapping[str, Any], paths: Sequence[str]) -> Mapping[str, Any]:
    """Only the values at ``paths``, in that order; the row itself if there are no paths."""
    return {path: pick(row, path) for path in paths} if paths else row


def plain(value: Any) -> str:
    """A value as the text of a cell: JSON words for booleans, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else json_line(value)


def _find(row: Mapping[str, Any], path: str) -> Any:
    if path in row:
        return row[path]
    head, dot, rest = path.partition(".")
    inner = row.get(head) if dot else None
    return _find(inner, rest) if isinstance(inner, Mapping) else _MISSING


def _cells(
    keys: Sequence[str], clean: Callable[[str], str]
) -> Callable[[Mapping[str, Any]], list[str]]:
    """A function that makes a row's cells; kept flat, for it runs for each of 100,000 rows."""

    def cells(row: Mapping[str, Any]) -> list[str]:
        made = []
        for key in keys:
            value = row[key] if key in row else pick(row, key)
            kind = type(value)
            if kind is int:
                made.append(str(value))
            elif kind is str:
                made.append(value if value.isalnum() else clean(value))
            elif value is None or kind is bool or kind is float:
                made.append(plain(value))
            else:
                made.append(clean(plain(value)))
        return made

    return cells


def _quoted_text(text: str) -> str:
    if any(char in text for char in ',"\n\r') or text[:1] == " " or text[-1:] == " ":
        return '"' + text.replace('"', '""') + '"'
    return text


def _split(text: str) -> list[str]:
    return [part for part in re.split(r"([\n\t])", text) if part]


def _dumps(value: Any, indent: int | None) -> str:
    return _encoder(not streams.is_utf8(), indent)(value)


@cache
def _encoder(ascii_only: bool, indent: int | None) -> Callable[[Any], str]:
    from json import JSONEncoder

    return JSONEncoder(
        ensure_ascii=ascii_only, indent=indent, allow_nan=False, default=_plain_object
    ).encode


def _plain_object(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")
