"""Parameters between Typer and this program: our parsers in, our description out."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, get_args, get_origin

import typer

from robo_xp.errors import RoboXPError
from robo_xp_cli.framework.options import SHARED
from robo_xp_cli.framework.params import Details, Param
from robo_xp_cli.framework.typer_adapter import (
    Context,
    Parameter,
    TyperArgument,
    TyperOption,
    get_command,
    set_coercion,
)
from robo_xp_cli.framework.typer_errors import did_you_mean, label, usage_error
from robo_xp_cli.show.words import quoted


class _Coercion:
    """Turns what was typed into the value, with the parser that the command declared."""

    def __init__(self, details: Details) -> None:
        self._details = details

    def coerce(self, value: Any, param: TyperOption | TyperArgument, ctx: Context) -> Any:
        """The parsed value or values; defaults that are no text, or an empty one, pass through."""
        several = param.nargs == -1 or param.multiple
        if value == "" and _is_default(param, ctx):
            return value
        if value is None:
            return () if several else None
        try:
            return [self._one(item) for item in value] if several else self._one(value)
        except RoboXPError as error:
            error.message = f"{label(param)}: {error.message}"
            raise

    def _one(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        choices = self._details.choices
        if choices and value not in choices and self._details.parse is None:
            advice = did_you_mean(value, choices) or f"use one of {', '.join(choices)}"
            raise usage_error(f"{quoted(value)} is not one of its values", advice)
        return self._details.parse(value) if self._details.parse else value


def _is_default(param: Parameter, ctx: Context) -> bool:
    source = ctx.get_parameter_source(param.name)
    return source is not None and source.name == "DEFAULT"


@cache
def typer_options(declare: Callable[..., None]) -> tuple[TyperOption, ...]:
    """The options in the signature of ``declare``, made by Typer once and shared."""
    app = typer.Typer(add_completion=False)
    app.command()(declare)
    params = get_command(app).params
    for param in params:
        adapt(param)
    return tuple(param for param in params if isinstance(param, TyperOption))


def adapt(param: Parameter) -> None:
    """Give the parameter its own parser in place of Typer's."""
    assert isinstance(param, TyperOption | TyperArgument)
    details = details_of(param)
    wanted: Any = param.type_descriptor.annotation
    inner = get_args(wanted)[0] if get_origin(wanted) is list else wanted
    if not (details.parse or inner in (str, bool)):
        raise TypeError(f"parameter {param.name} is {inner!r} and has no parse=")
    set_coercion(param, _Coercion(details))


def details_of(param: Parameter) -> Details:
    """What was declared with :mod:`robo_xp_cli.framework.options`."""
    descriptor = getattr(param, "type_descriptor", None)
    found = getattr(getattr(descriptor, "parameter_info", None), "robo_xp", None)
    return found if isinstance(found, Details) else Details()


def documented_param(param: Parameter) -> Param:
    """The parameter as documentation sees it."""
    is_argument = isinstance(param, TyperArgument)
    panel = getattr(param, "rich_help_panel", None)
    return Param(
        name=param.name.removeprefix(SHARED),
        opts=() if is_argument else tuple(param.opts),
        metavar=param.metavar or param.name.upper(),
        help=getattr(param, "help", None) or "",
        panel=panel or ("Arguments" if is_argument else "Options"),
        required=param.required,
        multiple=param.nargs == -1 or param.multiple,
        is_flag=bool(getattr(param, "is_flag", False)),
        hidden=bool(getattr(param, "hidden", False)),
        default=param.default,
        details=details_of(param),
    )
