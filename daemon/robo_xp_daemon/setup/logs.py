"""Logging: lines for people, for journald, or JSON. The token is cut out of everything.

What concerns a guild, role, channel or member is logged with ``extra={"guild_id": …}`` and so on:
a person reads it in the sentence, JSON carries it as fields of their own.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import textwrap
from collections.abc import Mapping
from typing import Final

FIELDS: Final = ("guild_id", "role_id", "channel_id", "user_id", "giveaway_id", "incident")
_NOISY: Final = ("discord.gateway", "discord.http", "discord.shard", "discord.state")
_NETWORK: Final = ("aiohttp", "discord")
_LONGEST: Final = 120
"""So many characters of an error that a line of the log shows."""
_PRIORITIES: Final = (
    (logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6),
)  # fmt: skip


class Plain(logging.Formatter):
    """One line a record, for a person: time, level, words."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%Y-%m-%d %H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """The line; on a terminal broken between its words."""
        text = super().format(record)
        try:
            wide = os.get_terminal_size(sys.stderr.fileno()).columns
        except (OSError, ValueError):
            return text
        lines = (
            textwrap.wrap(
                line,
                wide or 80,
                subsequent_indent="  ",
                break_long_words=False,
                break_on_hyphens=False,
            )
            for line in text.splitlines()
        )
        return "\n".join(part for parts in lines for part in parts)


class Journald(logging.Formatter):
    """Lines with the priority that journald reads from ``<N>``; it knows the time itself."""

    def format(self, record: logging.LogRecord) -> str:
        """The record, each of its lines marked."""
        mark = f"<{_priority(record.levelno)}>"
        return "\n".join(mark + line for line in super().format(record).splitlines() or [""])


class Json(logging.Formatter):
    """One JSON object a record."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as an object; times are epoch milliseconds."""
        entry: dict[str, object] = {
            "time": int(record.created * 1000),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in FIELDS:
            if (value := getattr(record, name, None)) is not None:
                entry[_camel(name)] = str(value)
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry)


class Redacted(logging.Formatter):
    """What another formatter makes, with the token cut out, tracebacks included."""

    def __init__(self, inner: logging.Formatter, secret: str) -> None:
        super().__init__()
        self._inner = inner
        self._secret = secret

    def format(self, record: logging.LogRecord) -> str:
        """The text of the record without the secret, and with nothing that moves a cursor."""
        text = self._inner.format(record)
        if self._secret:
            text = text.replace(self._secret, "[token]")
        if text.isprintable():
            return text
        return "".join(
            char if char.isprintable() or char == "\n" else ascii(char)[1:-1] for char in text
        )


class Brief(logging.Filter):
    """Turns discord.py's tracebacks of a connection that failed into one line each."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything through; only the traceback of a known kind of trouble goes."""
        error = record.exc_info[1] if record.exc_info else None
        if is_lost_connection(record):
            # aiohttp's own errors name the whole connection around the one of the system
            cause = repr(getattr(error, "os_error", error))[:_LONGEST]
            record.msg, record.args = f"{record.getMessage()} ({cause})", ()
            record.exc_info, record.exc_text = None, None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


def set_up(log_format: str, log_level: str, secret: str, environ: Mapping[str, str]) -> None:
    """Send the logs of this process to stderr in that format, from that level on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacted(_formatter(log_format, environ), secret))
    level = getattr(logging, log_level.upper())
    if level > logging.DEBUG:
        handler.addFilter(Brief())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _NOISY:
        # what discord.py tells of each heartbeat and reconnect is for who looks for trouble
        logging.getLogger(name).setLevel(level if level == logging.DEBUG else logging.WARNING)
    # it warns of speech packages that are not installed
    logging.getLogger("discord.client").setLevel(logging.ERROR)
    logging.getLogger("asyncio").setLevel(logging.WARNING)


def _formatter(log_format: str, environ: Mapping[str, str]) -> logging.Formatter:
    if log_format == "json":
        return Json()
    if log_format == "auto" and _is_journal(environ):
        return Journald("%(message)s")
    return Plain()


def _is_journal(environ: Mapping[str, str]) -> bool:
    """Whether stderr goes to journald, which is what JOURNAL_STREAM is for."""
    device, _, inode = environ.get("JOURNAL_STREAM", "").partition(":")
    try:
        found = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError, AttributeError):
        return False
    return (device, inode) == (str(found.st_dev), str(found.st_ino))


def is_lost_connection(record: logging.LogRecord) -> bool:
    """Whether discord.py tells of a connection that failed, which for it is an error."""
    error = record.exc_info[1] if record.exc_info else None
    return error is not None and record.name.startswith("discord.") and _is_of_network(error)


def _is_of_network(error: BaseException) -> bool:
    return isinstance(error, OSError) or type(error).__module__.startswith(_NETWORK)


def _priority(level: int) -> int:
    return next((priority for least, priority in _PRIORITIES if level >= least), 7)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)
