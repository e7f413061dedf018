"""The completion script of fish, out of the tree of commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from robo_xp_cli.generate_tree import Option, Place, Tree

_HEAD = """\
# Tab completion of robo-xp for fish. Written by: ./dev python -m robo_xp_cli.generate
# What comes out of the vault is data here: compared and shown, never evaluated.
"""

_TAIL = r"""
# Prints what stands at the cursor: the slot, the command before it, what leads the value.
function __robo_xp_here
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l at ''
    set -l plain no
    set -l position 1
    set -e words[1]
    while set -q words[1]
        set -l word "$words[1]"
        set -e words[1]
        if test $plain = no; and test "$word" = --
            set plain yes
        else if test $plain = no; and string match -qr -- '^-.' "$word"
            if not string match -q -- '*=*' "$word"; and __robo_xp_value "$at" "$word" >/dev/null
                if not set -q words[1]
                    __robo_xp_value "$at" "$word"
                    printf '%s\n' "$at" ''
                    return
                end
                set -e words[1]
            end
        else if contains -- "$word" (__robo_xp_commands "$at" | string replace -r -- '\t.*' '')
            set at (string trim -- "$at $word")
        else
            set position (math $position + 1)
        end
    end
    set -l slot
    set -l lead ''
    set -l slots (__robo_xp_arguments "$at")
    if test $plain = no; and string match -qr -- '^--.*=' "$current"
        set lead (string replace -r -- '=.*' '=' "$current")
        set slot (__robo_xp_value "$at" (string trim -r -c = -- "$lead"))
    else if test $plain = no; and string match -q -- '-*' "$current"
        set slot options
    else if __robo_xp_commands "$at" | read -l first
        set slot commands
    else if set -q slots[$position]
        set slot $slots[$position]
    else if __robo_xp_repeats "$at"
        set slot $slots[-1]
    end
    printf '%s\n' "$slot" "$at" "$lead"
end

# Prints the candidates, each with a description. Only plain words get onto the command line.
function __robo_xp_offer
    set -l here (__robo_xp_here)
    set -l lead "$here[3]"
    set -l slot (string split ' ' -- "$here[1]")
    switch "$slot[1]"
        case commands
            __robo_xp_commands "$here[2]"
        case options
            __robo_xp_options "$here[2]"
        case words
            printf '%s\n' $lead$slot[2..-1]
        case ask
            set -l typed (string sub -s (math 1 + (string length -- "$lead")) -- (commandline -ct))
            set -l words (commandline -opc)
            set -e words[1]
            command robo-xp __complete $slot[2] "$typed" -- $words 2>/dev/null </dev/null \
                | string match -r -- '^@?[A-Za-z0-9_.][A-Za-z0-9_./-]*(?:\t.*)?$' \
                | string replace -r -- '^' "$lead"
    end
end

function __robo_xp_wants_file
    set -l here (__robo_xp_here)
    string match -qr -- '^(file|folder)$' "$here[1]"
end

complete -c robo-xp -f
complete -c robo-xp -n __robo_xp_wants_file -F
complete -c robo-xp -k -a '(__robo_xp_offer)'
"""


def fish(tree: Tree) -> str:
    """The whole script."""
    return (
        "\n".join(
            [
                _HEAD,
                *_function("commands", "the commands below a command", tree, _commands),
                *_options(tree),
                *_function("arguments", "the slots of its arguments", tree, _arguments),
                *_repeats(tree),
                *_value(tree),
            ]
        )
        + _TAIL
    )


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
            yield f"        case {_quoted(place.path)}"
            yield from _printed(body, "            ")
    yield from ("    end", "end", "")


def _commands(place: Place) -> list[str]:
    return [f"{name} {_quoted(line)}" for name, line in place.commands]


def _arguments(place: Place) -> list[str]:
    return [_quoted(slot.text) for slot in place.arguments]


def _printed(lines: list[str], indent: str) -> Iterator[str]:
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
            yield f"        case {_quoted(place.path)}"
            yield from _printed(_described(own), "            ")
    yield "    end"
    changing = [_quoted(place.path) for place in tree.places if place.changes]
    yield f'    if contains -- "$argv[1]" {_wrapped(changing, "        ")}'
    yield from _printed(_described(tree.changes), "        ")
    yield "    end"
    yield from _printed(_described(tree.everywhere), "    ")
    yield from ("end", "")


def _repeats(tree: Tree) -> Iterator[str]:
    repeating = [_quoted(place.path) for place in tree.places if place.repeats]
    yield "# Whether the last argument of a command may stand again."
    yield "function __robo_xp_repeats"
    yield f'    contains -- "$argv[1]" {_wrapped(repeating, "        ")}'
    yield from ("end", "")


def _wrapped(words: Iterable[str], indent: str) -> str:
    return " \\\n".join((indent if number else "") + word for number, word in enumerate(words))


def _described(options: tuple[Option, ...]) -> list[str]:
    return [
        f"{name} {_quoted(option.help)}" for option in options for name in reversed(option.names)
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
        yield "        case " + " ".join(_quoted(path + name) for name in option.names)
        yield f"            echo {_quoted(option.slot.text)}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
