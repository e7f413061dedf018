"""The command classes under every noun and verb: shared options, help pages, lazy groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from robo_xp.text import first_of
from robo_xp_cli.framework.options import CHANGES, EVERYWHERE, SHARED
from robo_xp_cli.framework.typer_adapter import (
    Command,
    Context,
    HelpFormatter,
    Parameter,
    TyperCommand,
    TyperGroup,
    TyperOption,
    UsageError,
    has_subcommand,
)
from robo_xp_cli.framework.typer_errors import TYPED, did_you_mean, label, see_help, usage_error
from robo_xp_cli.framework.typer_params import adapt, documented_param
from robo_xp_cli.show.words import quoted

_GIVEN = "robo_xp_cli.given"
_FEW = 3
_NOT_EMPTY = ("data_dir", "guild", "store", "output", "fields", "config")


class Asked(Exception):
    """Parsing ended early: a help page was asked for, or (``help`` None) the version."""

    def __init__(self, help: str | None, given: Mapping[str, Any]) -> None:
        super().__init__()
        self.help = help
        self.given = given


class _Common(Command):
    """What commands and groups share: shared options, our help pages, no printing."""

    examples: tuple[str, ...] = ()

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Parse, and move the shared options out of the command's own parameters."""
        ctx.meta[TYPED] = list(args)
        try:
            self._refuse_repeated(ctx, args)
            rest = super().parse_args(ctx, args)
        except UsageError as error:  # some come without the command that they are about
            error.ctx = error.ctx or ctx
            raise
        _keep_given(ctx)
        return rest

    def _refuse_repeated(self, ctx: Context, args: list[str]) -> None:
        """Raise a usage error for an option that takes one value and was given several."""
        _, _, order = self.make_parser(ctx).parse_args(list(args))
        for param, times in Counter(order).items():
            if (
                times > 1
                and isinstance(param, TyperOption)
                and not (param.multiple or param.is_flag)
            ):
                raise usage_error(f"{label(param)} is given {times} times", see_help(ctx))

    def get_help_option(self, ctx: Context) -> TyperOption | None:
        """The help option, which asks for the page instead of printing it."""
        found = super().get_help_option(ctx)
        if found is not None and found.rich_help_panel != EVERYWHERE:
            found.rich_help_panel = EVERYWHERE
            found.help = "Show this page"
            found.callback = _ask_help
            adapt(found)
        return found

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        """The words of the usage line after the command's name."""
        arguments = [
            param.usage for param in map(documented_param, self.params) if param.is_argument
        ]
        return ["[OPTIONS]", *arguments]

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the whole page."""
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        self.format_options(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                for line in self.examples:
                    formatter.write(f"  {line}\n")

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the parameters, one section for each panel."""
        panels: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": [], CHANGES: []}
        for param in map(documented_param, self.get_params(ctx)):
            if not (param.hidden or (param.panel == CHANGES and isinstance(self, GroupCommand))):
                panels.setdefault(param.panel, []).append((param.heading, param.explanation))
        for title, rows in panels.items():
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


class VerbCommand(_Common, TyperCommand):
    """A command that does something; ``minus`` is its advice for a number below zero."""

    minus = ""


class Child(NamedTuple):
    """One name below a group: its line in the list, and how to build it when it is used."""

    help: str
    panel: str
    hidden: bool
    build: Callable[[str], VerbCommand | GroupCommand]


class GroupCommand(_Common, TyperGroup):
    """A group whose commands are imported and built only when one of them is used."""

    children: Mapping[str, Child]

    def list_commands(self, ctx: Context) -> list[str]:
        """Every name below this group, in the order in which it was declared."""
        return list(self.children)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """The command of this name, built now if it was not before."""
        if cmd_name not in self.commands and cmd_name in self.children:
            self.commands[cmd_name] = self.children[cmd_name].build(cmd_name)
        return self.commands.get(cmd_name)

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """The command that the first word means; an error with the nearest name if none."""
        command = self.get_command(ctx, args[0])
        if command is None:
            below = first_of([f"'{path}'" for path in self._paths_to(ctx, args[0])], _FEW)
            near = f"did you mean {below}?" if below else did_you_mean(args[0], self.children)
            advice = near or see_help(ctx)
            raise usage_error(f"no command {quoted(args[0])} in {ctx.command_path}", advice)
        return args[0], command, args[1:]

    def _paths_to(self, ctx: Context, word: str) -> Iterator[str]:
        """The commands of this name that the groups below have."""
        for name in self.list_commands(ctx):
            with suppress(ImportError):  # one that is broken is told of when it is used
                group = self.get_command(ctx, name)
                if isinstance(group, GroupCommand) and word in group.children:
                    yield f"{name} {word}"

    def invoke(self, ctx: Context) -> Any:
        """Go on to the command; without one the root shows its help and others refuse."""
        if has_subcommand(ctx):
            return super().invoke(ctx)
        if ctx.parent is None:
            raise Asked(ctx.get_help(), given_so_far(ctx))
        names = [name for name, child in self.children.items() if not child.hidden]
        raise usage_error(f"{ctx.command_path} needs a command: {', '.join(names)}", see_help(ctx))

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        """The words of the usage line after the group's name."""
        return ["[OPTIONS]", "COMMAND", "..."]

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the commands, known by their lines only, then the options."""
        panels: dict[str, list[tuple[str, str]]] = {}
        for name, child in self.children.items():
            if not child.hidden:
                panels.setdefault(child.panel, []).append((name, child.help))
        for title, rows in panels.items():
            with formatter.section(title):
                formatter.write_dl(rows)
        super().format_options(ctx, formatter)


def given_so_far(ctx: Context) -> dict[str, Any]:
    """The shared options that were typed at any level, one dictionary for all of them."""
    given: dict[str, Any] = ctx.meta.setdefault(_GIVEN, {})
    return given


def _keep_given(ctx: Context) -> None:
    """Move the shared values on; what stands further right on the line wins."""
    names = [name for name in ctx.params if name.startswith(SHARED)]
    here = {name.removeprefix(SHARED): ctx.params.pop(name) for name in names}
    for name in _NOT_EMPTY:
        if here.get(name) == "":
            raise usage_error(f"--{name.replace('_', '-')} is empty", see_help(ctx))
    if here.pop("json", False):
        if here.get("output") not in (None, "json"):
            raise usage_error(
                f"--json and --output {here['output']} contradict each other", see_help(ctx)
            )
        here["output"] = "json"
    is_version = here.pop("version", False)
    given_so_far(ctx).update(
        {name: value for name, value in here.items() if value not in (None, False)}
    )
    if is_version:
        raise Asked(None, given_so_far(ctx))


def _ask_help(ctx: Context, param: Parameter, value: Any) -> None:
    if value and not ctx.resilient_parsing:
        raise Asked(ctx.get_help(), given_so_far(ctx))
