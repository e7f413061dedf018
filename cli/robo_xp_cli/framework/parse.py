"""Builds Typer's commands out of nouns and verbs, and parses a command line with them.

Of Typer's ways these are replaced: eager imports (groups load when used), coercion (which loads
pydantic), help pages, error pages. Parsing has no effect; it returns what to call as a
:class:`Call`. Generators of man pages and completions :func:`walk` the same tree.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from robo_xp_cli.framework import options
from robo_xp_cli.framework.declare import Entry, Noun, Verb, hints_of
from robo_xp_cli.framework.options import CHANGES
from robo_xp_cli.framework.params import Node
from robo_xp_cli.framework.typer_adapter import (
    Command,
    Context,
    Parameter,
    TyperOption,
    UsageError,
    get_command,
)
from robo_xp_cli.framework.typer_errors import as_usage_error
from robo_xp_cli.framework.typer_groups import Asked, Child, GroupCommand, VerbCommand, given_so_far
from robo_xp_cli.framework.typer_params import adapt, documented_param, typer_options

if TYPE_CHECKING:
    from robo_xp_cli.show.results import Result

PROGRAM = "robo-xp"
Table = Mapping[str, Entry]
_HELP_NAMES = ["-h", "--help"]
_HELP = "help"
"""Asks for the page of the command that follows it."""


class Call(NamedTuple):
    """A parsed command line: what to call, with what, and the shared options that were typed."""

    verb: Verb
    arguments: Mapping[str, Any]
    given: Mapping[str, Any]


class Help(NamedTuple):
    """A help page was asked for."""

    text: str
    given: Mapping[str, Any]


def parse(table: Table, argv: Sequence[str]) -> Call | Help:
    """The command that ``argv`` means; runs nothing. ``help xp give`` is ``xp give --help``.

    Every mistake is an :class:`~robo_xp.errors.InvalidValue` (exit code 2) with code ``USAGE``,
    or with its own code when a value was refused by its parser.
    """
    words = [*argv[1:], "--help"] if list(argv[:1]) == [_HELP] else list(argv)
    try:
        context = _root(table).make_context(PROGRAM, words)
        with context:
            call = context.command.invoke(context)
            given = dict(given_so_far(context))
    except Asked as asked:
        if asked.help is None:
            return Call(_VERSION, {}, asked.given)
        return Help(asked.help, asked.given)
    except UsageError as error:
        raise as_usage_error(error) from None
    assert isinstance(call, Call)
    return call._replace(given=given)


def walk(table: Table) -> Iterator[Node]:
    """Every group and command below the root, loaded, parents first, in the table's order."""
    root = _root(table)
    yield from _walk(root, Context(root, info_name=PROGRAM, help_option_names=_HELP_NAMES), ())


def exit_code_of(error: BaseException) -> int | None:
    """The exit code that one of Typer's own ways to leave stands for; None for other errors."""
    if isinstance(error, typer.Exit):
        return error.exit_code
    return 130 if isinstance(error, typer.Abort) else None


def _root(table: Table) -> GroupCommand:
    children = {
        name: Child(entry.help, entry.panel, entry.hidden, _loader(entry))
        for name, entry in table.items()
    }
    root = _group(PROGRAM, "XP, levels and giveaways for Discord servers.", children)
    root.context_settings = {"help_option_names": _HELP_NAMES, "max_content_width": 100}
    root.params.extend(typer_options(options.version))
    return root


def _loader(entry: Entry) -> Callable[[str], VerbCommand | GroupCommand]:
    def build(name: str) -> VerbCommand | GroupCommand:
        found = entry.load()
        return _verb(name, found) if isinstance(found, Verb) else _noun(name, found)

    return build


def _noun(name: str, noun: Noun) -> GroupCommand:
    children = {
        verb.name: Child(verb.summary, "Commands", verb.hidden, _builder(_verb, verb))
        for verb in noun.verbs.values()
    }
    for inner in noun.groups.values():
        children[inner.name] = Child(inner.help, "Commands", False, _builder(_noun, inner))
    return _group(name, noun.help, children)


def _builder(build: Callable[[str, Any], Any], what: Noun | Verb) -> Callable[[str], Any]:
    return lambda name: build(name, what)


def _group(name: str, help: str, children: Mapping[str, Child]) -> GroupCommand:
    group = GroupCommand(name=name, help=help)
    group.children = children
    group.params.extend([*typer_options(options.everywhere), *typer_options(options.changes)])
    return group


def _verb(name: str, verb: Verb) -> VerbCommand:
    app = typer.Typer(add_completion=False)
    app.command(name, cls=VerbCommand, help=verb.help, hidden=verb.hidden)(_collector(verb))
    command = get_command(app)
    assert isinstance(command, VerbCommand)
    for param in command.params:
        adapt(param)
    shared = [*typer_options(options.everywhere)]
    if verb.changes:
        shared += typer_options(options.changes)
    if verb.replaces:  # in copies, since all commands of a process share the options
        shared = [copy(param) for param in shared]
        for param in shared:
            param.opts = [name for name in param.opts if name not in verb.replaces]
    _refuse_clashes(verb, command.params, shared)
    command.params.extend(shared)
    command.examples = verb.examples
    command.minus = verb.minus
    return command


def _collector(verb: Verb) -> Callable[..., Call]:
    """A function with the verb's own parameters that returns them instead of acting."""

    def collect(**arguments: Any) -> Call:
        return Call(verb, arguments, {})

    hints = hints_of(verb.function)
    parameters = [
        parameter.replace(annotation=hints[name])
        for name, parameter in inspect.signature(verb.function).parameters.items()
        if name != "run"
    ]
    collect.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    collect.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return collect


def _refuse_clashes(verb: Verb, own: Sequence[Parameter], shared: Sequence[Parameter]) -> None:
    taken = {opt for param in shared for opt in param.opts} | {"-h", "--help"}
    clashes = taken.intersection(
        opt for param in own if isinstance(param, TyperOption) for opt in param.opts
    )
    if clashes:
        raise TypeError(f"'{verb.path}' declares shared options: {', '.join(sorted(clashes))}")


def _walk(command: Command, ctx: Context, path: tuple[str, ...]) -> Iterator[Node]:
    names = command.list_commands(ctx) if isinstance(command, GroupCommand) else []
    params = tuple(map(documented_param, command.get_params(ctx)))
    yield Node(
        path=path,
        help=inspect.cleandoc(command.help or ""),
        params=params,
        is_group=isinstance(command, GroupCommand),
        changes=not isinstance(command, GroupCommand) and any(p.panel == CHANGES for p in params),
        hidden=command.hidden,
        examples=getattr(command, "examples", ()),
    )
    for name in names:
        assert isinstance(command, GroupCommand)
        inner = command.get_command(ctx, name)
        assert inner is not None
        inner.hidden = command.children[name].hidden
        yield from _walk(inner, Context(inner, parent=ctx, info_name=name), (*path, name))


def _version(run: Any) -> Result:
    """The version of the program."""
    from robo_xp import __version__
    from robo_xp_cli.show.results import One

    return One({"version": __version__}, human=f"{PROGRAM} {__version__}")


_VERSION = Verb("--version", "--version", _version, "Show the version")
