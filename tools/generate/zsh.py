"""What the completion script of zsh knows about the commands."""

from __future__ import annotations

from collections.abc import Iterator

from tools.generate.tree import Option, Tree, value_slots


def tables(tree: Tree) -> str:
    """The functions that hold the tree of commands."""
    return "\n".join([*_at(tree), "", *_value(tree), ""])


def _at(tree: Tree) -> Iterator[str]:
    """The function that says what stands below a command."""
    yield "# Sets what may stand behind a command: its own commands, options, arguments."
    yield "_robo_xp_at() {"
    yield "  local -a everywhere changes"
    yield from _array("everywhere", _described_options(tree.everywhere), "  ")
    yield from _array("changes", _described_options(tree.changes), "  ")
    yield "  commands=() options=($everywhere) arguments=() more="
    yield "  case $1 in"
    for place in tree.places:
        own = tree.version if not place.path else place.own
        yield f"    ({_quoted_text(place.path)})"
        if own:
            yield from _array("options+", _described_options(own), "      ")
        if place.changes:
            yield "      options+=($changes)"
        if place.commands:
            lines = [f"{name}:{line}" for name, line in place.commands]
            yield from _array("commands", lines, "      ")
        if place.arguments:
            slots = " ".join(_quoted_text(slot.text) for slot in place.arguments)
            yield f"      arguments=({slots}){' more=1' if place.repeats else ''}"
        yield "      ;;"
    yield from ("  esac", "}")


def _array(name: str, entries: list[str], indent: str) -> Iterator[str]:
    yield f"{indent}{name}=("
    yield from (f"{indent}  {_quoted_text(entry)}" for entry in entries)
    yield f"{indent})"


def _described_options(options: tuple[Option, ...]) -> list[str]:
    return [f"{name}:{option.help}" for option in options for name in reversed(option.names)]


def _value(tree: Tree) -> Iterator[str]:
    """The function that says what the value of an option is."""
    yield "# Sets the slot for the value of an option ($2) of a command ($1); fails if it has none."
    yield "_robo_xp_value() {"
    yield '  case "$1 $2" in'
    for patterns, slot in value_slots(tree):
        yield f"    ({'|'.join(patterns)}) slot={_quoted_text(slot)} ;;"
    yield from ("    (*) return 1 ;;", "  esac", "}")


def _quoted_text(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
