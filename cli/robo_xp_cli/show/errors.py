"""Errors for people (``error:`` and ``hint:``) and for scripts (one JSON object), on stderr."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from robo_xp_cli.show import streams
from robo_xp_cli.show.words import json_escaped, visible_text

if TYPE_CHECKING:
    from robo_xp.errors import RoboXPError

# the letters before the o are the short options that take no value
_SHORT_OUTPUT = re.compile(r"-[qnyhV]*o(.+)", re.DOTALL)


def asked_format(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """The output format that the raw arguments ask for, even when they cannot be parsed."""
    found = environ.get("ROBO_XP_OUTPUT", "")
    words = iter(argv)
    for word in words:
        if word == "--":
            break
        if word == "--json":
            found = "json"
        elif word in ("--output", "-o"):
            found = next(words, "")
        elif word.startswith("--output="):
            found = word.partition("=")[2]
        elif not word.startswith("--") and (short := _SHORT_OUTPUT.fullmatch(word)):
            found = short.group(1)
    return found


def report(error: RoboXPError, *, output: str, after_change: bool = False) -> int:
    """Tell ``error`` on stderr; its exit code comes back.

    ``after_change`` says that the command's work was committed before the error.
    """
    hint = error.advice
    if after_change:
        hint = f"the change itself was made; {hint}" if hint else "the change itself was made"
    if output in ("json", "jsonl"):
        streams.tell(_as_json(error, hint), is_data=True)
    else:
        for line in _lines(error):
            streams.tell(f"{_word('error:', '31')} {visible_text(line)}")
        if hint:
            streams.tell(f"{_word('hint:', '36')} {visible_text(hint)}")
    return error.exit_code


def is_debug() -> bool:
    """Whether tracebacks are wanted (``ROBO_XP_DEBUG=1``)."""
    return os.environ.get("ROBO_XP_DEBUG", "") not in ("", "0")


def _lines(error: RoboXPError) -> list[str]:
    return [str(fault) for fault in error.faults] or [error.message]


def _as_json(error: RoboXPError, hint: str) -> str:
    import json

    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if hint:
        body["hint"] = hint
    if error.faults:
        told = [{"where": fault.where, "message": fault.message} for fault in error.faults]
        body["faults"] = told
    return json_escaped(json.dumps({"error": body}))


def _word(word: str, code: str) -> str:
    colored = streams.is_terminal(sys.stderr) and not os.environ.get("NO_COLOR")
    if not colored or os.environ.get("TERM") == "dumb" or "--no-color" in sys.argv:
        return word
    return f"\x1b[1;{code}m{word}\x1b[0m"
