"""Shows results: the only module that prints them. Picks the format, the fields, the stream."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from robo_xp.errors import WrongUsage
from robo_xp.text import thousands
from robo_xp_cli.show import lines as render_text
from robo_xp_cli.show import streams
from robo_xp_cli.show.results import Column, One, Record, Result, Rows, Stream, Text
from robo_xp_cli.show.words import encodable, quoted, shown_lines, visible_text, without_controls

_HEADING = r"(?m)^(\S[^\n:]*:)(?=[ \n])"
_DOCUMENTS = ("json", "jsonl")
_OPTION = r"(?<=[ ,\[])(--?[a-zA-Z][\w-]*)"


@dataclass(frozen=True, slots=True)
class View:
    """How the operator wants to see results."""

    output: str = "table"
    fields: tuple[str, ...] = ()
    quiet: bool = False
    changes: bool = False
    dry_run: bool = False
    color: bool = False
    terminal: bool = False
    asked: bool = False
    header: bool = True
    along: Callable[[Iterable[Any]], Iterable[Any]] = iter

    @property
    def drawn(self) -> bool:
        """Whether results are drawn: at a terminal, or wherever a table was asked for."""
        return self.output == "table" and (self.terminal or self.asked)


def render(result: Result, view: View) -> int:
    """Write the result to stdout and its notes to stderr; its exit code comes back."""
    if result is None:
        return 0
    if not (view.quiet and view.changes):
        _show(result, view)
        streams.flush()
    if not view.quiet:
        for note in _notes(result, view):
            streams.tell(visible_text(note))
    return result.exit_code


def render_help(text: str, *, color: bool) -> None:
    """Write a help page, with headings and options in colour where wanted."""
    if color:
        text = re.sub(_HEADING, "\x1b[1;36m\\1\x1b[0m", text)
        text = re.sub(_OPTION, "\x1b[1m\\1\x1b[0m", text)
    streams.write(encodable(text, streams.encoding()) + "\n")
    streams.flush()


def _notes(result: One | Rows | Text | Stream, view: View) -> Iterator[str]:
    yield from result.notes
    table = result.table if isinstance(result, One) else result
    if isinstance(table, Rows) and table.first_of and view.output not in _DOCUMENTS:
        yield f"these are only the first of {thousands(table.first_of)}"
    if view.dry_run:
        yield "dry run: nothing was changed"


def _show(result: One | Rows | Text | Stream, view: View) -> None:
    match result:
        case Rows():
            _show_rows(result, view)
        case One():
            _show_one(result, view)
        case Text():
            _show_text(result, view)
        case Stream():
            _show_stream(result, view)


def _show_rows(result: Rows, view: View) -> None:
    rows, columns = _chosen_columns(result.rows, _columns(result.columns), view)
    if view.drawn:
        _show_table(result, columns, list(view.along(rows)), view=view)
        return
    rows = view.along(rows)
    if view.output == "json":
        _write(render_text.json_array(_only(rows, view)))
    elif view.output == "jsonl":
        _write(render_text.json_lines(_only(rows, view)))
    elif view.output == "ids":
        _write(render_text.ids(rows, result.id_key))
    else:
        _write(_cells(columns, rows, view))


def _show_table(
    result: Rows, columns: Sequence[Column], rows: Sequence[Record], *, view: View
) -> None:
    from robo_xp_cli.show.table import table

    drawn = table(columns, rows, title=result.title, color=view.color, along=view.along)
    if drawn:
        streams.write(drawn)
    elif result.empty and not view.quiet:
        streams.tell(visible_text(result.empty))


def _show_one(result: One, view: View) -> None:
    if view.output in _DOCUMENTS:
        _check_fields([result.data], (), view)
        data = render_text.picked_values(result.data, view.fields)
        indented = view.output == "json" and view.terminal
        streams.write(render_text.json_document(data, indented=indented))
    elif view.drawn and not view.fields:
        _show_record(result, view)
    elif result.table is not None:
        _show_rows(result.table, view)
    elif view.output == "ids":
        _write(render_text.ids(_id_rows(result), result.id_key))
    else:
        _show_rows(Rows(_flat_columns(result.data), [result.data]), view)


def _show_record(result: One, view: View) -> None:
    from robo_xp_cli.show.table import flat, key_kind, label, pairs
    from robo_xp_cli.show.words import human_time

    human = result.human() if callable(result.human) else result.human
    if isinstance(human, str):
        _write_lines(shown_lines(human))
    elif human is not None:
        streams.write(pairs(human, color=view.color))
    elif result.table is None:
        items = [
            (label(key), human_time(value) if _is_time(key_kind(key), value) else value)
            for key, value in flat(result.data)
        ]
        streams.write(pairs(items, color=view.color))
    if result.table is not None:
        _show_rows(result.table, view)


def _write_lines(text: str) -> None:
    streams.write("".join(f"{_said(line)}\n" for line in text.split("\n")))


def _said(line: str) -> str:
    """A line for people, as this stdout can show it."""
    return streams.folded(encodable(line, streams.encoding()), sys.stdout)


def _show_text(result: Text, view: View) -> None:
    if view.output in _DOCUMENTS:
        data = {"text": result.text} if result.data is None else result.data
        indented = view.output == "json" and view.terminal
        streams.write(render_text.json_document(data, indented=indented))
        return
    text = result.text
    if view.terminal and not result.trusted:
        text = shown_lines(text)
    streams.write(text if text.endswith("\n") or not text else f"{text}\n")


def _show_stream(result: Stream, view: View) -> None:
    line = _stream_line(result, view)
    if view.output in ("csv", "tsv"):
        rows, columns = _chosen_columns(result.rows, _columns(result.columns), view)
        pieces = _cells(columns, rows, view)
    elif view.output == "ids":
        pieces = render_text.ids(result.rows, result.id_key)
    else:
        pieces = (line(row) + "\n" for row in result.rows)
    for piece in view.along(pieces):
        streams.write(piece)
        streams.flush()


def _stream_line(result: Stream, view: View) -> Callable[[Record], str]:
    human = result.human
    if human is not None and view.drawn and not view.fields:
        return lambda row: _said(visible_text(human(row)))
    return lambda row: render_text.json_line(render_text.picked_values(row, view.fields))


def _cells(columns: Sequence[Column], rows: Iterable[Record], view: View) -> Iterator[str]:
    keys = [column.key for column in columns]
    if view.output == "csv":
        clean = visible_text if view.terminal else render_text.csv_clean
        return render_text.csv(keys, rows, clean=clean, header=view.header)
    # a table into a pipe is still meant for people, so it hides nothing either
    is_exact = view.output == "tsv" and not view.terminal
    clean = without_controls if is_exact else visible_text
    return render_text.tsv(keys, rows, clean=clean, header=view.header)


def check_fields(result: Result, view: View) -> None:
    """Raise WrongUsage for a field that was asked for and is not in the result."""
    if isinstance(result, One) and result.table is not None and view.output not in _DOCUMENTS:
        result = result.table
    if isinstance(result, One):
        _check_fields([result.data], (), view)
    elif isinstance(result, Rows):
        _chosen_columns(result.rows, _columns(result.columns), view)


def _chosen_columns(
    rows: Iterable[Record], columns: Sequence[Column], view: View
) -> tuple[Iterable[Record], Sequence[Column]]:
    """The rows and the columns to show; an unknown field is an error before anything is shown."""
    if not view.fields:
        return rows, columns
    iterator = iter(rows)
    first = list(islice(iterator, 1))
    _check_fields(first, [column.key for column in columns], view)
    known = {column.key: column for column in columns}
    return chain(first, iterator), [known.get(name, Column(name)) for name in view.fields]


def _check_fields(rows: Sequence[Record], keys: Sequence[str], view: View) -> None:
    for name in view.fields:
        if name not in keys and not any(render_text.has(row, name) for row in rows):
            known = dict.fromkeys([*keys, *(key for row in rows for key in row)])
            raise WrongUsage(
                f"--fields: there is no field {quoted(name)}",
                advice=f"the fields are {', '.join(known)}",
            )


def _only(rows: Iterable[Record], view: View) -> Iterable[Record]:
    if not view.fields:
        return rows
    return (render_text.picked_values(row, view.fields) for row in rows)


def _columns(columns: Sequence[Column | str]) -> list[Column]:
    return [Column(column) if isinstance(column, str) else column for column in columns]


def _flat_columns(data: Mapping[str, Any]) -> list[Column | str]:
    found: list[Column | str] = []
    for key, value in data.items():
        if isinstance(value, Mapping) and value:
            found += [f"{key}.{inner}" for inner in value]
        else:
            found.append(key)
    return found


def _id_rows(result: One) -> list[Record]:
    value = result.data.get(result.id_key)
    values = value if isinstance(value, list | tuple) else [value]
    return [{result.id_key: item} for item in values]


def _is_time(kind: str, value: Any) -> bool:
    return kind == "time" and isinstance(value, int) and not isinstance(value, bool)


def _write(pieces: Iterable[str]) -> None:
    """Write the pieces in blocks: one call for each of 100,000 rows would cost more than them."""
    iterator = iter(pieces)
    size = 1 if streams.is_terminal(sys.stdout) else 500
    while block := list(islice(iterator, size)):
        streams.write("".join(block))
