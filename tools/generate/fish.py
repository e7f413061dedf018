"""What the completion script of fish knows about the commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tools.generate.tree import Option, Place, Tree


def tables(tree: Tree) -> str:
    """The functions that hold the tree of commands."""
    lines = [
        *_function("commands", "the commands below a command", tree, _commands),
        *_options(tree),
        *_function("arguments", "the slots of its arguments", tree, _arguments),
        *_repeats(tree),
        *_value(tree),
        "",
    ]
    return "\n".join(lines)


def _function(
    name: str, what: str, tree: Tree, lines: Callable[[Place], list[str]]
) -> Iterator[str]:
    """A function that prints something of each place."""
    yield f"# Prints {what}."
    yield f"function __robo_xp_{name}"
    yield '    switch "$argv[1]"'
    for place in tree.places:
        body = lines(place)
        if body:
            yield f"        case {_quoted_text(place.path)}"
            yield from _printed_lines(body, "            ")
    yield from ("    end", "end", "")


def _commands(place: Place) -> list[str]:
    return [f"{name} {_quoted_text(line)}" for name, line in place.commands]


def _arguments(place: Place) -> list[str]:
    return [_quoted_text(slot.text) for slot in place.arguments]


def _printed_lines(lines: list[str], indent: str) -> Iterator[str]:
    form = r"'%s\t%s\n'" if not lines[0].startswith("'") else r"'%s\n'"
    yield f"{indent}printf {form} " + " \\\n".join(
        (f"{indent}    " if number else "") + line for number, line in enumerate(lines)
    )


def _options(tree: Tree) -> Iterator[str]:
    yield "# Prints the options of a command."
    yield "function __robo_xp_options"
    yield '    switch "$argv[1]"'
    for place in tree.places:
        own = tree.version if not place.path else place.own
        if own:
            yield f"        case {_quoted_text(place.path)}"
            yield from _printed_lines(_described_options(own), "            ")
    yield "    end"
    changing = [_quoted_text(place.path) for place in tree.places if place.changes]
    yield f'    if contains -- "$argv[1]" {_wrapped_line(changing, "        ")}'
    yield from _printed_lines(_described_options(tree.changes), "        ")
    yield "    end"
    yield from _printed_lines(_described_options(tree.everywhere), "    ")
    yield from ("end", "")


def _repeats(tree: Tree) -> Iterator[str]:
    repeating = [_quoted_text(place.path) for place in tree.places if place.repeats]
    yield "# Whether the last argument of a command may stand again."
    yield "function __robo_xp_repeats"
    yield f'    contains -- "$argv[1]" {_wrapped_line(repeating, "        ")}'
    yield from ("end", "")


def _wrapped_line(words: Iterable[str], indent: str) -> str:
    return " \\\n".join((indent if number else "") + word for number, word in enumerate(words))


def _described_options(options: tuple[Option, ...]) -> list[str]:
    return [
        f"{name} {_quoted_text(option.help)}"
        for option in options
        for name in reversed(option.names)
    ]


def _value(tree: Tree) -> Iterator[str]:
    """The function that says what the value of an option is."""
    yield "# Prints the slot for the value of an option ($argv[2]); fails if it has none."
    yield "function __robo_xp_value"
    yield '    switch "$argv[1] $argv[2]"'
    for option in (*tree.everywhere, *tree.changes):
        yield from _case(option, "* ")
    for place in tree.places:
        for option in place.own:
            yield from _case(option, f"{place.path} ")
    yield from ("        case '*'", "            return 1", "    end", "end")


def _case(option: Option, path: str) -> Iterator[str]:
    if option.slot:
        yield "        case " + " ".join(_quoted_text(path + name) for name in option.names)
        yield f"            echo {_quoted_text(option.slot.text)}"


def _quoted_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
