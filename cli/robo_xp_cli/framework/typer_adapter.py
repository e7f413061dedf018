"""The private parts of Typer that this program uses, imported and checked in this file alone.

Typer carries its own copy of Click in a private module. A contract test holds what is used of
it; after an upgrade that moved something, the error says so at the first import.
"""

from __future__ import annotations

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

try:
    from typer._click.core import Command, Context, Parameter
    from typer._click.exceptions import MissingParameter, NoSuchOption, UsageError
    from typer._click.formatting import HelpFormatter
except ImportError as error:
    raise ImportError(
        f"this Typer ({typer.__version__}) is not the one that Robo XP was made for: {error}; "
        "install typer>=0.29,<0.30, which it was tested with"
    ) from error

__all__ = [
    "Command",
    "Context",
    "HelpFormatter",
    "MissingParameter",
    "NoSuchOption",
    "Parameter",
    "TyperArgument",
    "TyperCommand",
    "TyperGroup",
    "TyperOption",
    "UsageError",
    "get_command",
    "has_subcommand",
    "set_coercion",
]


def has_subcommand(ctx: Context) -> bool:
    """Whether a group was given the name of a command."""
    return bool(ctx._protected_args)


def set_coercion(param: TyperOption | TyperArgument, coercion: object) -> None:
    """Put ``coercion`` where Typer would build a pydantic adapter (65 ms) at the first value."""
    if not hasattr(param, "_runtime_param"):
        raise TypeError(f"Typer {typer.__version__} keeps its coercion elsewhere")
    param._runtime_param = coercion  # type: ignore[assignment]  # only coerce() is called
