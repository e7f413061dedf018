"""What Discord refuses in application commands."""

from __future__ import annotations

import re

from tests.daemon.loopback.errors import FormErrors
from tests.daemon.loopback.flags import Json

_NAME = re.compile(r"^[-_'\w]{1,32}$")
_GROUPS = (1, 2)


def check_commands(commands: list[Json]) -> None:
    """Raises 50035 for a set of commands that cannot be."""
    errors = FormErrors()
    for kind, most in ((1, 100), (2, 15), (3, 15)):
        if sum(command.get("type", 1) == kind for command in commands) > most:
            text = f"Maximum number of application commands reached ({most})."
            errors.add("commands", "APPLICATION_COMMANDS_MAX", text)
    names = [(command.get("type", 1), command.get("name")) for command in commands]
    if len(names) > len(set(names)):
        text = "Application command names must be unique"
        errors.add("commands", "APPLICATION_COMMANDS_DUPLICATE_NAME", text)
    for index, command in enumerate(commands):
        _check_command(errors, str(index), command)
    errors.raise_any()


def _check_command(errors: FormErrors, path: str, command: Json) -> None:
    if command.get("type", 1) == 1:
        _check_named(errors, path, command)
        _check_options(errors, path, command.get("options") or [])
        if (size := _size(command)) > 8000:
            text = f"Command exceeds maximum size ({size} of 8000)"
            errors.add(path, "APPLICATION_COMMAND_TOO_LARGE", text)
    else:
        errors.length(f"{path}.name", command.get("name"), 32, least=1)
        if command.get("description"):
            text = "Context menu commands cannot have description"
            errors.add(f"{path}.description", "CONTEXT_MENU_NO_DESCRIPTION", text)


def _check_named(errors: FormErrors, path: str, part: Json) -> None:
    name = str(part.get("name") or "")
    if not _NAME.match(name) or name != name.lower():
        text = "Command name is invalid"
        errors.add(f"{path}.name", "APPLICATION_COMMAND_INVALID_NAME", text)
    errors.length(f"{path}.description", part.get("description"), 100, least=1)


def _check_options(errors: FormErrors, path: str, options: list[Json]) -> None:
    errors.count(f"{path}.options", options, 25)
    names = [option.get("name") for option in options]
    if len(names) > len(set(names)):
        text = "Option name must be unique"
        errors.add(f"{path}.options", "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATE", text)
    seen_optional = False
    for index, option in enumerate(options):
        inner = f"{path}.options.{index}"
        _check_named(errors, inner, option)
        if option.get("type") in _GROUPS:
            _check_options(errors, inner, option.get("options") or [])
            continue
        if option.get("required") and seen_optional:
            text = "Required options must be placed before non-required options"
            errors.add(f"{inner}.required", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text)
        seen_optional = seen_optional or not option.get("required")
        _check_choices(errors, inner, option)


def _check_choices(errors: FormErrors, path: str, option: Json) -> None:
    check_choices(errors, path, option.get("choices") or [])
    if option.get("choices") and option.get("autocomplete"):
        text = "Choices and autocomplete exclude each other"
        errors.add(path, "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE", text)


def check_choices(errors: FormErrors, path: str, choices: object) -> None:
    """Notes faults in choices, of an option or of an autocompletion."""
    errors.count(f"{path}.choices", choices, 25)
    for index, choice in enumerate(choices if isinstance(choices, list) else []):
        errors.length(f"{path}.choices.{index}.name", choice.get("name"), 100, least=1)
        if isinstance(choice.get("value"), str):
            errors.length(f"{path}.choices.{index}.value", choice["value"], 100, least=1)


def _size(part: Json) -> int:
    own = len(part.get("name") or "") + len(part.get("description") or "")
    choices = part.get("choices") or []
    own += sum(len(choice["name"]) + len(str(choice["value"])) for choice in choices)
    return own + sum(_size(option) for option in part.get("options") or [])
