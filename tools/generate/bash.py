"""What the completion script of Bash knows about the commands."""

from __future__ import annotations

from collections.abc import Iterator

from tools.generate.tree import Option, Place, Tree, value_slots


def tables(tree: Tree) -> str:
    """The functions that hold the tree of commands."""
    return "\n".join([*_at(tree), "", *_value(tree), ""])


def _at(tree: Tree) -> Iterator[str]:
    """The function that says what stands below a command."""
    yield "# Sets what may stand behind a command: its own commands, options, arguments."
    yield "_robo_xp_at() {"
    yield f"    local everywhere='{_names(tree.everywhere)}' changes='{_names(tree.changes)}'"
    yield "    commands='' options='' arguments=() more=''"
    yield "    case $1 in"
    for place in tree.places:
        own = tree.version if not place.path else place.own
        parts = [_names(own), "$changes" if place.changes else "", "$everywhere"]
        yield f"    '{place.path}')"
        yield f'        options="{" ".join(filter(None, parts))}"'
        yield from _arguments(place)
        yield "        ;;"
    yield from ("    esac", "}")


def _arguments(place: Place) -> Iterator[str]:
    if place.commands:
        yield f"        commands='{' '.join(name for name, _ in place.commands)}'"
    if place.arguments:
        slots = " ".join(f"'{slot.text}'" for slot in place.arguments)
        yield f"        arguments=({slots}){' more=1' if place.repeats else ''}"


def _value(tree: Tree) -> Iterator[str]:
    """The function that says what the value of an option is."""
    yield "# Sets the slot for the value of an option ($2) of a command ($1); fails if it has none."
    yield "_robo_xp_value() {"
    yield '    case "$1 $2" in'
    for patterns, slot in value_slots(tree):
        yield f"    {' | '.join(patterns)}) slot='{slot}' ;;"
    yield from ("    *) return 1 ;;", "    esac", "}")


def _names(options: tuple[Option, ...]) -> str:
    return " ".join(name for option in options for name in reversed(option.names))
