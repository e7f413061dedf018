"""CSV in all its dialects, and lines of ``id - xp``, as fields by line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from robo_xp.errors import InvalidValue
from robo_xp.model import short_text
from robo_xp.model.ids import is_snowflake
from robo_xp.usecases.reading.spelling import folded_key

_PAIR = re.compile(r"\s*(?P<id>[0-9]{17,20})\s+[-:=–]\s+(?P<xp>\S.*)")
_BARE = ("userId", "xp", "level")
# what our own export and spreadsheets put before text that looks like a formula
_MASKED = tuple(f"'{start}" for start in "=+-@\t\r") + tuple(f"'{digit}" for digit in "0123456789")
_FORMULA = re.compile(r'="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Table:
    """A text as a table; ``columns`` are the names in its header, or those that go without."""

    text: str
    delimiter: str
    columns: tuple[str, ...]
    has_header: bool

    def rows(self) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
        """Line and fields of each row; the fault as text where a row cannot be one."""
        for line, cells in self._cells():
            if isinstance(cells, str):
                yield line, cells
            elif len(cells) > len(self.columns):
                yield line, f"has {len(cells)} cells under {len(self.columns)} columns"
            else:
                filled = zip(self.columns, (unmasked_cell(cell) for cell in cells), strict=False)
                yield line, {key: cell for key, cell in filled if cell and key}

    @property
    def ends(self) -> bool:
        """Whether the last line ends with a newline, as it does unless it was cut short."""
        return self.text.endswith(("\n", "\r"))

    def _cells(self) -> Iterator[tuple[int, list[str] | str]]:
        """Line and cells of each row under the header that is not empty."""
        if self.delimiter == "-":
            yield from _pairs(self.text)
            return
        is_header = self.has_header
        for line, cells in self._quoted():
            if not isinstance(cells, str) and not any(cell.strip() for cell in cells):
                continue
            if not is_header:
                yield line, cells
            is_header = False

    def _quoted(self) -> Iterator[tuple[int, list[str] | str]]:
        """Line and cells of each row as the quotes have it, or line by line where they cannot be.

        A quote too many takes all lines up to the next one, or to the end, for one cell.
        """
        of_row: list[str] = []
        reader = csv.reader(self._lines_into(of_row), delimiter=self.delimiter, strict=True)
        while True:
            line = reader.line_num + 1
            of_row.clear()
            try:
                cells = next(reader, None)
                fault = None
            except csv.Error as error:
                cells, fault = [], f"cannot be read as CSV: {error}"
            if cells is None:
                return
            if len(of_row) > 1 and (fault or self._are_rows(of_row)):
                yield line, "cannot be read as CSV: a quote opens a cell and is not closed"
                for number, text in enumerate(of_row[1:], start=line + 1):
                    yield number, _cells_in(text, self.delimiter)
            else:
                yield line, fault or cells

    def _lines_into(self, of_row: list[str]) -> Iterator[str]:
        for line in StringIO(self.text, newline=""):
            of_row.append(line)
            yield line

    def _are_rows(self, lines: list[str]) -> bool:
        """Whether the first of the lines, and another, looks like a row of its own.

        Rows have an id; where the first has none, as many cells as columns and a number.
        """
        first, *others = (self._plain_cells(line) for line in lines)
        if any(map(is_snowflake, first)):
            return any(is_snowflake(cell) for cells in others for cell in cells)
        return self._is_whole(first) and any(map(self._is_whole, others))

    def _plain_cells(self, line: str) -> list[str]:
        return [unmasked_cell(cell.strip().strip('"')) for cell in line.split(self.delimiter)]

    def _is_whole(self, cells: list[str]) -> bool:
        return len(cells) >= len(self.columns) and any(cell.isdigit() for cell in cells)


def table_of(text: str, *, wants_header: bool = False) -> Table:
    """The text as a table; InvalidValue where it is none, or its header cannot be used."""
    lines = text.lstrip("\ufeff").replace("\r", "\n").split("\n")
    first = next((line for line in lines if line.strip()), None)
    if first is None:
        raise InvalidValue("the file is empty")
    if _PAIR.fullmatch(first) and not wants_header:
        return Table(text, "-", _BARE[:2], has_header=False)
    delimiter = max(",\t;", key=first.count)
    cells = _cells_in(first, delimiter)
    if isinstance(cells, str):
        raise InvalidValue(f"the first line {cells}")
    if is_snowflake(unmasked_cell(cells[0])) and not wants_header:
        if not 2 <= len(cells) <= len(_BARE):
            raise InvalidValue(
                f"line 1 has {len(cells)} cells and no header",
                advice="without a header a line is userId,xp or userId,xp,level",
            )
        return Table(text, delimiter, _BARE[: len(cells)], has_header=False)
    columns = tuple(cell.strip() for cell in cells)
    names = [folded_key(name) for name in columns if name]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidValue(f"the first line names the column {short_text(twice)} more than once")
    return Table(text, delimiter, columns, has_header=True)


def _cells_in(line: str, delimiter: str) -> list[str] | str:
    """The cells of one line; the fault as text where it cannot be read."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        return f"cannot be read as CSV: {error}"


def unmasked_cell(cell: str) -> str:
    """The cell without what keeps spreadsheets from running or rounding it."""
    cell = cell.strip()
    if cell[:1] not in ("'", "="):
        return cell
    if cell.startswith(_MASKED):
        return cell[1:]
    found = _FORMULA.fullmatch(cell)
    return found[1] if found else cell


def _pairs(text: str) -> Iterator[tuple[int, list[str] | str]]:
    for line, row in enumerate(text.splitlines(), start=1):
        if found := _PAIR.fullmatch(row):
            yield line, [found["id"], found["xp"].strip()]
        elif row.strip():
            yield line, "is not of the form id - xp"
