"""The man pages and the command reference, out of the commands and the texts in ``manual/``.

A text in ``manual/`` is a page of Markdown in which ``{options}``, ``{changes}`` and
``{commands}`` stand for what the tree of commands knows, ``{exits}`` for the exit codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from robo_xp import __released__, __version__
from robo_xp_cli.framework.declare import Entry
from robo_xp_cli.framework.options import CHANGES, EVERYWHERE
from robo_xp_cli.framework.params import Node, Param
from tools.generate import errors, markdown, roff, settings
from tools.generate.page import Block, Code, Heading, Items, Paragraph, bare, escaped_inline

MANUAL = Path(__file__).with_name("manual")
REFERENCE = "docs/commands.md"
_SOURCE = f"Robo XP {__version__}"
_OF_COMMANDS, _OF_FILES, _OF_SYSTEM = "User Commands", "File Formats", "System Administration"
_ONLY_IN_MAN = ("NAME", "SYNOPSIS", "SEE ALSO")
_PREFACE = """\
Written by `./dev python -m tools.generate`; the same text is the man page robo-xp(1).
Every command also shows its part of it with `--help`."""


def pages(nodes: Sequence[Node], table: Mapping[str, Entry], root: Path) -> dict[str, str]:
    """The man pages and the reference by their paths in the checkout."""
    commands = list(_filled_page(_manual("robo-xp.1"), nodes, table))
    return {
        "man/robo-xp.1": _man("robo-xp", 1, _OF_COMMANDS, commands),
        "man/robo-xpd.8": _man("robo-xpd", 8, _OF_SYSTEM, _manual("robo-xpd.8")),
        "man/robo-xp.toml.5": _man("robo-xp.toml", 5, _OF_FILES, _manual("robo-xp.toml.5")),
        "man/robo-xp-journal.5": _man("robo-xp-journal", 5, _OF_FILES, _journal(root)),
        "man/robo-xp-settings.5": _man("robo-xp-settings", 5, _OF_FILES, _settings()),
        REFERENCE: markdown.write(_reference(commands)),
        settings.PAGE: markdown.write(settings.blocks()),
    }


def _man(name: str, section: int, manual: str, blocks: Sequence[Block]) -> str:
    title = roff.Title(name, section, __released__, _SOURCE, manual)
    return roff.write(title, blocks)


def _manual(name: str) -> list[Block]:
    text = (MANUAL / f"{name}.md").read_text(encoding="utf-8")
    return [block for block in markdown.read(text) if block != Heading(name, 1)]


def _journal(root: Path) -> list[Block]:
    """The page for operators in docs/ as a man page."""
    text = (root / "docs/journal.md").read_text(encoding="utf-8")
    return _man_page("robo-xp-journal.5", list(markdown.read(text)))


def _settings() -> list[Block]:
    """The reference of the settings as a man page."""
    title, _, *blocks = settings.blocks()
    return _man_page("robo-xp-settings.5", [title, *blocks])


def _man_page(name: str, page: Sequence[Block]) -> list[Block]:
    """A page of docs/ without its title, with the sections that a man page begins and ends with."""
    _, *blocks = page
    begin, end = _manual(name), Heading("SEE ALSO", 2)
    at = begin.index(end)
    return [*begin[:at], Heading("DESCRIPTION", 2), *blocks, *begin[at:]]


def _reference(blocks: Sequence[Block]) -> Iterator[Block]:
    yield Heading("Commands", 1)
    yield Paragraph(_PREFACE)
    section = ""
    for block in blocks:
        if isinstance(block, Heading) and block.level == 2:
            section = block.text
        if section in _ONLY_IN_MAN:
            continue
        if isinstance(block, Heading) and block.level == 2:
            yield replace(block, text=block.text.capitalize())
        else:
            yield block


def _filled_page(
    blocks: Sequence[Block], nodes: Sequence[Node], table: Mapping[str, Entry]
) -> Iterator[Block]:
    """The page with what the tree knows in place of each mark."""
    known: dict[str, list[Block]] = {
        "{options}": [_items("option", _shared_params(nodes, EVERYWHERE))],
        "{changes}": [_items("option", _shared_params(nodes, CHANGES))],
        "{commands}": list(_commands(nodes, table)),
        "{exits}": [errors.exit_codes()],
    }
    for block in blocks:
        yield from known.get(block.text, [block]) if isinstance(block, Paragraph) else [block]


def _shared_params(nodes: Sequence[Node], panel: str) -> list[Param]:
    return [param for param in nodes[0].params if param.panel == panel and not param.hidden]


def _commands(nodes: Sequence[Node], table: Mapping[str, Entry]) -> Iterator[Block]:
    """Every command, in the order and under the titles of the list in the help."""
    visible = [node for node in nodes if node.path and not node.hidden]
    alike = [(node, _visible_node(node)) for node in visible]
    for panel, group in groupby(visible, key=lambda node: table[node.path[0]].panel):
        listed = [node for node in group if not node.is_group]
        yield Heading(panel, 3)
        for node in listed:
            yield from _command(node, _full_form(node, alike))


def _full_form(node: Node, nodes: Sequence[tuple[Node, Node]]) -> Node:
    """The command that this one is a short form of, of those with what is told of them."""
    told = _visible_node(node)
    return max(
        (one for one, its in nodes if its == told),
        key=lambda one: (len(one.path), len(one.path[-1])),
    )


def _visible_node(node: Node) -> Node:
    """The command but for its name and for what people cannot see."""
    params = (one._replace(details=one.details._replace(parse=None)) for one in node.params)
    return node._replace(path=(), params=tuple(params))


def _command(node: Node, full: Node) -> Iterator[Block]:
    own = [param for param in node.params if param.panel not in (EVERYWHERE, CHANGES)]
    arguments = [param for param in own if param.is_argument and not param.hidden]
    usage = " ".join(["robo-xp", *node.path, *(param.usage for param in arguments)])
    yield Heading(f"`{usage}`", 4)
    if full is not node:
        yield Paragraph(f"The same as `{_name(full)}`.")
        return
    for text in node.help.split("\n\n"):
        yield Paragraph(escaped_inline(text))
    options = [param for param in own if not param.is_argument and not param.hidden]
    yield from [_items("argument", arguments)] if arguments else []
    yield from [_items("option", options)] if options else []
    if node.changes:
        yield Paragraph("Changes something, so it takes `--reason`, `--dry-run` and `--yes`.")
    yield from [Code(node.examples, "sh")] if node.examples else []


def _name(node: Node) -> str:
    return " ".join(["robo-xp", *node.path])


def _items(head: str, params: Sequence[Param]) -> Items:
    rows = tuple((_term(param), escaped_inline(param.explanation)) for param in params)
    return Items((head, "meaning"), rows)


def _term(param: Param) -> str:
    if param.is_argument:
        return f"*{bare(escaped_inline(param.usage))}*"
    names = ", ".join(f"`{name}`" for name in sorted(param.opts, key=len))
    if param.is_flag:
        return names
    return f"{names} *{'NAME' if param.details.choices else param.metavar}*"
