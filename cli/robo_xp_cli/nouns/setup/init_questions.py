"""What ``init`` asks at a terminal: one line each, an empty one takes what stands in brackets."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from robo_xp.errors import InvalidValue, NotConfirmed, Refused
from robo_xp.machine.places import is_in_database
from robo_xp_cli.nouns.setup.init_file import Answers
from robo_xp_cli.run.progress import ask, leave_terminal
from robo_xp_cli.show import streams
from robo_xp_cli.show.words import visible_text


def is_possible() -> bool:
    """Whether there is somebody to ask."""
    return streams.is_terminal(sys.stdin) and streams.is_terminal(sys.stderr)


@dataclass(frozen=True)
class Questions:
    """What is asked: all of a new file, else only what an existing one lacks.

    ``folder`` is where the token's file goes; ``group`` is one to share with, if that is wanted.
    """

    folder: Path
    group: str = ""
    is_new: bool = True

    def asked_for(self, answers: Answers) -> tuple[Answers, str]:
        """The answers of whoever sits there, and the token if it is to be stored now."""
        streams.tell("Enter takes what stands in brackets; Ctrl-C changes nothing.")
        try:
            return self._answered_questions(answers)
        except KeyboardInterrupt:
            streams.tell("")
            raise

    def _answered_questions(self, answers: Answers) -> tuple[Answers, str]:
        data_dir, guild = answers.data_dir, answers.guild
        if self.is_new:
            data_dir = _ask("Folder of the vault", data_dir, as_place)
        if self.is_new or not guild:
            guild = _ask("Guild to work on, the server's id (empty: none)", guild, _a_guild)
        if self.group:
            question = f"Share with the group {self.group}, like the service?"
            if _is_yes(question, default=True):
                answers = replace(answers, group=self.group)
        token_file = answers.token_file
        token = ""
        if not token_file:
            token = _hidden_token("Token of the bot, not shown (empty: later): ", may_lack=True)
            token_file = str(self.folder / "token") if token else ""
        return replace(answers, data_dir=data_dir, guild=guild, token_file=token_file), token


def as_place(text: str) -> str:
    """The address of a vault in a database as it is, any other text as a whole path."""
    return text if is_in_database(text) else _a_path(text)


def read_token() -> str:
    """The token from stdin, typed unseen where that is a terminal; InvalidValue if it is none."""
    from robo_xp.machine.token_place import checked_token

    if streams.is_terminal(sys.stdin):
        return _hidden_token()
    if sys.stdin is None:
        raise InvalidValue("stdin is closed, so there is no token to read")
    try:
        line = sys.stdin.readline()
    except UnicodeDecodeError:
        raise InvalidValue("stdin is not UTF-8 text, so it is no token") from None
    return checked_token(line.strip(), "stdin")


def _hidden_token(question: str = "Token (not shown): ", *, may_lack: bool = False) -> str:
    """The token, typed unseen; asked for again while it cannot be one, unless it ``may_lack``."""
    from getpass import getpass

    from robo_xp.machine.token_place import checked_token

    leave_terminal()
    while True:
        try:
            text = getpass(question, sys.stderr).strip()
            return "" if may_lack and not text else checked_token(text, "that line")
        except InvalidValue as error:
            _complain(error)
        except EOFError:
            streams.tell("")
            raise _ended_input() from None


def _ask(question: str, default: str, check: Callable[[str], str]) -> str:
    """A line that passes ``check``, or the default."""
    while True:
        answer = _line(f"{question}{f' [{visible_text(default)}]' if default else ''}: ")
        try:
            return check(answer) if answer else default
        except InvalidValue as error:
            _complain(error)


def _is_yes(question: str, *, default: bool = False) -> bool:
    answer = _line(f"{question} [{'Y/n' if default else 'y/N'}] ").lower()
    return answer in ("y", "yes") or (default and not answer)


def _line(question: str) -> str:
    line = ask(question)
    if not line.endswith("\n"):
        raise _ended_input()
    return line.strip()


def _ended_input() -> Refused:
    return NotConfirmed("the answers ended early, so nothing was changed")


def _complain(error: InvalidValue) -> None:
    streams.tell(f"  {error.message}{f'; {error.advice}' if error.advice else ''}")


def _a_path(text: str) -> str:
    return str(Path(text).expanduser().absolute())


def _a_guild(text: str) -> str:
    from robo_xp.model.ids import check_snowflake

    return check_snowflake(text, "guild id")
