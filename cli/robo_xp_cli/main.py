"""The program ``robo-xp``: starts, runs one command, turns whatever happens into an exit code.

The one place that catches errors. Its first moments cost nothing but the interpreter: the version
is answered, and Ctrl-C is quiet, before anything else is imported.
"""

from __future__ import annotations

import errno
import os
import sys

from robo_xp_cli.run import signals
from robo_xp_cli.show import streams

TYPE_CHECKING = False  # typing itself takes longer to load than all that --version does
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from robo_xp.errors import RoboXPError
    from robo_xp_cli.framework.declare import Entry
    from robo_xp_cli.framework.parse import Call
    from robo_xp_cli.run.context import Run
    from robo_xp_cli.show.render import View

READER_GONE = 141
_VERSION_WORDS = ({"--version"}, {"-V"}, {"--version", "--json"}, {"-V", "--json"})


def main(argv: Sequence[str] | None = None, table: Mapping[str, Entry] | None = None) -> int:
    """Run the program on the arguments of the process; its exit code comes back."""
    signals.leave_at_once()
    streams.keep_descriptors()
    streams.prepare()
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return run(words, table, started=signals.unwind)
    except KeyboardInterrupt:  # a second Ctrl-C, while the first was being dealt with
        return signals.INTERRUPTED
    finally:
        signals.leave_at_once()


def run(
    argv: Sequence[str],
    table: Mapping[str, Entry] | None = None,
    *,
    started: Callable[[], None] = lambda: None,
) -> int:
    """Run one command; its exit code comes back. ``started`` is called before its work begins."""
    attempt = _Attempt(argv, started)
    try:
        if set(argv) in _VERSION_WORDS and len(argv) <= 2:
            _tell_version(is_json="--json" in argv)
            return 0
        if argv[:1] == ["__complete"]:  # behind the Tab key, and too hurried for Typer
            from robo_xp_cli import complete as candidates

            candidates.answer(argv[1:])
        return attempt.go(table)
    except KeyboardInterrupt as stop:
        streams.discard(sys.stdout)
        attempt.stopped()
        is_terminated = isinstance(stop, signals.Terminated)
        return signals.TERMINATED if is_terminated else signals.INTERRUPTED
    except streams.ReaderGone:
        streams.discard(sys.stdout)
        return READER_GONE
    except Exception as error:
        return attempt.failed(error)


class _Attempt:
    """One command line on its way, and how far it got: an error is told accordingly."""

    def __init__(self, argv: Sequence[str], started: Callable[[], None]) -> None:
        self._argv = argv
        self._started = started
        self._run: Run | None = None
        self._is_done = False

    def go(self, table: Mapping[str, Entry] | None) -> int:
        """Parse, call, render, close; the exit code comes back."""
        from robo_xp_cli.framework.parse import Help, parse

        call = parse(_nouns() if table is None else table, self._argv)
        from robo_xp_cli.run.context import Run, may_color

        if isinstance(call, Help):
            from robo_xp_cli.show.render import render_help

            render_help(call.text, color=may_color(call.given, os.environ))
            return 0
        self._run = Run(
            call.given,
            command=call.verb.path,
            changes=call.verb.changes,
            any_config=call.verb.any_config,
            keeps_root=call.verb.keeps_root,
            program=run,
        )
        self._started()
        return self._carry_out(call, self._run)

    def stopped(self) -> None:
        """Say what was committed before the signal, if anything was."""
        if self._run is not None:
            self._run.tell_committed()

    def failed(self, error: Exception) -> int:
        """Tell the error; its exit code comes back."""
        from robo_xp_cli.framework.parse import exit_code_of
        from robo_xp_cli.show.errors import is_debug, report

        code = exit_code_of(error)
        if code is not None:
            return code
        streams.settle()
        if is_debug():
            import traceback

            streams.tell(traceback.format_exc().rstrip())
        has_changed = bool(
            self._is_done and self._run and self._run.changes and not self._run.dry_run
        )
        return report(_as_ours(error), output=self._output(), after_change=has_changed)

    def _output(self) -> str:
        from robo_xp.errors import RoboXPError
        from robo_xp_cli.show.errors import asked_format

        try:
            return self._run.output if self._run else asked_format(self._argv, os.environ)
        except RoboXPError:  # the error may be about the very file that names the format
            return asked_format(self._argv, os.environ)

    def _carry_out(self, call: Call, run: Run) -> int:
        from dataclasses import replace
        from functools import cache, partial

        from robo_xp.errors import RoboXPError
        from robo_xp_cli.run.names import shown_zone, with_ids, with_names
        from robo_xp_cli.show.render import render
        from robo_xp_cli.show.words import times_in

        try:
            view = _view(run)
            with (
                run.progress(None, f"robo-xp {run.command}") as work,
                times_in(cache(partial(shown_zone, run))),
            ):
                run.along = work.along
                arguments = with_ids(run, call.arguments)
                if run.changes and run.fields and not run.dry_run:
                    self._try_fields(call, run, arguments)
                result = call.verb.function(run, **arguments)
                self._is_done = True
                return render(result, replace(view, along=work.along))
        except RoboXPError as error:
            if run.output not in ("json", "jsonl"):
                error.message = with_names(run, error.message)
            raise
        finally:
            run.close()

    @staticmethod
    def _try_fields(call: Call, run: Run, arguments: Mapping[str, Any]) -> None:
        """Raise WrongUsage for a field that the result will not have, before the change is made."""
        from robo_xp_cli.run.context import Untried
        from robo_xp_cli.show.render import check_fields

        run.is_trial = True
        try:
            check_fields(call.verb.function(run, **arguments), _view(run))
        except Untried:
            return
        finally:
            run.is_trial = False


def _nouns() -> Mapping[str, Entry]:
    from robo_xp_cli.nouns import NOUNS

    return NOUNS


def _view(run: Run) -> View:
    from robo_xp_cli.show.render import View

    return View(
        output=run.output,
        fields=run.fields,
        quiet=run.quiet,
        changes=run.changes,
        dry_run=run.dry_run,
        color=run.for_people and run.color,
        terminal=streams.is_terminal(sys.stdout),
        asked=run.for_people,
        header=not run.given.get("no_header"),
    )


def _as_ours(error: Exception) -> RoboXPError:
    """The error as one of the core's: a file's trouble named, the rest called unexpected."""
    from robo_xp.errors import FileFailed, FileMissing, FolderGiven, RoboXPError, Unexpected
    from robo_xp.errors.causes import CAUSES, cause_of

    if isinstance(error, RoboXPError):
        return error
    if isinstance(error, MemoryError):
        error = OSError(errno.ENOMEM, "")
    if isinstance(error, OSError) and (error.filename is not None or error.errno in CAUSES):
        cause = cause_of(error)
        message = cause.said if error.filename is None else f"{error.filename}: {cause.said}"
        if isinstance(error, IsADirectoryError) and error.filename is not None:
            return FolderGiven(f"{error.filename} is a folder, not a file")
        missing = isinstance(error, FileNotFoundError)
        return FileMissing(message) if missing else FileFailed(message, advice=cause.advice)
    return Unexpected(f"unexpected {type(error).__name__}: {error}".rstrip(": "))


def _tell_version(*, is_json: bool) -> None:
    from robo_xp import __version__

    line = f'{{"version": "{__version__}"}}' if is_json else f"robo-xp {__version__}"
    streams.write(line + "\n")
    streams.flush()
