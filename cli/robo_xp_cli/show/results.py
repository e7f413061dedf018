"""What commands return. They say what is to be shown; :mod:`robo_xp_cli.show.render` decides how.

``data`` and the rows are plain JSON values with camelCase keys: ids as text, times as epoch
milliseconds. Every kind carries ``notes`` (lines for stderr) and an ``exit_code``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

Record: TypeAlias = Mapping[str, Any]
Pairs: TypeAlias = Sequence[tuple[str, Any]]


class Column(NamedTuple):
    """One column: the key of its values (dotted if nested), its heading for people, its kind.

    ``kind`` is ``id``, ``number``, ``time`` or ``text``; left empty it follows from the key
    (``…Id``, ``…At``, ``ts``) and the values. Only text columns shrink on a narrow terminal.
    """

    key: str
    label: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """Many records. ``rows`` may be a generator: it is read once, while it is written.

    ``id_key`` is what ``-o ids`` prints; ``empty`` is said on a terminal when there are none.
    ``first_of`` is how many there are where these are only the first of them.
    """

    columns: Sequence[Column | str]
    rows: Iterable[Record]
    id_key: str = "userId"
    title: str = ""
    empty: str = "nothing to show"
    exit_code: int = 0
    notes: Sequence[str] = ()
    first_of: int = 0


@dataclass(frozen=True, slots=True)
class One:
    """One record. On a terminal ``human`` (pairs of label and value, or a text), then ``table``.

    With ``table`` the formats made of rows (csv, tsv, ids, and tables) show its rows, as for a
    page of a board; json and jsonl always show ``data``.
    """

    data: Record
    human: Callable[[], Pairs | str] | Pairs | str | None = None
    table: Rows | None = None
    id_key: str = "userId"
    exit_code: int = 0
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A text. ``trusted`` is for text of our own with colours in it, such as a plot.

    json shows ``data`` if there is any, else ``{"text": …}``.
    """

    text: str
    data: Any = None
    trusted: bool = False
    exit_code: int = 0
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Stream:
    """Records that arrive one after the other, each shown at once; JSON Lines by default.

    ``human`` turns a record into a line for a terminal.
    """

    rows: Iterable[Record]
    columns: Sequence[Column | str] = ()
    human: Callable[[Record], str] | None = None
    id_key: str = "seq"
    exit_code: int = 0
    notes: Sequence[str] = ()


Result: TypeAlias = Rows | One | Text | Stream | None
