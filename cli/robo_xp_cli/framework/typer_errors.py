"""Mistakes on the command line in our words: what is wrong, and what was probably meant."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from robo_xp.errors import InvalidValue, WrongUsage
from robo_xp_cli.framework.typer_adapter import (
    Context,
    MissingParameter,
    NoSuchOption,
    Parameter,
    TyperArgument,
    UsageError,
)
from robo_xp_cli.show.words import short_visible, visible_text

TYPED = "robo_xp_cli.typed"
"""Where a context keeps the words that it was given."""


def usage_error(message: str, advice: str = "") -> InvalidValue:
    """An error of the command line itself (exit code 2, code ``USAGE``)."""
    return WrongUsage(message, advice=advice)


def as_usage_error(error: UsageError) -> InvalidValue:
    """Typer's usage error as ours."""
    if isinstance(error, NoSuchOption):
        return usage_error(f"no option {short_visible(error.option_name)}", _option_advice(error))
    if isinstance(error, MissingParameter) and error.param is not None and error.ctx is not None:
        return usage_error(f"missing {label(error.param)}", _usage(error.ctx, error.param))
    message = visible_text(error.format_message()).rstrip(".")
    advice = see_help(error.ctx) if error.ctx else ""
    return usage_error(message[:1].lower() + message[1:], advice)


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """A question that offers the nearest of ``names``; empty if none is near."""
    from difflib import get_close_matches

    near = get_close_matches(word.lower(), list(names), n=2, cutoff=0.6)
    return f"did you mean {' or '.join(repr(name) for name in near)}?" if near else ""


def see_help(ctx: Context) -> str:
    """Which help page tells more."""
    return f"see '{ctx.command_path} --help'"


def label(param: Parameter) -> str:
    """The parameter as people know it: ``USER`` or ``--limit``."""
    if isinstance(param, TyperArgument):
        return param.metavar or param.name.upper()
    return max(param.opts, key=len)


def _option_advice(error: NoSuchOption) -> str:
    if re.match(r"-\d", error.option_name):
        minus = getattr(error.ctx.command, "minus", "") if error.ctx else ""
        return _without_minus(minus, error.ctx) or "put -- before values that begin with a minus"
    if error.possibilities:
        return f"did you mean {' or '.join(sorted(error.possibilities))}?"
    return see_help(error.ctx) if error.ctx else ""


def _without_minus(advice: str, ctx: Context | None) -> str:
    """The advice, with what was typed, but for its minus, where it has braces for that."""
    typed = ctx.meta[TYPED] if ctx else ()
    words = [word.lstrip("-") if re.match(r"-\d", word) else word for word in typed]
    return advice.format(visible_text(shlex.join(words)))


def _usage(ctx: Context, missing: Parameter) -> str:
    """How the command is written, with the option that it cannot do without."""
    pieces = ctx.command.collect_usage_pieces(ctx)
    if not isinstance(missing, TyperArgument):
        pieces.append(f"{label(missing)} {missing.metavar or ''}".rstrip())
    return f"usage: {ctx.command_path} {' '.join(pieces)}"
