"""How commands declare what they take, and the options that all of them share.

A parameter is declared in ``Annotated``::

    user: Annotated[str, argument("USER", "Who gets it", parse=values.user)]
    limit: Annotated[int, option("--limit", help="How many", metavar="N", parse=count)] = 10
    sort: Annotated[str, option("--sort", help="Order", choices=("xp", "last"))] = "xp"
    all_members: Annotated[bool, option("--all", help="Every member")] = False

``parse`` gets the typed text (each one of a ``list[…]``) and returns the value or raises
:class:`robo_xp.errors.InvalidValue`. A parameter without ``parse`` is ``str`` or ``bool``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from robo_xp.machine.config_file import OUTPUTS
from robo_xp_cli.framework.params import Details

EVERYWHERE = "Everywhere"
CHANGES = "Changes"
SHARED = "shared_"


def argument(
    metavar: str,
    help: str,
    *,
    parse: Callable[[str], Any] | None = None,
    choices: Sequence[str] = (),
    completes: str = "",
) -> Any:
    """A positional argument; ``completes`` names what Tab offers, such as ``member``."""
    info = typer.Argument(metavar=metavar, help=help)
    info.robo_xp = Details(parse, tuple(choices), completes)
    return info


def option(
    *names: str,
    help: str,
    metavar: str = "",
    parse: Callable[[str], Any] | None = None,
    choices: Sequence[str] = (),
    completes: str = "",
    env: str = "",
    panel: str = "",
    hidden: bool = False,
) -> Any:
    """An option; ``env`` is only shown in the help, :mod:`robo_xp_cli.run.context` reads it."""
    info = typer.Option(
        *names,
        help=help,
        metavar=metavar or "|".join(choices) or None,
        rich_help_panel=panel or None,
        hidden=hidden,
    )
    info.robo_xp = Details(parse, tuple(choices), completes, env)
    return info


def everywhere(
    shared_data_dir: Annotated[
        str | None,
        option(
            "--data-dir",
            help="Folder of the vault",
            metavar="DIR",
            completes="folder",
            env="ROBO_XP_DATA_DIR",
            panel=EVERYWHERE,
        ),
    ] = None,
    shared_guild: Annotated[
        str | None,
        option(
            "--guild",
            "-g",
            help="Guild to work on",
            metavar="ID",
            completes="guild",
            env="ROBO_XP_GUILD",
            panel=EVERYWHERE,
        ),
    ] = None,
    shared_store: Annotated[
        str | None,
        option(
            "--store",
            "-s",
            help="Store to work on, else 'default'",
            metavar="ID",
            completes="store",
            env="ROBO_XP_STORE",
            panel=EVERYWHERE,
        ),
    ] = None,
    shared_output: Annotated[
        str | None,
        option(
            "--output",
            "-o",
            help="Output format",
            choices=OUTPUTS,
            env="ROBO_XP_OUTPUT",
            panel=EVERYWHERE,
        ),
    ] = None,
    shared_json: Annotated[
        bool, option("--json", help="Same as -o json", panel=EVERYWHERE)
    ] = False,
    shared_fields: Annotated[
        str | None,
        option(
            "--fields",
            help="Only these fields, in this order",
            metavar="A,B,C",
            panel=EVERYWHERE,
        ),
    ] = None,
    shared_no_header: Annotated[
        bool, option("--no-header", help="No header in csv, tsv and pipes", panel=EVERYWHERE)
    ] = False,
    shared_quiet: Annotated[
        bool, option("--quiet", "-q", help="No notes, no result of a change", panel=EVERYWHERE)
    ] = False,
    shared_verbose: Annotated[
        bool, option("--verbose", "-v", help="Say more about it", panel=EVERYWHERE)
    ] = False,
    shared_no_color: Annotated[
        bool, option("--no-color", help="No colours", env="NO_COLOR", panel=EVERYWHERE)
    ] = False,
    shared_config: Annotated[
        str | None,
        option(
            "--config",
            help="Configuration file",
            metavar="FILE",
            completes="file",
            env="ROBO_XP_CONFIG",
            panel=EVERYWHERE,
        ),
    ] = None,
) -> None:
    """Declare the options of every command."""


def changes(
    shared_reason: Annotated[
        str | None,
        option("--reason", "-r", help="Why, for the history", metavar="TEXT", panel=CHANGES),
    ] = None,
    shared_dry_run: Annotated[
        bool, option("--dry-run", "-n", help="Show the result, change nothing", panel=CHANGES)
    ] = False,
    shared_yes: Annotated[
        bool, option("--yes", "-y", help="Answer questions with yes", panel=CHANGES)
    ] = False,
) -> None:
    """Declare the options of every command that changes something."""


def version(
    shared_version: Annotated[
        bool, option("--version", "-V", help="Show the version", panel=EVERYWHERE)
    ] = False,
) -> None:
    """Declare the option of the program itself."""
