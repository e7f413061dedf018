"""Own settings in the operator's editor, until they are right or given up."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robo_xp.errors import EditorFailed, InvalidValue, NeedsTerminal, NotConfigured
from robo_xp_cli.nouns.config.documents import as_toml, check_written, from_toml, toml_value
from robo_xp_cli.run.progress import ask, leave_terminal
from robo_xp_cli.show import streams
from robo_xp_cli.show.words import visible_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from robo_xp.usecases.settings.layered import Explained
    from robo_xp_cli.nouns.shared.settings_layer import Layer

_EDITORS = ("sensible-editor", "nano", "vim", "vi")


def page(own: Mapping[str, Any], holds: Sequence[Explained], layer: Layer) -> str:
    """The text to edit: the own settings by dotted key, and what holds otherwise as comments."""
    lines = [
        f"# The settings of {layer.name}.",
        "# Only what stands here without a # is set; all else follows the layer below.",
        "",
        as_toml(own),
    ]
    mine = "global" if layer.guild_id is None else "guild"
    others = [one for one in holds if one.source != mine]
    if others:
        lines.append("# Not set here:")
    for one in others:
        value = _example(one) if one.value is None else one.value
        where = "for example" if one.value is None else one.source
        lines.append(f"# {one.key} = {' '.join(toml_value(value).split())}  # {where}")
    return "\n".join(lines) + "\n"


def _example(one: Explained) -> Any:
    """A value that the setting could have."""
    assert one.field is not None and one.kind is not None
    examples = (one.field.fallback, one.kind.example, one.kind.high)
    return next(example for example in examples if example is not None)


def edited_document(
    text: str, check: Callable[[Mapping[str, Any]], None], editor: Sequence[str]
) -> dict[str, Any]:
    """The document that the operator made of the text.

    ``check`` raises InvalidValue for a document that is wrong.
    On a terminal the operator may mend what is wrong; who gives up finds the text in a file that
    is named.
    """
    descriptor, name = tempfile.mkstemp(prefix="robo-xp-", suffix=".toml")
    path = Path(name)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    is_kept = False
    try:
        while True:
            _edit(editor, path)
            try:
                written = path.read_text(encoding="utf-8")
                check_written(written, "the text")
                document = from_toml(written, "the text")
                check(document)
                return document
            except (InvalidValue, UnicodeDecodeError) as error:
                fault = _as_ours(error)
                if not _again(fault):
                    is_kept = _is_conversation()
                    if is_kept:
                        streams.tell(f"your text is kept in {visible_text(name)}")
                    raise fault from None
    finally:
        if not is_kept:
            with suppress(OSError):
                path.unlink()


def editor_of(environ: Mapping[str, str], command: str) -> list[str]:
    """The words that start the operator's editor, for the command that edits.

    Refused (exit code 4) with neither a terminal nor an editor named in the environment;
    NotConfigured (exit code 7) where none is installed.
    """
    for variable in ("VISUAL", "EDITOR"):
        if environ.get(variable, "").strip():
            try:
                return shlex.split(environ[variable])
            except ValueError:
                raise InvalidValue(f"{variable} is not a command: unbalanced quotes") from None
    if not _is_conversation():
        raise NeedsTerminal(
            "there is no terminal to edit on",
            advice=f"use 'robo-xp {command} export' and 'robo-xp {command} import', or set EDITOR",
        )
    for name in _EDITORS:
        if shutil.which(name):
            return [name]
    raise NotConfigured("no editor was found", advice="set EDITOR to the editor of your choice")


def _edit(editor: Sequence[str], path: Path) -> None:
    """Run the editor and wait; Ctrl-C belongs to it meanwhile."""
    leave_terminal()
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        # an editor draws on the terminal even where the result goes elsewhere
        out = None if streams.is_terminal(sys.stdout) else sys.stderr
        code = subprocess.run([*editor, str(path)], stdout=out, check=False).returncode
    except OSError as error:
        raise NotConfigured(
            f"cannot run the editor '{visible_text(editor[0])}': {error.strerror}",
            advice="set EDITOR to the editor of your choice",
        ) from None
    finally:
        signal.signal(signal.SIGINT, before)
    if code:
        raise EditorFailed(f"the editor ended with {code}, so nothing was changed")


def _again(fault: InvalidValue) -> bool:
    """Whether the operator, told of the faults, wants to mend them."""
    if not _is_conversation():
        return False
    for one in fault.faults or (fault.message,):
        streams.tell(f"wrong: {visible_text(str(one))}")
    answer = ask("Edit it again? [Y/n] ")
    return answer.strip().lower() in ("y", "yes") or answer == "\n"


def _is_conversation() -> bool:
    return streams.is_terminal(sys.stdin) and streams.is_terminal(sys.stderr)


def _as_ours(error: InvalidValue | UnicodeDecodeError) -> InvalidValue:
    return error if isinstance(error, InvalidValue) else InvalidValue("the text is not UTF-8")
