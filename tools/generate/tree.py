"""The tree of commands as completion scripts see it: what may stand where, and what Tab offers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from robo_xp_cli.framework.options import CHANGES, EVERYWHERE
from robo_xp_cli.framework.params import Node, Param

_WORD = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_FILES = ("file", "folder")


@dataclass(frozen=True, slots=True)
class Slot:
    """What stands at one place. ``kind``: ``words``, ``file``, ``folder``, ``ask`` or ``any``.

    ``words`` are the choices of ``words``, and for ``ask`` the kind that ``__complete`` knows.
    """

    kind: str
    words: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The slot as the scripts hold it: its kind, then its words."""
        return " ".join((self.kind, *self.words))


@dataclass(frozen=True, slots=True)
class Option:
    """One option with all its names; ``slot`` is None where it takes no value."""

    names: tuple[str, ...]
    help: str
    panel: str
    slot: Slot | None


@dataclass(frozen=True, slots=True)
class Place:
    """One command or group. The last argument may stand again and again if ``repeats``."""

    path: str
    commands: tuple[tuple[str, str], ...]
    options: tuple[Option, ...]
    arguments: tuple[Slot, ...]
    repeats: bool
    is_group: bool
    changes: bool

    @property
    def own(self) -> tuple[Option, ...]:
        """The options that are neither everybody's nor those of all changes."""
        return tuple(one for one in self.options if one.panel not in (EVERYWHERE, CHANGES))


@dataclass(frozen=True, slots=True)
class Tree:
    """All places, the root first, and the options that many of them share."""

    places: tuple[Place, ...]
    everywhere: tuple[Option, ...]
    changes: tuple[Option, ...]
    version: tuple[Option, ...]


def tree_of(nodes: Sequence[Node], lines: dict[str, str]) -> Tree:
    """The tree; ``lines`` are the help lines of the words at the top."""
    visible = [node for node in nodes if not node.hidden]
    places = tuple(_place(node, visible, lines) for node in visible)
    root = places[0]
    deep = places[-1]
    shared = [one for one in root.options if one.panel == EVERYWHERE]
    others = [one for one in shared if one in deep.options]
    return Tree(
        places=places,
        everywhere=tuple(others),
        changes=tuple(one for one in root.options if one.panel == CHANGES),
        version=tuple(one for one in shared if one not in others),
    )


def line_of(text: str) -> str:
    """The first paragraph of a help text as one line without its last dot."""
    return " ".join(text.partition("\n\n")[0].split()).rstrip(".")


def _place(node: Node, nodes: Iterable[Node], lines: dict[str, str]) -> Place:
    arguments = [param for param in node.params if param.is_argument and not param.hidden]
    below = [one for one in nodes if one.path[:-1] == node.path and one.path != node.path]
    return Place(
        path=" ".join(node.path),
        commands=tuple((_word(one.path[-1]), _line(one, lines)) for one in below),
        options=tuple(_option(param) for param in node.params if _is_offered(param)),
        arguments=tuple(map(_slot, arguments)),
        repeats=bool(arguments) and arguments[-1].multiple,
        is_group=node.is_group,
        changes=node.changes,
    )


def value_slots(tree: Tree) -> Iterator[tuple[tuple[str, ...], str]]:
    """For each option with a value: patterns of "command option" for sh, and the value's slot."""
    for option in (*tree.everywhere, *tree.changes):
        yield from _patterns(option, "*' ")
    for place in tree.places:
        for option in place.own:
            yield from _patterns(option, f"'{place.path} ")


def _patterns(option: Option, path: str) -> Iterator[tuple[tuple[str, ...], str]]:
    if option.slot:
        yield tuple(f"{path}{name}'" for name in option.names), option.slot.text


def _line(node: Node, lines: dict[str, str]) -> str:
    return lines[node.path[0]] if len(node.path) == 1 else line_of(node.help)


def _is_offered(param: Param) -> bool:
    return not (param.is_argument or param.hidden)


def _option(param: Param) -> Option:
    names = tuple(sorted(map(_word, param.opts), key=len))
    return Option(names, line_of(param.help), param.panel, None if param.is_flag else _slot(param))


def _slot(param: Param) -> Slot:
    details = param.details
    if details.choices:
        return Slot("words", tuple(map(_word, details.choices)))
    if details.completes in _FILES:
        return Slot(details.completes)
    return Slot("ask", (_word(details.completes),)) if details.completes else Slot("any")


def _word(text: str) -> str:
    """``text``, which stands bare in three languages, so it must be a plain word."""
    if not _WORD.fullmatch(text):
        raise ValueError(f"{text!r} cannot stand in a completion script")
    return text
